// Lines of a chart on its canvas: a band from minimum to maximum where a pixel stands for many ticks,
// and marks where somebody acted or a model gave notice.

import { indexAt } from "./series.js";

const DOT_DISTANCE = 14;

/**
 * Draws a series. `at` is `{x(tick), y(value), from, to}` in pixels of the canvas; `style` is
 * `{colour, width, dash, isPale}`.
 */
export function drawLine(canvas, series, at, style) {
  const first = Math.max(0, indexAt(series.ticks, at.from));
  const last = Math.min(series.ticks.length - 1, indexAt(series.ticks, at.to) + 1);
  if (last < first) return;
  canvas.strokeStyle = style.colour;
  canvas.fillStyle = style.colour;
  canvas.lineWidth = style.width;
  canvas.lineJoin = "round";
  canvas.setLineDash(style.dash ?? []);
  const isBand = series.step > 1;
  for (const [begin, end] of stretches(series, first, last)) {
    const alpha = style.isPale ? 0.5 : 1;
    canvas.globalAlpha = alpha;
    stroke(canvas, series.ticks, series.high, at, begin, end);
    if (!isBand) continue;
    stroke(canvas, series.ticks, series.low, at, begin, end);
    canvas.globalAlpha = alpha * 0.32;
    fill(canvas, series, at, begin, end);
  }
  canvas.globalAlpha = 1;
  canvas.setLineDash([]);
  const distance = (at.x(series.ticks[last]) - at.x(series.ticks[first])) / Math.max(1, last - first);
  if (!style.isPale && !isBand && (distance > DOT_DISTANCE * style.width || first === last)) drawDots(canvas, series, at, first, last, style);
}

// Runs of points without a gap.
function stretches(series, first, last) {
  const found = [];
  let begin = -1;
  for (let index = first; index <= last + 1; index += 1) {
    const isGap = index > last || Number.isNaN(series.high[index]);
    if (!isGap && begin < 0) begin = index;
    if (!isGap || begin < 0) continue;
    found.push([begin, index - 1]);
    begin = -1;
  }
  return found;
}

function stroke(canvas, ticks, values, at, begin, end) {
  canvas.beginPath();
  canvas.moveTo(at.x(ticks[begin]), at.y(values[begin]));
  for (let index = begin + 1; index <= end; index += 1) canvas.lineTo(at.x(ticks[index]), at.y(values[index]));
  canvas.stroke();
}

function fill(canvas, { ticks, low, high }, at, begin, end) {
  canvas.beginPath();
  for (let index = begin; index <= end; index += 1) canvas.lineTo(at.x(ticks[index]), at.y(high[index]));
  for (let index = end; index >= begin; index -= 1) canvas.lineTo(at.x(ticks[index]), at.y(low[index]));
  canvas.fill();
}

function drawDots(canvas, series, at, first, last, style) {
  for (let index = first; index <= last; index += 1) {
    if (Number.isNaN(series.high[index])) continue;
    canvas.beginPath();
    canvas.arc(at.x(series.ticks[index]), at.y(series.high[index]), style.width * 1.4, 0, 7);
    canvas.fill();
  }
}

/** Draws marks at ticks: `{tick, kind}`; of those that fall on one pixel only the first. */
export function drawMarks(canvas, marks, at, box, colours, size) {
  const seen = new Set();
  for (const { tick, kind } of marks) {
    if (tick < at.from || tick > at.to) continue;
    const x = Math.round(at.x(tick)) + 0.5;
    const key = `${kind} ${Math.round(x / (2 * size))}`;
    if (seen.has(key)) continue;
    seen.add(key);
    canvas.strokeStyle = colours[kind];
    canvas.fillStyle = colours[kind];
    canvas.lineWidth = size;
    canvas.setLineDash(kind === "adjusted" ? [] : [2 * size, 3 * size]);
    canvas.beginPath();
    canvas.moveTo(x, box.top);
    canvas.lineTo(x, box.top + box.height);
    canvas.stroke();
    canvas.setLineDash([]);
    drawFlag(canvas, kind, x, box.top, size);
  }
}

// A wedge where somebody acted, a ring or a square for notices: forms, beside their colours.
function drawFlag(canvas, kind, x, top, size) {
  const half = 4.5 * size;
  canvas.beginPath();
  if (kind === "adjusted") {
    canvas.moveTo(x - half, top);
    canvas.lineTo(x + half, top);
    canvas.lineTo(x, top + 2 * half);
  } else if (kind === "note") canvas.arc(x, top + half, half * 0.8, 0, 7);
  else canvas.rect(x - half * 0.8, top, half * 1.6, half * 1.6);
  canvas.fill();
}
