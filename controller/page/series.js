// Values over time as the controller sends them, and where they are looked up.

/**
 * Decodes the answer to a request for series: for each item
 * `{step, ticks, low, high}`, where each point stands for `step` ticks and not-a-number is a gap.
 */
export function decodeSeries(buffer) {
  const view = new DataView(buffer);
  let at = 0;
  const count = () => {
    if (at + 4 > buffer.byteLength) throw new Error("the series end early");
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const floats = (length) => {
    if (at + length * 8 > buffer.byteLength) throw new Error("the series end early");
    at += length * 8;
    // Copied, since what comes before is not a multiple of eight bytes.
    return new Float64Array(buffer.slice(at - length * 8, at));
  };
  const items = count();
  const series = [];
  for (let item = 0; item < items; item += 1) {
    const length = count();
    const step = Math.max(1, count());
    series.push({ step, ticks: floats(length), low: floats(length), high: floats(length) });
  }
  return series;
}

/** The index of the last point that begins at or before a tick; -1 where there is none. */
export function indexAt(ticks, tick) {
  let [low, high] = [0, ticks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ticks[middle] <= tick) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What a series has at a tick: `{low, high}`, or null. */
export function valueAt(series, tick) {
  const index = indexAt(series.ticks, tick);
  if (index < 0 || Number.isNaN(series.low[index])) return null;
  return { low: series.low[index], high: series.high[index] };
}

/** The least and the greatest value between two ticks, or null where there is none. */
export function extremes(series, from, to) {
  let [low, high] = [Infinity, -Infinity];
  const last = indexAt(series.ticks, to);
  for (let index = Math.max(0, indexAt(series.ticks, from)); index <= last; index += 1) {
    if (series.low[index] < low) low = series.low[index];
    if (series.high[index] > high) high = series.high[index];
  }
  return low <= high ? { low, high } : null;
}

/** A series whose points from the first tick of `tail` on are those of `tail`. */
export function joined(series, tail) {
  if (tail.ticks.length === 0) return series;
  const kept = indexAt(series.ticks, tail.ticks[0] - 0.5) + 1;
  const join = (name) => {
    const all = new Float64Array(kept + tail[name].length);
    all.set(series[name].subarray(0, kept));
    all.set(tail[name], kept);
    return all;
  };
  return { step: Math.max(series.step, tail.step), ticks: join("ticks"), low: join("low"), high: join("high") };
}
