// The plan's editor. In: the plan, a person. Out: edits with undo, a draft kept in this browser, what was published.
// Owns the state; canvas draws it, tools and panels change it through `edit` and `select`. May not know: HTTP's words.
import { $, $$, h, page, ready, t, timeText, typing } from '/static/web/common.js';
import { PlanCanvas } from '/static/web/plan_canvas.js';
import { faultsOf } from '/static/web/plan_checks.js';
import { PlanDialogs } from '/static/web/plan_dialogs.js';
import { onKey } from '/static/web/plan_keys.js';
import { addFloor, addRoom, bounds, change, fromDoc, roomOf, stamp, toDoc } from '/static/web/plan_model.js';
import { PlanPanel } from '/static/web/plan_panel.js';
import { pictureUrl, talk } from '/static/web/plan_talk.js';
import { PlanTools } from '/static/web/plan_tools.js';

const DRAFT_MS = 500, FAULTS_MS = 120;
const DRAFT = `floorwatch-plan-${document.documentElement.dataset.shown}`;

class Editor {
  constructor() {
    Object.assign(this, { tool: 'select', snapping: true, selected: new Set(), cursor: 0, done: [], undone: [], pins: new Map(), pinned: new Map(), people: [], faulty: new Set(), faults: { shown: [], all: 0 } });
    this.block = { rows: 4, columns: 5, single: false, rotated: false };
    this.code = 'A01';
    this.drawing = new PlanCanvas($('#plan'));
    this.tools = new PlanTools(this, this.drawing);
    this.panel = new PlanPanel(this);
    this.dialogs = new PlanDialogs(this);
  }

  // ---- the published plan and the draft ------------------------------------------------------------------------------
  async load({ draft = true } = {}) {
    const answer = await talk.plan();
    if (!answer.ok) { this.note(t('The plan does not answer'), [[t('Try again'), () => this.load()]]); return; }
    this.told(answer.told);
    const kept = draft && this.keptDraft();
    this.open(kept ? kept.doc : answer.told.plan);
    if (kept) {
      this.dirty = true;
      const newer = kept.base !== this.base ? ` ${t('Version {n} was published since.', { n: this.base })}` : '';
      this.base = kept.base;
      this.note(t('Your draft of {time} is back.', { time: timeText(kept.at) }) + newer, [[t('Drop the draft'), () => this.drop()]]);
    } else if (answer.told.damaged.length) this.note(t('{n} stored files cannot be read: {names}', { n: answer.told.damaged.length, names: answer.told.damaged.map((one) => one.name).join(', ') }));
    else if (answer.told.faults.length) this.dialogs.faults(answer.told);
    else this.note('');
    this.state();
  }

  // Somebody else may have published while this tab was away; a draft is never thrown away for it.
  async look() {
    if (!this.version || document.querySelector('dialog[open]')) return;
    const answer = await talk.plan();
    if (!answer.ok || answer.told.version.version === this.version.version) return;
    if (!this.dirty) { this.told(answer.told); this.open(answer.told.plan); }
    this.version = answer.told.version;
    this.note(t('Version {n} was published since.', { n: this.version.version }));
  }

  told(told) {
    this.base = told.version.version;
    this.version = told.version;
    this.setPins(told.pins);
  }

  setPins(pins) {
    this.pins = new Map(pins.map((pin) => [pin.seat, pin]));
    this.pinned = new Map(pins.map((pin) => [pin.seat, pin.agent]));
    this.drawing.stale = true;
    this.changed();
  }

  open(doc) {
    this.plan = fromDoc(doc);
    this.floor = this.plan.floors[0].key;
    Object.assign(this, { done: [], undone: [], selected: new Set(), cursor: 0, dirty: false });
    this.pictures();
    this.fit();
    this.changed();
  }

  keptDraft() {
    try { return JSON.parse(localStorage.getItem(DRAFT) || 'null'); } catch { localStorage.removeItem(DRAFT); return null; }
  }

  keep() {
    clearTimeout(this.keeping);
    if (!this.dirty) { localStorage.removeItem(DRAFT); this.saved = ''; this.state(); return; }
    try {
      localStorage.setItem(DRAFT, JSON.stringify({ base: this.base, at: Date.now(), doc: toDoc(this.plan) }));
      this.saved = t('Draft kept {time}', { time: timeText(Date.now()) });
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.saved = t('The draft is not kept: the browser has no room for it');
    }
    this.state();
  }

  // A whole plan from elsewhere, as one step that can be undone.
  editDoc(doc) { const plan = fromDoc(doc); this.floor = plan.floors[0].key; this.edit(plan, []); this.fit(); }

  drop() { this.dirty = false; this.keep(); this.load({ draft: false }); }

  published(version, plan = null) {
    Object.assign(this, { base: version.version, version, dirty: false });
    this.keep();
    if (plan) this.open(plan);
    this.note(t('Version {n} is on every wall.', { n: version.version }));
  }

  // ---- edits ---------------------------------------------------------------------------------------------------------
  edit(plan, selected = this.selected) {
    if (plan === this.plan) return;
    this.done.push([this.plan, this.selected, this.floor]);
    this.undone = [];
    this.become(plan, selected, this.floor);
  }

  become(plan, selected, floor) {
    const there = new Set([...plan.seats, ...plan.rooms].map((one) => one.key));
    Object.assign(this, { plan, dirty: true, selected: new Set([...selected].filter((key) => there.has(key))) });
    this.floor = plan.floors.some((one) => one.key === floor) ? floor : plan.floors[0].key;
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.keep(), DRAFT_MS);
    this.pictures();
    this.changed();
  }

  undo() { this.turn(this.done, this.undone, t('Undone')); }
  redo() { this.turn(this.undone, this.done, t('Redone')); }
  turn(from, to, word) {
    const state = from.pop();
    if (!state) return;
    to.push([this.plan, this.selected, this.floor]);
    this.become(...state);
    this.say(word);
  }

  select(keys, cursor = 0) {
    this.selected = new Set(keys);
    this.cursor = cursor || (this.selected.size === 1 ? [...this.selected][0] : 0);
    this.changed();
  }

  setTool(tool) {
    this.tool = tool;
    this.tools.extra = {};
    for (const button of $$('.tool')) button.setAttribute('aria-pressed', button.dataset.tool === tool);
    this.drawing.canvas.style.cursor = { select: 'default', pan: 'grab' }[tool] || 'crosshair';
    this.changed();
  }

  setFloor(floor) { this.floor = floor; this.selected = new Set(); this.cursor = 0; this.fit(); this.changed(); }
  // The only floor of a house may have no name; one of two needs one.
  newFloor() {
    const named = change(this.plan, 'floors', new Set(this.plan.floors.map((one) => one.key)), (one) => ({ name: one.name || t('Floor {n}', { n: 1 }) }));
    const [plan, floor] = addFloor(named, t('Floor {n}', { n: this.plan.floors.length + 1 }));
    this.edit(plan, []);
    this.setFloor(floor);
  }

  drawRoom(box) {
    const [plan, room] = addRoom(this.plan, this.floor, box, t('Room {n}', { n: this.plan.rooms.length + 1 }));
    this.edit(plan, [room]);
    this.setTool('select');
    this.panel.focus('name');
  }

  stampAt(left, top) {
    const [plan, seats] = stamp(this.plan, this.floor, { ...this.block }, left, top, this.code);
    this.edit(plan, seats);
    this.code = plan.teams.at(-1).code;
    this.say(t('{n} seats added', { n: seats.length }));
  }

  scaled(line) {
    this.setTool('select');
    this.dialogs.scale(line);
  }

  patchFloor(patch) { this.edit(change(this.plan, 'floors', new Set([this.floor]), patch)); }
  seats() { return this.plan.seats.filter((seat) => this.selected.has(seat.key)); }
  rooms() { return this.plan.rooms.filter((room) => this.selected.has(room.key)); }

  // ---- what is shown -------------------------------------------------------------------------------------------------
  changed() {
    if (!this.plan) return;
    this.paint(this.tools.extra);
    this.state();
    this.panel.later();
    clearTimeout(this.judging);
    this.judging = setTimeout(() => this.judge(), FAULTS_MS);
  }

  judge() {
    if (this.judged !== this.plan) {
      this.judged = this.plan;
      this.faults = faultsOf(this.plan);
      this.faulty = new Set(this.faults.shown.map((fault) => fault.key).filter(Boolean));
      this.paint(this.tools.extra);
    }
    this.panel.faults();
  }

  paint(extra) {
    const { plan, floor, selected, faulty, cursor, pinned } = this;
    this.drawing.show({ plan, floor, selected, faulty, cursor, pinned, ...extra });
  }

  state() {
    if (!this.version) return;
    $('#plan-version').textContent = (this.base ? t('version {n}', { n: this.base }) : t('generated, not published yet')) + (this.dirty ? ` · ${t('changed')}` : '');
    $('#plan-saved').textContent = this.saved || '';
    $('#undo').disabled = !this.done.length;
    $('#redo').disabled = !this.undone.length;
    $('#publish').disabled = !this.dirty;
    $('#snap').setAttribute('aria-pressed', this.snapping);
    this.tabs();
    this.emptiness();
  }

  tabs() {
    const { floors } = this.plan, shown = JSON.stringify([floors.map((one) => [one.key, one.name]), this.floor, page.locale]);
    if (shown === this.tabbed) return;
    this.tabbed = shown;
    const tab = (floor, index) => {
      const button = h('button', { type: 'button', class: 'button', role: 'tab', 'aria-selected': floor.key === this.floor ? 'true' : 'false' }, floor.name || t('Floor {n}', { n: index + 1 }));
      button.addEventListener('click', () => this.setFloor(floor.key));
      return button;
    };
    const more = h('button', { type: 'button', class: 'button icon', title: t('Another floor'), 'aria-label': t('Another floor') }, '+');
    more.addEventListener('click', () => this.newFloor());
    $('#floors').replaceChildren(...floors.map(tab), more);
  }

  emptiness() {
    const pictured = this.plan.floors.some((one) => one.key === this.floor && one.backdrop);
    const empty = this.tool === 'select' && !pictured && !this.plan.rooms.some((room) => room.floor === this.floor) && !this.plan.seats.some((seat) => seat.floor === this.floor);
    const box = $('#plan-empty');
    if (box.hidden === !empty && (!empty || box.dataset.said === page.locale)) return;
    box.hidden = !empty;
    if (!empty) return;
    box.dataset.said = page.locale;
    const button = (word, act) => { const node = h('button', { type: 'button', class: 'button' }, t(word)); node.addEventListener('click', act); return node; };
    box.replaceChildren(
      h('h2', {}, t('This floor is empty')),
      h('ol', {}, ...['Put a picture of the floor below it, if you have one', 'Draw a room: press R and drag', 'Stamp desks into it: press B and click', 'Say who sits where: choose seats, fill in the table', 'Publish: every wall shows it at once'].map((word) => h('li', {}, t(word)))),
      h('p', {}, button('Draw a room', () => this.setTool('room')), button('Import a table', () => this.dialogs.import()), button('Choose a picture', () => this.panel.choosePicture())),
    );
  }

  pictures() {
    for (const { backdrop } of this.plan.floors) {
      if (!backdrop || this.drawing.pictures.has(backdrop.picture)) continue;
      const image = new Image();
      image.addEventListener('load', () => { this.drawing.stale = true; this.drawing.again(); });
      image.src = pictureUrl(backdrop.picture);
      this.drawing.pictures.set(backdrop.picture, image);
    }
  }

  fit() {
    if (!this.plan) return;
    const things = [...this.plan.rooms.filter((room) => room.floor === this.floor), ...this.plan.floors.filter((one) => one.key === this.floor && one.backdrop).map((one) => one.backdrop)];
    const seats = this.plan.seats.filter((seat) => seat.floor === this.floor).map(({ x, y }) => ({ left: x - 1, top: y - 1, right: x + 1, bottom: y + 1 }));
    const boxes = things.length ? things : seats.slice(0, 20_000);
    this.drawing.fit(boxes.length ? bounds(boxes) : null);
  }

  goTo(fault) {
    if (fault.floor && fault.floor !== this.floor && this.plan.floors.some((one) => one.key === fault.floor)) this.setFloor(fault.floor);
    if (fault.key || fault.room) this.select(new Set([fault.key || fault.room]), fault.key);
    if (fault.x === undefined) return;
    this.drawing.fit({ left: fault.x - 5, right: fault.x + 5, top: fault.y - 4, bottom: fault.y + 4 });
    this.drawing.canvas.focus();
  }

  describe(seat) {
    const team = this.plan.teams.find((one) => one.key === seat.team)?.code, room = roomOf(this.plan, seat)?.name;
    return [t('Seat {id}', { id: seat.id }), room, team, seat.agent, seat.extension].filter(Boolean).join(', ');
  }

  say(text) { $('#plan-say').textContent = text; }

  note(text, actions = []) {
    const box = $('#plan-note');
    box.hidden = !text;
    const buttons = [...actions, [t('Close'), () => { box.hidden = true; }]].map(([word, act]) => { const node = h('button', { type: 'button', class: 'button' }, word); node.addEventListener('click', () => { box.hidden = true; act(); }); return node; });
    box.replaceChildren(h('span', { class: 'grow' }, text), ...buttons);
  }
}

await ready;
const editor = new Editor();
for (const button of $$('.tool')) button.addEventListener('click', () => editor.setTool(button.dataset.tool));
const clicks = { '#undo': () => editor.undo(), '#redo': () => editor.redo(), '#snap': () => { editor.snapping = !editor.snapping; editor.state(); }, '#versions': () => editor.dialogs.versions(), '#publish': () => editor.dialogs.publish(), '#import': () => editor.dialogs.import(), '#help': () => editor.dialogs.help(), '#zoom-in': () => editor.drawing.zoom(1.4), '#zoom-out': () => editor.drawing.zoom(1 / 1.4), '#zoom-fit': () => editor.fit() };
for (const [name, act] of Object.entries(clicks)) $(name).addEventListener('click', act);
addEventListener('keydown', (event) => onKey(editor, event, typing(event) && ['INPUT', 'SELECT', 'TEXTAREA'].includes(event.target.tagName)));
addEventListener('theme', () => editor.drawing.theme());
addEventListener('locale', () => { editor.tabbed = ''; $('#plan-empty').dataset.said = ''; editor.changed(); });
addEventListener('beforeunload', () => { if (editor.dirty) editor.keep(); });
addEventListener('focus', () => { editor.drawing.again(); editor.look(); });
await editor.load();
talk.people().then(({ ok, told }) => {
  if (!ok) return;
  editor.people = Object.values(told.people || {});
  $('#plan-people').replaceChildren(...editor.people.map((person) => h('option', { value: person.id }, person.name || '')));
});
globalThis.floorplan = editor; // for tests and for people with a console
document.body.dataset.plan = 'ready';
