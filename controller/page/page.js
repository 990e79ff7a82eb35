// The page as a whole: it joins its parts, keeps the choice in the address, and hears keys.

import { readChoice, writeChoice } from "./address.js";
import { Charts } from "./charts.js";
import { Changes, Controls } from "./controls.js";
import { divide } from "./divider.js";
import { Dock } from "./dock.js";
import { $, isTyping, show } from "./dom.js";
import { openHelp } from "./help.js";
import { Inspector } from "./inspector.js";
import { Log } from "./log.js";
import { Look } from "./look.js";
import { Past } from "./past.js";
import { Picture } from "./picture.js";
import { Legend } from "./sites.js";
import { Status, complain } from "./status.js";
import { ChartTools, PictureTools, Switches } from "./tools.js";

const VIEWS = ["picture", "both", "charts"];
const WATCHED_MOST = 256;
const NARROW = 540;

/** The page of a run, in the elements of the document. */
export class Page {
  constructor(client, live) {
    this.client = client;
    this.live = live;
    this.choice = readChoice(location.hash);
    this.viewName = VIEWS.includes(this.choice.view) ? this.choice.view : innerWidth < NARROW ? "picture" : "both";
    show($("page"), true);
    this.status = new Status(live, { openLog: () => this.toggleLog() });
    this.changes = new Changes();
    this.controls = new Controls($("controls"), client, live, this.changes, complain);
    this.dock = new Dock($("dock"), () => this.dockClosed());
    this.legend = new Legend($("legend"), live);
    this.makeViews();
    this.switches = new Switches($("switches"), this);
    this.look = new Look(() => this.charts.setTheme());
    divide($("divider"), $("views"));
    this.setView(this.viewName);
    addEventListener("keydown", (event) => this.key(event));
    // A click leaves no focus on a button, so that the space bar pauses and does not press it again.
    addEventListener("click", (event) => event.detail > 0 && event.target.closest("#page button")?.blur());
    live.on("ended", () => this.settle());
    live.on("state", (state) => {
      if (state.phase !== this.phase) this.settle();
      this.phase = state.phase;
    });
  }

  makeViews() {
    const { client, live } = this;
    this.picture = new Picture($("drawing"), live, {
      select: (model) => this.openModel(model), watch: () => this.watch(), chart: (items) => this.charts.toggle(items),
      built: () => { this.pictureTools.update(); this.watch(); },
    });
    this.charts = new Charts($("stack"), client, live, {
      changed: () => this.chartsChanged(), cursor: (tick) => this.cursorMoved(tick),
    });
    this.past = new Past(client, live, (values, tick) => this.showPast(values, tick));
    this.inspector = new Inspector(this.dock.parts.model, client, live, this.changes, {
      toggle: (items) => this.charts.toggle(items), has: (item) => this.charts.has(item), open: (model) => this.openModel(model),
    });
    this.log = new Log(this.dock.parts.log, live, { open: (model) => this.openModel(model), goTo: (tick) => this.goTo(tick) });
    this.pictureTools = new PictureTools($("tools"), this.picture, () => {
      this.choice.group = this.picture.grouping;
      this.remember();
    });
    this.chartTools = new ChartTools($("chart-tools"), this.charts);
  }

  /** Shows a run: the first one, or the next after a restart. */
  setRun(run) {
    const before = this.run;
    const opened = this.inspector.model?.name;
    this.run = run;
    this.status.setRun(run);
    this.controls.setRun(run);
    this.legend.setRun(run);
    const choice = before === undefined ? this.choice : { ...this.choice, charts: this.charts.items.map((each) => each.item) };
    this.picture.setRun(run, this.choice.group);
    const other = choice.with === null ? null : Number(choice.with);
    this.charts.other = other;
    this.charts.setRun(run, choice);
    this.chartTools.setRun(run);
    const again = run.models.findIndex((model) => model.name === opened);
    if (this.dock.kind === "model") this.openModel(again < 0 ? null : again);
    if (this.dock.kind === "log") this.log.open(run);
    this.watch();
  }

  /** Shows the picture, the charts, or both. */
  setView(view) {
    this.viewName = view;
    $("views").dataset.view = view;
    this.switches?.update();
    this.picture.setSeen(view !== "charts");
    this.charts.setSeen(view !== "picture");
    this.remember();
  }

  openModel(index) {
    if (index === null || this.picture.selected === index && this.dock.kind === "model") {
      this.dock.close();
      return;
    }
    this.log.close();
    this.dock.open("model");
    this.inspector.open(this.run, index);
    this.picture.select(index);
    this.watch();
  }

  toggleLog() {
    if (this.dock.kind === "log") {
      this.dock.close();
      return;
    }
    this.picture.select(null);
    this.inspector.open(this.run, null);
    this.dock.open("log");
    this.log.open(this.run);
  }

  dockClosed() {
    this.log.close();
    const model = this.picture.selected;
    this.inspector.open(this.run, null);
    this.picture.select(null);
    const node = model === null ? undefined : this.picture.graph.nodeOf[model];
    if (node !== undefined && $("dock").contains(document.activeElement)) this.picture.cards[node].root.focus();
    this.watch();
  }

  goTo(tick) {
    if (this.viewName === "picture") this.setView("both");
    this.charts.move((range) => range.set(tick - range.span / 2, tick + range.span / 2));
    // The charts have their new scale then.
    requestAnimationFrame(() => this.charts.setCursorAt(tick));
  }

  chartsChanged() {
    this.chartTools?.update();
    this.inspector?.update();
    this.remember();
    this.watch();
  }

  cursorMoved(tick) {
    this.chartTools.showCursor(tick);
    this.past.at(this.run, tick, this.picture.items);
  }

  showPast(values, tick) {
    this.picture.setPast(values);
    this.status.setPast(tick);
  }

  settle() {
    this.chartTools.update();
    if (this.live.isRunning) this.past.at(this.run, null, []);
    if (this.dock.kind === "model" && this.live.ended !== this.knownEnd) this.inspector.open(this.run, this.picture.selected);
    this.knownEnd = this.live.ended;
  }

  /** Tells the controller which values are looked at. */
  watch() {
    if (!this.run || this.isWatching) return;
    this.isWatching = true;
    queueMicrotask(() => {
      this.isWatching = false;
      const items = new Set([...this.charts.items.map((each) => each.item), ...this.inspector.items, ...this.picture.items]);
      // Whatever is monitored is told to everybody.
      this.client.watch([...items].filter((item) => !this.run.monitored.has(item)).slice(0, WATCHED_MOST));
    });
  }

  remember() {
    if (!this.run) return;
    const { range } = this.charts.view;
    const isPart = !range.isWhole && !range.isFollowing;
    this.choice = {
      charts: this.charts.items.map((each) => each.item), view: this.viewName,
      from: isPart ? Math.round(range.from) : null, to: isPart ? Math.round(range.to) : null,
      with: this.charts.other === null ? null : String(this.charts.other), group: this.choice.group,
    };
    // Not in the middle of a gesture: browsers limit how often an address may change.
    clearTimeout(this.writing);
    this.writing = setTimeout(() => history.replaceState(null, "", location.pathname + location.search + writeChoice(this.choice)), 250);
  }

  enlarge() {
    this.look.enlarge();
  }

  turnTheme() {
    this.look.turnTheme();
  }

  help() {
    openHelp();
  }

  key(event) {
    if (isTyping(event) || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const isOnButton = event.target instanceof Element && event.target.closest("button, summary, input") !== null;
    if ((event.key === " " || event.key === "Enter") && isOnButton) return;
    const act = this.actOf(event);
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  actOf(event) {
    const { charts } = this;
    if ($("charts").contains(event.target) || this.viewName === "charts") {
      const moves = {
        ArrowLeft: (range) => range.pan(-0.2), ArrowRight: (range) => range.pan(0.2), Home: (range) => range.whole(), End: (range) => range.follow(this.live.tick),
        "+": (range) => range.zoom(0.6), "=": (range) => range.zoom(0.6), "-": (range) => range.zoom(1 / 0.6),
      };
      if (event.shiftKey && event.key.startsWith("Arrow")) return () => charts.stepCursor(event.key === "ArrowLeft" ? -1 : 1);
      if (Object.hasOwn(moves, event.key)) return () => charts.move(moves[event.key]);
    }
    const page = {
      1: () => this.setView("picture"), 2: () => this.setView("both"), 3: () => this.setView("charts"), l: () => this.enlarge(), t: () => this.turnTheme(),
      n: () => this.toggleLog(), "?": () => this.help(), Escape: () => this.dock.close(),
    };
    if (Object.hasOwn(page, event.key)) return page[event.key];
    if (!this.run?.control || this.live.ended !== null) return undefined;
    const run = {
      " ": () => this.controls.togglePause(), ".": () => this.controls.send({ do: "step" }), "[": () => this.controls.send({ do: "slower" }),
      "]": () => this.controls.send({ do: "faster" }), 0: () => this.controls.send({ do: "pace", rate: null }),
    };
    return Object.hasOwn(run, event.key) ? run[event.key] : undefined;
  }
}
