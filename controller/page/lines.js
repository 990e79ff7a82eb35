// Lines of a chart on its canvas: a band from minimum to maximum where a pixel stands for many ticks,
// and marks where somebody acted or a model gave notice.

import { indexAt } from "./series.js";

const DOT_DISTANCE = 14;
// How far a path may go up and down, in pixels, before columns are cheaper.
const MOST_TRAVEL = 12000;
const BODY = 0.36;

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
  const points = columns(series, first, last, at);
  const isBand = series.step > 1 || points.isMerged;
  const distance = (points.x.at(-1) - points.x[0]) / Math.max(1, points.x.length - 1);
  const alpha = style.isPale ? 0.5 : 1;
  for (const [begin, end] of stretches(points)) {
    canvas.globalAlpha = alpha;
    // Paths look better, and are dear where they go up and down at every pixel.
    if (travel(points, begin, end) > MOST_TRAVEL) drawColumns(canvas, points, begin, end, style.width, alpha);
    else drawPath(canvas, points, begin, end, isBand, alpha);
  }
  canvas.globalAlpha = 1;
  canvas.setLineDash([]);
  if (!style.isPale && !isBand && (distance > DOT_DISTANCE * style.width || first === last)) drawDots(canvas, points, style);
}

/** Points in pixels. Of those that share a column of pixels one is left, from their least to their greatest value. */
export function columns({ ticks, low, high }, first, last, at) {
  const points = { x: [], low: [], high: [], isMerged: false };
  let column = -Infinity;
  for (let index = first; index <= last; index += 1) {
    const x = at.x(ticks[index]);
    const [bottom, top] = [at.y(low[index]), at.y(high[index])];
    const end = points.x.length - 1;
    if (Math.floor(x) === column && !Number.isNaN(top) && !Number.isNaN(points.high[end])) {
      // On a canvas, down is larger.
      if (bottom > points.low[end]) points.low[end] = bottom;
      if (top < points.high[end]) points.high[end] = top;
      points.isMerged = true;
      continue;
    }
    column = Math.floor(x);
    points.x.push(x);
    points.low.push(bottom);
    points.high.push(top);
  }
  return points;
}

// Runs of points without a gap.
function stretches({ high }) {
  const found = [];
  let begin = -1;
  for (let index = 0; index <= high.length; index += 1) {
    const isGap = index === high.length || Number.isNaN(high[index]);
    if (!isGap && begin < 0) begin = index;
    if (!isGap || begin < 0) continue;
    found.push([begin, index - 1]);
    begin = -1;
  }
  return found;
}

function travel({ low, high }, begin, end) {
  let sum = 0;
  for (let index = begin + 1; index <= end; index += 1) sum += Math.abs(high[index] - high[index - 1]) + Math.abs(low[index] - high[index]);
  return sum;
}

function stroke(canvas, x, y, begin, end) {
  canvas.beginPath();
  canvas.moveTo(x[begin], y[begin]);
  for (let index = begin + 1; index <= end; index += 1) canvas.lineTo(x[index], y[index]);
  canvas.stroke();
}

function drawPath(canvas, { x, low, high }, begin, end, isBand, alpha) {
  stroke(canvas, x, high, begin, end);
  if (!isBand) return;
  stroke(canvas, x, low, begin, end);
  canvas.globalAlpha = alpha * BODY;
  canvas.beginPath();
  for (let index = begin; index <= end; index += 1) canvas.lineTo(x[index], high[index]);
  for (let index = end; index >= begin; index -= 1) canvas.lineTo(x[index], low[index]);
  canvas.fill();
}

// One column for each point: pale from least to greatest, firm at both ends and on the way to the next
// column, so that a steep line is not broken.
function drawColumns(canvas, { x, low, high }, begin, end, width, alpha) {
  for (let index = begin; index <= end; index += 1) {
    const left = Math.floor(x[index]);
    const across = index === end ? 1 : Math.max(1, Math.floor(x[index + 1]) - left);
    const [top, bottom] = [high[index] - width / 2, low[index] + width / 2];
    const isThin = bottom - top <= width * 3;
    canvas.globalAlpha = isThin ? alpha : alpha * BODY;
    canvas.fillRect(left, top, across, bottom - top);
    canvas.globalAlpha = alpha;
    if (!isThin) {
      canvas.fillRect(left, top, across, width);
      canvas.fillRect(left, bottom - width, across, width);
    }
    if (index === end) continue;
    if (low[index + 1] < top) canvas.fillRect(left, low[index + 1], across, top - low[index + 1]);
    else if (high[index + 1] > bottom) canvas.fillRect(left, bottom, across, high[index + 1] - bottom);
  }
}

function drawDots(canvas, { x, high }, style) {
  for (let index = 0; index < x.length; index += 1) {
    if (Number.isNaN(high[index])) continue;
    canvas.beginPath();
    canvas.arc(x[index], high[index], style.width * 1.4, 0, 7);
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
