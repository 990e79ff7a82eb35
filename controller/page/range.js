// The part of simulated time that the charts show, in ticks. While it follows, its end keeps up with
// the run; moving or zooming by hand ends that.

const LEAST_SPAN = 4;
const AHEAD = 0.04;

/** A range of ticks within 0 and `end`. */
export class Range {
  constructor(end) {
    this.end = Math.max(1, end);
    this.from = 0;
    this.to = this.end;
    this.isFollowing = false;
  }

  get span() {
    return this.to - this.from;
  }

  get isWhole() {
    return this.from <= 0 && this.to >= this.end;
  }

  // As long a span as there can be.
  within(span) {
    return Math.min(Math.max(span, Math.min(LEAST_SPAN, this.end)), this.end);
  }

  /** Sets both ends, within the run; a span is never less than four ticks. */
  set(from, to) {
    const span = this.within(to - from);
    const middle = (from + to) / 2;
    this.from = Math.min(Math.max(0, middle - span / 2), this.end - span);
    this.to = this.from + span;
    this.isFollowing = false;
  }

  /** Makes the span `factor` times as long, with the tick `at` where it is. */
  zoom(factor, at = (this.from + this.to) / 2) {
    const span = this.within(this.span * factor);
    const share = (at - this.from) / this.span;
    this.set(at - span * share, at + span * (1 - share));
  }

  /** Moves by a share of the span. */
  pan(share) {
    const by = this.span * share;
    this.set(this.from + by, this.to + by);
  }

  /** The whole run. */
  whole() {
    this.set(0, this.end);
  }

  /** Follows the end of what was computed, with the span as it is or as given. */
  follow(tick, span = this.span) {
    const length = this.within(span);
    this.isFollowing = true;
    this.to = Math.min(Math.max(length, tick + length * AHEAD), this.end);
    this.from = Math.max(0, this.to - length);
  }

  /** Keeps up with the run. Returns whether the range moved. */
  advance(tick) {
    const before = this.to;
    if (this.isFollowing) this.follow(tick);
    return this.to !== before;
  }
}
