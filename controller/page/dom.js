// Elements are made here and nowhere else: all text goes in as text nodes, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** Sets `class`, `text`, `on` (listeners) and attributes of a node, and appends children. */
function dress(node, options, children) {
  for (const [name, value] of Object.entries(options)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** A new HTML element. Children are nodes or text. */
export function element(tag, options = {}, ...children) {
  return dress(document.createElement(tag), options, children);
}

/** A new SVG element. */
export function shape(tag, options = {}, ...children) {
  return dress(document.createElementNS(SVG, tag), options, children);
}

/** A button with a label for the eye and one for the ear. */
export function button(text, label, act, options = {}) {
  return element("button", { type: "button", "aria-label": label, title: label, on: { click: act }, ...options }, text);
}

/** A function that has something done in the next frame, once however often it is called. */
export function inNextFrame(act) {
  let isPending = false;
  return () => {
    if (isPending) return;
    isPending = true;
    requestAnimationFrame(() => {
      isPending = false;
      act();
    });
  };
}

/** An element of the page that is always there, by its id. */
export const $ = (id) => document.getElementById(id);

/** Sets text only where it differs, since writing the same text lays the page out again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Shows or hides. */
export function show(node, isShown) {
  if (node.hidden === isShown) node.hidden = !isShown;
}

/** Whether a key press belongs to the element that has the focus, and not to the page. */
export function isTyping(event) {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (!(target instanceof Element)) return false;
  if (target.closest("textarea, select, [contenteditable], dialog")) return true;
  const input = target.closest("input");
  return input !== null && !["checkbox", "button"].includes(input.type);
}
