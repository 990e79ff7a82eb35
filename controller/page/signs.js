// Signs of buttons, as lines and areas, since fonts differ in what they have.

import { element, shape } from "./dom.js";

const SIGNS = {
  play: "M7 4.5v15l13-7.5z",
  pause: "M6.5 5h4v14h-4zM13.5 5h4v14h-4z",
  step: "M5 5v14l9.5-7zM16 5h3v14h-3z",
  stop: "M6 6h12v12H6z",
  restart: "M12 4.5a7.5 7.5 0 1 0 7.5 7.5h-2.4a5.1 5.1 0 1 1-5.1-5.1v3l5-4.2l-5-4.2z",
  slower: "M5 10.7h14v2.6H5z",
  faster: "M10.7 5h2.6v5.7H19v2.6h-5.7V19h-2.6v-5.7H5v-2.6h5.7z",
  fastest: "M3 5l9 7l-9 7zM12 5l9 7l-9 7z",
  chart: "M4 4h2v14h14v2H4zM8 14.5l3.5-5l3 3l4-6l1.6 1.1l-5.4 8l-3-3l-2.1 3z",
  close: "M6.2 4.8L12 10.6l5.8-5.8l1.4 1.4L13.4 12l5.8 5.8l-1.4 1.4L12 13.4l-5.8 5.8l-1.4-1.4L10.6 12L4.8 6.2z",
  theme: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18v-1.8a7.2 7.2 0 0 0 0-14.4z",
  fit: "M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z",
  log: "M4 5h16v2H4zM4 11h16v2H4zM4 17h10v2H4z",
  help: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18m0 1.8a7.2 7.2 0 1 1 0 14.4a7.2 7.2 0 0 1 0-14.4M11 15.5h2v2h-2zM8.8 10c0-2 1.3-3.3 3.3-3.3c1.9 0 3.2 1.1 3.2 2.8c0 2.2-2.3 2.5-2.3 4.5h-1.9c0-2.7 2.1-3 2.1-4.4c0-.7-.5-1.1-1.2-1.1c-.8 0-1.300.5-1.3 1.5z",
};

/** A sign as a drawing. */
export function sign(name) {
  return shape("svg", { class: "sign", viewBox: "0 0 24 24", "aria-hidden": "true" }, shape("path", { d: SIGNS[name] }));
}

/** A button with a sign; `label` says what it does, with its key in brackets. */
export function signButton(name, label, act, options = {}) {
  return element("button", { type: "button", "aria-label": label, title: label, on: { click: act }, ...options }, sign(name));
}
