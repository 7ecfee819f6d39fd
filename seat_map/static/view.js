// Which part of the floor the screen shows. In: a Bokeh figure, bounds in metres. Out: its ranges, moved at once or gliding;
// metres to pixels and back. A zoom keeps the place under the pointer where it is. May not know: seats, events.
export const ZOOM_MAX = 140;
const GLIDE_MS = 190, REST_MS = 140, OUT = 0.6, NAMES = 24;
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const eased = (share) => 1 - (1 - share) ** 3;

export class View {
  // `onMove(set)`: what sets the ranges, to be called. `onRest`: they have not been set for a moment.
  constructor({ onMove, onRest }) {
    Object.assign(this, { onMove, onRest, x: 0, y: 0, scale: 1, below: 44, fitted: true, resting: true, goal: null, frame: 0 });
  }

  show(figure, bounds) {
    this.figure = figure;
    this.bounds = bounds;
  }

  get width() { return this.figure.inner_width; }
  get height() { return this.figure.inner_height; }
  get left() { return this.x - this.width / this.scale / 2; }
  get top() { return this.y + this.height / this.scale / 2; }
  at(px, py) { return { x: this.left + px / this.scale, y: this.top - py / this.scale }; }

  apply(place) {
    const b = this.bounds, scale = Math.min(ZOOM_MAX, Math.max(this.fitScale() * OUT, place.scale));
    this.x = Math.min(b.right, Math.max(b.left, place.x)); // the floor never leaves the screen
    this.y = Math.min(b.top, Math.max(b.bottom, place.y));
    this.scale = scale;
    const w = this.width / scale / 2, h = this.height / scale / 2;
    this.resting = false;
    this.onMove(() => {
      this.figure.x_range.setv({ start: this.x - w, end: this.x + w });
      this.figure.y_range.setv({ start: this.y - h, end: this.y + h });
    });
    clearTimeout(this.rest);
    this.rest = setTimeout(() => { this.resting = true; this.onRest(); }, REST_MS);
  }

  jump(place) { this.stop(); this.apply(place); }
  stop() { cancelAnimationFrame(this.frame); this.frame = 0; this.goal = null; }

  // Centres move linearly in metres per pixel: so the point that a zoom is about stands still on the way, too.
  glide(goal) {
    if (calm.matches || document.hidden) { this.jump(goal); return; }
    this.stop();
    this.goal = goal;
    const from = { x: this.x, y: this.y, scale: this.scale }, began = performance.now();
    const step = () => {
      const share = eased(Math.min(1, (performance.now() - began) / GLIDE_MS));
      const scale = from.scale * (goal.scale / from.scale) ** share;
      const way = Math.abs(goal.scale / from.scale - 1) < 0.01 ? share : (1 / scale - 1 / from.scale) / (1 / goal.scale - 1 / from.scale);
      this.apply({ x: from.x + (goal.x - from.x) * way, y: from.y + (goal.y - from.y) * way, scale });
      if (share < 1) this.frame = requestAnimationFrame(step); else this.stop();
    };
    this.frame = requestAnimationFrame(step);
  }

  by(dx, dy) {
    this.fitted = false;
    this.jump({ x: this.x - dx / this.scale, y: this.y + dy / this.scale, scale: this.scale });
  }

  // `px`, `py`: the pixel that stays where it is; further turns of a wheel start from where the glide will end.
  zoomAt(px, py, factor, { smooth = true } = {}) {
    const from = this.goal || this, mid = { x: px - this.width / 2, y: this.height / 2 - py };
    const scale = Math.min(ZOOM_MAX, Math.max(this.fitScale() * OUT, from.scale * factor));
    const anchor = { x: from.x + mid.x / from.scale, y: from.y + mid.y / from.scale };
    this.fitted = false;
    const place = { x: anchor.x - mid.x / scale, y: anchor.y - mid.y / scale, scale };
    if (smooth) this.glide(place); else this.jump(place);
  }

  zoom(factor, about = null) {
    const at = about ? { x: (about.x - this.left) * this.scale, y: (this.top - about.y) * this.scale } : { x: this.width / 2, y: this.height / 2 };
    this.zoomAt(at.x, at.y, factor);
  }

  // Room names stand above their rooms; the bottom strip belongs to the buttons.
  placeOf(b, margin = 0.8) {
    const { below } = this, scale = Math.min(this.width / (b.right - b.left + 2 * margin), (this.height - below - NAMES) / (b.top - b.bottom + margin), ZOOM_MAX);
    return { x: (b.left + b.right) / 2, y: (b.bottom + b.top) / 2 + (NAMES - below) / scale / 2, scale };
  }

  whole() { return this.placeOf(this.bounds); }
  fitScale() { return this.whole().scale; }
  fit({ smooth = false } = {}) { const place = this.whole(); if (smooth) this.glide(place); else this.jump(place); this.fitted = true; }
  box(b) { this.fitted = false; this.glide(this.placeOf(b)); }
  go(x, y, scale) { this.fitted = false; this.glide({ x, y, scale: Math.max(scale, this.scale) }); }
  resized() { if (this.fitted) this.fit(); else this.jump(this); }

  // Just enough to bring a place onto the screen.
  reveal(x, y) {
    const w = this.width / this.scale / 2 - 0.7, h = this.height / this.scale / 2 - 0.7;
    if (Math.abs(x - this.x) <= w && Math.abs(y - this.y) <= h) return;
    this.fitted = false;
    this.glide({ x, y, scale: this.scale });
  }
}
