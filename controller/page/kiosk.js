// One model's part, for the screen of a Pi: large figures, what it exchanges with whom, and its chart.
// Nothing can be changed here.

import { path } from "./address.js";
import { Charts } from "./charts.js";
import { element, inNextFrame, setText, shape, show } from "./dom.js";
import { drawingOf } from "./icons.js";
import { Lamps } from "./lamps.js";
import { Look } from "./look.js";
import { fillOf, isLevel, itemOf, newestOf, principalOf } from "./run.js";
import { badgeOf, colourOf } from "./sites.js";
import { baseOf, shownName, shownText, shownValue, withUnit } from "./text.js";
import { waitText } from "./waits.js";

const MOST_ROWS = 6;
const MOST_LINES = 3;

/** The kiosk page for a model, in a host. */
export class Kiosk {
  constructor(host, client, live, name) {
    Object.assign(this, { host, client, live, name, isLost: false, greatest: 0, status: { setLost: (isLost) => this.setLost(isLost) } });
    show(host, true);
    this.title = element("bdi", { class: "title" });
    this.where = element("p", { class: "where" });
    this.clock = element("p", { class: "clock" });
    this.word = element("p", { class: "word-line", role: "status" });
    this.figure = element("div", { class: "figure-part" });
    this.rows = element("ul", { class: "exchange" });
    this.lamps = new Lamps(live);
    this.stack = element("div", { class: "stack" });
    host.replaceChildren(
      element("header", {}, element("div", {}, element("h1", {}, this.title), this.where), this.clock),
      element("div", { class: "part" }, this.figure, this.rows), this.lamps.root, this.stack, this.word);
    this.charts = new Charts(this.stack, client, live, { changed: () => {}, cursor: () => {} });
    this.charts.leastHeight = 5;
    this.look = new Look(() => this.charts.setTheme());
    this.soon = inNextFrame(() => this.draw());
    for (const name of ["values", "state", "sites", "ended"]) live.on(name, () => this.changed());
  }

  setRun(run) {
    this.run = run;
    this.index = run.byName.get(this.name);
    this.greatest = 0;
    document.title = `${shownName(this.name, 60)} · Illuminator`;
    this.host.classList.toggle("choosing", this.index === undefined);
    if (this.index === undefined) {
      this.offer();
      return;
    }
    this.model = run.models[this.index];
    // Where sockets are, cables say most, and what they show comes from others.
    this.hasSockets = this.model.sockets?.length > 0;
    this.principal = this.hasSockets ? null : principalOf(run, this.index);
    setText(this.title, shownName(this.model.name));
    this.where.replaceChildren(badgeOf(this.model.site), ` ${shownName(this.model.type || "model", 40)} on `, element("bdi", { text: shownName(run.sites[this.model.site]?.name, 40) }));
    this.lamps.setModel(run, this.index);
    if (this.hasSockets) this.figure.replaceChildren(this.lamps.root);
    else {
      this.stack.before(this.lamps.root);
      this.makeFigure();
    }
    this.makeRows();
    const shown = this.hasSockets ? run.into[this.index].filter((each) => run.items.get(each.item)?.kind !== "mapping" && !each.shifted)
      : [...run.into[this.index], ...run.outOf[this.index]].filter((each) => each.origin === "output");
    const flows = shown.map((each) => each.item);
    const lines = this.principal === null ? flows : [itemOf(this.model, this.principal), ...flows];
    // A small screen has room for one chart, of the unit that says most.
    const level = lines.filter((item) => run.items.get(item)?.unit === "%").slice(0, 1);
    const others = lines.filter((item) => !level.includes(item));
    const unit = run.items.get(others[0])?.unit;
    const isSmall = innerHeight < 640 && level.length > 0;
    const chosen = isSmall ? level : [...level, ...others.filter((item) => run.items.get(item)?.unit === unit).slice(0, MOST_LINES)];
    this.charts.setRun(run, { charts: chosen, from: null, to: null });
    this.client.watch([...new Set([...lines, ...this.exchange.map((each) => each.connection.item)])]);
    this.changed();
  }

  // The address names no model of this run: they are all offered.
  offer() {
    setText(this.title, this.name === "" ? "Which model?" : `no model '${shownName(this.name, 60)}'`);
    this.rows.replaceChildren(...this.run.models.map((model) => element("li", {}, badgeOf(model.site),
      element("a", { href: path("/kiosk", [["model", model.name]]) }, element("bdi", { text: shownName(model.name, 60) })))));
    this.figure.replaceChildren();
    this.charts.setRun(this.run, { charts: [], from: null, to: null });
    this.model = null;
  }

  makeFigure() {
    const colour = `site-${colourOf(this.model.site)}`;
    this.value = element("span", { class: "value" });
    this.unit = element("span", { class: "unit" });
    this.isStore = this.principal !== null && isLevel(this.principal);
    this.fill = shape("rect", { class: `fill ${colour}`, x: 8, width: 84, y: 148, height: 0 });
    this.bar = element("div", { class: "bar" }, element("div", { class: colour }));
    const tank = shape("svg", { class: "tank", viewBox: "0 0 100 156", "aria-hidden": "true" },
      shape("rect", { class: "cap", x: 34, y: 0, width: 32, height: 8, rx: 2 }), this.fill, shape("rect", { class: "wall", x: 5, y: 8, width: 90, height: 144, rx: 10 }));
    const icon = shape("svg", { class: "emblem", viewBox: "0 0 24 24", "aria-hidden": "true" }, shape("path", { d: drawingOf(this.model.type) }));
    const label = this.principal === null ? "" : shownName(this.principal.name, 30);
    this.figure.replaceChildren(this.isStore ? tank : icon,
      element("div", { class: "big" }, element("p", { class: "number" }, this.value, this.unit), element("p", { class: "label", text: label }), this.isStore ? "" : this.bar));
  }

  makeRows() {
    const { run, index } = this;
    const all = [...run.into[index].map((each) => ({ ...each, isInto: true })), ...run.outOf[index].map((each) => ({ ...each, isInto: false }))];
    all.sort((a, b) => Number(b.origin === "output") - Number(a.origin === "output"));
    this.exchange = all.slice(0, MOST_ROWS).map((connection) => {
      const other = run.models[connection.isInto ? connection.from : connection.to];
      const value = element("span", { class: "figure" });
      const way = element("span", { class: `way ${connection.origin === "output" ? "flow" : "info"}` });
      const name = element("bdi", { class: "other", text: shownName(other.name, 40) });
      const row = element("li", {}, way, name, element("bdi", { class: "of", text: shownName(connection.output, 24) }), value);
      return { connection, value, way, row };
    });
    const rest = all.length > MOST_ROWS ? [element("li", { class: "of", text: `and ${all.length - MOST_ROWS} more` })] : [];
    this.rows.replaceChildren(...this.exchange.map((each) => each.row), ...rest);
  }

  setLost(isLost) {
    this.isLost = isLost;
    this.changed();
  }

  changed() {
    if (this.run) this.soon();
  }

  draw() {
    const { live, run } = this;
    document.body.dataset.phase = this.isLost ? "lost" : live.ended?.phase ?? live.state.phase;
    setText(this.clock, run.calendar.shown(live.state.tick));
    const state = live.sites.get(this.model?.site);
    const waits = live.isRunning ? live.waits.of(this.model?.site) : null;
    const note = state?.note ? shownName(state.note, 100) : waits ? waitText(run, waits) : "";
    const end = live.ended === null ? null : shownText(`${live.ended.phase}: ${live.ended.text}`, 300);
    setText(this.word, this.isLost ? "the controller is gone; trying to reach it again" : end ?? (live.state.phase === "paused" ? "paused" : note));
    if (!this.model) return;
    this.drawFigure();
    for (const { connection, value, way } of this.exchange) {
      const now = live.values.get(connection.item);
      setText(value, withUnit(now, connection.unit));
      // This model stands to the left of its neighbours; a flow below zero goes the other way.
      setText(way, connection.isInto === !(typeof now === "number" && now < 0 && connection.origin === "output") ? "←" : "→");
    }
  }

  drawFigure() {
    if (this.principal === null) return;
    const { unit } = this.principal;
    const value = newestOf(this.live.values, itemOf(this.model, this.principal), this.principal);
    setText(this.value, shownValue(value));
    this.figure.classList.toggle("wordy", typeof value !== "number" && this.value.textContent.length > 4);
    setText(this.unit, unit ? ` ${shownName(unit, 16)}` : "");
    const share = fillOf(value, unit);
    if (this.isStore && share !== null) {
      this.fill.setAttribute("y", (148 - 136 * share).toFixed(1));
      this.fill.setAttribute("height", (136 * share).toFixed(1));
    } else if (typeof value === "number") {
      this.greatest = Math.max(this.greatest, Math.abs(value) * baseOf(unit).factor);
      this.bar.firstElementChild.style.transform = `scaleX(${(this.greatest === 0 ? 0 : (Math.abs(value) * baseOf(unit).factor) / this.greatest).toFixed(4)})`;
    }
  }
}
