// The movement in the flows: dashes that go where the flow goes.

import { Motion, isCalm } from "./motion.js";

const MOST = 160;
const SLOWEST = 14;
const FASTEST = 62;
const PERIOD = 18;

/** Moves the dashes of edges, as long as `isWanted()`. */
export class Streams {
  constructor(isWanted) {
    this.edges = [];
    this.offsets = [];
    this.motion = new Motion(() => this.edges.length > 0 && this.edges.length <= MOST && isWanted(), (passed) => this.step(passed / 1000), () => this.set(this.edges));
  }

  /** The edges of another picture. */
  set(edges) {
    this.edges = edges.filter((each) => each.stream !== null);
    this.offsets = this.edges.map(() => 0);
    for (const each of this.edges) each.stream.setAttribute("visibility", isCalm() || this.edges.length > MOST ? "hidden" : "visible");
    this.wake();
  }

  /** Begins to move, if there is reason to. */
  wake() {
    this.motion.wake();
  }

  step(seconds) {
    this.edges.forEach((edge, index) => {
      if (edge.share < 0.002) return;
      const speed = SLOWEST + (FASTEST - SLOWEST) * edge.share;
      const way = edge.flow.value < 0 ? 1 : -1;
      this.offsets[index] = (this.offsets[index] + way * speed * seconds) % (PERIOD * 1000);
      edge.stream.style.strokeDashoffset = this.offsets[index].toFixed(1);
    });
  }
}
