// The log: notices of models, and what was set by hand, the newest first.

import { element, inNextFrame } from "./dom.js";
import { plainNumber, shownName, shownText, shownValue } from "./text.js";

const MOST = 500;
const WORDS = { note: "note", warning: "warning", error: "error", adjusted: "set" };

/** The log in a host. `acts` are `open(model index)` and `goTo(tick)`. */
export class Log {
  constructor(host, live, acts) {
    this.host = host;
    this.live = live;
    this.acts = acts;
    this.isOpen = false;
    this.soon = inNextFrame(() => this.isOpen && this.draw());
    for (const name of ["notice", "adjusted"]) live.on(name, () => this.update());
  }

  open(run) {
    this.run = run;
    this.isOpen = true;
    this.draw();
  }

  close() {
    this.isOpen = false;
  }

  update() {
    if (this.isOpen) this.soon();
  }

  draw() {
    const set = this.live.adjusted.map((each) => ({ ...each, severity: "adjusted", text: `${shownName(each.attribute, 40)} = ${shownValue(each.value, true)}` }));
    const all = [...this.live.notices, ...set].map((each, index) => ({ ...each, index }));
    all.sort((a, b) => (b.tick ?? -1) - (a.tick ?? -1) || b.index - a.index);
    const rows = all.slice(0, MOST).map((each) => this.row(each));
    const rest = all.length > MOST ? element("p", { class: "hint", text: `and ${plainNumber(all.length - MOST)} earlier ones` }) : "";
    this.host.replaceChildren(element("h2", { text: "Log" }), rows.length > 0 ? element("ul", { class: "log" }, ...rows) : element("p", { class: "hint", text: "No model had anything to say so far." }), rest);
  }

  row({ severity, model, tick, text }) {
    const kind = Object.hasOwn(WORDS, severity) ? severity : "note";
    const index = model === null ? undefined : this.run.byName.get(model);
    const name = index === undefined ? (model === null ? "" : element("bdi", { text: shownName(model, 60) }))
      : element("button", { type: "button", class: "link", on: { click: () => this.acts.open(index) } }, element("bdi", { text: shownName(model, 60) }));
    const when = typeof tick !== "number" ? "" : element("button", { type: "button", class: "link when", text: this.run.calendar.shown(tick), title: "show it in the charts", on: { click: () => this.acts.goTo(tick) } });
    return element("li", { class: kind }, element("div", { class: "head" }, element("span", { class: `kind ${kind}`, text: WORDS[kind] }), name, when), element("p", { text: shownText(text, 1000) }));
  }
}
