// Marks of sites: a colour and a form, so that neither is needed to tell them apart, and the legend.

import { element, setText, shape, show } from "./dom.js";
import { counted, shownName, shownNumber } from "./text.js";
import { ticksBehind, waitText } from "./waits.js";

const COLOURS = 8;
const FORMS = [
  "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0Z",
  "M-4.5 -4.5H4.5V4.5H-4.5Z",
  "M0 -5.5L5.5 4.5H-5.5Z",
  "M0 -6L6 0L0 6L-6 0Z",
  "M0 5.5L5.5 -4.5H-5.5Z",
  "M-2 -5.5H2V-2H5.5V2H2V5.5H-2V2H-5.5V-2H-2Z",
  "M-3 -5.2H3L6 0L3 5.2H-3L-6 0Z",
  "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0ZM-2 0A2 2 0 1 1 2 0A2 2 0 1 1 -2 0Z",
];

/** The number of a site's colour, 0 to 7. */
export function colourOf(site) {
  return site % COLOURS;
}

/** The mark of a site, around the origin. */
export function markOf(site) {
  return shape("path", { class: `mark site-${colourOf(site)}`, d: FORMS[(site + Math.floor(site / COLOURS)) % FORMS.length] });
}

/** The mark as a picture of its own, for lines of text. */
export function badgeOf(site) {
  return shape("svg", { class: "badge", viewBox: "-7 -7 14 14", "aria-hidden": "true" }, markOf(site));
}

/** The legend: each site with its mark, temperature, load, how far it is behind, and what it waits for. */
export class Legend {
  constructor(host, live) {
    this.host = host;
    this.live = live;
    this.rows = [];
    for (const name of ["sites", "ended"]) live.on(name, () => this.update());
  }

  setRun(run) {
    this.run = run;
    this.rows = run.sites.map((site, index) => {
      const figures = element("span", { class: "figures" });
      const note = element("span", { class: "note" });
      const name = element("bdi", { class: "site-name", text: shownName(site.name, 40), title: shownName(site.name) });
      return { figures, note, item: element("li", {}, badgeOf(index), name, figures, note) };
    });
    this.host.replaceChildren(...this.rows.map((row) => row.item));
    this.update();
  }

  update() {
    this.rows.forEach((row, index) => {
      const state = this.live.sites.get(index);
      const parts = [];
      if (typeof state?.temperature === "number") parts.push(`${Math.round(state.temperature)} °C`);
      if (typeof state?.load === "number") parts.push(`load ${shownNumber(state.load)}`);
      const { isRunning } = this.live;
      const behind = isRunning ? ticksBehind(this.live.sites, index) : 0;
      if (behind > 0) parts.push(`${counted(behind, "tick")} behind`);
      setText(row.figures, parts.join(" · "));
      row.figures.classList.toggle("hot", (state?.temperature ?? 0) >= 80);
      const waits = isRunning ? this.live.waits.of(index) : null;
      const note = state?.note ? shownName(state.note, 80) : waits ? waitText(this.run, waits) : "";
      setText(row.note, note);
      show(row.note, note !== "");
    });
  }
}
