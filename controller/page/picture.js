// The picture: models in layers, what flows between them, and what is newest.

import { arranged, isTurned } from "./arranging.js";
import { inNextFrame, shape } from "./dom.js";
import { Card } from "./cards.js";
import { cablesOf } from "./cables.js";
import { Edge } from "./edges.js";
import { graphOf, usualGrouping } from "./graph.js";
import { Camera, nearest } from "./moving.js";
import { modelNamed } from "./run.js";
import { Strands, hanging } from "./strands.js";
import { Streams } from "./streams.js";
import { Tip, tipOfCable, tipOfEdge } from "./tip.js";
import { waiterName } from "./waits.js";

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
    host.append(layer("under", this.lines, { "aria-hidden": "true" }), layer("moving", this.moving, { "aria-hidden": "true" }),
      layer("over", this.front, { role: "group", "aria-label": "models and their connections" }));
    this.tip = new Tip(host);
    this.camera = new Camera(host, [this.lines, this.moving, this.front]);
    this.streams = new Streams(() => this.isSeen && live.isRunning && !this.past);
    // Cables go on shining while a run is paused, and are known of the present only.
    this.strands = new Strands(() => this.isSeen && !live.isLost && !this.past);
    this.isSeen = true;
    this.past = null;
    this.cards = [];
    this.edges = [];
    this.selected = null;
    this.soon = inNextFrame(() => this.update());
    new ResizeObserver(() => this.resize()).observe(host);
    host.addEventListener("keydown", (event) => this.key(event));
    for (const name of ["values", "state", "lights"]) live.on(name, () => this.changed());
    for (const name of ["sites", "ended"]) live.on(name, () => this.markAwaited());
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
    this.hasSockets = this.cards.some((card) => card.hasSockets);
    this.host.classList.toggle("with-sockets", this.hasSockets);
    this.strands.set([], null, null);
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

  arrange() {
    const { width, height } = this.host.getBoundingClientRect();
    this.isArranged = width > 0 && height > 0;
    if (!this.isArranged || this.cards.length === 0) return;
    const { isDown, isFlat, hang, picture } = arranged(this.cards, this.graph.edges, { width, height });
    this.arranged = { isDown, isFlat, hasSockets: this.hasSockets };
    // Connections pass outside of the cards.
    this.hang = { isDown, room: hang, longest: Math.max(1, (isDown ? picture.width : picture.height) * 0.85) };
    this.cards.forEach((card, index) => card.moveTo(picture.nodes[index].x, picture.nodes[index].y, isDown));
    this.edges.forEach((edge, index) => edge.lay(picture.edges[index], isDown));
    this.placeLabels();
    this.camera.fit({ width: picture.width, height: picture.height });
    this.streams.set(this.edges);
    this.shownLights = null;
    this.showLights();
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
    const mayTurn = this.graph.nodes.length > 2 && isTurned(this.arranged, this.host.getBoundingClientRect());
    if (this.camera.isFitted && mayTurn) this.arrange();
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
    this.strands.motion.wake();
    if (isSeen) this.changed();
    this.acts.watch();
  }

  /** Shows values of an earlier tick, or the newest again with null. */
  setPast(values) {
    this.past = values;
    this.host.classList.toggle("past", values !== null);
    this.strands.motion.wake();
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
    this.showLights();
  }

  // Neither LEDs nor cables have changed as long as nothing was said of them.
  showLights() {
    const { lights } = this.live;
    if (lights === this.shownLights || !this.isArranged) return;
    this.shownLights = lights;
    const byModel = new Map(lights.map((each) => [each.model, each]));
    for (const card of this.cards) if (!card.isGroup) card.setLights(byModel.get(card.node.models[0]));
    this.strands.set(cablesOf(lights), (cable) => this.curveOf(cable), (strand) => {
      this.lines.append(strand.root);
      this.moving.append(strand.light);
      this.listen(strand.touch, strand, () => tipOfCable(this.run, strand.cable));
    });
    // No pointer leaves what is gone.
    if (this.pointed?.root.isConnected === false) this.tip.hide();
  }

  // Where a cable hangs. One end in a group is not seen, nor is the cable then.
  curveOf({ ends }) {
    const points = ends.map(({ model, socket }) => {
      const card = this.cards[this.graph.nodeOf[model]];
      const end = card?.plugs?.endOf(socket);
      return end ? { x: card.x + end.x, y: card.y + end.y } : null;
    });
    return points.includes(null) ? null : hanging(points[0], points[1] ?? null, this.hang);
  }

  /** Marks the model that a site waits for, and one that failed. */
  markAwaited() {
    if (!this.run) return;
    const { awaited } = this.live;
    const failed = this.live.ended?.phase === "failed" ? modelNamed(this.run, this.live.ended.text) : null;
    for (const card of this.cards) {
      const waiters = card.node.models.flatMap((index) => awaited.get(index) ?? []);
      if (card.node.models.includes(failed)) card.setTag("failed", "failed");
      else if (waiters.length === 1) card.setTag(`${waiterName(this.run, waiters[0])} waits for it`, "awaited");
      else if (waiters.length > 1) card.setTag(`${waiters.length} wait for it`, "awaited");
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
      this.listen(part, edge, () => tipOfEdge(edge, this.past ?? this.live.values));
      part.addEventListener("click", () => this.acts.chart(edge.items.slice(0, 8)));
    }
  }

  listen(part, marked, rows) {
    part.addEventListener("pointerenter", (event) => {
      this.pointed = marked;
      marked.mark("touched", true);
      this.tip.show(rows(), this.camera.point(event));
    });
    part.addEventListener("pointerleave", () => {
      marked.mark("touched", false);
      this.tip.hide();
    });
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
