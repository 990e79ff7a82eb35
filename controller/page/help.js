// The keys of the page.

import { element } from "./dom.js";

const KEYS = [
  ["Run", [["space", "pause, go on"], [".", "one step"], ["[ ]", "slower, faster"], ["0", "as fast as it goes"]]],
  ["Picture", [["Tab, arrows", "from model to model"], ["Enter", "open a model, unfold a group"], ["+ −", "zoom"], ["Home", "all of it"]]],
  ["Charts", [["← →", "move in time"], ["+ −", "zoom in, out"], ["Home", "the whole run"], ["End", "follow the run"], ["Shift ← →", "move the cursor"], ["wheel, drag", "zoom"], ["Shift drag", "move"], ["double click", "the whole run"]]],
  ["Page", [["1 2 3", "picture, both, charts"], ["l", "larger"], ["t", "light or dark"], ["n", "log"], ["Esc", "close"], ["?", "this"]]],
];

/** Opens a window with all keys. */
export function openHelp() {
  const parts = KEYS.map(([title, keys]) => element("section", {}, element("h3", { text: title }),
    element("dl", {}, ...keys.flatMap(([key, what]) => [element("dt", {}, element("kbd", { text: key })), element("dd", { text: what })]))));
  const dialog = element("dialog", { class: "help", "aria-label": "keys" },
    element("h2", { text: "Keys" }), element("div", { class: "keys" }, ...parts),
    element("p", { class: "hint", text: "Solid lines are flows, as wide as they are strong; dashed lines carry information; z⁻¹ arrives one step later." }),
    element("div", { class: "answers" }, element("button", { type: "button", text: "Close", autofocus: true, on: { click: () => dialog.close() } })));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
