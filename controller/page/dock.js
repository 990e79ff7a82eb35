// What is beside the picture when it is wanted: a model, or the log.

import { element, show } from "./dom.js";
import { signButton } from "./signs.js";

/** The dock at the side. `closed` hears that it was closed. */
export class Dock {
  constructor(root, closed) {
    this.root = root;
    this.closed = closed;
    this.kind = null;
    this.parts = { model: element("div", { class: "inspector" }), log: element("div", { class: "log-part" }) };
    const close = signButton("close", "close (Esc)", () => this.close(), { class: "quiet close-dock" });
    root.append(close, ...Object.values(this.parts));
  }

  /** Opens one of its parts. */
  open(kind) {
    this.kind = kind;
    for (const [name, part] of Object.entries(this.parts)) show(part, name === kind);
    show(this.root, true);
    this.root.scrollTop = 0;
  }

  close() {
    if (this.kind === null) return;
    this.kind = null;
    show(this.root, false);
    this.closed();
  }
}
