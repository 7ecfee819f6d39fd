// The live map on Bokeh's canvas. In: Seats, a json_item, themes, sizes, what the page thinks of seats (filter, rings, marks).
// Out: a drawing, callbacks for hover and choice, an event `selection`. A change repaints its seats only, once per frame.
// May not know: sockets, panels, words.
import { Geometry, boundsOf } from './geometry.js';
import { Gestures } from './gestures.js';
import { Painter } from './painter.js';
import { View } from './view.js';

const NAMES = ['floor', 'rooms', 'teams', 'seats', 'selected', 'cursor', 'room_quads', 'room_text', 'team_quads', 'team_text', 'desk_quads', 'seat_rects', 'selected_rects', 'cursor_rects'];
const CLOSE = 44, TIMERS = 38;

export class SeatMap {
  constructor(element, seats, { themes, sizes, onHover, onChoose }) {
    Object.assign(this, { element, seats, themes, sizes, onHover, onChoose, selected: -1, cursor: -1, allLetters: false, describe: null, texts: [] });
    this.passes = null; // filter: (row) => boolean, or null
    this.marks = new Map(); // row -> the viewer's own sign
    this.ringOf = new Map(); // row -> 1 amber, 2 red
    this.selection = new Set();
    this.dirty = new Set();
    this.frame = this.drawings = 0;
    this.stats = { flushes: 0, painted: 0, some: 0, someMs: 0, whole: 0, wholeMs: 0, firstAt: 0 };
    this.view = new View({ onMove: (set) => { this.onHover(-1, 0, 0); this.painter.move(() => { set(); this.sizeTexts(); }, this.selection.size || this.pointed); }, onRest: () => this.painter.request() });
    this.painter = new Painter(this);
    this.gestures = new Gestures(element, this.view, {
      onHover: (px, py) => this.onHover(px < 0 ? -1 : this.under(px, py), px, py),
      onTap: (px, py, { more }) => this.tap(this.under(px, py), more),
      onBox: (...box) => this.boxed(...box),
    });
    this.follow();
  }

  // ---- the drawing ---------------------------------------------------------------------------------------------------
  // Also in the place of an older one: the view stays where it is, unless it showed the whole floor.
  async embed(item) {
    const host = this.element.querySelector('.canvas'), layer = document.createElement('div'), close = this.close;
    layer.id = `${host.id}-${++this.drawings}`;
    host.append(layer);
    const [plot] = [...(await Bokeh.embed.embed_item(item, layer.id)).roots], drawing = plot.model.document;
    this.close = () => { plot.remove(); Bokeh.documents.splice(Bokeh.documents.indexOf(drawing), 1); layer.remove(); };
    this.parts = Object.fromEntries(NAMES.map((name) => [name, drawing.get_model_by_name(name)]));
    const { x, y } = this.parts.seats.data;
    this.geometry = new Geometry(x, y);
    this.benchLabel = this.parts.rooms.data.label.map((label) => label === '');
    this.view.show(this.parts.floor, boundsOf(this.parts.rooms.data));
    this.painter.hook(plot, [...plot.computed_renderer_views].find((one) => one.model === this.parts.seat_rects));
    for (const kept of [this.selection, this.marks, this.ringOf]) for (const row of [...kept.keys()]) if (row >= x.length) kept.delete(row);
    this.texts = [];
    if (this.theme) this.setTheme(this.themeName);
    while (!this.view.width) await new Promise((done) => requestAnimationFrame(done));
    this.view.resized();
    this.mark('selected', [...this.selection]);
    this.mark('cursor', []);
    close?.(); // the older drawing goes when the new one is there
  }

  get rows() { return this.geometry ? this.geometry.x.length : 0; }

  follow() {
    let width = 0, height = 0;
    new ResizeObserver(() => requestAnimationFrame(() => {
      if (!this.view.figure) return;
      const { width: w, height: h } = this.view;
      if (!w || (w === width && h === height)) return;
      this.view.resized();
      width = w; height = h;
    })).observe(this.element);
  }

  setTheme(name) {
    this.themeName = name;
    const theme = this.theme = this.themes[name], p = this.parts;
    p.room_quads.glyph.setv({ fill_color: { value: theme.room }, line_color: { value: theme.room_line } });
    p.room_text.glyph.text_color = { value: theme.label };
    p.team_quads.glyph.fill_color = { value: theme.team };
    p.desk_quads.glyph.fill_color = { value: theme.desk };
    p.team_text.glyph.text_color = { value: theme.faint };
    for (const part of ['selected_rects', 'cursor_rects']) p[part].glyph.line_color = { value: theme.focus };
    this.repaint();
  }

  repaint() { if (this.parts) { this.dirty.clear(); this.sizeTexts(); this.painter.request(); } }
  reworded() { this.painter.reworded(); }

  sizeTexts() {
    const text = this.parts.team_text, visible = this.view.scale >= 6.2, size = `${Math.round(Math.max(9, Math.min(this.labels(), this.view.scale * 0.8)))}px`;
    if (text.visible !== visible) text.visible = visible;
    if (text.glyph.text_font_size.value !== size) text.glyph.text_font_size = { value: size };
  }

  labels() { return 13; } // how large teams' names may be, in pixels; a television wants more

  setBenchWord(word) {
    const { data } = this.parts.rooms;
    this.parts.rooms.data = { ...data, label: data.label.map((label, k) => (this.benchLabel[k] ? word : label)) };
  }

  // ---- what the page thinks of seats ---------------------------------------------------------------------------------
  setFilter(passes) { this.passes = passes; this.repaint(); }

  setMarks(marks) {
    const touched = [...marks.keys(), ...this.marks.keys()].filter((row) => marks.get(row) !== this.marks.get(row));
    this.marks = marks;
    this.changed(touched);
  }

  rings(outliers) { // [{row, level}]: only those that differ are painted anew
    const rings = new Map(outliers.map((one) => [one.row, one.level]));
    const touched = [...rings.keys(), ...this.ringOf.keys()].filter((row) => rings.get(row) !== this.ringOf.get(row));
    this.ringOf = rings;
    this.changed(touched);
  }

  teamsReady(texts) {
    const before = this.texts;
    this.texts = texts;
    if (before.length !== texts.length) this.painter.request(); else if (before.join() !== texts.join()) this.painter.teamsChanged(before);
  }

  // ---- changes: gathered, once per frame -----------------------------------------------------------------------------
  changed(rows) {
    for (const row of rows) this.dirty.add(row);
    if (this.dirty.size) this.frame ||= requestAnimationFrame(() => this.flush());
  }

  flush() {
    this.frame = 0;
    this.stats.flushes++;
    const rows = [...this.dirty];
    this.dirty.clear();
    this.painter.some(rows);
  }

  // Once a second: where timers are shown they run.
  second() { if (this.view.scale >= TIMERS) this.changed(this.visible()); }

  visible() {
    const { left, top, width, height, scale } = this.view, { x, y } = this.geometry, rows = [];
    const right = left + width / scale, bottom = top - height / scale;
    for (let i = 0; i < x.length; i++) if (x[i] > left - 0.6 && x[i] < right + 0.6 && y[i] < top + 0.6 && y[i] > bottom - 0.6) rows.push(i);
    return rows;
  }

  // ---- choice --------------------------------------------------------------------------------------------------------
  under(px, py) { const at = this.view.at(px, py); return this.geometry.at(at.x, at.y); }

  mark(source, rows) {
    const { x, y } = this.geometry;
    this.parts[source].data = { x: rows.map((i) => x[i]), y: rows.map((i) => y[i]) };
  }

  tap(row, more) {
    if (!more || row < 0) { this.choose(row); return; }
    if (!this.selection.delete(row)) this.selection.add(row);
    this.select([...this.selection]);
  }

  boxed(x0, y0, x1, y1) {
    const a = this.view.at(x0, y0), b = this.view.at(x1, y1), { x, y } = this.geometry, found = [...this.selection];
    for (let i = 0; i < x.length; i++) if (x[i] >= a.x && x[i] <= b.x && y[i] <= a.y && y[i] >= b.y && (!this.passes || this.passes(i))) found.push(i);
    this.select(found);
  }

  // Several seats; the page hears `selection` with their rows.
  select(rows) {
    this.selection = new Set(rows);
    const shown = [...this.selection];
    this.mark('selected', shown);
    if (shown.length === 1) { this.selected = shown[0]; this.onChoose(shown[0]); }
    if (!shown.length) { this.selected = -1; this.onChoose(-1); }
    this.tell(shown);
  }

  tell(rows) { this.element.dispatchEvent(new CustomEvent('selection', { detail: { rows } })); }

  choose(i) {
    this.selected = i;
    this.selection = new Set(i < 0 ? [] : [i]);
    this.mark('selected', [...this.selection]);
    if (i >= 0) this.moveTo(i, false);
    this.onChoose(i);
    this.tell([...this.selection]);
  }

  moveTo(i, show) {
    this.cursor = i;
    this.pointed = show && i >= 0;
    this.mark('cursor', this.pointed ? [i] : []);
    if (i >= 0) this.view.reveal(this.geometry.x[i], this.geometry.y[i]);
  }

  step(dx, dy) {
    this.moveTo(this.cursor < 0 ? this.nearest() : this.geometry.next(this.cursor, dx, dy), true);
    return this.cursor;
  }

  // The keyboard starts with the first seat that is on the screen.
  nearest() { return this.visible()[0] ?? 0; }

  go(i) {
    this.choose(i);
    this.view.go(this.geometry.x[i], this.geometry.y[i], CLOSE);
  }

  // ---- view ----------------------------------------------------------------------------------------------------------
  scale() { return this.view.scale; }
  fit(how) { this.view.fit(how); }

  room(k) {
    const r = this.parts.rooms.data;
    this.view.box({ left: r.left[k], right: r.right[k], top: r.top[k], bottom: r.bottom[k] });
  }

  zoom(factor) {
    const i = this.selected, inside = i >= 0 && this.visible().includes(i);
    this.view.zoom(factor, inside ? { x: this.geometry.x[i], y: this.geometry.y[i] } : null);
  }
}
