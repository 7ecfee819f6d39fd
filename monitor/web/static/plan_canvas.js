// The drawing of the plan being edited. In: what to show, a view. Out: pixels; which thing lies under a point.
// While things are dragged the rest is a picture kept from before, so a frame costs what moves. May not know: tools.
import { PAD, PITCH, blockExtent, blockSpots, teamBoxes } from '/static/web/plan_model.js';

const SEAT = 0.94, CELL = 4, LABEL_PX = 17, HANDLE = 5;
const COLOURS = ['--bg', '--floor', '--panel', '--raise', '--line', '--line-strong', '--ink', '--mute', '--faint', '--accent', '--warn', '--bad', '--focus'];

export class PlanCanvas {
  constructor(canvas) {
    this.canvas = canvas;
    this.ctx = canvas.getContext('2d');
    this.kept = document.createElement('canvas');
    this.view = { x: 0, y: 0, scale: 20 }; // metres at the left upper corner, pixels per metre
    this.pictures = new Map();
    this.shown = null;
    this.frames = [];
    new ResizeObserver(() => this.resize()).observe(canvas.parentElement);
    this.theme();
    this.resize();
  }

  theme() {
    const style = getComputedStyle(document.documentElement);
    this.c = Object.fromEntries(COLOURS.map((name) => [name.slice(2), style.getPropertyValue(name).trim()]));
    this.font = getComputedStyle(document.body).fontFamily;
    this.stale = true;
    this.again();
  }

  resize() {
    const box = this.canvas.parentElement.getBoundingClientRect(), ratio = devicePixelRatio || 1;
    this.width = box.width; this.height = box.height; this.ratio = ratio;
    for (const canvas of [this.canvas, this.kept]) { canvas.width = Math.round(box.width * ratio); canvas.height = Math.round(box.height * ratio); }
    this.stale = true;
    this.again();
  }

  toMetres(px, py) { return [this.view.x + px / this.view.scale, this.view.y + py / this.view.scale]; }
  toPixels(x, y) { return [(x - this.view.x) * this.view.scale, (y - this.view.y) * this.view.scale]; }

  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.toMetres(px, py), scale = Math.max(0.5, Math.min(200, this.view.scale * factor));
    this.view = { x: x - px / scale, y: y - py / scale, scale };
    this.stale = true; this.again();
  }

  pan(dx, dy) { this.view = { ...this.view, x: this.view.x - dx / this.view.scale, y: this.view.y - dy / this.view.scale }; this.stale = true; this.again(); }

  fit(box) {
    if (!box) { this.view = { x: -2, y: -2, scale: 24 }; } else {
      const width = box.right - box.left + 3, height = box.bottom - box.top + 3.5;
      const scale = Math.max(0.5, Math.min(60, this.width / width, this.height / height));
      this.view = { scale, x: (box.left + box.right) / 2 - this.width / scale / 2, y: (box.top + box.bottom) / 2 - 0.4 - this.height / scale / 2 };
    }
    this.stale = true; this.again();
  }

  // show: {plan, floor, selected, faulty, pinned, drag: {keys, dx, dy}|null, ghost, box, guides, line, room, cursor}
  show(shown) {
    const before = this.shown;
    this.shown = shown;
    const moved = (one) => (one?.drag ? one.drag.keys : null);
    if (!before || before.plan !== shown.plan || before.floor !== shown.floor || before.selected !== shown.selected || before.faulty !== shown.faulty || moved(before) !== moved(shown)) this.stale = true;
    this.again();
  }

  again() {
    if (this.asked || !this.shown) return;
    this.asked = true;
    requestAnimationFrame(() => { this.asked = false; this.draw(); });
  }

  draw() {
    const began = performance.now(), { shown, ctx } = this;
    if (this.stale) { this.stale = false; this.rest(); }
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.kept, 0, 0);
    ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    if (shown.drag) {
      const { keys, dx, dy } = shown.drag;
      for (const room of shown.plan.rooms) if (room.floor === shown.floor && keys.has(room.key)) this.room(ctx, { ...room, left: room.left + dx, top: room.top + dy }, true);
      this.seats(ctx, shown.plan.seats, (seat) => seat.floor === shown.floor && keys.has(seat.key), dx, dy);
    }
    if (shown.room) this.room(ctx, shown.room, true);
    if (shown.ghost) this.ghost(ctx, shown.ghost);
    this.marks(ctx, shown);
    this.frames.push(performance.now() - began);
    if (this.frames.length > 600) this.frames.shift();
  }

  rest() {
    const { shown } = this, ctx = this.kept.getContext('2d'), away = shown.drag?.keys;
    ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    ctx.fillStyle = this.c.bg; ctx.fillRect(0, 0, this.width, this.height);
    this.grid(ctx);
    this.backdrop(ctx);
    for (const room of shown.plan.rooms) if (room.floor === shown.floor && !away?.has(room.key)) this.room(ctx, room, shown.selected.has(room.key));
    this.teams(ctx, away);
    this.seats(ctx, shown.plan.seats, (seat) => seat.floor === shown.floor && !away?.has(seat.key), 0, 0);
  }

  grid(ctx) {
    const { scale } = this.view, step = scale > 14 ? 1 : scale > 3 ? 5 : 20;
    ctx.globalAlpha = 0.4;
    ctx.fillStyle = this.c.line;
    const [left, top] = this.toMetres(0, 0);
    for (let x = Math.ceil(left / step) * step; ; x += step) { const px = (x - this.view.x) * scale; if (px > this.width) break; ctx.fillRect(Math.round(px), 0, 1, this.height); }
    for (let y = Math.ceil(top / step) * step; ; y += step) { const py = (y - this.view.y) * scale; if (py > this.height) break; ctx.fillRect(0, Math.round(py), this.width, 1); }
    ctx.globalAlpha = 1;
  }

  backdrop(ctx) {
    const { plan, floor } = this.shown, one = plan.floors.find((each) => each.key === floor)?.backdrop;
    const image = one && this.pictures.get(one.picture);
    this.pictured = Boolean(image); // what lies above it lets it shine through
    if (!image?.complete || !image.naturalWidth) return;
    const [x, y] = this.toPixels(one.left, one.top);
    ctx.globalAlpha = one.fade;
    ctx.drawImage(image, x, y, one.width * this.view.scale, one.height * this.view.scale);
    ctx.globalAlpha = 1;
  }

  room(ctx, room, chosen) {
    const [x, y] = this.toPixels(room.left, room.top), width = room.width * this.view.scale, height = room.height * this.view.scale;
    ctx.globalAlpha = this.pictured ? 0.25 : 0.72; ctx.fillStyle = this.c.floor; ctx.fillRect(x, y, width, height); ctx.globalAlpha = 1;
    ctx.lineWidth = chosen ? 2 : 1.25; ctx.strokeStyle = chosen ? this.c.focus : this.c['line-strong'];
    if (room.bench) ctx.setLineDash([6, 4]);
    ctx.strokeRect(x, y, width, height); ctx.setLineDash([]);
    if (width < 24) return;
    ctx.font = `600 12px ${this.font}`; ctx.fillStyle = chosen ? this.c.ink : this.c.mute; ctx.textAlign = 'left'; ctx.textBaseline = 'bottom';
    ctx.fillText(room.name, x + 2, y - 3, width);
    if (!chosen || this.shown.selected.size !== 1) return;
    ctx.fillStyle = this.c.focus;
    for (const hx of [x, x + width]) for (const hy of [y, y + height]) ctx.fillRect(hx - HANDLE, hy - HANDLE, 2 * HANDLE, 2 * HANDLE);
  }

  teams(ctx, away) {
    const { plan, floor } = this.shown, { scale } = this.view;
    this.boxes = teamBoxes(away ? { ...plan, seats: plan.seats.filter((seat) => !away.has(seat.key)) } : plan, floor);
    ctx.font = `11px ${this.font}`; ctx.textAlign = 'left'; ctx.textBaseline = 'bottom';
    for (const team of plan.teams) {
      const box = this.boxes.get(team.key);
      if (!box) continue;
      const [x, y] = this.toPixels(box.left, box.top);
      ctx.globalAlpha = this.pictured ? 0.4 : 1;
      ctx.fillStyle = this.c.panel; ctx.fillRect(x, y, (box.right - box.left) * scale, (box.bottom - box.top) * scale);
      ctx.globalAlpha = 1;
      if (team.block && scale > 5) this.desks(ctx, team.block, box);
      if (scale > 9) { ctx.fillStyle = this.c.faint; ctx.fillText(team.code, x + 1, y - 1); }
    }
  }

  desks(ctx, block, box) {
    ctx.fillStyle = this.c['line-strong'];
    const along = PITCH * block.columns, { scale } = this.view;
    for (let row = 0; row < (block.single ? block.rows : block.rows - 1); row += block.single ? 1 : 2) {
      const middle = PAD + PITCH * (block.single ? row : row + 1) + 0.75 * (block.single ? row : Math.floor(row / 2)) - 0.07;
      const [x, y] = this.toPixels(box.left + (block.rotated ? middle : PAD), box.top + (block.rotated ? PAD : middle));
      ctx.fillRect(x, y, (block.rotated ? 0.14 : along) * scale, (block.rotated ? along : 0.14) * scale);
    }
  }

  seats(ctx, seats, wanted, dx, dy) {
    const { scale } = this.view, { selected, faulty, pinned } = this.shown, size = SEAT * scale, half = size / 2;
    const right = this.width + size, bottom = this.height + size, labels = scale >= LABEL_PX ? [] : null;
    const layers = [[], [], []]; // free, owned, selected: one colour at a time is quicker than one for each seat
    const bad = [];
    for (const seat of seats) {
      if (!wanted(seat)) continue;
      const x = (seat.x + dx - this.view.x) * scale, y = (seat.y + dy - this.view.y) * scale;
      if (x < -size || y < -size || x > right || y > bottom) continue;
      layers[selected.has(seat.key) ? 2 : seat.agent || seat.extension || pinned?.has(seat.id) ? 1 : 0].push(x - half, y - half);
      if (faulty?.has(seat.key)) bad.push(x - half, y - half);
      if (labels) labels.push([seat, x, y]);
    }
    for (const [number, colour] of [[0, this.c['line-strong']], [1, this.c.accent], [2, this.c.focus]]) {
      ctx.fillStyle = colour;
      for (let i = 0; i < layers[number].length; i += 2) ctx.fillRect(layers[number][i], layers[number][i + 1], size, size);
    }
    ctx.strokeStyle = this.c.bad; ctx.lineWidth = Math.max(1.5, scale / 12);
    for (let i = 0; i < bad.length; i += 2) { ctx.strokeRect(bad[i], bad[i + 1], size, size); ctx.beginPath(); ctx.moveTo(bad[i], bad[i + 1]); ctx.lineTo(bad[i] + size, bad[i + 1] + size); ctx.stroke(); }
    if (labels) this.labels(ctx, labels, size);
  }

  labels(ctx, labels, size) {
    const { selected, pinned } = this.shown, rich = this.view.scale >= 40;
    ctx.textAlign = 'center'; ctx.textBaseline = 'middle';
    ctx.font = `${Math.min(13, Math.max(9, size / 3.4))}px ${this.font}`;
    for (const [seat, x, y] of labels) {
      const owned = seat.agent || seat.extension || pinned?.has(seat.id);
      ctx.fillStyle = selected.has(seat.key) || owned ? this.c.bg : this.c.ink;
      const short = this.view.scale < 28 ? seat.id.replace(/^.*[-.]/, '') : seat.id;
      ctx.fillText(short, x, rich && owned ? y - size * 0.2 : y, size - 2);
      if (rich && owned) ctx.fillText(pinned?.get(seat.id) || seat.agent || seat.extension, x, y + size * 0.22, size - 2);
    }
  }

  ghost(ctx, { block, left, top }) {
    const [width, height] = blockExtent(block), [x, y] = this.toPixels(left, top), { scale } = this.view, size = SEAT * scale;
    ctx.globalAlpha = 0.55; ctx.fillStyle = this.c.accent;
    for (const [sx, sy] of blockSpots(block, left, top)) { const [px, py] = this.toPixels(sx, sy); ctx.fillRect(px - size / 2, py - size / 2, size, size); }
    ctx.globalAlpha = 1; ctx.strokeStyle = this.c.accent; ctx.lineWidth = 1.5; ctx.strokeRect(x, y, width * scale, height * scale);
  }

  marks(ctx, { box, guides, line, cursor, plan }) {
    ctx.strokeStyle = this.c.accent; ctx.lineWidth = 1;
    for (const { axis, at } of guides || []) {
      const [px, py] = this.toPixels(at, at);
      ctx.beginPath();
      if (axis === 'x') { ctx.moveTo(px, 0); ctx.lineTo(px, this.height); } else { ctx.moveTo(0, py); ctx.lineTo(this.width, py); }
      ctx.stroke();
    }
    if (box) {
      const [x, y] = this.toPixels(box.left, box.top), width = (box.right - box.left) * this.view.scale, height = (box.bottom - box.top) * this.view.scale;
      ctx.strokeStyle = this.c.focus; ctx.setLineDash([4, 3]); ctx.strokeRect(x, y, width, height); ctx.setLineDash([]);
      ctx.globalAlpha = 0.1; ctx.fillStyle = this.c.focus; ctx.fillRect(x, y, width, height); ctx.globalAlpha = 1;
    }
    if (line) {
      const [x, y] = this.toPixels(line.x, line.y), [toX, toY] = this.toPixels(line.toX, line.toY);
      ctx.strokeStyle = this.c.warn; ctx.lineWidth = 2.5; ctx.beginPath(); ctx.moveTo(x, y); ctx.lineTo(toX, toY); ctx.stroke();
    }
    const seat = cursor && plan.seats.find((one) => one.key === cursor);
    if (seat && document.activeElement === this.canvas) {
      const [x, y] = this.toPixels(seat.x, seat.y), half = (SEAT * this.view.scale) / 2 + 3;
      ctx.strokeStyle = this.c.ink; ctx.lineWidth = 1.5; ctx.strokeRect(x - half, y - half, 2 * half, 2 * half);
    }
  }

  // ---- what lies under a point -----------------------------------------------------------------------------------
  index(plan, floor) {
    if (this.indexed?.plan === plan && this.indexed.floor === floor) return this.indexed.cells;
    const cells = new Map();
    for (const seat of plan.seats) {
      if (seat.floor !== floor) continue;
      const cell = `${Math.floor(seat.x / CELL)}/${Math.floor(seat.y / CELL)}`;
      if (cells.has(cell)) cells.get(cell).push(seat); else cells.set(cell, [seat]);
    }
    this.indexed = { plan, floor, cells };
    return cells;
  }

  seatAt(x, y) {
    const cells = this.index(this.shown.plan, this.shown.floor), reach = Math.max(SEAT / 2, 5 / this.view.scale);
    let best = null, distance = reach;
    const column = Math.floor(x / CELL), row = Math.floor(y / CELL);
    for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++) for (const seat of cells.get(`${column + dx}/${row + dy}`) || []) {
      const d = Math.max(Math.abs(seat.x - x), Math.abs(seat.y - y));
      if (d <= distance) { best = seat; distance = d; }
    }
    return best;
  }

  roomAt(x, y) {
    const title = 17 / this.view.scale;
    return this.shown.plan.rooms.findLast((room) => room.floor === this.shown.floor && x >= room.left && x <= room.left + room.width && y >= room.top - title && y <= room.top + room.height) || null;
  }

  // Where a room is taken hold of: its name and its edge move it, a corner of the one chosen room resizes it.
  gripAt(x, y) {
    const near = 6 / this.view.scale, { selected } = this.shown, room = this.roomAt(x, y) || this.shown.plan.rooms.find((one) => selected.has(one.key) && one.floor === this.shown.floor);
    if (!room) return null;
    const right = room.left + room.width, bottom = room.top + room.height;
    const ex = Math.abs(x - room.left) < near ? 'left' : Math.abs(x - right) < near ? 'right' : '', ey = Math.abs(y - room.top) < near ? 'top' : Math.abs(y - bottom) < near ? 'bottom' : '';
    if (ex && ey && selected.has(room.key)) return { room, corner: [ex, ey] };
    return y < room.top || ex || ey ? { room, corner: null } : null;
  }
}
