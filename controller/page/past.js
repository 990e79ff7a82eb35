// The picture as it was: while the run stands still, it shows what was at the cursor of the charts.

import { valueAt } from "./series.js";

/** Fetches values of one tick; one request at a time, and only the newest wish. */
export class Past {
  constructor(client, live, show) {
    this.client = client;
    this.live = live;
    this.show = show;
    this.wish = null;
    this.isBusy = false;
  }

  /** Shows the values of items at a tick; null for the newest again. */
  at(run, tick, items) {
    if (tick === null || this.live.isRunning) {
      if (this.wish !== null) this.show(null, null);
      this.wish = null;
      return;
    }
    this.wish = { run, tick: Math.min(Math.max(0, Math.floor(tick)), run.ticks - 1), items: [...new Set(items)] };
    this.fetch();
  }

  async fetch() {
    const { wish } = this;
    if (this.isBusy || wish === null || wish.items.length === 0) return;
    this.isBusy = true;
    try {
      const answer = await this.client.series(wish.run.id, wish.items, wish.tick, wish.tick + 1, 1);
      const values = new Map();
      answer.forEach((series, index) => values.set(wish.items[index], valueAt(series, wish.tick)?.high ?? null));
      if (this.wish !== null) this.show(values, wish.tick);
    } catch {
      // The picture stays as it is; that the controller is gone is said elsewhere.
    }
    this.isBusy = false;
    if (this.wish !== null && this.wish !== wish) this.fetch();
  }
}
