// Paints seats into Bokeh's drawing: all of them each time Bokeh paints (so they never part from their rooms), single ones
// in between, onto the ground kept from before. In: a SeatMap. Out: pixels. May not know: sockets, what a click means.
import { CODE, RESERVED, STALE, SURE } from './seats.js';
import { Looks, DIFFERS_LOOK, STALE_LOOK, SURE_LOOK } from './looks.js';

const LETTERS_WIDE = 15.5, LETTERS_NARROW = 12.5, LETTERS_ALWAYS = 9, TROUBLE = 7, TIMER = 38, NAME = 56, TEAMS = 6.2;
const FAMILY = '"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif';

export class Painter {
  constructor(map) {
    this.map = map;
    this.looks = new Looks(map.sizes);
    this.ground = document.createElement('canvas');
    this.grounded = false; // the kept ground fits what is on the screen
    this.letters = new Map();
  }

  // `host`: the view of the seats' renderer. Its glyph's own way of painting gives way to ours.
  hook(plot, host) {
    Object.assign(this, { plot, host, primary: plot.canvas_view.primary, grounded: false });
    this.shown = new Float64Array(this.map.geometry.x.length).fill(-1);
    host.glyph.paint = (pen) => this.all(pen);
  }

  request() { this.host?.request_paint(); }

  // Bokeh would paint 16 ms after each change of a range, every other frame then: its paintings are asked for here, one for
  // all that is set in a task, and the overlay stays as it is while nothing lies on it.
  move(set, overlaid) {
    const { plot } = this;
    plot.pause();
    set();
    plot.unpause(true);
    plot._invalidate_all = Boolean(overlaid || this.overlaid);
    this.overlaid = overlaid;
    plot.invalidate_painters(this.host);
    this.moving ||= Promise.resolve().then(() => { this.moving = null; if (plot === this.plot) plot.paint(); });
  }
  reworded() { this.letters.clear(); this.request(); }

  // ---- where ---------------------------------------------------------------------------------------------------------
  place() {
    const { map } = this, box = this.plot.frame.bbox, ratio = this.primary.pixel_ratio || 1, css = map.view.scale;
    Object.assign(this, { css, ratio, scale: css * ratio, ox: box.left * ratio, oy: box.top * ratio, left: map.view.left, top: map.view.top, width: box.width * ratio, height: box.height * ratio });
    const detail = css >= NAME ? 2 : css >= TIMER ? 1 : 0;
    this.looks.set({ scale: this.scale, theme: map.theme, detail });
    this.lettersFrom = map.allLetters ? LETTERS_ALWAYS : map.describe?.wide ? LETTERS_WIDE : LETTERS_NARROW;
  }

  px(x) { return Math.round(this.ox + (x - this.left) * this.scale); }
  py(y) { return Math.round(this.oy + (this.top - y) * this.scale); }

  // ---- what ----------------------------------------------------------------------------------------------------------
  lookOf(i) {
    const { map, looks } = this, { seats } = map, code = i < seats.size ? seats.code[i] : CODE.vacant;
    const mark = map.marks.size && map.marks.has(i) ? looks.letterNumber(map.marks.get(i)) : 0;
    if (map.passes && code !== CODE.vacant && !map.passes(i)) return looks.number(code, 1, 0, 0, 0, 0, mark);
    const certainty = code === CODE.vacant ? SURE : seats.certainty(i);
    const speaks = map.describe && code !== CODE.vacant && (this.css >= this.lettersFrom || (code === CODE.trouble && this.css >= TROUBLE));
    return looks.number(code, 0, certainty === SURE ? SURE_LOOK : certainty === STALE ? STALE_LOOK : DIFFERS_LOOK,
      seats.flags[i] & RESERVED && this.css >= this.lettersFrom ? 1 : 0, map.ringOf.get(i) || 0, speaks ? this.letterOf(i) : 0, mark);
  }

  // A letter follows from state and reason: asked for once each.
  letterOf(i) {
    const { seats, describe } = this.map, known = seats.code[i] * 65536 + seats.reason[i];
    let letter = this.letters.get(known);
    if (letter === undefined) { letter = this.looks.letterNumber(describe.letter(i)); this.letters.set(known, letter); }
    return letter;
  }

  // ---- painting ------------------------------------------------------------------------------------------------------
  all(pen) {
    if (!this.map.theme) return;
    const began = performance.now(), { map } = this, { x, y } = map.geometry;
    this.place();
    pen.save();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    this.keepGround(pen.canvas);
    const pad = this.looks.half + 1, shown = [], sheet = this.fresh(pen.canvas);
    for (let i = 0; i < x.length; i++) {
      const px = this.px(x[i]), py = this.py(y[i]);
      if (px <= -pad || py <= -pad || px >= sheet.width + pad || py >= sheet.height + pad) { this.shown[i] = -1; continue; }
      const look = this.shown[i] = this.lookOf(i);
      this.copy(sheet, this.looks.picture(look).pixels, px - this.looks.half, py - this.looks.half);
      shown.push(i);
    }
    this.sheetPen.putImageData(sheet, 0, 0);
    pen.drawImage(this.sheetPen.canvas, 0, 0);
    if (this.looks.detail) for (const i of shown) this.detail(pen, i, this.px(x[i]), this.py(y[i]));
    this.teams(pen);
    pen.restore();
    if (map.seats.size) map.stats.firstAt ||= performance.now(); // since the page was asked for
    map.stats.whole++;
    map.stats.wholeMs += performance.now() - began;
  }

  keepGround(canvas) {
    this.grounded = this.map.view.resting;
    if (!this.grounded) return; // on the move each picture is whole: nothing to keep
    const { ground } = this;
    if (ground.width !== canvas.width || ground.height !== canvas.height) { ground.width = canvas.width; ground.height = canvas.height; }
    const pen = ground.getContext('2d');
    pen.globalCompositeOperation = 'copy';
    pen.drawImage(canvas, 0, 0);
  }

  // One sheet for all seats: thousands of drawing commands cost four times what copying their pixels does.
  fresh({ width, height }) {
    if (this.sheet?.width !== width || this.sheet.height !== height) {
      this.sheetPen = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
      this.sheet = this.sheetPen.createImageData(width, height);
      this.words = new Uint32Array(this.sheet.data.buffer);
    } else this.words.fill(0);
    return this.sheet;
  }

  copy({ width, height }, pixels, left, top) {
    const { words } = this, side = 2 * this.looks.half + 1;
    const from = Math.max(0, -left), to = Math.min(side, width - left), last = Math.min(side, height - top);
    for (let row = Math.max(0, -top); row < last; row++) {
      let out = (top + row) * width + left + from;
      for (let at = row * side + from; at < row * side + to; at++, out++) if (pixels[at]) words[out] = pixels[at];
    }
  }

  seat(pen, i, px, py) {
    const look = this.lookOf(i), { looks } = this;
    this.shown[i] = look;
    pen.drawImage(looks.picture(look).bitmap, px - looks.half, py - looks.half);
    if (looks.detail) this.detail(pen, i, px, py);
  }

  detail(pen, i, px, py) {
    const { map, scale, looks } = this, code = i < map.seats.size ? map.seats.code[i] : CODE.vacant;
    if (!map.describe || code === CODE.vacant || (map.passes && !map.passes(i))) return;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.fillStyle = map.theme.ink[code];
    const names = looks.detail === 2, room = looks.bodies[code] - 4;
    if (code === CODE.signed_out) { this.below(pen, i, px, py); return; }
    if (code === CODE.unknown) { pen.fillStyle = map.theme.seats[code]; pen.fillRect(px - room / 2, py + scale * (names ? -0.08 : 0.09), room, scale * (names ? 0.46 : 0.26)); pen.fillStyle = map.theme.ink[code]; }
    const size = Math.min(15 * this.ratio, scale * (names ? 0.19 : 0.24));
    pen.font = `${Math.round(size)}px ${FAMILY}`;
    if (names) pen.fillText(map.describe.name(i), px, py + scale * 0.04, room);
    pen.fillText(map.describe.timer(i), px, py + scale * (names ? 0.27 : 0.23), room);
  }

  // An empty chair has no room for a name: it stands below.
  below(pen, i, px, py) {
    const { map, scale, looks } = this;
    if (looks.detail !== 2) return;
    pen.font = `${Math.round(Math.min(14 * this.ratio, scale * 0.18))}px ${FAMILY}`;
    pen.fillStyle = map.theme.label;
    pen.fillText(map.describe.name(i), px, py + scale * 0.4, scale);
  }

  // Single seats between two whole paintings; without a ground that fits the whole is painted.
  some(rows) {
    if (!this.map.theme) return;
    if (!this.grounded) { if (this.map.view.resting) this.request(); return; }
    const began = performance.now(), pen = this.primary.ctx, { x, y } = this.map.geometry, { half } = this.looks, side = 2 * half + 1;
    pen.save();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    for (const i of rows) {
      if (i >= x.length) continue;
      if (!this.looks.detail && this.lookOf(i) === this.shown[i]) continue;
      const px = this.px(x[i]), py = this.py(y[i]);
      if (px < -half || py < -half || px > this.ox + this.width + half || py > this.oy + this.height + half) continue;
      this.bare(pen, px - half, py - half, side, side);
      this.seat(pen, i, px, py);
      this.map.stats.painted++;
    }
    pen.restore();
    this.map.stats.some++;
    this.map.stats.someMs += performance.now() - began;
  }

  bare(pen, x, y, w, h) {
    pen.clearRect(x, y, w, h);
    const left = Math.max(0, x), top = Math.max(0, y), right = Math.min(this.ground.width, x + w), bottom = Math.min(this.ground.height, y + h);
    if (right > left && bottom > top) pen.drawImage(this.ground, left, top, right - left, bottom - top, left, top, right - left, bottom - top);
  }

  // ---- how many of a team are ready, above its desks -----------------------------------------------------------------
  teams(pen, before = null) {
    const { texts, parts, theme } = this.map;
    if (this.css < TEAMS || !texts.length) return;
    const { right, top } = parts.teams.data, size = Math.round(Math.max(9, Math.min(13, this.css * 0.8)) * this.ratio);
    pen.font = `${size}px ${FAMILY}`;
    pen.textAlign = 'right';
    pen.textBaseline = 'bottom';
    pen.fillStyle = theme.faint;
    texts.forEach((text, k) => {
      if (before && before[k] === text) return;
      const px = this.px(right[k]), py = this.py(top[k]) - this.ratio;
      if (px < 0 || py < 0 || px > this.ox + this.width + 99 || py > this.oy + this.height + 20) return;
      if (before) { const wide = Math.ceil(pen.measureText(before[k]).width) + 3; this.bare(pen, px - wide, py - size - 2, wide + 1, size + 2); }
      pen.fillText(text, px, py);
    });
  }

  teamsChanged(before) {
    if (!this.grounded) { if (this.map.view.resting) this.request(); return; }
    const pen = this.primary.ctx;
    pen.save();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    this.teams(pen, before);
    pen.restore();
  }
}
