// Zooming and panning of the picture: wheel, drag, pinch, and keys.

const MOST = 4;
const CLICK = 5;

/** What is seen of a drawing inside of a host: a scale and a shift, applied to the groups of its layers. */
export class Camera {
  constructor(host, stages) {
    this.host = host;
    this.stages = stages;
    this.size = { width: 1, height: 1 };
    this.isFitted = true;
    this.pointers = new Map();
    this.hasDragged = false;
    host.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    host.addEventListener("pointerdown", (event) => this.down(event));
    host.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) host.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
    // A drag that ends on a card is no click on it.
    host.addEventListener("click", (event) => this.hasDragged && event.stopPropagation(), { capture: true });
  }

  /** Fits a drawing of this size into the view. */
  fit(size = this.size) {
    this.size = size;
    const { width, height } = this.host.getBoundingClientRect();
    if (width === 0 || size.width === 0) return;
    const room = { left: 22, top: 30 };
    this.least = Math.min((width - 2 * room.left) / size.width, (height - 2 * room.top) / size.height);
    this.scale = Math.max(0.02, Math.min(this.least, 1.9));
    this.x = (width - size.width * this.scale) / 2;
    this.y = (height - size.height * this.scale) / 2;
    this.isFitted = true;
    this.apply();
  }

  /** Zooms about a point of the view, the middle if none is given. */
  zoom(factor, at = null) {
    const { width, height } = this.host.getBoundingClientRect();
    const point = at ?? { x: width / 2, y: height / 2 };
    const scale = Math.min(MOST, Math.max(Math.min(this.least, 1) * 0.5, this.scale * factor));
    this.x = point.x - ((point.x - this.x) * scale) / this.scale;
    this.y = point.y - ((point.y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.isFitted = false;
    this.apply();
  }

  /** Moves the drawing by pixels of the view. */
  pan(x, y) {
    this.x += x;
    this.y += y;
    this.isFitted = false;
    this.apply();
  }

  /** Brings a box of the drawing into view. */
  reveal({ x, y, width, height }) {
    const view = this.host.getBoundingClientRect();
    const [left, top] = [x * this.scale + this.x, y * this.scale + this.y];
    const [right, bottom] = [left + width * this.scale, top + height * this.scale];
    const by = (low, high, room) => (low < 12 ? 12 - low : high > room - 12 ? room - 12 - high : 0);
    const [dx, dy] = [by(left, right, view.width), by(top, bottom, view.height)];
    if (dx !== 0 || dy !== 0) this.pan(dx, dy);
  }

  apply() {
    const transform = `translate(${this.x.toFixed(2)} ${this.y.toFixed(2)}) scale(${this.scale.toFixed(4)})`;
    for (const stage of this.stages) stage.setAttribute("transform", transform);
    const distance = this.scale < 0.34 ? "far" : this.scale < 0.6 ? "middle" : "near";
    if (this.host.dataset.distance !== distance) this.host.dataset.distance = distance;
  }

  point(event) {
    const { left, top } = this.host.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  wheel(event) {
    event.preventDefault();
    this.zoom(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) * 0.004), this.point(event));
  }

  down(event) {
    if (event.button !== 0) return;
    if (this.pointers.size === 0) this.hasDragged = false;
    this.pointers.set(event.pointerId, { ...this.point(event), start: this.point(event) });
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (before === undefined) return;
    const now = { ...this.point(event), start: before.start };
    if (!this.hasDragged && Math.hypot(now.x - now.start.x, now.y - now.start.y) < CLICK && this.pointers.size === 1) return;
    if (!this.hasDragged) this.host.setPointerCapture(event.pointerId);
    this.hasDragged = true;
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (other === undefined) {
      this.pan(now.x - before.x, now.y - before.y);
      return;
    }
    const spread = (point) => Math.max(10, Math.hypot(point.x - other.x, point.y - other.y));
    this.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    this.zoom(spread(now) / spread(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
  }
}

/** The card nearest to another in the direction of an arrow key; null where there is none. */
export function nearest(cards, from, key) {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const middle = (card) => ({ x: card.x + card.width / 2, y: card.y + card.height / 2 });
  const start = middle(from);
  let [best, least] = [null, Infinity];
  for (const card of cards) {
    const { x, y } = middle(card);
    const [ahead, aside] = [(x - start.x) * dx + (y - start.y) * dy, Math.abs((x - start.x) * dy) + Math.abs((y - start.y) * dx)];
    if (ahead <= 1 || ahead + aside * 2 >= least) continue;
    [best, least] = [card, ahead + aside * 2];
  }
  return best;
}
