// Connections of the picture: the way of each, its width and direction by the flow, its label.

import { setText, shape } from "./dom.js";
import { flowOf } from "./graph.js";
import { baseOf, counted, shownName, withUnit } from "./text.js";

const THINNEST = 1.5;
const WIDEST = 11;
const LABEL_HEIGHT = 18;
const PLACES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82];

/** The path through the points of an edge: curves between layers, straight on where it passes one. */
export function pathOf(points, isDown) {
  const at = ({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  if (points.length === 4 && points[1].y === points[2].y && points[0].y === points[3].y && points[1].y < points[0].y && !isDown) {
    return `M${at(points[0])}C${points.slice(1).map(at).join(" ")}`;
  }
  let path = `M${at(points[0])}`;
  for (let index = 1; index < points.length; index += 1) {
    const [from, to] = [points[index - 1], points[index]];
    if (index % 2 === 0) {
      path += `L${at(to)}`;
      continue;
    }
    const bend = isDown ? (to.y - from.y) / 2 : (to.x - from.x) / 2;
    const [first, second] = isDown
      ? [{ x: from.x, y: from.y + bend }, { x: to.x, y: to.y - bend }]
      : [{ x: from.x + bend, y: from.y }, { x: to.x - bend, y: to.y }];
    path += `C${at(first)} ${at(second)} ${at(to)}`;
  }
  return path;
}

/** One bundle of connections. */
export class Edge {
  constructor(run, edge) {
    this.run = run;
    this.edge = edge;
    this.flow = null;
    this.share = 0;
    this.items = edge.connections.map((connection) => connection.item);
    const kind = `${edge.isFlow ? "flow" : "info"}${edge.shifted ? " shifted" : ""}`;
    this.line = shape("path", { class: "line" });
    this.stream = edge.isFlow ? shape("path", { class: "stream", visibility: "hidden" }) : null;
    this.arrow = shape("path", { class: "arrow", d: "M-5 -5L5 0L-5 5Z" });
    this.touch = shape("path", { class: "touch" });
    this.root = shape("g", { class: `connection ${kind}` }, this.line, this.stream, this.arrow, this.touch);
    this.text = shape("text", { class: "text", "text-anchor": "middle", dy: "0.35em" });
    this.label = shape("g", { class: `label ${kind}`, "aria-hidden": "true" }, this.text);
  }

  /** Lays the edge along its points. */
  lay(points, isDown) {
    const path = pathOf(points, isDown);
    for (const each of [this.line, this.stream, this.touch]) each?.setAttribute("d", path);
    this.length = this.line.getTotalLength();
    this.turn();
  }

  // The arrow of information is at the end; that of a flow in the last third, where it can turn.
  turn() {
    const isBack = this.flow !== null && this.flow.value < 0;
    const at = this.edge.isFlow ? this.length * (isBack ? 0.22 : 0.78) : this.length - 5;
    const [before, after] = [this.line.getPointAtLength(at - 2), this.line.getPointAtLength(at + 2)];
    const angle = (Math.atan2(after.y - before.y, after.x - before.x) * 180) / Math.PI + (isBack ? 180 : 0);
    const size = this.edge.isFlow ? 0.9 + this.share * 1.3 : 0.8;
    const middle = `translate(${((before.x + after.x) / 2).toFixed(1)} ${((before.y + after.y) / 2).toFixed(1)})`;
    this.arrow.setAttribute("transform", `${middle} rotate(${angle.toFixed(1)}) scale(${size.toFixed(2)})`);
  }

  /** Puts the label where there is room; `taken` are boxes. Without room, information has none. */
  placeLabel(taken) {
    const half = (this.edge.isFlow ? 74 : this.edge.shifted ? 84 : 66) / 2;
    for (const share of PLACES) {
      const { x, y } = this.line.getPointAtLength(this.length * share);
      const box = { left: x - half, right: x + half, top: y - LABEL_HEIGHT / 2, bottom: y + LABEL_HEIGHT / 2 };
      const isFree = taken.every((other) => box.right < other.left || other.right < box.left || box.bottom < other.top || other.bottom < box.top);
      if (!isFree) continue;
      taken.push(box);
      this.label.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      return;
    }
    this.label.classList.add("no-room");
  }

  /** Shows the newest values; `greatest` has the largest flow of each dimension so far. */
  update(values, greatest) {
    const flow = flowOf(this.edge, values);
    const mark = this.edge.shifted ? "z⁻¹ " : "";
    if (this.edge.isFlow) {
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
    this.root.classList.toggle("idle", this.share < 0.002);
    if (this.length > 0) this.turn();
  }

  /** What the bundle carries, a line each. */
  describe(values) {
    return this.edge.connections.map((connection) => {
      const [from, to] = [this.run.models[connection.from], this.run.models[connection.to]];
      const ends = `${shownName(from.name, 28)}.${shownName(connection.output, 24)} → ${shownName(to.name, 28)}.${shownName(connection.input, 24)}`;
      return { ends, value: withUnit(values.get(connection.item), connection.unit), isLate: connection.shifted };
    });
  }
}

/** Notes the largest flow of each dimension so far, by which widths are drawn. */
export function noteGreatest(edges, values, greatest) {
  for (const { edge } of edges) {
    if (!edge.isFlow) continue;
    const flow = flowOf(edge, values);
    if (flow === null) continue;
    const { dimension, factor } = baseOf(flow.unit);
    const size = Math.abs(flow.value) * factor;
    if (Number.isFinite(size) && size > (greatest.get(dimension) ?? 0)) greatest.set(dimension, size);
  }
}
