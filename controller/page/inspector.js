// One model in full: what it is, its values with what they did so far, sliders, and its neighbours.

import { Slider } from "./adjusting.js";
import { element, setText, shape, show } from "./dom.js";
import { itemOf, newestOf } from "./run.js";
import { badgeOf } from "./sites.js";
import { sign, signButton } from "./signs.js";
import { shownName, shownValue, withUnit } from "./text.js";
import { waiterName } from "./waits.js";

const ROLES = [["output", "Outputs"], ["state", "States"], ["input", "Inputs"], ["parameter", "Parameters"]];
const POINTS = 72;
const BETWEEN_SPARKS = 1000;

/** Details of a model. `acts` are `toggle(items)`, `has(item)`, `open(model)`. */
export class Inspector {
  constructor(host, client, live, changes, acts) {
    Object.assign(this, { host, client, live, changes, acts });
    this.model = null;
    for (const name of ["values", "adjusted"]) live.on(name, () => this.update());
    live.on("state", () => this.drawSparks());
    for (const name of ["sites", "ended"]) live.on(name, () => this.showWaiters());
  }

  /** Opens a model of a run; null for none. */
  open(run, index) {
    this.run = run;
    this.index = index;
    this.model = index === null ? null : run.models[index];
    this.rows = [];
    this.sparkTick = null;
    if (this.model === null) return;
    const site = shownName(run.sites[this.model.site]?.name, 60);
    const sections = ROLES.map(([role, title]) => this.section(role, title)).filter((each) => each !== null);
    this.waiters = element("p", { class: "waiters", hidden: true });
    this.host.replaceChildren(
      element("h2", {}, element("bdi", { text: shownName(this.model.name) })),
      element("p", { class: "where" }, element("b", { text: shownName(this.model.type || "model", 60) }), " on ", badgeOf(this.model.site), " ", element("bdi", { text: site })),
      this.waiters,
      this.model.summary ? element("p", { class: "summary", text: shownName(this.model.summary, 400) }) : "",
      ...sections, this.neighbours());
    this.update();
    this.showWaiters();
    this.drawSparks(true);
  }

  /** Items that have to be watched while this model is open. */
  get items() {
    return this.model === null ? [] : this.rows.flatMap((row) => row.sources);
  }

  section(role, title) {
    const attributes = this.model.attributes.filter((each) => each.role === role);
    if (attributes.length === 0) return null;
    return element("section", {}, element("h3", { text: title }), element("ul", { class: "attributes" }, ...attributes.map((each) => this.row(each))));
  }

  row(attribute) {
    const item = itemOf(this.model, attribute);
    const isOwn = attribute.role === "output" || attribute.role === "state";
    const into = attribute.role === "input" ? this.run.into[this.index].filter((each) => each.input === attribute.name) : [];
    const sources = isOwn ? [item] : into.map((each) => each.item);
    const value = element("span", { class: "figure" });
    const isDrawable = sources.length === 1 && this.run.items.get(sources[0])?.kind !== "text";
    const spark = !isDrawable ? null : shape("svg", { class: "spark", viewBox: "0 0 72 20", preserveAspectRatio: "none", "aria-hidden": "true" }, shape("path", {}));
    const chart = isDrawable ? signButton("chart", `chart ${shownName(item, 60)}`, () => { this.acts.toggle(sources); this.update(); }, { class: "quiet chart" }) : null;
    const line = element("div", { class: isDrawable ? "line" : "line plain", draggable: isDrawable ? "true" : null }, element("bdi", { class: "attribute", text: shownName(attribute.name, 40), title: shownName(attribute.name) }), spark, value, chart);
    if (isDrawable) line.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/x-item", sources[0]));
    const canChange = this.run.control && attribute.adjust && into.length === 0;
    const isOver = this.live.ended !== null;
    const slider = canChange && !isOver ? new Slider(this.model, attribute, this.client, this.run.calendar) : null;
    const field = canChange && isOver && attribute.role === "parameter" ? this.restartField(attribute, item) : null;
    this.rows.push({ attribute, item, into, sources, value, spark, chart, slider, isDrawable });
    return element("li", {}, line, slider?.root, field);
  }

  // A value for the next run.
  restartField(attribute, item) {
    const field = element("input", {
      type: "number", step: "any", placeholder: "as it is", "aria-label": `${shownName(attribute.name, 60)} after a restart`, value: this.changes.get(item),
      on: { change: () => this.changes.set(this.model, attribute, field.value === "" ? null : Number(field.value)) },
    });
    return element("label", { class: "restart-field" }, sign("restart"), element("span", { text: "after a restart" }), field);
  }

  neighbours() {
    const entry = (connection, isInto) => {
      const other = isInto ? connection.from : connection.to;
      const text = `${shownName(connection.output, 30)} → ${shownName(connection.input, 30)}`;
      return element("li", {}, element("span", { class: "way", text: isInto ? "from" : "to", "aria-hidden": "true" }),
        element("button", { type: "button", class: "link", on: { click: () => this.acts.open(other) } }, element("bdi", { text: shownName(this.run.models[other].name, 50) })),
        element("bdi", { class: "of", text: connection.shifted ? `${text}, one step later` : text }));
    };
    const rows = [...this.run.into[this.index].map((each) => entry(each, true)), ...this.run.outOf[this.index].map((each) => entry(each, false))];
    return rows.length === 0 ? "" : element("section", {}, element("h3", { text: "Connections" }), element("ul", { class: "neighbours" }, ...rows));
  }

  valueOf(row) {
    const { attribute, into, sources } = row;
    if (attribute.role === "output" || attribute.role === "state") return newestOf(this.live.values, sources[0], attribute);
    if (into.length === 0) return this.live.adjustment(this.model.name, attribute.name)?.value ?? attribute.value;
    const values = into.map((each) => this.live.values.get(each.item));
    if (values.length === 1) return values[0];
    const areSummed = into.every((each) => each.origin === "output") && values.every((each) => typeof each === "number");
    return areSummed ? values.reduce((sum, each) => sum + each, 0) : values.map((each) => shownValue(each)).join(", ");
  }

  update() {
    if (this.model === null) return;
    for (const row of this.rows) {
      const isPlain = row.attribute.role === "parameter" || (row.attribute.role === "input" && row.into.length === 0);
      setText(row.value, withUnit(this.valueOf(row), row.attribute.unit, isPlain));
      row.slider?.update(this.live.adjustment(this.model.name, row.attribute.name));
      if (row.isDrawable) row.chart.setAttribute("aria-pressed", String(row.sources.every((item) => this.acts.has(item))));
    }
  }

  // Who waits for this model just now.
  showWaiters() {
    if (this.model === null) return;
    const waiters = this.live.awaited.get(this.index) ?? [];
    setText(this.waiters, waiters.map((each) => `${waiterName(this.run, each)} waits for it, for tick ${each.tick}`).join("; "));
    show(this.waiters, waiters.length > 0);
  }

  async drawSparks(isFirst = false) {
    const now = performance.now();
    if (this.model === null || this.live.tick === this.sparkTick || (!isFirst && now - this.sparkTime < BETWEEN_SPARKS)) return;
    this.sparkTime = now;
    this.sparkTick = this.live.tick;
    const { model, run } = this;
    const rows = this.rows.filter((row) => row.isDrawable);
    const end = run.mode === "live" ? this.live.tick : run.ticks;
    if (rows.length === 0 || end === 0) return;
    try {
      const answer = await this.client.series(run.id, rows.map((row) => row.sources[0]), 0, end, POINTS / 2);
      if (model === this.model) rows.forEach((row, index) => row.spark.firstChild.setAttribute("d", sparkPath(answer[index])));
    } catch {
      // The next state tries again; that the controller is gone is said elsewhere.
      this.sparkTick = null;
    }
  }
}

/** A line of 72 by 20 through the middle of each bucket, from its least to its greatest value. */
export function sparkPath({ ticks, low, high }) {
  const seen = [...ticks.keys()].filter((index) => Number.isFinite(low[index]));
  if (seen.length < 2) return "";
  const [bottom, top] = [Math.min(...seen.map((index) => low[index])), Math.max(...seen.map((index) => high[index]))];
  const [first, last] = [ticks[seen[0]], ticks[seen.at(-1)]];
  const y = (value) => (top === bottom ? 10 : 19 - ((value - bottom) / (top - bottom)) * 18).toFixed(1);
  return seen.map((index, count) => {
    const x = (((ticks[index] - first) / (last - first)) * 72).toFixed(1);
    const point = `${count === 0 ? "M" : "L"}${x} ${y(low[index])}`;
    return low[index] === high[index] ? point : `${point}L${x} ${y(high[index])}`;
  }).join("");
}
