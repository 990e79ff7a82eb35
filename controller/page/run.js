// A run as the page knows it: what it is made of, and what is newest of it.

import { Calendar } from "./calendar.js";
import { Waits } from "./waits.js";

/** The fixed part: models, connections, and every item that can be looked at. */
export class Run {
  constructor(facts) {
    Object.assign(this, facts);
    this.calendar = new Calendar(facts.start, facts.resolution);
    this.items = new Map();
    this.byName = new Map(this.models.map((model, index) => [model.name, index]));
    this.models.forEach((model, index) => {
      for (const attribute of model.attributes) {
        if (attribute.role !== "output" && attribute.role !== "state") continue;
        this.addItem(itemOf(model, attribute), index, attribute);
      }
    });
    for (const { item, model, attribute, unit } of this.columns) {
      this.addItem(item, this.byName.get(model) ?? -1, { name: attribute, unit, kind: "number", role: "state" });
    }
    this.monitored = new Set(this.columns.map((column) => column.item));
    this.into = this.models.map(() => []);
    this.outOf = this.models.map(() => []);
    for (const connection of this.connections) {
      connection.item = `${this.models[connection.from].name}.${connection.output}`;
      this.into[connection.to].push(connection);
      this.outOf[connection.from].push(connection);
    }
  }

  addItem(item, model, attribute) {
    if (!this.items.has(item)) this.items.set(item, { item, model, name: attribute.name, unit: attribute.unit ?? "", kind: attribute.kind, role: attribute.role });
  }

  /** Whether an item has numbers, which can be drawn. */
  isDrawable(item) {
    return ["number", "any"].includes(this.items.get(item)?.kind);
  }

  get drawable() {
    return [...this.items.values()].filter((each) => this.isDrawable(each.item));
  }
}

/** The item of an attribute: `Model.attribute`. */
export function itemOf(model, attribute) {
  return `${model.name}.${attribute.name}`;
}

/** Whether an attribute tells how full something is. */
export function isLevel(attribute) {
  return attribute.role === "state" && attribute.kind !== "text" && (attribute.name.toLowerCase() === "soc" || attribute.unit === "%");
}

/** How full: 0 to 1. */
export function fillOf(value, unit) {
  if (typeof value !== "number" || !Number.isFinite(value)) return null;
  const share = unit === "%" || Math.abs(value) > 1 ? value / 100 : value;
  return Math.min(1, Math.max(0, share));
}

/** The newest value of an attribute: what it starts from only as long as nothing at all is known. */
export function newestOf(values, item, attribute) {
  return values.get(item) ?? (values.size === 0 ? attribute.value : undefined);
}

/** The attribute that says most about a model: its level, a flow that goes somewhere, what is monitored. */
export function principalOf(run, index) {
  const model = run.models[index];
  const values = model.attributes.filter((each) => (each.role === "output" || each.role === "state") && each.kind !== "text" && each.kind !== "mapping");
  const flows = new Set(run.outOf[index].filter((each) => each.origin === "output").map((each) => each.output));
  const sent = new Set(run.outOf[index].map((each) => each.output));
  return values.find(isLevel)
    ?? values.find((each) => each.role === "output" && flows.has(each.name))
    ?? values.find((each) => run.monitored.has(itemOf(model, each)))
    ?? values.find((each) => sent.has(each.name)) ?? values.find((each) => each.role === "output") ?? values[0] ?? null;
}

/**
 * What says most about several models: the mean of their levels, or the sum of their outputs where they are
 * of one type. `{items, unit, isLevel}`, or null where there is no such thing.
 */
export function principalOfGroup(run, models) {
  const all = models.map((index) => ({ model: run.models[index], principal: principalOf(run, index) })).filter((each) => each.principal !== null);
  const levels = all.filter((each) => isLevel(each.principal) && each.principal.unit === "%");
  const items = (members) => members.map((each) => itemOf(each.model, each.principal));
  if (levels.length > 0) return { items: items(levels), unit: "%", isLevel: true };
  const [first] = all;
  const areAlike = all.length === models.length && all.every((each) => each.model.type === first.model.type && each.principal.unit === first.principal.unit);
  return areAlike && first.principal.role === "output" ? { items: items(all), unit: first.principal.unit, isLevel: false } : null;
}

/** The model that a text names first, as a word of its own; null where it names none. */
export function modelNamed(run, text) {
  let [found, first, length] = [null, Infinity, 0];
  run.models.forEach(({ name }, index) => {
    if (name.length < 2) return;
    for (let at = text.indexOf(name); at >= 0 && at <= first; at = text.indexOf(name, at + 1)) {
      const around = (text[at - 1] ?? " ") + (text[at + name.length] ?? " ");
      if (!/^[^\p{L}\p{N}_]{2}$/u.test(around) || (at === first && name.length <= length)) continue;
      [found, first, length] = [index, at, name.length];
    }
  });
  return found;
}

/** The moving part, and who wants to hear of it. */
export class Live {
  constructor() {
    this.listeners = new Map();
    this.isLost = false;
    this.reset();
  }

  /** Forgets everything: another run, or a new connection, which tells all again. */
  reset() {
    this.values = new Map();
    this.tick = 0;
    this.state = { phase: "starting", tick: 0, time: "", status: null, waiting: null, pace: null, speed: 0 };
    this.sites = new Map();
    this.waits = new Waits();
    this.lights = [];
    this.notices = [];
    this.adjusted = [];
    this.ended = null;
    this.greatest = new Map();
  }

  /** Calls `listener` when `name` happens. */
  on(name, listener) {
    if (!this.listeners.has(name)) this.listeners.set(name, []);
    this.listeners.get(name).push(listener);
  }

  tell(name, detail) {
    for (const listener of this.listeners.get(name) ?? []) listener(detail);
  }

  take(name, detail) {
    if (name === "state") {
      this.state = detail;
      this.tick = detail.tick;
    } else if (name === "values") {
      for (const [item, value] of Object.entries(detail.values)) this.values.set(item, value);
    } else if (name === "sites") {
      for (const site of detail) this.sites.set(site.site, site);
      this.waits.take(detail);
    } else if (name === "lights") this.lights = detail;
    else if (name === "notice") this.notices.push(detail);
    else if (name === "adjusted") this.adjusted.push(detail);
    else if (name === "ended") this.ended = detail;
    this.tell(name, detail);
  }

  /** The newest value that was set by hand, or undefined. */
  adjustment(model, attribute) {
    return this.adjusted.findLast((each) => each.model === model && each.attribute === attribute);
  }

  /** Models that others wait for, as `Waits` has them: none unless the run is running. */
  get awaited() {
    return this.isRunning ? this.waits.awaited : new Map();
  }

  /** Whether values are moving just now. */
  get isRunning() {
    return this.state.phase === "running" && this.ended === null && !this.isLost;
  }
}
