// LEDs of a model: a lens in its housing for one at a pin, a short row of pixels for a strip. They are
// always in a dark housing, so that a white one is seen on white as well.

import { brightnessOf, colourName, seen } from "./colours.js";
import { setText, shape } from "./dom.js";
import { isCalm } from "./motion.js";
import { shownName } from "./text.js";

const MOST_PIXELS = 8;
const PITCH = 6;
const GAP = 5;
const ROUND = 13;

/** One LED or strip, around its left end and its middle. */
export class Led {
  constructor({ place, pixels }) {
    this.place = shownName(place, 30);
    this.isStrip = pixels > 1;
    const count = Math.min(pixels, MOST_PIXELS);
    this.width = this.isStrip ? count * PITCH + 4 : ROUND;
    this.title = shape("title", {});
    this.parts = this.isStrip
      ? [shape("rect", { class: "halo", x: -2.5, y: -7.5, width: this.width + 5, height: 15, rx: 5 }), shape("rect", { class: "housing", x: 0, y: -5, width: this.width, height: 10, rx: 2.5 }),
        ...Array.from({ length: count }, (_, index) => shape("rect", { class: "lens", x: 2.5 + index * PITCH, y: -2.5, width: 5, height: 5, rx: 1 }))]
      : [shape("circle", { class: "halo", cx: 6.5, r: 9.5 }), shape("circle", { class: "housing", cx: 6.5, r: 6.5 }), shape("circle", { class: "lens", cx: 6.5, r: 4.5 })];
    this.root = shape("g", { class: "led" }, this.title, ...this.parts);
    this.show({ colour: "#000000", blinks: false });
  }

  /** Shows what it shines like now. */
  show({ colour, blinks }) {
    if (colour === this.colour) return;
    const isFirst = this.colour === undefined;
    this.colour = colour;
    const lit = seen(colour);
    this.root.classList.toggle("lit", lit !== null);
    this.root.style.setProperty("--lit", lit ?? "");
    this.root.style.setProperty("--glow", (0.15 + brightnessOf(colour) * 0.4).toFixed(2));
    setText(this.title, this.text);
    if (blinks && !isFirst && lit !== null && !isCalm()) this.parts[0].animate([{ opacity: 1 }, { opacity: 1, offset: 0.3 }, {}], 450);
  }

  /** Where it is, and how it shines: an LED at a pin has one colour, so its brightness says more. */
  get text() {
    const share = Math.round(brightnessOf(this.colour) * 100);
    return this.isStrip ? `${this.place}: ${colourName(this.colour)}` : `LED at ${this.place}: ${share} %`;
  }
}

/** The LEDs of a model side by side in a row of this width, around its middle; what has no room is counted. */
export class LedRow {
  constructor(facts, width) {
    this.leds = facts.map((each) => new Led(each));
    let x = 0;
    const ends = this.leds.map((led) => (x += led.width + GAP) - GAP);
    const isAll = ends.length === 0 || ends.at(-1) <= width;
    const fitting = isAll ? ends.length : ends.filter((end) => end <= width - 22).length;
    this.shown = this.leds.slice(0, fitting);
    this.shown.forEach((led, index) => led.root.setAttribute("transform", `translate(${ends[index] - led.width} 0)`));
    const rest = isAll ? null : shape("text", { class: "type", x: (ends[fitting - 1] ?? -GAP) + GAP, y: 4, text: `+${ends.length - fitting}` });
    this.root = shape("g", { class: "leds" }, ...this.shown.map((led) => led.root), rest);
  }

  /** Shows the newest colours. */
  show(lights) {
    this.leds.forEach((led, index) => lights[index] && led.show(lights[index]));
  }

  /** What they show, for the ear. */
  get text() {
    return this.leds.slice(0, 4).map((led) => led.text).join(", ");
  }
}
