// Who waits for whom. Samples come once a second, and somebody always waits for a moment: what counts
// is what two samples say, one after the other.

import { shownName } from "./text.js";

/** What sites wait for, as far as it lasts. */
export class Waits {
  constructor() {
    this.before = new Map();
    this.now = new Map();
  }

  /** Takes the next sample: `sites` as the controller says them. */
  take(sites) {
    this.before = this.now;
    this.now = new Map(sites.filter((each) => each.waits).map((each) => [each.site, each.waits]));
  }

  /** What a site waits for, and did before; null for nothing. */
  of(site) {
    const [now, before] = [this.now.get(site), this.before.get(site)];
    return now && before && now.source === before.source && now.site === before.site ? now : null;
  }

  /** Models that are waited for: by each those that wait, `{site, model, tick}`. */
  get awaited() {
    const before = new Set([...this.before.values()].map((waits) => waits.source));
    const awaited = new Map();
    for (const [site, { model, source, tick }] of this.now) {
      if (source === null || !before.has(source)) continue;
      if (!awaited.has(source)) awaited.set(source, []);
      awaited.get(source).push({ site, model, tick });
    }
    return awaited;
  }
}

/** What a site waits for, in words. */
export function waitText(run, { source, site }) {
  return source === null ? `waits for room at ${shownName(run.sites[site]?.name, 40)}` : `waits for ${shownName(run.models[source]?.name, 40)}`;
}

/** Who waits, in words: the model, or its site where no model is named. */
export function waiterName(run, { site, model }) {
  return model === null ? shownName(run.sites[site]?.name, 40) : shownName(run.models[model]?.name, 40);
}

/** How many ticks a site is behind the one that is furthest; `sites` by their index. */
export function ticksBehind(sites, site) {
  const tick = sites.get(site)?.tick;
  if (typeof tick !== "number") return 0;
  return Math.max(...[...sites.values()].map((each) => each.tick ?? 0)) - tick;
}
