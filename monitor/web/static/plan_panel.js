// The panel beside the drawing: what is chosen, as fields; what is to mend. In: the editor. Out: edits.
// Drawn anew when something else is chosen or edited, never while somebody types in it. May not know: the canvas.
import { $, h, page, t } from '/static/web/common.js';
import { assignTeam, change, number, removeFloor } from '/static/web/plan_model.js';
import { duplicate, erase } from '/static/web/plan_keys.js';
import { alignButtons, field, flag, button, choice } from '/static/web/plan_fields.js';
import { seatTable } from '/static/web/plan_table.js';
import { talk, why } from '/static/web/plan_talk.js';

export class PlanPanel {
  constructor(editor) {
    this.editor = editor;
    this.box = $('#plan-panel');
    this.numbering = { prefix: 'A01-', start: 1, order: 'row', digits: 2 };
    $('#faults').addEventListener('click', (event) => {
      const row = event.target.closest('[data-fault]');
      if (row) editor.goTo(this.shownFaults[Number(row.dataset.fault)]);
    });
  }

  later() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => { this.asked = false; this.draw(); });
  }

  draw() {
    const { editor } = this, shown = [editor.plan, editor.selected, editor.floor, editor.tool, editor.block, editor.pins, page.locale];
    if (this.shown && shown.every((one, index) => one === this.shown[index])) return;
    this.shown = shown;
    const held = this.box.contains(document.activeElement) ? document.activeElement.dataset.field : null;
    const seats = editor.seats(), rooms = editor.rooms();
    const parts = editor.tool === 'desks' ? this.desks() : seats.length ? this.seats(seats, rooms) : rooms.length ? this.rooms(rooms) : this.floor();
    this.box.replaceChildren(...parts.flat().filter(Boolean));
    if (held) this.focus(held);
    const teams = editor.plan.teams.map((team) => team.code).join('\n');
    if (teams !== this.teams) { this.teams = teams; $('#plan-teams').replaceChildren(...editor.plan.teams.map((team) => h('option', { value: team.code }))); }
  }

  focus(name) {
    this.draw();
    const node = this.box.querySelector(`[data-field="${CSS.escape(name)}"]`);
    node?.focus();
    node?.select?.();
  }

  // ---- nothing chosen: the floor ---------------------------------------------------------------------------------------
  floor() {
    const { editor } = this, { plan } = editor, fresh = !editor.base, floor = plan.floors.find((one) => one.key === editor.floor);
    const seats = plan.seats.filter((seat) => seat.floor === editor.floor).length;
    return [
      h('h2', {}, t('Plan')),
      field('plan-name', t('Name'), plan.name, (value) => editor.edit({ ...plan, name: value })),
      field('floor-name', t('Storey'), floor.name, (value) => editor.patchFloor({ name: value })),
      h('p', { class: 'dim' }, t('{seats} seats here, {all} in all', { seats, all: plan.seats.length })),
      h('h2', {}, t('Picture of the floor')), this.backdrop(floor.backdrop),
      plan.floors.length > 1 && button(t('Remove this floor'), () => editor.edit(removeFloor(plan, editor.floor), [])),
      h('p', { class: 'hint' }, t('Click a seat or a room, or drag a frame around seats.')),
      ...(fresh && seats ? this.beginning() : []),
    ];
  }

  // Nobody has published a plan yet: where these desks come from. An empty floor says how to draw one.
  beginning() {
    const { editor } = this;
    return [
      h('h2', {}, t('How to begin')), h('p', { class: 'hint' }, t('These desks were made from the number of agents. Move and number them as your floor is, then publish; or begin with an empty floor and draw it.')),
      button(t('Start with an empty floor'), () => editor.edit({ ...editor.plan, rooms: [], teams: [], seats: [] }, [])),
    ];
  }

  backdrop(one) {
    const { editor } = this;
    if (!one) return [button(t('Choose a picture'), () => this.choosePicture()), h('p', { class: 'hint' }, t('PNG or JPEG, at most 8 MB: a scan or a drawing to lay desks over'))];
    const put = (patch) => editor.patchFloor({ backdrop: { ...one, ...patch } });
    const fade = h('input', { type: 'range', min: 0, max: 1, step: 0.05, value: one.fade, 'data-field': 'fade', 'aria-label': t('How strong') });
    fade.addEventListener('change', () => put({ fade: Number(fade.value) }));
    return [
      h('label', { class: 'plan-field' }, h('span', {}, t('How strong')), fade),
      field('picture-width', t('Width, m'), one.width, (value) => put({ width: value, height: Math.round((1000 * value * one.height) / one.width) / 1000 }), { number: true, low: 0.5 }),
      field('left', t('Left, m'), one.left, (value) => put({ left: value }), { number: true }), field('top', t('Top, m'), one.top, (value) => put({ top: value }), { number: true }),
      h('p', {}, button(t('Set the scale'), () => { editor.setTool('scale'); editor.note(t('Draw a line along something whose length you know, a wall for instance.')); }), button(t('Another picture'), () => this.choosePicture()), button(t('Take it away'), () => editor.patchFloor({ backdrop: null }))),
    ];
  }

  choosePicture() {
    const { editor } = this, input = h('input', { type: 'file', accept: 'image/png,image/jpeg' });
    input.addEventListener('change', async () => {
      const [file] = input.files;
      if (!file) return;
      editor.note(t('Sending the picture…'));
      const answer = await talk.picture(file);
      if (!answer.ok) { editor.note(why(answer)); return; }
      const width = 40;
      editor.patchFloor({ backdrop: { picture: answer.told.picture, left: 0, top: 0, width, height: Math.round((1000 * width * answer.told.height) / answer.told.width) / 1000, fade: 0.6 } });
      editor.fit();
      editor.note(t('Now say how large it is: set the scale.'), [[t('Set the scale'), () => editor.setTool('scale')]]);
    });
    input.click();
  }

  // ---- a block of desks before it is stamped ---------------------------------------------------------------------------
  desks() {
    const { editor } = this, { block } = editor, put = (patch) => { editor.block = { ...block, ...patch }; editor.changed(); };
    const whole = { number: true, low: 1, high: 200, whole: true };
    return [
      h('h2', {}, t('Block of desks')),
      field('code', t('Team'), editor.code, (value) => { editor.code = value.trim() || 'A01'; editor.changed(); }),
      h('div', { class: 'plan-pair' }, field('rows', t('Rows'), block.rows, (value) => put({ rows: value }), whole), field('columns', t('Columns'), block.columns, (value) => put({ columns: value }), whole)),
      flag('single', t('Single rows, not back to back'), block.single, (value) => put({ single: value })),
      flag('rotated', t('Turned by 90° (Q)'), block.rotated, (value) => put({ rotated: value })),
      h('p', { class: 'hint' }, t('Click where the block shall stand. Esc ends it.')),
    ];
  }

  // ---- rooms -------------------------------------------------------------------------------------------------------------
  rooms(rooms) {
    const { editor } = this, [room] = rooms, put = (patch) => editor.edit(change(editor.plan, 'rooms', editor.selected, patch));
    const size = (name, word) => field(name, t(word), room[name], (value) => put({ [name]: value }), { number: true, low: name === 'width' || name === 'height' ? 1 : undefined });
    return [
      h('h2', {}, rooms.length > 1 ? t('{n} rooms', { n: rooms.length }) : t('Room')),
      rooms.length === 1 && field('name', t('Name'), room.name, (value) => put({ name: value })),
      rooms.length === 1 && h('div', { class: 'plan-pair' }, size('left', 'Left, m'), size('top', 'Top, m'), size('width', 'Width, m'), size('height', 'Height, m')),
      flag('bench', t('Bench: given out when every desk is taken'), rooms.every((one) => one.bench), (value) => put({ bench: value })),
      this.acts(),
    ];
  }

  // ---- seats -------------------------------------------------------------------------------------------------------------
  seats(seats, rooms) {
    const { editor } = this, { plan } = editor;
    const codes = new Set(seats.map((seat) => plan.teams.find((team) => team.key === seat.team)?.code || ''));
    return [
      h('h2', {}, seats.length > 1 || rooms.length ? t('{n} seats', { n: seats.length }) : t('Seat {id}', { id: seats[0].id })),
      field('team', t('Team'), codes.size === 1 ? [...codes][0] : '', (value) => editor.edit(assignTeam(plan, editor.selected, value.trim())), { list: 'plan-teams', hint: codes.size > 1 ? t('several') : '' }),
      seats.length > 1 && alignButtons(editor),
      seats.length > 1 && this.numbers(seats),
      seatTable(editor, seats),
      seats.length === 1 && this.byHand(seats[0]),
      this.acts(),
    ];
  }

  numbers(seats) {
    const { editor } = this, put = (patch) => Object.assign(this.numbering, patch), told = this.numbering;
    const stem = /^(.*?)\d*$/.exec(seats[0].id)[1];
    if (!this.numbered || this.numbered !== stem) { this.numbered = stem; put({ prefix: stem }); }
    return h('details', { class: 'plan-numbers', open: this.open },
      h('summary', {}, t('Number')),
      h('div', { class: 'plan-pair' },
        field('prefix', t('Prefix'), told.prefix, (value) => put({ prefix: value })), field('start', t('From'), told.start, (value) => put({ start: value }), { number: true, low: 0, high: 99_999, whole: true }),
        choice('order', t('Order'), told.order, [['row', t('row by row')], ['snake', t('in a snake')], ['column', t('column by column')]], (value) => put({ order: value })), field('digits', t('Digits'), told.digits, (value) => put({ digits: value }), { number: true, low: 1, high: 6, whole: true })),
      button(t('Number {n} seats', { n: seats.length }), () => { this.open = true; editor.edit(number(editor.plan, editor.selected, told)); }));
  }

  byHand(seat) {
    const { editor } = this, pin = editor.pins.get(seat.id), told = (answer) => { if (answer.ok) { editor.setPins(answer.told.pins); } else editor.note(why(answer)); return answer.ok; };
    const undo = (before) => [[t('Undo'), async () => told(before ? await talk.pin(seat.id, before) : await talk.unpin(seat.id))]];
    const put = async (agent) => { if (agent && told(await talk.pin(seat.id, agent))) editor.note(t('{agent} sits at {seat} now.', { agent, seat: seat.id }), undo(pin?.agent)); };
    return [
      h('h2', {}, t('Seated by hand')),
      h('p', { class: 'hint' }, t('Holds at once, without publishing, until it is taken back.')),
      field('by-hand', t('Staff number'), pin?.agent || '', (value) => put(value.trim()), { list: 'plan-people' }),
      pin && h('p', {}, h('span', { class: 'dim' }, t('by {who}', { who: pin.by })), ' ', button(t('Take back'), async () => { if (told(await talk.unpin(seat.id))) editor.note(t('{seat} is free again.', { seat: seat.id }), undo(pin.agent)); })),
    ].filter(Boolean).reduce((box, one) => { box.append(one); return box; }, h('div', { class: 'plan-by-hand' }));
  }

  acts() { return h('p', { class: 'plan-acts' }, button(t('Copy (Ctrl+D)'), () => duplicate(this.editor)), button(t('Remove (Del)'), () => erase(this.editor))); }

  // ---- what is to mend -----------------------------------------------------------------------------------------------------
  faults() {
    const { shown, all } = this.editor.faults;
    if (shown === this.shownFaults && this.faultWords === page.locale) return;
    this.shownFaults = shown;
    this.faultWords = page.locale;
    $('#fault-count').textContent = all || '';
    const row = (fault, index) => h('li', {}, h('button', { type: 'button', 'data-fault': index }, h('b', {}, faultText(fault)), h('span', {}, mendText(fault))));
    $('#faults').replaceChildren(...(all ? shown.map(row) : [h('li', { class: 'dim' }, t('Nothing'))]), ...(all > shown.length ? [h('li', { class: 'dim' }, t('and {n} more', { n: all - shown.length }))] : []));
  }
}

export const faultText = (fault) => t(`planfault:${fault.kind}`, fault.told);
export const mendText = (fault) => t(`planmend:${fault.kind}`, fault.told);
