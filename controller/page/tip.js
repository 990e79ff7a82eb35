// What is told beside the pointer: of a connection what it carries, of a cable what it joins and shows.

import { plugName } from "./plugs.js";
import { colourName } from "./colours.js";
import { element, show } from "./dom.js";
import { shownName } from "./text.js";

const MOST_ROWS = 10;

/** A box beside the pointer. */
export class Tip {
  constructor(host) {
    this.host = host;
    this.root = element("div", { class: "tip", role: "tooltip", hidden: true });
    host.append(this.root);
  }

  /** Shows lines at a point of the host. */
  show(lines, { x, y }) {
    this.root.replaceChildren(...lines);
    show(this.root, true);
    const host = this.host.getBoundingClientRect();
    const { width, height } = this.root.getBoundingClientRect();
    this.root.style.left = `${Math.max(4, Math.min(x + 14, host.width - width - 4))}px`;
    this.root.style.top = `${y + height + 24 > host.height ? Math.max(4, y - height - 14) : y + 18}px`;
  }

  hide() {
    show(this.root, false);
  }
}

const row = (name, value) => element("div", {}, element("bdi", { text: name }), element("b", { text: value }));
const hint = (text) => element("div", { class: "hint", text });

/** Lines about a connection. */
export function tipOfEdge(edge, values) {
  const rows = edge.describe(values);
  const lines = rows.slice(0, MOST_ROWS).map((each) => row(each.ends, each.value));
  if (rows.length > MOST_ROWS) lines.push(element("div", { text: `and ${rows.length - MOST_ROWS} more` }));
  if (edge.edge.shifted) lines.push(hint("z⁻¹: arrives one step later"));
  return [...lines, hint("click: into the charts")];
}

/** Lines about a cable: its id, what it joins, and what its strip shows. */
export function tipOfCable(run, { id, ends, shows }) {
  const names = ends.map((end) => shownName(run.models[end.model]?.name, 30));
  const sockets = ends.map((end, index) => `${names[index]} ${shownName(run.models[end.model]?.sockets?.[end.socket], 24)}`);
  const lines = [row(`cable ${plugName(id)}`, ends.length === 1 ? "the other end is missing" : "both ends are plugged in"), row(sockets.join(" – "), "")];
  if (shows !== null) lines.push(row(...pictureText(shows, names)));
  return lines;
}

// What a strip shows, in words: a dot of a colour, how fast, and where to.
function pictureText({ colour, pixelMs, isForward }, names) {
  if (pixelMs === null) return [`all pixels ${colourName(colour)}`, ""];
  const to = names[isForward ? 1 : 0];
  return [`a dot, ${colourName(colour)}, to ${to ?? "the open end"}`, `${pixelMs} ms a pixel`];
}
