// The supervisor's own marks on people: a sign and a note. In: rows, signs, notes. Out: marks by row, a list, undo, JSON text.
// Kept in this browser, per site, by staff number (a seat without a person by its own name): nobody else sees them.
// May not know: drawing, the server.
export const SIGNS = ['★', '⚑', '◆', '①', '②', '③'];
const MOST = 500, NOTE_MOST = 200, UNDO_MOST = 50;

export class Marks {
  constructor({ names, site, size, storage = localStorage }) {
    Object.assign(this, { names, size, storage, name: `floorwatch:marks:${site}`, listeners: [], past: [] });
    this.kept = parsed(read(storage, this.name)) || {};
    addEventListener('storage', (event) => { if (event.key === this.name) { this.kept = parsed(event.newValue || '{}') || {}; this.tell(); } }); // another tab
  }

  onChange(listener) { this.listeners.push(listener); }

  key(row) { const person = this.names.person(row); return person ? person.id : `@${this.names.seat(row)}`; }
  get(row) { return this.kept[this.key(row)]; }

  // row -> sign, of the rows there are now; for the map and its filter
  rows() {
    const found = new Map();
    if (Object.keys(this.kept).length) for (let row = 0; row < this.size(); row++) { const mark = this.get(row); if (mark) found.set(row, mark.sign); }
    return found;
  }

  // In the order in which they were made; `row` -1: whoever it is of is not on the map now.
  list() {
    const row = new Map();
    for (let i = 0; i < this.size(); i++) { const key = this.key(i); if (this.kept[key]) row.set(key, i); }
    return Object.entries(this.kept).map(([key, mark]) => ({ key, row: row.has(key) ? row.get(key) : -1, ...mark }));
  }

  put(row, { sign, note }) { this.change({ ...this.kept, [this.key(row)]: made(sign, note) }); }
  remove(key) { const { [key]: _, ...others } = this.kept; this.change(others); }

  // All of the rows get a star; if all have a mark already, all lose it.
  toggle(rows) {
    const keys = rows.map((row) => this.key(row)), all = keys.every((key) => this.kept[key]);
    const next = { ...this.kept };
    for (const key of keys) if (all) delete next[key]; else next[key] ||= made(SIGNS[0], '');
    this.change(next);
  }

  change(next) {
    this.past = [...this.past.slice(1 - UNDO_MOST), this.kept];
    this.kept = Object.fromEntries(Object.entries(next).slice(-MOST));
    this.keep();
  }

  undo() {
    if (!this.past.length) return false;
    this.kept = this.past.pop();
    this.keep();
    return true;
  }

  get text() { return JSON.stringify(this.kept, null, 1); }

  // -> how many marks the text had, or null when it is no such text; what is there already stays, the text wins.
  take(text) {
    const found = parsed(text);
    if (!found) return null;
    this.change({ ...this.kept, ...found });
    return Object.keys(found).length;
  }

  keep() {
    try { this.storage.setItem(this.name, JSON.stringify(this.kept)); } catch (error) { if (!(error instanceof DOMException)) throw error; } // full or private: until the page closes
    this.tell();
  }

  tell() { for (const listener of this.listeners) listener(); }
}

const made = (sign, note) => ({ sign: SIGNS.includes(sign) ? sign : SIGNS[0], note: String(note || '').slice(0, NOTE_MOST) });

function read(storage, name) {
  try { return storage.getItem(name) || '{}'; } catch (error) { if (!(error instanceof DOMException)) throw error; return '{}'; }
}

// Marks of a JSON text; null when it is none: foreign text must not empty the list.
function parsed(text) {
  let found;
  try { found = JSON.parse(text); } catch (error) { if (!(error instanceof SyntaxError)) throw error; return null; }
  if (!found || typeof found !== 'object' || Array.isArray(found)) return null;
  const entries = Object.entries(found);
  return entries.every(([, mark]) => mark && typeof mark === 'object' && typeof mark.sign === 'string') ? Object.fromEntries(entries.slice(0, MOST).map(([key, mark]) => [key, made(mark.sign, mark.note)])) : null;
}
