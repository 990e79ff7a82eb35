// A slider with a number beside it: acts at once, a few times a second at most while it is dragged.

import { niceStep } from "./chart.js";
import { element, setText } from "./dom.js";
import { plainNumber, shownName } from "./text.js";

const BETWEEN = 90;

/** A slider for an attribute that may be adjusted during the run. */
export class Slider {
  constructor(model, attribute, client, calendar) {
    this.model = model;
    this.attribute = attribute;
    this.client = client;
    this.calendar = calendar;
    this.isWaiting = false;
    this.wish = null;
    const start = typeof attribute.value === "number" ? attribute.value : 0;
    const least = attribute.adjust.min ?? Math.min(0, start * 2);
    const most = attribute.adjust.max ?? Math.max(10, Math.abs(start) * 2, least + 10);
    const label = `${shownName(attribute.name, 60)} of ${shownName(model.name, 60)}`;
    this.range = element("input", {
      type: "range", min: least, max: most, step: niceStep(most - least, 120), "aria-label": label,
      on: { input: () => this.set(Number(this.range.value), this.number) },
    });
    this.number = element("input", {
      type: "number", step: "any", min: attribute.adjust.min, max: attribute.adjust.max, "aria-label": `${label}, as a number`,
      on: { change: () => this.number.value !== "" && this.set(Number(this.number.value), this.range) },
    });
    this.note = element("span", { class: "acted", role: "status" });
    this.root = element("div", { class: "slider" }, this.range, this.number, this.note);
    this.show(start);
  }

  show(value) {
    if (typeof value !== "number") return;
    if (document.activeElement !== this.range) this.range.value = String(value);
    if (document.activeElement !== this.number) this.number.value = String(Number(value.toPrecision(8)));
  }

  /** Shows what holds now: `adjustment` is the newest one, if there is any. */
  update(adjustment) {
    if (adjustment === undefined || adjustment === this.last) return;
    this.last = adjustment;
    if (this.wish === null) this.show(adjustment.value);
    this.root.classList.remove("refused");
    setText(this.note, `${plainNumber(adjustment.value)} since ${this.calendar.shown(adjustment.tick)}`);
  }

  set(value, other) {
    other.value = String(value);
    this.wish = value;
    if (!this.isWaiting) this.send();
  }

  async send() {
    const value = this.wish;
    this.wish = null;
    this.isWaiting = true;
    const [refusal] = await Promise.all([this.client.adjust(this.model.name, this.attribute.name, value), new Promise((done) => setTimeout(done, BETWEEN))]);
    this.isWaiting = false;
    if (refusal !== null) {
      this.root.classList.add("refused");
      setText(this.note, shownName(refusal));
    }
    if (this.wish !== null) this.send();
  }
}
