// Keeps the series that the charts show. It asks for what is seen, as fine as there are pixels, and
// while a run is under way only for what is new. One round of requests at a time: what was wanted
// meanwhile is asked for in the next.

import { joined } from "./series.js";

const MARGIN = 0.25;
const BETWEEN_TAILS = 120;
const AFTER_FAILURE = 2000;

/**
 * What has to be asked for so that `held` shows `view`: null for nothing, or `{from, to, points, isTail}`.
 *
 * `held` is `{series, from, to, grain}` or undefined, where a point was to have `grain` ticks, `view` is `{from, to, width}` in ticks and pixels, `end`
 * the last tick of the run, `known` how far it has come.
 */
export function need(held, view, end, known) {
  const span = view.to - view.from;
  const margin = span * MARGIN;
  const [from, to] = [Math.max(0, Math.floor(view.from - margin)), Math.min(end, Math.ceil(view.to + margin))];
  const points = (length) => Math.max(2, Math.ceil((view.width * length) / span));
  const whole = { from, to, points: points(to - from), isTail: false };
  if (held === undefined || view.from < held.from) return whole;
  const { series } = held;
  // No finer than what was asked for: it may be that the controller has nothing finer.
  const isFiner = span / view.width < (held.grain ?? Infinity) * 0.99;
  if (isFiner && series.step > 1 && span / series.step < view.width * 0.5) return whole;
  if (series.ticks.length > 64 && series.ticks.length > view.width * 8) return whole;
  if (Math.min(view.to, known) <= held.to) return null;
  if (view.from > held.to) return whole;
  // From the last point on, which may have stood for less than its step then.
  const start = Math.max(held.from, series.ticks.at(-1) ?? held.from);
  return { from: start, to, points: points(to - start), isTail: true };
}

/** The series of a run and of those it is compared with. */
export class Feed {
  constructor(client, changed) {
    this.client = client;
    this.changed = changed;
    this.held = new Map();
    this.wanted = null;
    this.isBusy = false;
    this.timer = null;
    this.nextTail = 0;
    this.generation = 0;
  }

  /** Forgets everything. */
  reset() {
    this.held.clear();
    this.wanted = null;
    this.generation += 1;
  }

  /** The series of an item, or undefined. */
  get(run, item) {
    return this.held.get(keyOf(run, item))?.series;
  }

  /** What the charts want: `runs` are `{id, known}`, `items` names, `view` what is seen, `end` the last tick. */
  want(runs, items, view, end) {
    this.wanted = { runs, items, view, end };
    this.pump();
  }

  /** Asks for the last points once more: a run may have rows that came after its tick. */
  again() {
    for (const held of this.held.values()) held.to = Math.max(held.from, held.series.ticks.at(-1) ?? held.from);
    this.pump();
  }

  jobs() {
    const { runs, items, view, end } = this.wanted;
    const jobs = new Map();
    for (const { id, known } of runs) {
      for (const item of items) {
        const wish = need(this.held.get(keyOf(id, item)), view, end, known);
        if (wish === null) continue;
        const key = [id, wish.from, wish.to, wish.points, wish.isTail].join(" ");
        if (!jobs.has(key)) jobs.set(key, { ...wish, run: id, known, items: [] });
        jobs.get(key).items.push(item);
      }
    }
    return [...jobs.values()];
  }

  async pump() {
    if (this.isBusy || this.wanted === null || this.wanted.view.width < 1) return;
    const all = this.jobs();
    const wait = this.nextTail - performance.now();
    const jobs = wait > 0 ? all.filter((job) => !job.isTail) : all;
    if (jobs.length < all.length) this.later(wait);
    if (jobs.length === 0) return;
    this.isBusy = true;
    const generation = this.generation;
    try {
      const answers = await Promise.all(jobs.map((job) => this.client.series(job.run, job.items, job.from, job.to, job.points)));
      if (generation === this.generation) jobs.forEach((job, index) => this.keep(job, answers[index]));
      this.isBusy = false;
    } catch {
      this.isBusy = false;
      this.later(AFTER_FAILURE);
      return;
    }
    if (jobs.some((job) => job.isTail)) this.nextTail = performance.now() + BETWEEN_TAILS;
    this.changed();
    this.pump();
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), wait + 1);
  }

  keep(job, answer) {
    job.items.forEach((item, index) => {
      const key = keyOf(job.run, item);
      const held = this.held.get(key);
      const to = Math.min(job.to, job.known);
      if (job.isTail && held !== undefined) this.held.set(key, { ...held, series: joined(held.series, answer[index]), to });
      else this.held.set(key, { series: answer[index], from: job.from, to, grain: (job.to - job.from) / job.points });
    });
  }
}

function keyOf(run, item) {
  return `${run} ${item}`;
}
