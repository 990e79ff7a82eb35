// The stack of charts: which items, in which range of time, compared with what.

import { themeColours } from "./chart.js";
import { element, inNextFrame, show } from "./dom.js";
import { Feed } from "./feed.js";
import { listenForGestures } from "./gestures.js";
import { Panel } from "./panel.js";
import { Range } from "./range.js";

const LEAST_HEIGHT = 7;
const USUAL_ITEMS = 6;

/** Charts in a host. `acts` are `changed()` when the choice changed, and `cursor(tick)`. */
export class Charts {
  constructor(host, client, live, acts) {
    this.host = host;
    this.live = live;
    this.acts = acts;
    this.feed = new Feed(client, () => this.changed());
    this.items = [];
    this.panels = [];
    this.other = null;
    this.isSeen = true;
    this.leastHeight = LEAST_HEIGHT;
    this.soon = inNextFrame(() => this.isSeen && this.draw());
    this.empty = element("p", { class: "empty", text: "Nothing is charted. Add an attribute above, or open a model and take one of its values." });
    host.append(this.empty);
    this.view = {
      colours: themeColours(), range: new Range(1), cursor: null,
      series: (item, isOther) => this.seriesOf(item, isOther),
      newest: (item) => (this.live.isRunning ? this.live.values.get(item) : undefined),
      marks: () => this.marks(),
    };
    new ResizeObserver(() => this.changed()).observe(host);
    host.addEventListener("dragover", (event) => event.dataTransfer.types.includes("text/x-item") && event.preventDefault());
    host.addEventListener("drop", (event) => this.add([event.dataTransfer.getData("text/x-item")]));
    live.on("state", (state) => {
      this.advance();
      if (state.phase !== this.phase) this.settle();
      this.phase = state.phase;
    });
    live.on("ended", () => this.settle());
    live.on("values", () => this.isSeen && this.panels.forEach((panel) => panel.chart && this.view.cursor === null && panel.showValues()));
    for (const name of ["adjusted", "notice"]) live.on(name, () => this.changed());
  }

  /** Shows another run; items that it does not have are left out. */
  setRun(run, choice) {
    const isSame = this.run !== undefined && this.run.ticks === run.ticks && this.run.models.length === run.models.length;
    this.run = run;
    this.feed.reset();
    this.setOther(this.other);
    if (!isSame) {
      this.view.range = new Range(run.ticks);
      if (choice.from !== null && choice.to !== null) this.view.range.set(choice.from, choice.to);
      else this.followFromStart();
    }
    const wanted = choice.charts ?? usualItems(run);
    this.panels.forEach((panel) => panel.destroy());
    this.panels = [];
    this.items = [];
    this.add(wanted);
  }

  // A slow run shows its last day, a quick one all of it.
  followFromStart() {
    const day = Math.round(86400 / this.run.resolution);
    const rate = this.live.state.pace?.rate;
    if (this.run.mode === "live" && rate && this.run.ticks > 400 && day > 20) this.view.range.follow(this.live.tick, day * 2);
  }

  setOther(id) {
    this.other = this.run?.others.some((other) => other.id === id) ? id : null;
    this.changed();
  }

  /** Adds items; those that are there or unknown are left. */
  add(items) {
    for (const item of items) {
      const fact = this.run.items.get(item);
      if (fact === undefined || this.items.some((each) => each.item === item)) continue;
      const taken = new Set(this.items.filter((each) => each.unit === fact.unit).map((each) => each.slot));
      let slot = 0;
      while (taken.has(slot)) slot += 1;
      this.items.push({ item, unit: fact.unit, slot });
    }
    this.build();
  }

  remove(item) {
    this.items = this.items.filter((each) => each.item !== item);
    this.build();
  }

  /** Adds what is not there; takes all out if all are there. */
  toggle(items) {
    if (items.every((item) => this.has(item))) items.forEach((item) => this.remove(item));
    else this.add(items);
  }

  has(item) {
    return this.items.some((each) => each.item === item);
  }

  build() {
    const units = [...new Set(this.items.map((each) => each.unit))];
    for (const panel of this.panels.filter((each) => !units.includes(each.unit))) panel.destroy();
    this.panels = units.map((unit) => this.panels.find((panel) => panel.unit === unit) ?? this.makePanel(unit));
    for (const panel of this.panels) panel.setItems(this.items.filter((each) => each.unit === panel.unit));
    this.host.append(...this.panels.map((panel) => panel.root));
    show(this.empty, this.items.length === 0);
    this.changed();
    this.acts.changed();
  }

  makePanel(unit) {
    return new Panel(this.run, unit, this.view, {
      remove: (item) => this.remove(item),
      cursor: (tick) => this.setCursor(tick),
      select: (from, to) => this.move((range) => range.set(from, to)),
      whole: () => this.move((range) => range.whole()),
    });
  }

  /** Changes the range, and asks for what is then missing. */
  move(change) {
    change(this.view.range);
    this.changed();
    this.acts.changed();
  }

  setCursor(tick) {
    if (tick === this.view.cursor) return;
    this.view.cursor = tick;
    for (const panel of this.panels) if (panel.chart) panel.showValues();
    this.acts.cursor(tick);
  }

  /** Moves the cursor by points, for those without a mouse. */
  stepCursor(points) {
    const { range } = this.view;
    const step = Math.max(1, range.span / 200);
    const tick = (this.view.cursor ?? Math.min(range.to, this.live.tick)) + points * step;
    this.setCursorAt(Math.min(range.to, Math.max(range.from, tick)));
  }

  /** Puts the cursor of all charts at a tick. */
  setCursorAt(tick) {
    this.panels[0]?.chart?.setCursor(tick);
  }

  /** Keeps up with the run. */
  advance() {
    if (this.view.range.advance(this.live.tick)) this.acts.cursor(this.view.cursor);
    if (this.live.tick !== this.lastTick) this.changed();
    this.lastTick = this.live.tick;
  }

  /** Where a run pauses or ends, its last rows may come after its last tick: asks once more for them. */
  settle() {
    this.feed.again();
    setTimeout(() => this.feed.again(), 400);
  }

  setSeen(isSeen) {
    this.isSeen = isSeen;
    if (isSeen) this.changed();
  }

  setTheme() {
    this.view.colours = themeColours();
    for (const panel of this.panels) panel.unmount();
    this.changed();
  }

  changed() {
    if (this.run) this.soon();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width === 0 || height === 0) return;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.panels.forEach((panel) => {
      if (panel.chart?.rem === rem) return;
      panel.unmount();
      panel.mount();
      listenForGestures(panel.chart.over, this.view.range, () => this.move(() => {}));
    });
    const count = this.panels.length;
    const each = Math.max(this.leastHeight * rem, (height - rem * 1.5) / Math.max(1, count));
    this.panels.forEach((panel, index) => {
      const isLast = index === count - 1;
      const heading = panel.root.firstChild.offsetHeight;
      panel.resize(panel.field.clientWidth, each - heading + (isLast ? rem * 1.5 : 0) - 2, isLast);
    });
    const { from, to } = this.view.range;
    const known = this.run.mode === "live" ? this.live.tick : this.run.ticks;
    const runs = [{ id: this.run.id, known }, ...(this.other === null ? [] : [{ id: this.other, known: this.run.ticks }])];
    this.feed.want(runs, this.items.map((each) => each.item), { from, to, width: Math.max(50, width - rem * 5) }, this.run.ticks);
    for (const panel of this.panels) panel.draw();
  }

  seriesOf(item, isOther) {
    if (isOther) return this.other === null ? undefined : this.feed.get(this.other, item);
    return this.feed.get(this.run.id, item);
  }

  marks() {
    const notices = this.live.notices.filter((each) => typeof each.tick === "number").map((each) => ({ tick: each.tick, kind: kindOf(each.severity), text: each.text, model: each.model }));
    const adjusted = this.live.adjusted.map((each) => ({ tick: each.tick, kind: "adjusted", text: `${each.attribute} = ${each.value}`, model: each.model }));
    return [...notices, ...adjusted];
  }
}

function kindOf(severity) {
  return severity === "error" || severity === "warning" ? severity : "note";
}

// What is monitored, of two units at most; else what flows.
function usualItems(run) {
  const recorded = run.columns.filter((each) => run.isDrawable(each.item));
  const columns = recorded.length > 0 ? recorded : run.drawable.filter((each) => each.role === "output");
  const count = (unit) => columns.filter((each) => (each.unit ?? "") === unit).length;
  const units = [...new Set(columns.map((each) => each.unit ?? ""))].sort((a, b) => count(b) - count(a)).slice(0, 2);
  return units.flatMap((unit) => columns.filter((each) => (each.unit ?? "") === unit).slice(0, USUAL_ITEMS).map((each) => each.item));
}
