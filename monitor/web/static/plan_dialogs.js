// The editor's dialogs: publish, versions, import, scale, keys. In: the editor. Out: what a person decided.
// One dialog element for all; Escape and × close it and change nothing. May not know: the canvas.
import { $, dayText, h, t, timeText } from '/static/web/common.js';
import { button, field } from '/static/web/plan_fields.js';
import { KEYS } from '/static/web/plan_keys.js';
import { toDoc } from '/static/web/plan_model.js';
import { faultText, mendText } from '/static/web/plan_panel.js';
import { talk, why } from '/static/web/plan_talk.js';

const SHOWN = 100;

export class PlanDialogs {
  constructor(editor) {
    this.editor = editor;
    this.box = $('#plan-dialog');
    $('#plan-dialog-close').addEventListener('click', () => this.close());
    // Enter in a field does what the strong button does
    $('form', this.box).addEventListener('submit', (event) => { event.preventDefault(); $('.button.strong', this.box)?.click(); });
    this.box.addEventListener('close', () => editor.drawing.canvas.focus());
  }

  show(title, ...parts) {
    $('#plan-dialog-title').textContent = title;
    $('#plan-dialog-body').replaceChildren(...parts.flat().filter(Boolean));
    if (!this.box.open) this.box.showModal();
  }

  close() { this.box.close(); }

  // ---- publish -------------------------------------------------------------------------------------------------------------
  async publish() {
    const { editor } = this;
    this.show(t('Publish'), h('p', { class: 'dim' }, t('Looking at what changed…')));
    const answer = await talk.check(toDoc(editor.plan));
    if (!answer.ok) { this.show(t('Publish'), h('p', {}, why(answer))); return; }
    if (answer.told.faults.length) { this.faults(answer.told, t('Mend this first')); return; }
    const note = h('input', { type: 'text', maxlength: 500, 'data-field': 'note', 'aria-label': t('What changed and why'), placeholder: t('What changed and why') });
    const go = button(t('Publish'), () => this.send({ plan: toDoc(editor.plan), note: note.value }), { class: 'button strong' });
    this.show(t('Publish'), changesList(answer.told.changes), h('label', { class: 'plan-note-field' }, note), h('p', {}, go), h('p', { class: 'hint' }, t('Every wall of this site shows it at once; older versions stay.')));
    note.focus();
  }

  async send(body) {
    const { editor } = this, answer = await talk.publish({ base_version: editor.base, ...body });
    if (answer.ok) {
      const plan = body.plan ? null : (await talk.version(answer.told.version)).told.plan;
      this.close();
      editor.published(answer.told, plan);
    } else if (answer.told.reason === 'newer_version') this.newer(body, answer.told);
    else if (answer.told.faults?.length) this.faults(answer.told, t('Mend this first'));
    else this.show(t('Not published'), h('p', {}, why(answer)));
  }

  newer(body, { latest, changes }) {
    const { editor } = this;
    this.show(t('Somebody published in between'), h('p', {}, t('Version {n} by {who}, {time}', { n: latest.version, who: latest.author, time: moment(latest.at) })), latest.note && h('p', {}, `„${latest.note}”`), changes && changesList(changes),
      h('p', { class: 'plan-acts' }, button(t('Take theirs, drop mine'), () => { this.close(); editor.drop(); }), button(t('Publish mine over it'), () => { editor.base = latest.version; this.send(body); }, { class: 'button strong' })));
  }

  // ---- versions ------------------------------------------------------------------------------------------------------------
  async versions() {
    this.show(t('Versions'), h('p', { class: 'dim' }, t('Looking…')));
    const answer = await talk.plan();
    if (!answer.ok) { this.show(t('Versions'), h('p', {}, why(answer))); return; }
    const { versions, damaged } = answer.told, current = answer.told.version.version, details = h('div', { class: 'plan-version-detail' });
    const row = (one) => h('li', {}, button(`${t('version {n}', { n: one.version })}`, () => this.version(one, current, details), { 'aria-current': one.version === current ? 'true' : null }),
      h('span', {}, `${one.at ? moment(one.at) : ''} ${one.author}`), h('span', { class: 'dim' }, one.note || t(`origin:${one.origin}`)), h('span', { class: 'dim' }, t('{n} seats', { n: one.seats })));
    this.show(t('Versions'), h('ol', { class: 'plan-versions' }, ...versions.map(row)), details, damaged.length ? h('p', {}, t('{n} stored files cannot be read: {names}', { n: damaged.length, names: damaged.map((one) => one.name).join(', ') })) : '');
  }

  async version(one, current, details) {
    const answer = await talk.version(one.version, one.version === current ? undefined : current);
    if (!answer.ok) { details.replaceChildren(h('p', {}, why(answer))); return; }
    const { editor } = this, back = one.version !== current;
    details.replaceChildren(h('h3', {}, back ? t('Going back to version {n} would', { n: one.version }) : t('Version {n} did', { n: one.version })), answer.told.changes ? changesList(answer.told.changes) : h('p', {}, t('It is the first one.')),
      h('p', { class: 'plan-acts' }, button(t('Open as a draft'), () => { this.close(); editor.editDoc(answer.told.plan); }), back ? button(t('Publish this version again'), () => { editor.base = current; this.send({ version: one.version, note: t('Back to version {n}', { n: one.version }) }); }, { class: 'button strong' }) : ''));
  }

  // ---- a file from outside ---------------------------------------------------------------------------------------------------
  import() {
    const input = h('input', { type: 'file', accept: '.csv,.toml,.txt,text/csv', 'data-field': 'file', 'aria-label': t('Plan file') });
    const area = h('textarea', { rows: 5, 'aria-label': t('Paste a table'), placeholder: 'seat,team,extension\nA01-01,A01,8001\nA01-02,A01,8002' });
    const look = async (blob, type) => this.looked(await talk.take(blob, type));
    input.addEventListener('change', () => { const [file] = input.files; if (file) look(file, file.name.toLowerCase().endsWith('.toml') ? 'application/toml' : 'text/csv'); });
    this.show(t('Import'), h('p', {}, t('A table (CSV) with a column “seat”; also floor, room, team, x, y, extension, agent. Or a plan file (TOML). Without x and y desks are laid out by team.')),
      h('p', {}, input), area, h('p', {}, button(t('Look at it'), () => look(area.value, 'text/csv'))), h('p', { class: 'hint' }, t('Nothing changes before you say so.')));
  }

  looked(answer) {
    if (!answer.ok) { this.show(t('Import'), h('p', {}, why(answer)), h('p', {}, button(t('Another file'), () => this.import()))); return; }
    const { told } = answer, { editor } = this;
    this.show(t('Import'), h('p', {}, h('b', {}, t('{seats} seats are sound, {faults} faults', { seats: told.seats, faults: told.faults.length + told.more }))), told.faults.length ? faultsList(told) : '', changesList(told.changes),
      h('p', { class: 'plan-acts' }, button(t('Another file'), () => this.import()), told.seats ? button(told.faults.length ? t('Take the sound part') : t('Take it'), () => { this.close(); editor.editDoc(told.plan); }, { class: 'button strong', 'data-take': '1' }) : ''));
  }

  faults(told, title = t('The plan file has faults')) { this.show(title, faultsList(told)); }

  // ---- how large the picture is ----------------------------------------------------------------------------------------------
  scale(line) {
    const { editor } = this, floor = editor.plan.floors.find((one) => one.key === editor.floor), now = Math.hypot(line.toX - line.x, line.toY - line.y);
    if (!floor.backdrop) return;
    let metres = Math.round(now * 100) / 100;
    const set = () => {
      const times = metres / now, { backdrop } = floor, round = (value) => Math.round(value * 1000) / 1000;
      this.close();
      // the line's beginning stays where it is
      editor.patchFloor({ backdrop: { ...backdrop, left: round(line.x + (backdrop.left - line.x) * times), top: round(line.y + (backdrop.top - line.y) * times), width: round(backdrop.width * times), height: round(backdrop.height * times) } });
      editor.fit();
    };
    this.show(t('Set the scale'), field('metres', t('The line is so many metres long'), metres, (value) => { metres = value; }, { number: true, low: 0.1, high: 1000 }), h('p', {}, button(t('Set'), set, { class: 'button strong' })));
    this.box.querySelector('[data-field=metres]').select();
  }

  help() { this.show(t('Keys'), h('dl', { class: 'plan-keys' }, ...KEYS.flatMap(([keys, word]) => [h('dt', {}, h('kbd', {}, keys === 'Double click' ? t('Double click') : keys)), h('dd', {}, t(word))]))); }
}

const moment = (at) => `${dayText(at)} ${timeText(at)}`;
const some = (list, text = (one) => one) => list.slice(0, 12).map(text).join(', ') + (list.length > 12 ? ' …' : '');

function changesList(changes) {
  const rows = [['added', changes.added, some(changes.added)], ['removed', changes.removed, some(changes.removed)], ['renamed', changes.renamed, some(changes.renamed, (one) => `${one.before} → ${one.after}`)], ['moved', changes.moved, some(changes.moved)],
    ['changed', changes.changed, some(changes.changed, (one) => `${one.seat} ${t(`planfield:${one.what}`)} ${one.before || '–'} → ${one.after || '–'}`)], ['rooms_added', changes.rooms_added, some(changes.rooms_added)], ['rooms_removed', changes.rooms_removed, some(changes.rooms_removed)]].filter(([, list]) => list.length);
  if (!rows.length) return h('p', { class: 'dim' }, t('No seat changes.'));
  return h('table', { class: 'plan-changes' }, h('tbody', {}, ...rows.map(([name, list, text]) => h('tr', {}, h('th', { scope: 'row' }, t(`planchange:${name}`)), h('td', {}, h('b', {}, list.length)), h('td', { class: 'dim' }, text)))));
}

function faultsList({ faults, more }) {
  const row = (fault) => h('li', {}, h('b', {}, (fault.line ? t('line {n}: ', { n: fault.line }) : `${fault.place}: `) + faultText(fault)), h('span', {}, mendText(fault)));
  const rest = faults.length - SHOWN + more;
  return h('ol', { class: 'plan-fault-list' }, ...faults.slice(0, SHOWN).map(row), rest > 0 ? h('li', { class: 'dim' }, t('and {n} more', { n: rest })) : '');
}
