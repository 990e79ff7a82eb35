// One chart: all shown items of one unit. uPlot has the axes, the grid, the cursor and the selection;
// the lines are our own, since they are bands.

import uPlot from "./vendor/uPlot.esm.js";

import { drawLine, drawMarks } from "./lines.js";
import { extremes } from "./series.js";
import { plainNumber } from "./text.js";

const AXIS = 3.9;
export const SERIES_COLOURS = 8;

/** Colours of the theme, as the canvas needs them. */
export function themeColours() {
  const style = getComputedStyle(document.documentElement);
  const named = (name) => style.getPropertyValue(name).trim();
  return {
    ink: named("--muted"), grid: named("--grid"), adjusted: named("--accent"), note: named("--muted"),
    warning: named("--warning"), error: named("--bad"),
    series: Array.from({ length: SERIES_COLOURS }, (_, index) => named(`--series-${index}`)),
  };
}

/** A step that is 1, 2, 2.5 or 5 times a power of ten. */
export function niceStep(span, count) {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return (share > 5 ? 10 : share > 2.5 ? 5 : share > 2 ? 2.5 : share > 1 ? 2 : 1) * power;
}

/** The range of an axis for values between two others: round, with zero where that is near. */
export function axisRange(low, high) {
  if (!(low <= high)) return [0, 1];
  if (low === high) {
    const room = Math.abs(low) * 0.5 || 1;
    return low === 0 ? [0, 1] : [low - room, high + room];
  }
  let [bottom, top] = [low, high];
  if (low > 0 && low < high * 0.5) bottom = 0;
  if (high < 0 && high > low * 0.5) top = 0;
  const step = niceStep(top - bottom, 5);
  return [Math.floor(bottom / step + 1e-9) * step, Math.ceil(top / step - 1e-9) * step];
}

function levelsBetween(low, high, step) {
  const levels = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9 && levels.length < 100; at += 1) levels.push(at * step);
  return levels;
}

/** A chart in a host. `view` gives the range, series and marks; `acts` hears of cursor and selection. */
export class Chart {
  constructor(host, calendar, view, acts) {
    this.host = host;
    this.calendar = calendar;
    this.view = view;
    this.acts = acts;
    this.lines = [];
    this.hasTime = false;
    this.plot = new uPlot(this.options(), [[0, 1], [null, null]], host);
    this.over = this.plot.over;
  }

  options() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const font = `${Math.round(rem * 0.72)}px system-ui, sans-serif`;
    this.rem = rem;
    const axis = { stroke: () => this.view.colours.ink, font, gap: rem * 0.3, grid: { stroke: () => this.view.colours.grid, width: 1 }, ticks: { show: false } };
    return {
      width: 300, height: 120, padding: [rem * 0.4, rem * 1.5, rem * 0.3, 0], legend: { show: false },
      scales: { x: { time: false, auto: false, range: (_, low, high) => [low, high] }, y: { auto: false, range: (_, low, high) => [low, high] } },
      cursor: {
        sync: { key: "time", setSeries: false }, points: { show: false }, y: false,
        drag: { x: true, y: false, setScale: false, dist: 6 },
        bind: { dblclick: () => () => this.acts.whole() },
      },
      axes: [
        { ...axis, size: () => (this.hasTime ? rem * 1.5 : 0), splits: () => this.marks().map((mark) => mark.tick), values: () => this.marks().map((mark) => (this.hasTime ? mark.label : "")) },
        { ...axis, size: rem * AXIS, splits: (_, __, low, high) => this.levels(low, high), values: (_, levels) => levels.map((each) => plainNumber(Number(each.toPrecision(6)))) },
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: {
        draw: [(plot) => this.draw(plot)],
        setCursor: [(plot) => this.acts.cursor(plot.cursor.left >= 0 ? plot.posToVal(plot.cursor.left, "x") : null)],
        setSelect: [(plot) => this.selected(plot)],
      },
    };
  }

  marks() {
    const { from, to } = this.view.range;
    return this.calendar.marks(from, to, Math.max(2, Math.floor(this.plot.width / (this.rem * 5.2))));
  }

  // At least three levels, since fewer are no scale.
  levels(low, high) {
    const usual = Math.max(2, this.plot.height / (this.rem * 1.9));
    for (let count = usual; ; count += 1) {
      const levels = levelsBetween(low, high, niceStep(high - low, count));
      if (levels.length >= 3 || count > usual + 8) return levels;
    }
  }

  /** Takes another size; only the last chart of a stack shows the time. */
  resize(width, height, hasTime) {
    if (width === this.plot.width && height === this.plot.height && hasTime === this.hasTime) return;
    this.hasTime = hasTime;
    this.plot.setSize({ width, height });
  }

  /** Draws anew: `lines` are `{series, slot, isPale}`. */
  show(lines, isShare) {
    this.lines = lines.filter((line) => line.series !== undefined);
    const { from, to } = this.view.range;
    const [low, high] = this.valueRange(from, to, isShare);
    this.plot.batch(() => {
      this.plot.setData([[from, to], [null, null]], false);
      this.plot.setScale("x", { min: from, max: to });
      this.plot.setScale("y", { min: low, max: high });
    });
  }

  valueRange(from, to, isShare) {
    let [low, high] = [Infinity, -Infinity];
    for (const { series } of this.lines) {
      const found = extremes(series, from, to);
      if (found === null) continue;
      low = Math.min(low, found.low);
      high = Math.max(high, found.high);
    }
    if (isShare && low >= 0 && high <= 100 && high > 1) return [0, 100];
    return axisRange(low, high);
  }

  draw(plot) {
    const { ctx, bbox } = plot;
    const { from, to } = this.view.range;
    const scale = bbox.width / (to - from);
    const [bottom, top] = [plot.scales.y.min, plot.scales.y.max];
    const rise = bbox.height / (top - bottom);
    const at = { from, to, x: (tick) => bbox.left + (tick - from) * scale, y: (value) => bbox.top + bbox.height - (value - bottom) * rise };
    const { colours } = this.view;
    const ratio = uPlot.pxRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    drawMarks(ctx, this.view.marks(), at, bbox, colours, ratio);
    for (const line of [...this.lines].sort((a, b) => Number(b.isPale) - Number(a.isPale))) {
      const width = Math.max(1.4, this.rem * 0.1) * ratio * (line.series.step > 1 ? 0.7 : 1);
      const dash = line.slot >= SERIES_COLOURS ? [6 * ratio, 3 * ratio] : [];
      drawLine(ctx, line.series, at, { colour: colours.series[line.slot % SERIES_COLOURS], width, dash, isPale: line.isPale });
    }
    ctx.restore();
  }

  selected(plot) {
    const { left, width } = plot.select;
    if (width < 3) return;
    const [from, to] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.acts.select(from, to);
  }

  /** Puts the cursor at a tick; null for nowhere. */
  setCursor(tick) {
    this.plot.setCursor({ left: tick === null ? -10 : this.plot.valToPos(tick, "x"), top: 10 });
  }

  destroy() {
    this.plot.destroy();
  }
}
