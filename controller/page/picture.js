// The picture: models in layers, what flows between them, and what is newest.

import { element, inNextFrame, shape, show } from "./dom.js";
import { Card } from "./cards.js";
import { Edge } from "./edges.js";
import { graphOf, usualGrouping } from "./graph.js";
import { layout } from "./layout.js";
import { Camera, nearest } from "./moving.js";
import { Streams } from "./streams.js";

const BETWEEN = 96;
const BESIDE = 22;
const STRETCH = 2.4;

/** Draws a run into a host, and keeps it up to date. `acts` are `select(model)`, `chart(items)`, `watch()`, `built()`. */
export class Picture {
  constructor(host, live, acts) {
    this.host = host;
    this.live = live;
    this.acts = acts;
    // Three layers, so that what moves is drawn alone, and the rest only where it changes.
    this.lines = shape("g", {});
    this.moving = shape("g", {});
    this.front = shape("g", {});
    const layer = (name, group, options = {}) => shape("svg", { class: `drawing ${name}`, ...options }, group);
    this.tip = element("div", { class: "tip", role: "tooltip", hidden: true });
    host.append(layer("under", this.lines, { "aria-hidden": "true" }), layer("moving", this.moving, { "aria-hidden": "true" }),
      layer("over", this.front, { role: "group", "aria-label": "models and their connections" }), this.tip);
    this.camera = new Camera(host, [this.lines, this.moving, this.front]);
    this.streams = new Streams(() => this.isSeen && live.isRunning && !this.past);
    this.isSeen = true;
    this.past = null;
    this.cards = [];
    this.edges = [];
    this.selected = null;
    this.soon = inNextFrame(() => this.update());
    new ResizeObserver(() => this.resize()).observe(host);
    host.addEventListener("keydown", (event) => this.key(event));
    for (const name of ["values", "state"]) live.on(name, () => this.changed());
    live.on("sites", () => this.markAwaited());
    live.on("ended", () => this.markAwaited());
  }

  /** Shows another run; the way it is grouped is kept if it is given. */
  setRun(run, grouping = null) {
    this.run = run;
    this.open = new Set();
    this.grouping = grouping ?? usualGrouping(run);
    this.selected = null;
    this.build();
  }

  /** Groups in another way. */
  setGrouping(grouping) {
    this.grouping = grouping;
    this.open = new Set();
    this.build();
  }

  build() {
    const graph = graphOf(this.run, this.grouping, this.open);
    this.graph = graph;
    this.cards = graph.nodes.map((node) => new Card(this.run, node));
    this.edges = graph.edges.map((edge) => new Edge(this.run, edge));
    this.cards.forEach((card, index) => this.listenToCard(card, index));
    this.edges.forEach((edge) => this.listenToEdge(edge));
    this.lines.replaceChildren(...this.edges.map((edge) => edge.root));
    this.moving.replaceChildren(...this.edges.map((edge) => edge.stream).filter((stream) => stream !== null));
    this.front.replaceChildren(...this.edges.map((edge) => edge.head), ...this.edges.map((edge) => edge.label), ...this.cards.map((card) => card.root));
    this.arrange();
    this.cards[0]?.root.setAttribute("tabindex", "0");
    this.update();
    this.markAwaited();
    this.markSelected();
    this.acts.built();
  }

  // Layers go from left to right, or from top to bottom where the drawing is larger that way.
  arrange() {
    const { width, height } = this.host.getBoundingClientRect();
    this.isArranged = width > 0 && height > 0;
    if (!this.isArranged || this.cards.length === 0) return;
    const sizes = this.cards.map((card) => ({ width: card.width, height: card.height }));
    const ways = width > height * 1.6 ? [false] : [false, true];
    const drawn = ways.map((isDown) => {
      const picture = this.stretched(sizes, isDown, width, height);
      return { isDown, picture, scale: Math.min(width / picture.width, height / picture.height) };
    });
    const best = drawn.length > 1 && drawn[1].scale > drawn[0].scale * 1.15 ? drawn[1] : drawn[0];
    this.isDown = best.isDown;
    this.cards.forEach((card, index) => card.moveTo(best.picture.nodes[index].x, best.picture.nodes[index].y));
    this.edges.forEach((edge, index) => edge.lay(best.picture.edges[index], best.isDown));
    this.placeLabels();
    this.camera.fit({ width: best.picture.width, height: best.picture.height });
    this.streams.set(this.edges);
  }

  // Layers move apart where there is room, so that connections and their labels have it.
  stretched(sizes, isDown, width, height) {
    const between = isDown ? BETWEEN * 0.62 : BETWEEN;
    const options = { isDown, between, beside: BESIDE, shape: width / height };
    const picture = layout(sizes, this.graph.edges, options);
    const room = isDown ? (height / width) * picture.width - picture.height : (width / height) * picture.height - picture.width;
    const more = Math.min(room / Math.max(1, picture.layers - 1), between * (STRETCH - 1));
    return more < 8 ? picture : layout(sizes, this.graph.edges, { ...options, between: between + more });
  }

  placeLabels() {
    const taken = this.cards.map((card) => ({ left: card.x - 3, right: card.x + card.width + 3, top: card.y - 2, bottom: card.y + card.height + 2 }));
    const flows = this.edges.filter((each) => each.edge.isFlow);
    for (const edge of [...flows, ...this.edges.filter((each) => !each.edge.isFlow)]) edge.placeLabel(taken);
  }

  resize() {
    if (!this.run) return;
    if (!this.isArranged) {
      this.arrange();
      this.update();
      return;
    }
    const { width, height } = this.host.getBoundingClientRect();
    const isTurned = this.isDown !== (height > width * 1.1) && this.graph.nodes.length > 2;
    if (this.camera.isFitted && isTurned) this.arrange();
    else if (this.camera.isFitted) this.camera.fit();
  }

  /** Items that the picture needs. */
  get items() {
    if (!this.isSeen) return [];
    return [...this.cards.flatMap((card) => card.items), ...this.edges.flatMap((edge) => edge.items)];
  }

  /** Whether somebody can see the picture; if not, it costs nothing. */
  setSeen(isSeen) {
    this.isSeen = isSeen;
    this.streams.wake();
    if (isSeen) this.changed();
    this.acts.watch();
  }

  /** Shows values of an earlier tick, or the newest again with null. */
  setPast(values) {
    this.past = values;
    this.changed();
  }

  changed() {
    if (this.isSeen && this.run) this.soon();
  }

  update() {
    const { live } = this;
    const values = this.past ?? live.values;
    for (const edge of this.edges) edge.note(values, live.greatest);
    for (const card of this.cards) card.update(values);
    for (const edge of this.edges) edge.update(values, live.greatest);
    this.streams.wake();
  }

  /** Marks the model that a site waits for, and one that failed. */
  markAwaited() {
    if (!this.run) return;
    const notes = this.live.isRunning ? [...this.live.sites.values()].map((site) => site.note).filter(Boolean) : [];
    const failures = this.live.ended?.phase === "failed" ? [this.live.ended.text] : [];
    const named = (texts) => new Set(texts.map((text) => modelNamed(this.run, text)).filter((index) => index !== null));
    const [awaited, failed] = [named(notes), named(failures)];
    for (const card of this.cards) {
      const has = (models) => card.node.models.some((index) => models.has(index));
      if (has(failed)) card.setTag("failed", "failed");
      else if (has(awaited)) card.setTag("others wait for it", "awaited");
      else card.setTag("", null);
    }
  }

  /** Marks a model as the one that is open; null for none. */
  select(model) {
    this.selected = model;
    this.markSelected();
  }

  markSelected() {
    const chosen = this.selected === null ? null : this.graph?.nodeOf[this.selected];
    this.cards.forEach((card, index) => card.root.classList.toggle("selected", index === chosen));
    for (const each of this.edges) each.mark("near", chosen !== null && (each.edge.from === chosen || each.edge.to === chosen));
  }

  activate(index) {
    const card = this.cards[index];
    if (!card.isGroup) {
      this.acts.select(card.node.models[0]);
      return;
    }
    this.open.add(card.node.group);
    this.build();
    this.cards[this.graph.nodeOf[card.node.models[0]]].root.focus();
  }

  /** Folds all groups. */
  fold() {
    this.open.clear();
    this.build();
  }

  listenToCard(card, index) {
    card.root.addEventListener("click", () => this.activate(index));
    card.root.addEventListener("focus", () => {
      for (const other of this.cards) other.root.setAttribute("tabindex", other === card ? "0" : "-1");
      if (card.root.matches(":focus-visible")) this.camera.reveal(card);
    });
  }

  listenToEdge(edge) {
    for (const part of [edge.touch, edge.label]) {
      part.addEventListener("pointerenter", (event) => this.showTip(edge, event));
      part.addEventListener("pointerleave", () => this.hideTip(edge));
      part.addEventListener("click", () => this.acts.chart(edge.items.slice(0, 8)));
    }
  }

  showTip(edge, event) {
    edge.mark("touched", true);
    const rows = edge.describe(this.past ?? this.live.values);
    const lines = rows.slice(0, 10).map((row) => element("div", {}, element("bdi", { text: row.ends }), element("b", { text: row.value })));
    if (rows.length > 10) lines.push(element("div", { text: `and ${rows.length - 10} more` }));
    if (edge.edge.shifted) lines.push(element("div", { class: "hint", text: "z⁻¹: arrives one step later" }));
    lines.push(element("div", { class: "hint", text: "click: into the charts" }));
    this.tip.replaceChildren(...lines);
    show(this.tip, true);
    const [host, { x, y }] = [this.host.getBoundingClientRect(), this.camera.point(event)];
    const { width, height } = this.tip.getBoundingClientRect();
    this.tip.style.left = `${Math.max(4, Math.min(x + 14, host.width - width - 4))}px`;
    this.tip.style.top = `${y + height + 24 > host.height ? Math.max(4, y - height - 14) : y + 18}px`;
  }

  hideTip(edge) {
    edge.mark("touched", false);
    show(this.tip, false);
  }

  key(event) {
    const index = this.cards.findIndex((card) => card.root === event.target);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow") && index >= 0) nearest(this.cards, this.cards[index], event.key)?.root.focus();
    else if (event.key === "Enter" && index >= 0) this.activate(index);
    else if (event.key === "+" || event.key === "=") this.camera.zoom(1.25);
    else if (event.key === "-") this.camera.zoom(0.8);
    else if (event.key === "Home" || event.key === "0") this.camera.fit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
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
