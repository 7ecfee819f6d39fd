// What one seat looks like: colour, edge, letter, hatch, badges, ring, mark. In: a theme, a scale in device pixels per metre.
// Out: small pictures, each drawn once per look and kept, so that 5,000 seats are 5,000 copies. May not know: rows, Bokeh.
import { CODE } from './seats.js';

export const RING_NONE = 0, RING_AMBER = 1, RING_RED = 2;
export const SURE_LOOK = 0, STALE_LOOK = 1, DIFFERS_LOOK = 2;
const CELL = 1.13, SMALL = 8, SPEAKS = 13, SIGN = 21, ROUND = 13, DIM = 0.13;
const FAMILY = '"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif';
const LETTERS = 4096; // as many letters, then as many marks, fit into a look's number

export class Looks {
  constructor(sizes) {
    this.sizes = sizes;
    this.letters = [''];
    this.numbers = new Map([['', 0]]);
    this.kept = new Map();
    this.set({ scale: 0, theme: null, detail: 0 });
  }

  // `detail`: 0 a letter in the middle, 1 the letter above a timer, 2 above a name and a timer.
  set({ scale, theme, detail }) {
    if (scale === this.scale && theme === this.theme && detail === this.detail) return;
    Object.assign(this, { scale, theme, detail });
    this.kept.clear();
    this.half = Math.max(2, Math.floor((scale * CELL) / 2));
    this.bodies = this.sizes.map((size) => Math.max(size < 0.3 ? 1 : 2, Math.floor(size * scale)));
  }

  letterNumber(text) {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    if (this.letters.length >= LETTERS) return 0;
    this.numbers.set(text, this.letters.push(text) - 1);
    return this.letters.length - 1;
  }

  // One number per look; `read` is its inverse.
  number(code, dim, certainty, reserved, ring, letter, mark) {
    return (code | (dim << 4) | (certainty << 5) | (reserved << 7) | (ring << 8)) + 1024 * (letter + LETTERS * mark);
  }

  read(look) {
    const low = look % 1024, rest = Math.floor(look / 1024);
    return { code: low & 15, dim: (low >> 4) & 1, certainty: (low >> 5) & 3, reserved: (low >> 7) & 1, ring: (low >> 8) & 3, letter: this.letters[rest % LETTERS], mark: this.letters[Math.floor(rest / LETTERS)] };
  }

  // -> {pixels, bitmap}: for many seats in one sheet, for a single one onto what is there.
  picture(look) {
    let made = this.kept.get(look);
    if (!made) { made = this.draw(this.read(look)); this.kept.set(look, made); }
    return made;
  }

  draw(look) {
    const { half } = this, side = 2 * half + 1, sheet = new OffscreenCanvas(side, side), pen = sheet.getContext('2d', { willReadFrequently: true });
    const body = this.bodies[look.code], from = half - (body >> 1);
    if (look.dim) pen.globalAlpha = DIM;
    this.body(pen, look.code, from, body);
    if (!look.dim) {
      if (look.certainty === STALE_LOOK) this.stale(pen, from, body);
      if (look.certainty === DIFFERS_LOOK) this.differs(pen, from, body);
      if (look.letter) this.letter(pen, look);
      if (look.reserved) this.dot(pen, look, from, body);
      if (look.certainty && body >= SIGN) this.sign(pen, look.certainty === STALE_LOOK ? '≈' : '≠', from, body);
      if (look.ring) this.ring(pen, look.ring, from, body);
    }
    pen.globalAlpha = 1; // a mark is the viewer's own: no filter hides it
    if (look.mark) this.mark(pen, look.mark, from, body);
    return { pixels: new Uint32Array(pen.getImageData(0, 0, side, side).data.buffer), bitmap: sheet.transferToImageBitmap() };
  }

  path(pen, from, body, inset = 0) {
    const at = from + inset, side = body - 2 * inset;
    pen.beginPath();
    if (body < ROUND) pen.rect(at, at, side, side); else pen.roundRect(at, at, side, side, Math.max(1, body * 0.13 - inset));
  }

  // Where a colour alone would be lost on the floor its edge is a stronger tone of it (seat_map/palette.py).
  body(pen, code, from, body) {
    const { theme } = this, edge = theme.edges[code];
    this.path(pen, from, body);
    pen.fillStyle = theme.seats[code];
    pen.fill();
    if (code === CODE.unknown) { pen.save(); pen.clip(); this.stripes(pen, from, body); pen.restore(); }
    if (code === CODE.vacant || (edge === theme.seats[code] && code !== CODE.unknown) || body < 4) return;
    const width = body < 20 ? 1 : Math.max(1.5, body * 0.04);
    this.path(pen, from, body, width / 2);
    pen.strokeStyle = edge;
    pen.lineWidth = width;
    pen.stroke();
  }

  // Half of the seat is stripe: from afar the eye sees the mean, which differs from every other state too.
  stripes(pen, from, body) {
    const wide = body < 5 ? 1 : body < 12 ? 2 : Math.round(body / 6);
    pen.fillStyle = this.theme.hatch;
    for (let row = 0; row < body; row++) {
      for (let at = -((from + row) % (2 * wide)); at < body; at += 2 * wide) pen.fillRect(from + at, from + row, wide, 1);
    }
  }

  stale(pen, from, body) {
    const speaks = body >= SPEAKS, thick = Math.max(1, Math.round(body * (speaks ? 0.07 : 0.14))), wing = Math.max(1, Math.round(body * (speaks ? 0.06 : 0.1)));
    pen.fillStyle = this.theme.doubt;
    pen.fillRect(from, from + wing, body, thick);
    pen.fillRect(from, from + body - wing - thick, body, thick);
    this.dashes(pen, from, body);
  }

  differs(pen, from, body) {
    pen.save();
    this.path(pen, from, body);
    pen.clip();
    pen.strokeStyle = this.theme.doubt;
    pen.lineWidth = Math.max(1, body * 0.05);
    pen.globalAlpha = this.detail ? 0.25 : body >= SPEAKS ? 0.5 : 0.9; // where a seat speaks, its texture steps back
    pen.beginPath();
    const step = body < 12 ? body : body / 2.6;
    for (let at = -body; at <= body; at += step) {
      pen.moveTo(from + at, from); pen.lineTo(from + at + body, from + body);
      pen.moveTo(from + at, from + body); pen.lineTo(from + at + body, from);
    }
    pen.stroke();
    pen.restore();
    this.dashes(pen, from, body);
  }

  dashes(pen, from, body) {
    if (body < SMALL) return;
    pen.save();
    pen.strokeStyle = this.theme.doubt_line;
    pen.lineWidth = Math.max(1, body * 0.05);
    pen.setLineDash([Math.max(2, body * 0.14), Math.max(2, body * 0.1)]);
    this.path(pen, from, body, 0.5);
    pen.stroke();
    pen.restore();
  }

  letter(pen, { letter, code, certainty }) {
    const size = Math.round(this.scale * (this.detail === 2 ? 0.24 : this.detail ? 0.32 : 0.58));
    const y = this.half - (this.detail ? this.scale * (this.detail === 2 ? 0.27 : 0.17) : 0) + size * 0.04 + 0.5;
    this.text(pen, letter, this.half + 0.5, y, size, this.theme.ink[code], code === CODE.unknown || certainty ? this.theme.seats[code] : null);
  }

  text(pen, text, x, y, size, ink, halo = null) {
    pen.font = `700 ${size}px ${FAMILY}`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    if (halo) { pen.lineJoin = 'round'; pen.lineWidth = Math.max(2, size * 0.3); pen.strokeStyle = halo; pen.strokeText(text, x, y); }
    pen.fillStyle = ink;
    pen.fillText(text, x, y);
  }

  // A pause follows this contact: a dot in the corner, so the letter keeps its seat.
  dot(pen, { code }, from, body) {
    const radius = Math.max(1, body * 0.08);
    pen.fillStyle = this.theme.ink[code];
    pen.beginPath();
    pen.arc(from + body - 2 * radius, from + 2 * radius, radius, 0, 7);
    pen.fill();
  }

  // ≈ was so when last heard, ≠ two witnesses differ.
  sign(pen, sign, from, body) {
    const size = Math.max(10, Math.min(30, Math.round(body * 0.36))), side = Math.round(size * 0.86);
    const at = this.detail ? Math.max(0, this.half - Math.floor(this.scale * 0.53)) : from - 1; // with a timer: the place's corner, not the seat's
    pen.fillStyle = this.theme.doubt_line;
    pen.beginPath();
    pen.roundRect(at, at, side, side, 2);
    pen.fill();
    this.text(pen, sign, at + side / 2, at + side / 2 + 0.5, size, this.theme.doubt);
  }

  // Amber is one line, red a thick one. Between small seats is no room: there the ring takes the seat's own rim.
  ring(pen, ring, from, body) {
    const small = this.scale < SMALL, red = ring === RING_RED;
    const width = small ? (red && body > 4 ? 2 : 1) : Math.max(red ? 2 : 1.25, this.scale * (red ? 0.09 : 0.05));
    const room = small ? 0 : Math.min(this.half - (body >> 1), Math.ceil(this.scale * 0.06) + 1);
    this.path(pen, from - room, body + 2 * room, width / 2);
    pen.strokeStyle = red ? this.theme.red : this.theme.amber;
    pen.lineWidth = width;
    pen.stroke();
  }

  mark(pen, mark, from, body) {
    const size = body < SPEAKS ? Math.max(3, Math.round(body * 0.5)) : Math.round(Math.max(9, body * 0.42)), right = from + body;
    pen.fillStyle = this.theme.focus;
    pen.beginPath();
    if (body < SPEAKS) { // a folded corner
      pen.moveTo(right - size, from); pen.lineTo(right, from); pen.lineTo(right, from + size);
      pen.fill();
      return;
    }
    pen.roundRect(right - size, from, size, size, size * 0.25);
    pen.fill();
    this.text(pen, mark, right - size / 2, from + size / 2 + 0.5, Math.round(size * 0.82), this.theme.floor);
  }
}
