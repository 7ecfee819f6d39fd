// Fingers, mouse and wheel on the map. In: pointer events of its element. Out: moves of a View; taps, hovers and boxes told.
// One finger or button drags, two pinch, a wheel zooms about the pointer, Shift draws a box, a long press adds to a choice.
const SLACK = 5, LONG_MS = 480, DOUBLE_MS = 320, WHEEL = 1 / 420, PINCH = 1 / 110, LINE = 30;

export class Gestures {
  // `onTap(px, py, {more})`, `onHover(px, py)` or (-1, -1), `onBox(x0, y0, x1, y1)` in the element's pixels.
  constructor(element, view, { onTap, onHover, onBox }) {
    Object.assign(this, { element, view, onTap, onHover, onBox, fingers: new Map(), mode: '', tapped: { at: 0, x: 0, y: 0 } });
    const on = (kind, does, options) => element.addEventListener(kind, does, options);
    on('pointerdown', (event) => this.down(event));
    on('pointermove', (event) => this.move(event));
    for (const kind of ['pointerup', 'pointercancel']) on(kind, (event) => this.up(event, kind === 'pointerup'));
    on('pointerleave', () => { if (!this.mode) this.onHover(-1, -1); });
    on('wheel', (event) => this.wheel(event), { passive: false });
    on('contextmenu', (event) => { if (this.mode === 'long') event.preventDefault(); });
  }

  spot(event) {
    const box = this.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  ours(event) { return !event.target.closest('button, input, label, a, ul, .panel'); }

  down(event) {
    if (event.button || !this.ours(event)) return;
    const at = this.spot(event);
    this.fingers.set(event.pointerId, at);
    this.element.setPointerCapture(event.pointerId);
    this.view.stop();
    this.onHover(-1, -1);
    if (this.fingers.size === 2) { this.begin('pinch'); return; }
    if (this.fingers.size > 2) return;
    this.from = at;
    this.more = event.shiftKey || event.ctrlKey || event.metaKey;
    this.begin(event.shiftKey ? 'box?' : 'tap');
    if (event.pointerType === 'touch') this.long = setTimeout(() => { if (this.mode === 'tap') { this.begin('long'); this.onTap(at.x, at.y, { more: true }); } }, LONG_MS);
  }

  begin(mode) { clearTimeout(this.long); this.mode = mode; this.element.dataset.gesture = mode; }

  move(event) {
    const at = this.spot(event), before = this.fingers.get(event.pointerId);
    if (!before) { if (!this.mode && event.pointerType !== 'touch') this.onHover(...(this.ours(event) ? [at.x, at.y] : [-1, -1])); return; }
    if (this.mode === 'pinch') { this.pinch(event.pointerId, at); return; }
    const far = Math.hypot(at.x - this.from.x, at.y - this.from.y) > SLACK;
    if (this.mode === 'tap' && far) this.begin('drag');
    if (this.mode === 'box?' && far) this.begin('box');
    if (this.mode === 'drag') { this.gather(at.x - before.x, at.y - before.y); this.fingers.set(event.pointerId, at); }
    if (this.mode === 'box') this.band(at);
  }

  // Several moves may come in one frame: the view is set once.
  gather(dx, dy) {
    this.way = { x: (this.way?.x || 0) + dx, y: (this.way?.y || 0) + dy };
    this.frame ||= requestAnimationFrame(() => { this.frame = 0; const { way } = this; this.way = null; this.view.by(way.x, way.y); });
  }

  pinch(id, at) {
    const [one, two] = [...this.fingers.keys()], other = this.fingers.get(id === one ? two : one), before = this.fingers.get(id);
    if (!other || (id !== one && id !== two)) return;
    this.fingers.set(id, at);
    const span = (p) => Math.max(20, Math.hypot(p.x - other.x, p.y - other.y));
    this.view.zoomAt((at.x + other.x) / 2, (at.y + other.y) / 2, span(at) / span(before), { smooth: false });
    this.view.by((at.x - before.x) / 2, (at.y - before.y) / 2);
  }

  up(event, done) {
    if (!this.fingers.delete(event.pointerId)) return;
    const at = this.spot(event), { mode } = this;
    if (mode === 'pinch' && this.fingers.size === 1) { this.begin('drag'); return; }
    if (this.fingers.size) return;
    this.begin('');
    this.rubber?.remove();
    this.rubber = null;
    if (!done) return;
    if (mode === 'box') this.onBox(Math.min(at.x, this.from.x), Math.min(at.y, this.from.y), Math.max(at.x, this.from.x), Math.max(at.y, this.from.y));
    if (mode === 'tap' || mode === 'box?') this.tap(at);
  }

  tap(at) {
    const now = performance.now(), twice = now - this.tapped.at < DOUBLE_MS && Math.hypot(at.x - this.tapped.x, at.y - this.tapped.y) < 24;
    this.tapped = { at: twice ? 0 : now, ...at };
    if (twice) this.view.zoomAt(at.x, at.y, 2.4); else this.onTap(at.x, at.y, { more: this.more });
  }

  band(at) {
    if (!this.rubber) { this.rubber = document.createElement('div'); this.rubber.className = 'rubber'; this.element.append(this.rubber); }
    const { style } = this.rubber, { from } = this;
    style.left = `${Math.min(at.x, from.x)}px`; style.top = `${Math.min(at.y, from.y)}px`;
    style.width = `${Math.abs(at.x - from.x)}px`; style.height = `${Math.abs(at.y - from.y)}px`;
  }

  // A trackpad's pinch comes as a wheel with Ctrl.
  wheel(event) {
    if (!this.ours(event)) return;
    event.preventDefault();
    const at = this.spot(event), turn = event.deltaY * (event.deltaMode ? LINE : 1);
    const factor = Math.exp(-Math.max(-240, Math.min(240, turn)) * (event.ctrlKey ? PINCH : WHEEL));
    this.view.zoomAt(at.x, at.y, factor, { smooth: Math.abs(turn) > 40 });
  }
}
