// The live map on Bokeh's canvases. In: Seats, a json_item, themes. Out: a drawing, and callbacks for hover and choice.
// Changed seats go to the small `hot` source on the overlay canvas; the base canvas repaints on pan, zoom, every 2 s or
// above 400 hot rows. Bokeh swallows pointer events, so our listeners capture. May not know: sockets, panels.
import { Geometry, boundsOf } from './geometry.js';
import { drawDetail } from './detail.js';
import { STALE, CONTRADICTORY, SURE } from './seats.js';

const NAMES = ['floor', 'rooms', 'teams', 'seats', 'hatched', 'stale', 'contradictory', 'hot', 'rings', 'selected', 'cursor', 'letters', 'details', 'signs',
  'room_quads', 'room_text', 'team_quads', 'team_text', 'team_ready', 'desk_rects', 'seat_rects', 'hatch_rects', 'stale_above', 'stale_below', 'stale_rects', 'contradictory_rects', 'hot_cells',
  'hot_rects', 'selected_rects', 'cursor_rects', 'letter_text', 'detail_text', 'sign_text'];
const HOT_MAX = 400, BASE_EVERY_MS = 2000, MARKS_EVERY_MS = 500, MARK_MS = 0.3, SETTLED_MS = 300, ZOOM_MIN = 1.5, ZOOM_MAX = 140;
const packed = (hex, alpha) => ((parseInt(hex.slice(1), 16) << 8) | alpha) >>> 0;

export class SeatMap {
  constructor(element, seats, { themes, sizes, onHover, onChoose }) {
    Object.assign(this, { element, seats, themes, sizes, onHover, onChoose });
    this.selected = -1;
    this.cursor = -1;
    this.fitted = true;
    this.below = 44;
    this.allLetters = false;
    this.passes = null; // filter: (row) => boolean, or null
    this.dirty = new Set();
    this.hotSince = new Map();
    this.baseAt = 0;
    this.frame = 0;
    this.stats = { flushes: 0, bases: 0 };
  }

  async embed(item) {
    await Bokeh.embed.embed_item(item, this.element.querySelector('.canvas').id);
    const find = (name) => {
      for (const document of Bokeh.documents) { const model = document.get_model_by_name(name); if (model) return model; }
      throw new Error(`the drawing has no ${name}`);
    };
    this.parts = Object.fromEntries(NAMES.map((name) => [name, find(name)]));
    this.figure = this.parts.floor;
    const data = this.parts.seats.data;
    this.colour = data.color;
    this.size = data.size;
    this.geometry = new Geometry(data.x, data.y);
    this.benchLabel = this.parts.rooms.data.label.map((label) => label === '');
    this.listen();
  }

  listen() {
    const figure = this.figure;
    figure.on_event('rangesupdate', () => this.kick(true));
    figure.on_event('mousemove', (event) => this.onHover(this.geometry.at(event.x, event.y), event.sx, event.sy));
    figure.on_event('mouseleave', () => this.onHover(-1, 0, 0));
    figure.on_event('tap', (event) => this.choose(this.geometry.at(event.x, event.y)));
    figure.on_event('doubletap', (event) => this.zoomAt(event.x, event.y, 0.4));
    for (const kind of ['wheel', 'pointerdown']) {
      this.element.addEventListener(kind, () => { this.fitted = false; }, { passive: true, capture: true });
    }
    let width = 0, height = 0;
    new ResizeObserver(() => requestAnimationFrame(() => {
      const w = figure.inner_width, h = figure.inner_height;
      if (!w || (w === width && h === height)) return;
      if (this.fitted || !width) this.fit(); else this.keep();
      width = w; height = h;
    })).observe(this.element);
  }

  // ---- colours -----------------------------------------------------------------------------------------------------
  setTheme(name) {
    const theme = this.theme = this.themes[name];
    this.solid = theme.seats.map((hex) => packed(hex, 255));
    this.dimmed = theme.seats.map((hex) => packed(hex, 34));
    const p = this.parts;
    p.room_quads.glyph.setv({ fill_color: { value: theme.room }, line_color: { value: theme.room_line } });
    p.room_text.glyph.text_color = { value: theme.label };
    p.team_quads.glyph.fill_color = { value: theme.team };
    p.desk_rects.glyph.fill_color = { value: theme.desk };
    for (const name of ['team_text', 'team_ready']) p[name].glyph.text_color = { value: theme.faint };
    for (const name of ['selected_rects', 'cursor_rects']) p[name].glyph.line_color = { value: theme.focus };
    // On a light floor yellow and pale blue need an edge to reach 3:1.
    const edge = theme.outline === theme.floor ? { value: null } : { value: theme.outline };
    for (const name of ['seat_rects', 'hot_rects']) p[name].glyph.setv({ line_color: edge, line_width: { value: 0.75 } });
    p.hatch_rects.glyph.setv({ hatch_color: { value: theme.hatch }, line_color: { value: theme.hatch } });
    for (const name of ['stale_above', 'stale_below']) p[name].glyph.fill_color = { value: theme.doubt };
    p.contradictory_rects.glyph.hatch_color = { value: theme.doubt };
    for (const name of ['stale_rects', 'contradictory_rects']) p[name].glyph.line_color = { value: theme.doubt_line };
    this.repaint();
  }

  setFilter(passes) { this.passes = passes; this.repaint(); }

  paint(i) {
    const code = this.seats.code[i];
    this.colour[i] = this.passes && !this.passes(i) ? this.dimmed[code] : this.solid[code];
    this.size[i] = this.sizes[code];
  }

  repaint() {
    if (!this.theme) return;
    const count = Math.min(this.seats.size, this.colour.length);
    for (let i = 0; i < count; i++) this.paint(i);
    this.base();
    this.kick(true);
  }

  // ---- changes -----------------------------------------------------------------------------------------------------
  changed(rows) {
    let hatch = false, detail = false;
    for (const i of rows) {
      if (i >= this.colour.length) continue;
      hatch ||= this.seats.hatched(i) !== this.shownHatched(i);
      if (this.seats.certainty(i) !== this.shownCertainty(i) || this.shownCertainty(i) !== SURE) this.markSoon();
      const colour = this.colour[i], size = this.size[i];
      this.paint(i);
      if (colour === this.colour[i] && size === this.size[i]) detail = true; else this.dirty.add(i);
    }
    if (hatch) this.base(); // the hatch lies on the base canvas
    this.kick(detail && this.scale() >= 7);
  }

  kick(detail) {
    this.detailDue ||= detail;
    if (!this.frame) this.frame = requestAnimationFrame(() => this.flush());
  }

  flush() {
    this.frame = 0;
    const now = performance.now();
    if (this.dirty.size) {
      this.stats.flushes++;
      for (const i of this.dirty) this.hotSince.set(i, now);
      if (this.dirty.size <= HOT_MAX) this.hot();
      if (this.hotSince.size > HOT_MAX || now - this.baseAt > BASE_EVERY_MS) this.base();
      this.dirty.clear();
      if (this.scale() >= 7) this.detailDue = true;
    }
    if (this.detailDue) { this.detailDue = false; drawDetail(this); }
  }

  // Doubts come up a few per tick while a source stays silent: gathered, or each would repaint every seat; the longer the
  // more there are, for a texture costs more than a colour.
  markSoon() {
    const every = MARKS_EVERY_MS + (this.doubtedRows ? this.doubtedRows.size * MARK_MS : 0);
    this.marking ||= setTimeout(() => { this.marking = null; this.base(); }, Math.max(0, every - (performance.now() - this.baseAt)));
  }

  shownCertainty(i) { return (this.doubtedRows && this.doubtedRows.get(i)) || SURE; }

  shownHatched(i) { return this.hatchedRows ? this.hatchedRows.has(i) : false; }

  // All seats. BokehJS repaints some frames later, so hot rows stay until it surely has: no flash of the old colour.
  base() {
    const at = this.baseAt = performance.now();
    this.stats.bases++;
    this.hatch();
    this.marks();
    this.parts.seats.patching.emit([0]);
    setTimeout(() => {
      let gone = 0;
      for (const [i, since] of this.hotSince) if (since <= at) { this.hotSince.delete(i); gone++; }
      if (gone) this.hot();
    }, SETTLED_MS);
  }

  hatch() {
    const rows = [];
    const count = Math.min(this.seats.size, this.colour.length);
    for (let i = 0; i < count; i++) if (this.seats.hatched(i) && !(this.passes && !this.passes(i))) rows.push(i);
    const before = this.hatchedRows;
    if (before && before.size === rows.length && rows.every((i) => before.has(i))) return;
    this.hatchedRows = new Set(rows);
    const { x, y } = this.geometry;
    this.parts.hatched.data = { x: rows.map((i) => x[i]), y: rows.map((i) => y[i]) };
  }

  // Texture, not colour, tells how far a label can be trusted.
  marks() {
    const found = new Map(), { x, y } = this.geometry, count = Math.min(this.seats.size, this.colour.length);
    for (let i = 0; i < count; i++) {
      const certainty = this.seats.certainty(i);
      if (certainty !== SURE && !(this.passes && !this.passes(i))) found.set(i, certainty);
    }
    const before = this.doubtedRows;
    if ((before || found).size === found.size && [...found].every(([i, certainty]) => before && before.get(i) === certainty && this.shownSizes.get(i) === this.size[i])) return;
    this.doubtedRows = found;
    this.shownSizes = new Map([...found.keys()].map((i) => [i, this.size[i]]));
    for (const name of [STALE, CONTRADICTORY]) {
      const rows = [...found.keys()].filter((i) => found.get(i) === name);
      this.parts[name].data = { x: rows.map((i) => x[i]), y: rows.map((i) => y[i]), size: rows.map((i) => this.size[i]) };
    }
  }

  hot() {
    const rows = [...this.hotSince.keys()].filter((i) => !this.seats.hatched(i));
    const { x, y } = this.geometry;
    this.parts.hot.data = {
      x: rows.map((i) => x[i]), y: rows.map((i) => y[i]), size: rows.map((i) => this.size[i]),
      color: rows.map((i) => `#${this.colour[i].toString(16).padStart(8, '0')}`), cell: rows.map(() => this.theme.team),
    };
  }

  rings(rows) { // [{row, level}], drawn only when they differ
    const name = `${rows.map((ring) => ring.row + ':' + ring.level).join()}${this.theme.red}`;
    if (name === this.ringsShown) return;
    this.ringsShown = name;
    const { x, y } = this.geometry;
    this.parts.rings.data = {
      x: rows.map((ring) => x[ring.row]), y: rows.map((ring) => y[ring.row]), size: rows.map(() => 1.14),
      color: rows.map((ring) => (ring.level > 1 ? this.theme.red : this.theme.amber)),
    };
  }

  teamsReady(texts) {
    const data = this.parts.teams.data;
    if (data.ready.join() !== texts.join()) this.parts.teams.data = { ...data, ready: texts };
  }

  setBenchWord(word) {
    const data = this.parts.rooms.data;
    this.parts.rooms.data = { ...data, label: data.label.map((label, k) => (this.benchLabel[k] ? word : label)) };
  }

  // ---- choice ------------------------------------------------------------------------------------------------------
  mark(source, i) {
    const { x, y } = this.geometry;
    this.parts[source].data = i < 0 ? { x: [], y: [] } : { x: [x[i]], y: [y[i]] };
  }

  choose(i) {
    this.selected = i;
    this.mark('selected', i);
    if (i >= 0) this.moveTo(i, false);
    this.onChoose(i);
  }

  moveTo(i, show) {
    this.cursor = i;
    this.mark('cursor', show ? i : -1);
    const { x_range: xr, y_range: yr } = this.figure, { x, y } = this.geometry;
    if (i >= 0 && (x[i] < xr.start || x[i] > xr.end || y[i] < yr.start || y[i] > yr.end)) {
      this.fitted = false;
      this.view(x[i], y[i], this.scale());
    }
  }

  step(dx, dy) {
    this.moveTo(this.cursor < 0 ? 0 : this.geometry.next(this.cursor, dx, dy), true);
    return this.cursor;
  }

  go(i) {
    this.fitted = false;
    this.view(this.geometry.x[i], this.geometry.y[i], Math.max(this.scale(), 44));
    this.choose(i);
  }

  // ---- view --------------------------------------------------------------------------------------------------------
  scale() { return this.figure.inner_width / (this.figure.x_range.end - this.figure.x_range.start); }

  view(x, y, scale) {
    const w = this.figure.inner_width / scale / 2, h = this.figure.inner_height / scale / 2;
    this.figure.x_range.setv({ start: x - w, end: x + w });
    this.figure.y_range.setv({ start: y - h, end: y + h });
    this.kick(true);
  }

  box(b, margin, below = 0) {
    const scale = Math.min(this.figure.inner_width / (b.right - b.left + 2 * margin), (this.figure.inner_height - below) / (b.top - b.bottom + 2 * margin));
    this.view((b.left + b.right) / 2, (b.bottom + b.top) / 2 - below / scale / 2, Math.min(scale, ZOOM_MAX));
  }

  // Room names stand above their rooms; the bottom strip belongs to the buttons.
  fit() {
    const bounds = boundsOf(this.parts.rooms.data);
    this.box({ ...bounds, top: bounds.top + 1.2 }, 0.8, this.below);
    this.fitted = true;
  }

  room(k) {
    const r = this.parts.rooms.data;
    this.fitted = false;
    this.box({ left: r.left[k], right: r.right[k], top: r.top[k] + 1.2, bottom: r.bottom[k] }, 0.8, this.below);
  }

  keep() {
    const { x_range: xr, y_range: yr } = this.figure;
    this.view((xr.start + xr.end) / 2, (yr.start + yr.end) / 2, this.figure.inner_height / (yr.end - yr.start));
  }

  zoomAt(x, y, factor) {
    this.fitted = false;
    this.view(x, y, Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, this.scale() / factor)));
  }

  zoom(factor) {
    const { x_range: xr, y_range: yr } = this.figure, i = this.selected, { x, y } = this.geometry;
    const inside = i >= 0 && x[i] > xr.start && x[i] < xr.end && y[i] > yr.start && y[i] < yr.end;
    this.zoomAt(inside ? x[i] : (xr.start + xr.end) / 2, inside ? y[i] : (yr.start + yr.end) / 2, factor);
  }
}

