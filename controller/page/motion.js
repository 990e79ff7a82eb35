// Movement, frame by frame: only while there is something to move, the page is seen, and nobody asked
// for less motion.

const FRAME = 33;
const LONGEST = 100;

const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether somebody asked for less motion. */
export function isCalm() {
  return calm.matches;
}

/** Calls `step(milliseconds)` for each frame, as long as `isWanted()`. `turned()` hears when somebody asks for less motion. */
export class Motion {
  constructor(isWanted, step, turned) {
    Object.assign(this, { isWanted, step });
    this.frame = null;
    calm.addEventListener("change", () => {
      turned();
      this.wake();
    });
    document.addEventListener("visibilitychange", () => this.wake());
  }

  get isMoving() {
    return !document.hidden && !calm.matches && this.isWanted();
  }

  /** Begins to move, if there is reason to. */
  wake() {
    if (this.frame !== null || !this.isMoving) return;
    let last = performance.now();
    const draw = (now) => {
      this.frame = this.isMoving ? requestAnimationFrame(draw) : null;
      if (now - last < FRAME) return;
      const passed = Math.min(LONGEST, now - last);
      last = now;
      this.step(passed);
    };
    this.frame = requestAnimationFrame(draw);
  }
}
