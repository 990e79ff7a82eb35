// The curve of a connection: its path for the drawing, and points on it without asking the browser,
// which is slow at that.

const PIECES = 10;

/** Traces the way through `points`: curves between layers, straight on where it passes one. */
export function trace(points, isDown) {
  const segments = segmentsOf(points, isDown);
  const at = ({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const path = `M${at(points[0])}${segments.map(([, first, second, end]) => `C${at(first)} ${at(second)} ${at(end)}`).join("")}`;
  const samples = [{ ...points[0], far: 0 }];
  for (const segment of segments) {
    for (let piece = 1; piece <= PIECES; piece += 1) {
      const point = bezier(segment, piece / PIECES);
      const last = samples.at(-1);
      samples.push({ ...point, far: last.far + Math.hypot(point.x - last.x, point.y - last.y) });
    }
  }
  return { path, length: samples.at(-1).far, point: (far) => pointAt(samples, far) };
}

// Cubic curves, also for what is straight: begin, two handles, end.
function segmentsOf(points, isDown) {
  const isLoop = points.length === 4 && points[1].y === points[2].y && points[0].y === points[3].y && points[1].y < points[0].y;
  if (isLoop && !isDown) return [points];
  return points.slice(1).map((to, index) => {
    const from = points[index];
    const bend = isDown ? (to.y - from.y) / 2 : (to.x - from.x) / 2;
    return isDown ? [from, { x: from.x, y: from.y + bend }, { x: to.x, y: to.y - bend }, to] : [from, { x: from.x + bend, y: from.y }, { x: to.x - bend, y: to.y }, to];
  });
}

/** The point at a share of a cubic curve. */
export function bezier([a, b, c, d], t) {
  const s = 1 - t;
  const mix = (name) => s * s * s * a[name] + 3 * s * s * t * b[name] + 3 * s * t * t * c[name] + t * t * t * d[name];
  return { x: mix("x"), y: mix("y") };
}

// The point so far along the way, and its direction in degrees.
function pointAt(samples, far) {
  let index = 1;
  while (index < samples.length - 1 && samples[index].far < far) index += 1;
  const [from, to] = [samples[index - 1], samples[index]];
  const length = to.far - from.far || 1;
  const share = Math.min(1, Math.max(0, (far - from.far) / length));
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  return { x: from.x + dx * share, y: from.y + dy * share, angle: (Math.atan2(dy, dx) * 180) / Math.PI };
}
