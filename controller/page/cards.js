// Cards of the picture: one for each model or group, with its name, its newest value and its level.

import { setText, shape } from "./dom.js";
import { drawingOf } from "./icons.js";
import { LedRow } from "./leds.js";
import { Plugs } from "./plugs.js";
import { fillOf, isLevel, itemOf, newestOf, principalOf, principalOfGroup } from "./run.js";
import { colourOf, markOf } from "./sites.js";
import { counted, shownName, withUnit } from "./text.js";

const WIDTH = 172;
const HEIGHT = 58;
const TALL = 92;
const GROUP_HEIGHT = 66;
// LEDs have a row of their own at the foot of a card.
const FOOT = 17;
const USUAL = "600 16px system-ui";
const SMALL = "11px system-ui";
const MOST_MARKS = 2;
const LARGE = "650 24px system-ui";

const ruler = document.createElement("canvas").getContext("2d");

/** Text cut so that it fits into a width, in the font that is given. Its end stays, since names differ there. */
export function fitted(text, width, font) {
  ruler.font = font;
  if (ruler.measureText(text).width <= width) return text;
  const marks = Array.from(text);
  const cut = (count) => {
    const tail = Math.floor(count * 0.55);
    return marks.slice(0, count - tail).join("") + "…" + marks.slice(marks.length - tail).join("");
  };
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (ruler.measureText(cut(middle)).width <= width) low = middle;
    else high = middle - 1;
  }
  return cut(low);
}

/** A card for a node of the graph. */
export class Card {
  constructor(run, node) {
    this.run = run;
    this.node = node;
    this.isGroup = node.group !== null;
    this.model = this.isGroup ? null : run.models[node.models[0]];
    this.leds = this.model?.leds?.length > 0 ? new LedRow(this.model.leds, WIDTH - 24) : null;
    this.plugs = this.model?.sockets?.length > 0 ? new Plugs(this.model.sockets) : null;
    // Where sockets are, their plugs say most.
    this.principal = this.isGroup || this.plugs !== null ? null : principalOf(run, node.models[0]);
    this.shared = this.isGroup ? principalOfGroup(run, node.models) : null;
    this.isStore = this.shared?.isLevel ?? (this.principal !== null && isLevel(this.principal));
    this.item = this.principal === null ? null : itemOf(this.model, this.principal);
    this.width = WIDTH;
    this.foot = this.leds === null ? 0 : FOOT;
    this.height = (this.isStore ? TALL : this.isGroup ? GROUP_HEIGHT : HEIGHT) + this.foot;
    this.name = shownName(this.isGroup ? node.group : this.model.name);
    this.sites = [...new Set(node.models.map((index) => run.models[index].site))].sort((a, b) => a - b);
    this.draw();
  }

  /** Whether cables may hang from it. */
  get hasSockets() {
    return this.plugs !== null;
  }

  /** Items that have to be watched for this card. */
  get items() {
    return this.shared?.items ?? (this.item === null ? [] : [this.item]);
  }

  draw() {
    const [width, height] = [this.width, this.height];
    this.type = this.isGroup ? counted(this.node.models.length, "model") : shownName(this.model.type || "model");
    const colour = `site-${colourOf(this.sites[0])}`;
    this.fill = shape("rect", { class: `fill ${colour}`, width, height: 0, y: height });
    this.line = shape("line", { class: `level ${colour}`, x2: width, visibility: "hidden" });
    this.value = shape("text", { class: this.isStore ? "value large" : "value", x: width - 12, y: height - this.foot - (this.isStore ? 14 : 12), "text-anchor": "end" });
    this.tag = shape("text", { class: "tag", x: width / 2, y: -7, "text-anchor": "middle" });
    const marks = this.sites.slice(0, MOST_MARKS).map((site, index) => shape("g", { transform: `translate(${width - 15 - index * 15} 16)` }, markOf(site)));
    const isMore = this.sites.length > MOST_MARKS;
    if (isMore) marks.push(shape("text", { class: "type", x: width - 8 - MOST_MARKS * 15, y: 20, "text-anchor": "end", text: `+${this.sites.length - MOST_MARKS}` }));
    const nameWidth = width - 48 - marks.length * 15 - (isMore ? 6 : 0);
    this.typeText = shape("text", { class: "type", x: 38, y: 38, text: fitted(this.type, width - 50, SMALL) });
    this.root = shape("g", { class: `card${this.isGroup ? " group" : ""}`, role: "link", tabindex: "-1" },
      this.isGroup ? shape("rect", { class: "behind", x: 5, y: 5, width, height, rx: 9 }) : null,
      shape("rect", { class: "ground", width, height, rx: 9 }),
      this.fill, this.line,
      shape("rect", { class: `edge ${colour}`, width: 4, height: height - 18, y: 9, rx: 2 }),
      shape("rect", { class: "frame", width, height, rx: 9 }),
      shape("path", { class: "icon", d: drawingOf(this.isGroup ? "group" : this.model.type), transform: "translate(12 10) scale(.83)" }),
      shape("text", { class: "name", x: 38, y: 22, text: fitted(this.name, nameWidth, "600 14px system-ui") }),
      this.typeText, this.value, this.tag, ...marks, this.leds?.root, this.plugs?.root);
    this.leds?.root.setAttribute("transform", `translate(12 ${height - FOOT + 5})`);
    this.update(new Map());
  }

  /** Shows the newest values. */
  update(values) {
    const { value, unit, sign } = this.newest(values);
    const shown = value === null ? "" : sign + withUnit(value, unit);
    if (shown !== this.shown) {
      this.shown = shown;
      this.fit(shown);
      this.label();
    }
    if (this.isStore) this.showLevel(fillOf(value, unit));
  }

  // The value of a model; of a group the mean of its levels or the sum of its outputs.
  newest(values) {
    if (!this.isGroup) return { value: this.item === null ? null : newestOf(values, this.item, this.principal), unit: this.principal?.unit ?? "", sign: "" };
    const known = (this.shared?.items ?? []).map((item) => values.get(item)).filter((value) => typeof value === "number");
    if (known.length === 0) return { value: null, unit: "", sign: "" };
    const sum = known.reduce((total, value) => total + value, 0);
    return this.shared.isLevel ? { value: sum / known.length, unit: this.shared.unit, sign: known.length > 1 ? "⌀ " : "" } : { value: sum, unit: this.shared.unit, sign: "Σ " };
  }

  // The type takes the room that the value leaves. Measured only where the value's length changes, as
  // figures are of one width.
  fit(shown) {
    if (shown.length === this.fittedTo && this.doesFit) {
      setText(this.value, shown);
      return;
    }
    this.fittedTo = shown.length;
    ruler.font = this.isStore ? LARGE : USUAL;
    const width = ruler.measureText(shown).width;
    this.doesFit = width <= this.width - 24;
    setText(this.value, this.doesFit ? shown : fitted(shown, this.width - 24, ruler.font));
    const room = this.width - 24 - 30 - width;
    if (!this.isStore) setText(this.typeText, room < 22 ? "" : fitted(this.type, room, SMALL));
  }

  /** Shows what `lights` says of the model. */
  setLights(lights) {
    this.leds?.show(lights?.leds ?? []);
    this.plugs?.show(lights?.sockets ?? []);
    this.label();
  }

  showLevel(share) {
    if (share === null || share === this.share) return;
    this.share = share;
    const top = this.height * (1 - share);
    this.fill.setAttribute("y", top.toFixed(1));
    this.fill.setAttribute("height", (this.height - top).toFixed(1));
    this.line.setAttribute("visibility", "visible");
    this.line.setAttribute("y1", top.toFixed(1));
    this.line.setAttribute("y2", top.toFixed(1));
  }

  /** Says over the card who waits for it, or that it failed. */
  setTag(text, kind) {
    setText(this.tag, fitted(text, this.width, "600 11px system-ui"));
    this.root.classList.toggle("awaited", kind === "awaited");
    this.root.classList.toggle("failed", kind === "failed");
  }

  label() {
    const site = this.sites.map((each) => shownName(this.run.sites[each]?.name, 40)).join(", ");
    const what = this.isGroup ? `group of ${counted(this.node.models.length, "model")}` : shownName(this.model.type || "model");
    const value = this.shown ? `, ${this.principal ? `${shownName(this.principal.name, 40)} ` : ""}${this.shown}` : "";
    const lights = [this.leds, this.plugs].filter((each) => each !== null).map((each) => `, ${each.text}`).join("");
    const label = `${this.name}, ${what}${value}, on ${site}${lights}`;
    if (label !== this.root.getAttribute("aria-label")) this.root.setAttribute("aria-label", label);
  }

  /** Where the upper left corner is; sockets are at the lower edge, or at the right one. */
  moveTo(x, y, isDown) {
    [this.x, this.y] = [x, y];
    this.plugs?.lay(this, isDown);
    this.root.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
  }
}
