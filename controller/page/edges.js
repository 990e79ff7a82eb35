// Connections of the picture: the way of each, its width and direction by the flow, its label.

import { trace } from "./curves.js";
import { setText, shape } from "./dom.js";
import { flowOf } from "./graph.js";
import { baseOf, counted, shownName, withUnit } from "./text.js";

const THINNEST = 1.5;
const WIDEST = 11;
const LABEL_HEIGHT = 18;
const PLACES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82];

/** One bundle of connections. */
export class Edge {
  constructor(run, edge) {
    this.run = run;
    this.edge = edge;
    this.flow = null;
    this.newest = null;
    this.share = 0;
    this.items = edge.connections.map((connection) => connection.item);
    const kind = `connection ${edge.isFlow ? "flow" : "info"}${edge.shifted ? " shifted" : ""}`;
    this.line = shape("path", { class: "line" });
    this.stream = edge.isFlow ? shape("path", { class: "stream", visibility: "hidden" }) : null;
    this.arrow = shape("path", { class: "arrow", d: "M-5 -5L5 0L-5 5Z" });
    this.touch = shape("path", { class: "touch" });
    this.text = shape("text", { class: "text", "text-anchor": "middle", dy: "0.35em" });
    this.root = shape("g", { class: kind }, this.line, this.touch);
    this.head = shape("g", { class: kind }, this.arrow);
    this.label = shape("g", { class: `label ${kind}`, "aria-hidden": "true" }, this.text);
  }

  /** Sets or removes a class on all parts, which lie on several layers. */
  mark(name, isSet) {
    for (const part of [this.root, this.head, this.label, this.stream]) part?.classList.toggle(name, isSet);
  }

  /** Lays the edge along its points. */
  lay(points, isDown) {
    this.curve = trace(points, isDown);
    for (const each of [this.line, this.stream, this.touch]) each?.setAttribute("d", this.curve.path);
    this.turn();
  }

  // The arrow of information is at the end; that of a flow in the last third, where it can turn.
  turn() {
    const isBack = this.flow !== null && this.flow.value < 0;
    const { length } = this.curve;
    const { x, y, angle } = this.curve.point(this.edge.isFlow ? length * (isBack ? 0.22 : 0.78) : length - 5);
    const size = this.edge.isFlow ? 0.9 + this.share * 1.3 : 0.8;
    this.arrow.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${(angle + (isBack ? 180 : 0)).toFixed(1)}) scale(${size.toFixed(2)})`);
  }

  /** Puts the label where there is room; `taken` are boxes. Without room, information has none. */
  placeLabel(taken) {
    this.label.classList.remove("no-room");
    const half = (this.edge.isFlow ? 74 : this.edge.shifted ? 84 : 66) / 2;
    for (const share of PLACES) {
      const { x, y } = this.curve.point(this.curve.length * share);
      const box = { left: x - half, right: x + half, top: y - LABEL_HEIGHT / 2, bottom: y + LABEL_HEIGHT / 2 };
      const isFree = taken.every((other) => box.right < other.left || other.right < box.left || box.bottom < other.top || other.bottom < box.top);
      if (!isFree) continue;
      taken.push(box);
      this.label.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      return;
    }
    this.label.classList.add("no-room");
  }

  /** Takes the newest values, and notes the largest flow of each dimension so far, by which widths are drawn. */
  note(values, greatest) {
    if (!this.edge.isFlow) return;
    this.newest = flowOf(this.edge, values);
    if (this.newest === null) return;
    const { dimension, factor } = baseOf(this.newest.unit);
    const size = Math.abs(this.newest.value) * factor;
    if (Number.isFinite(size) && size > (greatest.get(dimension) ?? 0)) greatest.set(dimension, size);
  }

  /** Shows the newest values; `greatest` has the largest flow of each dimension so far. */
  update(values, greatest) {
    const mark = this.edge.shifted ? "z⁻¹ " : "";
    if (this.edge.isFlow) {
      const flow = this.newest;
      setText(this.text, flow === null ? "" : `${this.items.length > 1 ? "Σ " : mark}${withUnit(flow.value, flow.unit)}`);
      this.showFlow(flow, greatest);
    } else if (this.items.length > 1) setText(this.text, mark + counted(this.items.length, "value"));
    else setText(this.text, mark + withUnit(values.get(this.items[0]), this.edge.connections[0].unit));
  }

  showFlow(flow, greatest) {
    const wasBack = this.flow !== null && this.flow.value < 0;
    const before = this.share;
    this.flow = flow;
    const { dimension, factor } = baseOf(flow?.unit ?? "");
    const most = greatest.get(dimension) ?? 0;
    this.share = flow === null || most === 0 ? 0 : Math.min(1, (Math.abs(flow.value) * factor) / most);
    if (Math.abs(before - this.share) < 0.004 && wasBack === (flow !== null && flow.value < 0) && this.wasShown) return;
    this.wasShown = true;
    const width = this.share === 0 ? 1 : THINNEST + (WIDEST - THINNEST) * this.share;
    this.line.style.strokeWidth = width.toFixed(2);
    this.stream.style.strokeWidth = Math.max(1.5, width * 0.42).toFixed(2);
    this.mark("idle", this.share < 0.002);
    if (this.curve) this.turn();
  }

  /** What the bundle carries, a line each. */
  describe(values) {
    return this.edge.connections.map((connection) => {
      const [from, to] = [this.run.models[connection.from], this.run.models[connection.to]];
      const ends = `${shownName(from.name, 28)}.${shownName(connection.output, 24)} → ${shownName(to.name, 28)}.${shownName(connection.input, 24)}`;
      return { ends, value: withUnit(values.get(connection.item), connection.unit) };
    });
  }
}
