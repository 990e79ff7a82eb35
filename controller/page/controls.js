// Hands on: pause, step, pace, stop and restart.

import { element, setText, show } from "./dom.js";
import { itemOf } from "./run.js";
import { sign, signButton } from "./signs.js";
import { plainNumber, shownName, shownValue } from "./text.js";

/** Values for the next restart: by item, with what they were. */
export class Changes {
  constructor() {
    this.values = new Map();
    this.changed = () => {};
  }

  set(model, attribute, value) {
    const item = itemOf(model, attribute);
    if (value === null || value === attribute.value) this.values.delete(item);
    else this.values.set(item, { value, before: attribute.value });
    this.changed();
  }

  get(item) {
    return this.values.get(item)?.value;
  }
}

/** The commands of a run. `complain` shows why one was not taken. */
export class Controls {
  constructor(host, client, live, changes, complain) {
    this.host = host;
    this.client = client;
    this.live = live;
    this.changes = changes;
    this.complain = complain;
    this.make();
    live.on("state", () => this.update());
    live.on("ended", () => this.update());
    changes.changed = () => this.update();
  }

  make() {
    const command = (what) => () => this.send({ do: what });
    this.restart = signButton("restart", "restart", () => this.askRestart());
    this.count = element("span", { class: "count", hidden: true });
    this.restart.append(this.count);
    this.pause = signButton("pause", "pause (space)", () => this.togglePause(), { class: "main" });
    this.step = signButton("step", "one step (.)", command("step"));
    this.slower = signButton("slower", "slower ([)", command("slower"));
    this.faster = signButton("faster", "faster (])", command("faster"));
    this.fastest = signButton("fastest", "as fast as it goes (0)", () => this.send({ do: "pace", rate: null }));
    this.stop = signButton("stop", "stop the run", command("stop"));
    this.rate = element("input", {
      type: "text", inputmode: "decimal", size: 5, "aria-label": "pace in ticks a second", autocomplete: "off", placeholder: "free",
      on: { change: () => this.setPace(), focus: () => this.rate.select(), keydown: (event) => event.key === "Enter" && this.rate.blur() },
    });
    const pace = element("label", { class: "pace" }, this.rate, element("span", { text: "/s" }));
    this.host.append(this.restart, this.pause, this.step, this.stop, element("span", { class: "parting" }), this.slower, pace, this.faster, this.fastest);
  }

  setRun(run) {
    this.run = run;
    show(this.host, run.control);
    this.update();
  }

  update() {
    if (!this.run?.control) return;
    const { phase, pace } = this.live.state;
    const isOver = this.live.ended !== null;
    const isPaused = phase === "paused";
    if (this.wasPaused !== isPaused) {
      this.wasPaused = isPaused;
      this.pause.replaceChildren(sign(isPaused ? "play" : "pause"));
      const label = isPaused ? "go on (space)" : "pause (space)";
      this.pause.setAttribute("aria-label", label);
      this.pause.title = label;
    }
    for (const each of [this.pause, this.step, this.stop, this.slower, this.faster, this.fastest, this.rate]) each.disabled = isOver;
    this.fastest.setAttribute("aria-pressed", String(!pace));
    if (document.activeElement !== this.rate) {
      const shown = pace ? plainNumber(pace.rate) : "";
      if (this.rate.value !== shown) this.rate.value = shown;
    }
    show(this.count, this.changes.values.size > 0);
    setText(this.count, String(this.changes.values.size));
  }

  togglePause() {
    if (this.live.ended !== null) return;
    this.send({ do: this.live.state.phase === "paused" ? "resume" : "pause" });
  }

  setPace() {
    const text = this.rate.value.trim().replace(",", ".").replace(/\/?s$/, "");
    if (text === "") this.send({ do: "pace", rate: null });
    else if (Number(text) > 0 && Number.isFinite(Number(text))) this.send({ do: "pace", rate: Number(text) });
    else this.complain(`a pace is a number above 0, in ticks a second, or nothing: '${shownName(this.rate.value, 20)}' is none`);
  }

  async send(command) {
    const refusal = await this.client.control(command);
    if (refusal !== null) this.complain(refusal);
  }

  // What was changed for the next run, and what was set by hand in this one.
  candidates() {
    const found = new Map();
    for (const { model, attribute, value } of this.live.adjusted) {
      const fact = this.run.models[this.run.byName.get(model)]?.attributes.find((each) => each.name === attribute && each.role === "parameter");
      if (fact !== undefined) found.set(`${model}.${attribute}`, { value, before: fact.value, isChosen: false });
    }
    for (const [item, change] of this.changes.values) found.set(item, { ...change, isChosen: true });
    return found;
  }

  askRestart() {
    const rows = [...this.candidates()].map(([item, change]) => {
      const box = element("input", { type: "checkbox", checked: change.isChosen });
      const row = element("label", { class: "choice" }, box, element("bdi", { text: shownName(item, 60) }),
        element("span", { class: "figure", text: `${shownValue(change.before, true)} → ${shownValue(change.value, true)}` }));
      return { box, row, item, change };
    });
    const loop = element("input", { type: "checkbox", checked: Boolean(this.isLooping) });
    const none = element("p", { class: "hint", text: "With the parameters of the scenario. To change one, open its model first." });
    const dialog = element("dialog", { class: "ask", "aria-label": "restart" },
      element("h2", { text: "Begin again" }), rows.length > 0 ? element("p", { class: "hint", text: "With these parameters:" }) : none, ...rows.map((each) => each.row),
      element("label", { class: "choice" }, loop, "and again each time it ends"),
      element("div", { class: "answers" },
        element("button", { type: "button", text: "Cancel", on: { click: () => dialog.close() } }),
        element("button", { type: "button", class: "main", text: "Restart", autofocus: true, on: { click: () => {
          this.isLooping = loop.checked;
          const parameters = Object.fromEntries(rows.filter((each) => each.box.checked).map((each) => [each.item, each.change.value]));
          this.send({ do: "restart", parameters, loop: loop.checked });
          dialog.close();
        } } })));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
}
