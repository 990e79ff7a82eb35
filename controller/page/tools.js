// Rows of tools: those of the picture, those of the charts, and the switches of the page.

import { element, setText, show } from "./dom.js";
import { GROUPINGS } from "./graph.js";
import { signButton } from "./signs.js";
import { shownName } from "./text.js";

const DAY = 86400;
const SPANS = [["hour", 3600], ["day", DAY], ["week", 7 * DAY], ["month", 30.44 * DAY], ["year", 365.25 * DAY]];

/** Tools of the picture. */
export class PictureTools {
  constructor(host, picture, changed) {
    this.picture = picture;
    this.group = element("select", { "aria-label": "models in groups", on: { change: () => { picture.setGrouping(this.group.value); changed(); } } },
      ...GROUPINGS.map(([value, text]) => element("option", { value, text })));
    this.fold = element("button", { type: "button", text: "fold", title: "fold the groups again", on: { click: () => { picture.fold(); } } });
    host.append(this.group, this.fold,
      signButton("slower", "smaller picture (−)", () => picture.camera.zoom(0.8)),
      signButton("fit", "whole picture (Home)", () => picture.camera.fit()),
      signButton("faster", "larger picture (+)", () => picture.camera.zoom(1.25)));
  }

  update() {
    this.group.value = this.picture.grouping;
    show(this.group, this.picture.run.models.length > 1);
    show(this.fold, this.picture.open.size > 0);
  }
}

/** Tools of the charts: what, how long, compared with what. */
export class ChartTools {
  constructor(host, charts) {
    this.charts = charts;
    this.known = element("datalist", { id: "known-items" });
    this.field = element("input", {
      type: "search", class: "add", list: "known-items", placeholder: "add an attribute …", "aria-label": "add an attribute to the charts", autocomplete: "off",
      on: { input: (event) => event.inputType !== "insertText" && this.take(), change: () => this.take() },
    });
    this.spans = element("div", { class: "choices", role: "group", "aria-label": "how long" });
    this.other = element("select", { "aria-label": "compare with another run", on: { change: () => { charts.setOther(this.other.value === "" ? null : Number(this.other.value)); charts.acts.changed(); } } });
    this.readout = element("output", { class: "readout" });
    host.append(this.field, this.known, this.spans, this.other, this.readout);
  }

  take() {
    if (!this.charts.run.items.has(this.field.value)) return;
    this.charts.add([this.field.value]);
    this.field.value = "";
  }

  setRun(run) {
    this.run = run;
    this.known.replaceChildren(...run.drawable.map((each) => element("option", { value: each.item, label: each.unit ? `in ${shownName(each.unit, 24)}` : null })));
    const { charts } = this;
    const choice = (text, label, act) => element("button", { type: "button", text, title: label, "aria-label": label, "aria-pressed": "false", on: { click: act } });
    this.buttons = SPANS.filter(([, seconds]) => seconds / run.resolution >= 4 && seconds / run.resolution < run.ticks).map(([name, seconds]) => {
      const ticks = seconds / run.resolution;
      return { ticks, node: choice(name, `show one ${name}`, () => charts.move((range) => this.setSpan(range, ticks))) };
    });
    this.all = choice("all", "show all (Home)", () => charts.move((range) => range.whole()));
    this.follow = choice("follow", "follow the run (End)", () => charts.move((range) => range.follow(charts.live.tick)));
    this.spans.replaceChildren(...this.buttons.map((each) => each.node), this.all, this.follow);
    this.other.replaceChildren(element("option", { value: "", text: "compare …" }), ...run.others.map((other) => element("option", { value: other.id, text: `with ${shownName(other.title, 40)}` })));
    show(this.other, run.others.length > 0);
    this.update();
  }

  // Around the middle; at the end of a run that goes on, its end.
  setSpan(range, ticks) {
    if (range.isFollowing || (this.charts.live.isRunning && range.isWhole)) range.follow(this.charts.live.tick, ticks);
    else range.zoom(ticks / range.span, range.isWhole ? 0 : undefined);
  }

  update() {
    if (!this.run) return;
    const { range } = this.charts.view;
    for (const { ticks, node } of this.buttons) node.setAttribute("aria-pressed", String(Math.abs(range.span / ticks - 1) < 0.01));
    this.all.setAttribute("aria-pressed", String(range.isWhole && !range.isFollowing));
    this.follow.setAttribute("aria-pressed", String(range.isFollowing));
    show(this.follow, this.run.mode === "live" && this.charts.live.ended === null);
    const chosen = this.charts.other === null ? "" : String(this.charts.other);
    if (this.other.value !== chosen) this.other.value = chosen;
    this.showCursor(this.charts.view.cursor);
  }

  /** Tells the time under the cursor and the marks there, or what range is shown. */
  showCursor(tick) {
    const { range } = this.charts.view;
    const { calendar } = this.run;
    if (tick === null) {
      setText(this.readout, `${calendar.shownSpan(range.span)} from ${calendar.shownDay(range.from)}`);
      return;
    }
    const reach = range.span / 150;
    const mark = this.charts.marks().find((each) => Math.abs(each.tick - tick) <= reach);
    const said = mark ? ` — ${mark.model === null ? "" : `${shownName(mark.model, 30)}: `}${shownName(mark.text, 80)}` : "";
    setText(this.readout, `${calendar.shown(tick)}${said}`);
  }
}

/** Switches of the page: view, size, theme, log and help. */
export class Switches {
  constructor(host, page) {
    this.page = page;
    this.views = [["picture", "Picture", "1"], ["both", "Both", "2"], ["charts", "Charts", "3"]].map(([view, text, key]) => {
      return { view, node: element("button", { type: "button", text, title: `${text.toLowerCase()} (${key})`, "aria-pressed": "false", on: { click: () => page.setView(view) } }) };
    });
    this.larger = element("button", { type: "button", class: "letter", "aria-label": "larger (l)", title: "larger (l)", on: { click: () => page.enlarge() } }, "A", element("small", { text: "+" }));
    host.append(element("div", { class: "choices", role: "group", "aria-label": "what is shown" }, ...this.views.map((each) => each.node)),
      this.larger, signButton("theme", "light or dark (t)", () => page.turnTheme()),
      signButton("log", "log (n)", () => page.toggleLog()), signButton("help", "keys (?)", () => page.help()));
  }

  update() {
    for (const { view, node } of this.views) node.setAttribute("aria-pressed", String(view === this.page.viewName));
  }
}
