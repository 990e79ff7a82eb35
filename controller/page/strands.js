// Cables as they are seen: strips of pixels with a dot that runs along them in its true colour, speed
// and direction. Where somebody asked for less motion, arrows tell the direction.

import { PIXELS, moved, streak } from "./cables.js";
import { seen } from "./colours.js";
import { bezier } from "./curves.js";
import { shape } from "./dom.js";
import { Motion, isCalm } from "./motion.js";

const LEAST_DEPTH = 30;
const PLUG = 24;
// Short cables hang a little further than their part of the way, to look slack as well.
const STEEPER = 0.75;
// A length of which each pixel has one unit. A little more at both ends, as a dash of no length at the very end is not drawn.
const LENGTH = PIXELS - 1 + 0.04;
const ARROWS = [0.2, 0.35, 0.5, 0.65, 0.8];

/** The curve in which a cable hangs between two ends, or from one: four points. `isDown`: from lower edges, else from right ones. `room` is how far it may, with its plugs, if its way is the `longest`. */
export function hanging(from, to, { isDown, room, longest }) {
  if (to === null) {
    const { x, y } = from;
    return isDown ? [from, { x, y: y + 34 }, { x: x + 3, y: y + 58 }, { x: x + 20, y: y + 62 }] : [from, { x: x + 28, y }, { x: x + 46, y: y + 4 }, { x: x + 52, y: y + 26 }];
  }
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const way = Math.abs(isDown ? dx : dy);
  // A curve with such handles goes three quarters as far as they do.
  const depth = (LEAST_DEPTH + (room - PLUG - LEAST_DEPTH) * Math.min(1, way / longest) ** STEEPER) / 0.75;
  return isDown
    ? [from, { x: from.x + dx * 0.1, y: from.y + depth }, { x: to.x - dx * 0.1, y: to.y + depth }, to]
    : [from, { x: from.x + depth, y: from.y + dy * 0.1 + 10 }, { x: to.x + depth, y: to.y - dy * 0.1 + 10 }, to];
}

/** One cable. Its strip and what shines on it are in `root` and `light`, which may lie on two layers. */
export class Strand {
  constructor() {
    const path = (name) => shape("path", { class: name, pathLength: LENGTH });
    const dots = ["glow", "core"].map(path);
    const strip = ["strip", "pixels", "touch"].map(path);
    this.ways = [...strip, ...dots];
    this.touch = strip[2];
    this.arrows = ARROWS.map(() => shape("path", { class: "pointer", d: "M-6 -8L8 0L-6 8Z" }));
    this.free = shape("circle", { class: "free", r: 6 });
    this.root = shape("g", { class: "cable" }, this.free, ...strip);
    this.light = shape("g", { class: "cable-light" }, ...dots, ...this.arrows);
    this.at = 0;
    this.shows = null;
  }

  /** Lays it along a curve of four points. */
  lay(curve) {
    this.free.setAttribute("cx", curve[3].x.toFixed(1));
    this.free.setAttribute("cy", curve[3].y.toFixed(1));
    const at = ({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
    this.curve = curve;
    const path = `M${at(curve[0])}C${curve.slice(1).map(at).join(" ")}`;
    if (path === this.path) return;
    this.path = path;
    for (const way of this.ways) way.setAttribute("d", path);
    this.point();
  }

  /** Shows a picture, as `cablesOf` has it. */
  show(shows) {
    const wasForward = this.shows?.isForward;
    this.shows = shows;
    const lit = shows === null ? null : seen(shows.colour);
    this.light.classList.toggle("dark", lit === null);
    this.light.classList.toggle("still", shows?.pixelMs === null);
    this.light.classList.toggle("pointing", isCalm() && this.isMoving);
    this.light.style.setProperty("--lit", lit ?? "");
    if (lit !== null && shows.pixelMs === null) this.dash("0.01 0.99", 0);
    else if (lit !== null) this.step(0);
    if (wasForward !== shows?.isForward) this.point();
  }

  /** Sets or removes a class on all parts. */
  mark(name, isSet) {
    for (const part of [this.root, this.light]) part.classList.toggle(name, isSet);
  }

  /** Whether a dot runs along it. */
  get isMoving() {
    return this.shows !== null && this.shows.pixelMs !== null && seen(this.shows.colour) !== null;
  }

  /** Moves the dot on. */
  step(passed) {
    if (!this.isMoving) return;
    this.at = moved(this.at, passed, this.shows);
    const { first, last } = streak(this.at, passed, this.shows);
    if (first === this.first && last === this.last) return;
    [this.first, this.last] = [first, last];
    this.dash(`${last - first + 0.01} ${LENGTH * 2}`, first);
  }

  dash(pattern, first) {
    if (pattern.startsWith("0.01 0.99")) this.first = null;
    this.light.style.strokeDasharray = pattern;
    this.light.style.strokeDashoffset = -(first + 0.01);
  }

  point() {
    if (!this.curve) return;
    const way = this.shows?.isForward === false ? 180 : 0;
    this.arrows.forEach((arrow, index) => {
      const [here, next] = [bezier(this.curve, ARROWS[index]), bezier(this.curve, ARROWS[index] + 0.01)];
      const angle = (Math.atan2(next.y - here.y, next.x - here.x) * 180) / Math.PI + way;
      arrow.setAttribute("transform", `translate(${here.x.toFixed(1)} ${here.y.toFixed(1)}) rotate(${angle.toFixed(1)})`);
    });
  }
}

/** All cables that are seen; they move as long as `isWanted()`. */
export class Strands {
  constructor(isWanted) {
    this.held = new Map();
    this.motion = new Motion(() => isWanted() && [...this.held.values()].some((strand) => strand.isMoving),
      (passed) => this.held.forEach((strand) => strand.step(passed)), () => this.held.forEach((strand) => strand.show(strand.shows)));
  }

  /** Takes other cables. A cable whose ends stay is the same strand, and its dot runs on. `made(strand)` hears of new ones, `curveOf(cable)` says where it hangs; null for one that is not seen. */
  set(cables, curveOf, made) {
    const before = this.held;
    this.held = new Map();
    for (const cable of cables) {
      const curve = curveOf(cable);
      if (curve === null) continue;
      const strand = before.get(cable.key) ?? new Strand();
      this.held.set(cable.key, strand);
      strand.cable = cable;
      strand.lay(curve);
      strand.mark("lone", cable.ends.length === 1);
      strand.show(cable.shows);
      if (!before.delete(cable.key)) made(strand);
    }
    for (const strand of before.values()) for (const part of [strand.root, strand.light]) part.remove();
    this.motion.wake();
  }
}
