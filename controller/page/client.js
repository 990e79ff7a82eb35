// Talks with the controller: asks, commands, and listens. It reconnects by itself, for as long as the
// page is open.

import { path } from "./address.js";
import { decodeSeries } from "./series.js";

const EVENTS = ["run", "state", "values", "sites", "lights", "notice", "adjusted", "ended", "alive", "bye"];
// As many items as the controller answers at a time.
const MOST_ITEMS = 64;
const RETRY = 1000;
// Something comes every five seconds at least. Where it stays away for so long, the network is gone without a word.
const SILENCE = 8000;

/** One viewer of one controller. */
export class Client {
  constructor() {
    this.viewer = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    this.watched = null;
    this.isLost = false;
  }

  /** What the run is. */
  async run() {
    const answer = await fetch(path("/api/run"));
    if (!answer.ok) throw new Error(await refusal(answer));
    return answer.json();
  }

  /** Values of items between two ticks, as `decodeSeries` gives them. */
  async series(run, items, from, to, points) {
    const parts = [];
    for (let at = 0; at < items.length; at += MOST_ITEMS) parts.push(this.part(run, items.slice(at, at + MOST_ITEMS), from, to, points));
    return (await Promise.all(parts)).flat();
  }

  async part(run, items, from, to, points) {
    const query = [["run", run], ...items.map((item) => ["item", item]), ["from", from], ["to", to], ["points", points]];
    const answer = await fetch(path("/api/series", query));
    if (!answer.ok) throw new Error(await refusal(answer));
    return decodeSeries(await answer.arrayBuffer());
  }

  /** Replaces what this viewer watches; says nothing where that is the same. */
  async watch(items) {
    const text = JSON.stringify({ viewer: this.viewer, items });
    if (text === this.watched) return;
    this.watched = text;
    if (await this.post("/api/watch", text) !== null) this.watched = null;
  }

  /** A command: pause, resume, step, pace and so on. Null, or why it is not taken. */
  control(command) {
    return this.post("/api/control", JSON.stringify(command));
  }

  /** Sets a parameter or an input of a model. Null, or why it is not taken. */
  adjust(model, attribute, value) {
    return this.post("/api/adjust", JSON.stringify({ model, attribute, value }));
  }

  async post(name, body) {
    try {
      const answer = await fetch(path(name), { method: "POST", headers: { "Content-Type": "application/json" }, body });
      return answer.ok ? null : await refusal(answer);
    } catch {
      return "the controller cannot be reached";
    }
  }

  /** Listens for good. `handlers` are by event, and `lost` and `found` for the connection itself. */
  listen(handlers) {
    const source = new EventSource(path("/api/events", [["viewer", this.viewer]]));
    let [heard, silence, isOver] = [0, null, false];
    const lose = () => {
      if (isOver) return;
      isOver = true;
      clearInterval(silence);
      source.close();
      if (!this.isLost) handlers.lost();
      this.isLost = true;
      // Not left to the browser: it gives up for good where the answer is a refusal.
      setTimeout(() => this.listen(handlers), RETRY);
    };
    source.addEventListener("open", () => {
      heard = performance.now();
      silence = setInterval(() => performance.now() - heard > SILENCE && lose(), 1000);
      this.isLost = false;
      this.watched = null;
      handlers.found();
    });
    source.addEventListener("error", lose);
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        heard = performance.now();
        handlers[name]?.(JSON.parse(event.data));
        if (name === "bye") lose();
      });
    }
  }
}

async function refusal(answer) {
  const text = (await answer.text()).trim();
  return text || `the controller answers ${answer.status}`;
}
