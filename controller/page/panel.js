// A chart with its heading: the unit, and for each line its name, colour and value under the cursor.

import { Chart, SERIES_COLOURS } from "./chart.js";
import { button, element, setText, shape } from "./dom.js";
import { valueAt } from "./series.js";
import { shownName, shownNumber } from "./text.js";

/** A panel for one unit. `view` is shared by all panels; `acts` are those of a chart and `remove(item)`. */
export class Panel {
  constructor(run, unit, view, acts) {
    this.run = run;
    this.unit = unit;
    this.view = view;
    this.acts = acts;
    this.items = [];
    this.legend = element("ul", { class: "lines" });
    this.field = element("div", { class: "field" });
    const heading = element("h3", { class: "unit", text: unit === "" ? "no unit" : shownName(unit, 24) });
    this.root = element("section", { class: "panel", "aria-label": `chart in ${unit === "" ? "no unit" : shownName(unit, 24)}` },
      element("header", {}, heading, this.legend), this.field);
  }

  /** Takes the items that it shows, each with its colour slot. */
  setItems(items) {
    const text = items.map(({ item, slot }) => `${slot} ${item}`).join("\n");
    if (text === this.shownItems) return;
    this.shownItems = text;
    this.items = items;
    this.rows = items.map(({ item, slot }) => {
      const value = element("span", { class: "figure" });
      const before = element("span", { class: "figure before" });
      const fact = this.run.items.get(item);
      const model = this.run.models[fact.model]?.name ?? "";
      const name = element("bdi", { class: "line-name", title: shownName(item) }, element("span", { class: "of", text: `${shownName(model, 40)} ` }), shownName(fact.name, 40));
      const close = button("×", `take ${shownName(item, 60)} out of the charts`, () => this.acts.remove(item), { class: "quiet close" });
      return { item, value, before, row: element("li", {}, swatch(slot), name, value, before, close) };
    });
    this.legend.replaceChildren(...this.rows.map((row) => row.row));
  }

  /** Makes the chart; only now, since it needs its place in the page. */
  mount() {
    this.chart ??= new Chart(this.field, this.run.calendar, this.view, this.acts);
  }

  /** Takes the chart away: it is made anew in other colours or sizes. */
  unmount() {
    this.chart?.destroy();
    this.chart = undefined;
  }

  resize(width, height, hasTime) {
    this.chart.resize(Math.max(60, Math.floor(width)), Math.max(50, Math.floor(height)), hasTime);
  }

  /** Draws the lines; those of the other run are pale. */
  draw() {
    const lines = this.items.flatMap(({ item, slot }) => [
      { series: this.view.series(item, true), slot, isPale: true },
      { series: this.view.series(item, false), slot, isPale: false },
    ]);
    this.chart.show(lines, this.unit === "%");
    this.showValues();
  }

  /** Values under the cursor, or the newest. */
  showValues() {
    const tick = this.view.cursor;
    for (const { item, value, before } of this.rows) {
      const own = this.view.series(item, false);
      const at = own === undefined ? null : valueAt(own, tick ?? Infinity);
      const newest = tick === null ? this.view.newest(item) : undefined;
      setText(value, newest !== undefined ? shownNumber(newest) : shownBand(at));
      const other = this.view.series(item, true);
      setText(before, other === undefined || tick === null ? "" : `(${shownBand(valueAt(other, tick))})`);
    }
  }

  destroy() {
    this.unmount();
    this.root.remove();
  }
}

function shownBand(at) {
  if (at === null) return "–";
  const [low, high] = [shownNumber(at.low), shownNumber(at.high)];
  return low === high ? high : `${low} … ${high}`;
}

/** The colour of a line as a short piece of it. */
export function swatch(slot) {
  const dash = slot >= SERIES_COLOURS ? "5 3" : null;
  return shape("svg", { class: "swatch", viewBox: "0 0 18 8", "aria-hidden": "true" },
    shape("line", { class: `series-${slot % SERIES_COLOURS}`, x1: 1, x2: 17, y1: 4, y2: 4, "stroke-dasharray": dash }));
}
