// Wheel, pinch and drag on the charts. The mouse selects what to zoom into, which uPlot does; with Shift,
// and with one finger, the range moves.

/** Listens on the field of a chart. `range` is the shared one, `changed` draws anew. */
export function listenForGestures(field, range, changed) {
  const pointers = new Map();
  const share = (event) => {
    const { left, width } = field.getBoundingClientRect();
    return (event.clientX - left) / width;
  };
  const tickAt = (part) => range.from + range.span * part;
  field.addEventListener("wheel", (event) => {
    event.preventDefault();
    const isAside = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (isAside) range.pan(((event.deltaX || event.deltaY) / field.clientWidth) * 0.8);
    else range.zoom(Math.exp(Math.max(-120, Math.min(120, event.deltaY)) * 0.0035), tickAt(share(event)));
    changed();
  }, { passive: false });
  field.addEventListener("mousedown", (event) => {
    if (!event.shiftKey) return;
    // Taken before uPlot begins to select.
    event.stopImmediatePropagation();
    event.preventDefault();
    let before = share(event);
    const move = (moved) => {
      range.pan(before - share(moved));
      before = share(moved);
      changed();
    };
    addEventListener("mousemove", move);
    addEventListener("mouseup", () => removeEventListener("mousemove", move), { once: true });
  }, { capture: true });
  field.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    pointers.set(event.pointerId, share(event));
    field.setPointerCapture(event.pointerId);
  });
  field.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (before === undefined) return;
    const now = share(event);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, now);
    if (other === undefined) range.pan(before - now);
    else pinch(range, other, before, now);
    changed();
  });
  for (const name of ["pointerup", "pointercancel"]) field.addEventListener(name, (event) => pointers.delete(event.pointerId));
}

// The ticks under both fingers stay under them.
function pinch(range, other, before, now) {
  const [held, moved] = [range.from + range.span * other, range.from + range.span * before];
  const apart = now - other;
  if (Math.abs(apart) < 0.02) return;
  const span = (moved - held) / apart;
  if (span > 0) range.set(held - span * other, held + span * (1 - other));
}
