// The movement in the flows: dashes that go where the flow goes. Drawn only while the run is running,
// the picture is seen, and nobody asked for less motion.

const MOST = 160;
const FRAME = 33;
const SLOWEST = 14;
const FASTEST = 62;
const PERIOD = 18;

/** Moves the dashes of edges. */
export class Streams {
  constructor(isWanted) {
    this.isWanted = isWanted;
    this.edges = [];
    this.offsets = [];
    this.frame = null;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.calm.addEventListener("change", () => this.set(this.edges));
    document.addEventListener("visibilitychange", () => this.wake());
  }

  /** The edges of another picture. */
  set(edges) {
    this.edges = edges.filter((each) => each.stream !== null);
    this.offsets = this.edges.map(() => 0);
    for (const each of this.edges) each.stream.setAttribute("visibility", this.calm.matches || this.edges.length > MOST ? "hidden" : "visible");
    this.wake();
  }

  get isMoving() {
    return !document.hidden && !this.calm.matches && this.edges.length > 0 && this.edges.length <= MOST && this.isWanted();
  }

  /** Begins to move, if there is reason to. */
  wake() {
    if (this.frame !== null || !this.isMoving) return;
    let last = performance.now();
    const draw = (now) => {
      this.frame = this.isMoving ? requestAnimationFrame(draw) : null;
      if (now - last < FRAME) return;
      const seconds = Math.min(0.1, (now - last) / 1000);
      last = now;
      this.step(seconds);
    };
    this.frame = requestAnimationFrame(draw);
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
