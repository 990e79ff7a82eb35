// How the run is: its phase and time, what it waits for, how it ended, and whether the controller is there.

import { $, button, element, inNextFrame, setText, show } from "./dom.js";
import { plainNumber, shownName, shownNumber, shownSeconds, shownText } from "./text.js";

const WORTH_SAYING = 1;

/** The head and the foot of the page. `acts` has `openLog()`. */
export class Status {
  constructor(live, acts) {
    this.live = live;
    this.lostAt = null;
    this.past = null;
    this.dismissed = null;
    this.at = element("span", { class: "at" });
    this.speed = element("span", { class: "speed" });
    this.waiting = element("span", { class: "waiting", role: "status" });
    this.newest = element("button", { type: "button", class: "newest link", title: "open the log (n)", on: { click: () => acts.openLog() } });
    $("foot").append(this.waiting, this.newest, this.speed, this.at);
    this.soon = inNextFrame(() => this.draw());
    for (const name of ["state", "ended", "notice"]) live.on(name, () => this.update());
    setInterval(() => this.lostAt !== null && this.showBanner(), 1000);
  }

  setRun(run) {
    this.run = run;
    this.dismissed = null;
    const title = shownName(run.title, 80);
    document.title = `${title} · Illuminator`;
    setText($("title"), title);
    $("title").title = `${shownName(run.title)} · release ${shownName(run.release, 20)}`;
    this.update();
  }

  update() {
    if (this.run) this.soon();
  }

  draw() {
    const { state, ended } = this.live;
    const { run } = this;
    const phase = this.lostAt !== null ? "lost" : ended?.phase ?? state.phase;
    document.body.dataset.phase = phase;
    setText($("phase"), this.lostAt !== null ? "no controller" : run.mode === "result" ? "result" : shownName(phase, 20));
    const tick = this.past ?? state.tick;
    setText($("day"), run.calendar.shownDay(tick));
    setText($("hour"), run.calendar.shownHour(tick));
    show($("was"), this.past !== null);
    const share = Math.min(1, state.tick / Math.max(1, run.ticks));
    $("progress").firstElementChild.style.transform = `scaleX(${share.toFixed(5)})`;
    $("progress").setAttribute("aria-valuenow", String(Math.round(share * 100)));
    setText(this.at, `tick ${plainNumber(state.tick)} of ${plainNumber(run.ticks)}`);
    const isLive = this.live.isRunning && this.lostAt === null;
    setText(this.speed, isLive && state.speed > 0 ? `${shownNumber(Number(state.speed.toPrecision(3)))} ticks/s` : "");
    this.showWaiting(state, isLive || state.phase === "starting");
    const last = this.live.notices.at(-1);
    setText(this.newest, last ? `${last.model === null ? "" : `${shownName(last.model, 30)}: `}${shownName(last.text, 120)}` : "");
    this.newest.dataset.severity = last?.severity ?? "";
    this.showBanner();
  }

  showWaiting(state, isLive) {
    const parts = [];
    if (isLive && state.waiting && state.waiting.seconds >= WORTH_SAYING) parts.push(`waits for ${shownSeconds(state.waiting.seconds)}: ${shownName(state.waiting.chain.length > 160 ? state.waiting.root : state.waiting.chain, 160)}`);
    this.waiting.title = isLive && state.waiting ? shownText(state.waiting.chain) : "";
    if (isLive && state.pace?.behind) parts.push(shownName(state.pace.behind, 80));
    if (isLive && state.status) parts.push(shownName(state.status, 80));
    setText(this.waiting, parts.join(" · "));
  }

  /** The picture shows an earlier tick, or the newest again with null: the clock says so. */
  setPast(tick) {
    this.past = tick;
    this.update();
  }

  /** The connection is gone since now, or is back with null. */
  setLost(isLost) {
    this.lostAt = isLost ? performance.now() : null;
    this.update();
  }

  // What must not be missed stands under the head: a lost controller, a failure, an end.
  showBanner() {
    const banner = $("banner");
    const { ended } = this.live;
    if (this.lostAt !== null) {
      const seconds = Math.round((performance.now() - this.lostAt) / 1000);
      this.setBanner("lost", "The controller is gone", `What was seen so far stays here. Trying to reach it again${seconds > 3 ? `, for ${seconds < 60 ? `${seconds} s` : shownSeconds(seconds)} now` : ""}.`, null);
    } else if (ended !== null && ended !== this.dismissed && this.run.mode !== "result") {
      const heads = { failed: "The run failed", stopped: "The run was stopped", ended: "The run has ended" };
      this.setBanner(ended.phase, heads[ended.phase] ?? "The run is over", shownText(ended.text), () => {
        this.dismissed = ended;
        this.showBanner();
      });
    } else show(banner, false);
  }

  setBanner(kind, head, text, dismiss) {
    const banner = $("banner");
    show(banner, true);
    if (banner.dataset.text === kind + text) return;
    banner.dataset.text = kind + text;
    banner.dataset.kind = kind;
    const close = dismiss === null ? "" : button("×", "close this message", dismiss, { class: "quiet close" });
    const isBad = kind === "failed" || kind === "lost";
    banner.replaceChildren(element("div", { role: isBad ? "alert" : "status" }, element("b", { text: head }), element("p", { text })), close);
  }
}

/** A refusal or another short word, for some seconds. */
export function complain(text) {
  const word = element("div", { class: "word", role: "alert", text: shownText(text, 300) });
  document.body.append(word);
  setTimeout(() => word.remove(), 6000);
}
