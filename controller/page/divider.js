// The line between picture and charts, which can be dragged and moved by keys.

const LEAST = 0.15;
const STEP = 0.05;

/** Makes a divider share the height of its views. */
export function divide(divider, views) {
  let share = 0.5;
  const set = (wished) => {
    share = Math.min(1 - LEAST, Math.max(LEAST, wished));
    views.style.setProperty("--share", share.toFixed(3));
    divider.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  };
  set(share);
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  divider.addEventListener("pointermove", (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    const { top, height } = views.getBoundingClientRect();
    set((event.clientY - top) / height);
  });
  divider.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    set(share + (event.key === "ArrowUp" ? -STEP : STEP));
    event.preventDefault();
    event.stopPropagation();
  });
}
