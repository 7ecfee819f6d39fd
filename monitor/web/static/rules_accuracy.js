// How right each item is by what inspectors said, and whether it drifts. In: the editor. Out: a table.
import { $, h, t } from '/static/web/common.js';
import { button } from '/static/web/rules_fields.js';
import { talk, why } from '/static/web/rules_talk.js';

const text = (one) => (one.value === null ? '–' : `${Math.round(100 * one.value)}%`);
const bounds = (one) => (one.value === null ? '' : `${Math.round(100 * one.low)}–${Math.round(100 * one.high)}%`);

export class RulesAccuracy {
  constructor(editor) {
    this.editor = editor;
    this.box = $('#rules-accuracy');
    addEventListener('locale', () => { if (!this.box.hidden) this.open(); });
  }

  async open() {
    const { editor } = this, name = editor.name;
    this.box.replaceChildren(h('p', { class: 'dim' }, t('Looking…')));
    const answer = await talk.accuracy(name);
    if (name !== editor.name) return;
    if (!answer.ok) { this.box.replaceChildren(h('p', { class: 'notice bad' }, why(answer))); return; }
    const order = (editor.values.item || []).map((one) => one.id), place = (one) => (order.includes(one.item) ? order.indexOf(one.item) : order.length);
    const items = answer.told.items.sort((a, b) => place(a) - place(b));
    if (!items.length) { this.box.replaceChildren(h('div', { class: 'nothing' }, h('b', {}, t('Nothing was scored by this scheme in the last five weeks')), h('p', {}, t('On a contact’s page, say which answers are right: precision and recall follow.')))); return; }
    this.box.replaceChildren(...items.flatMap((one) => one.drifts.map((drift) => h('p', { class: 'notice rules-drift' }, h('b', {}, this.name(one.item)), ' ', t(`drift:${drift.of}`, { now: text(drift.recent), low: `${Math.round(100 * drift.low)}%`, high: `${Math.round(100 * drift.high)}%` })))),
      h('table', { class: 'rules-changes' }, h('thead', {}, h('tr', {}, ...['Item', 'hits', 'misses', 'in doubt', 'judged', 'precision', 'recall'].map((word) => h('th', {}, t(word))))), h('tbody', {}, ...items.map((one) => this.row(one)))),
      items.some((one) => one.judged) ? '' : h('p', { class: 'notice' }, t('On a contact’s page, say which answers are right: precision and recall follow.')),
      h('p', { class: 'hint' }, t('Of the last 35 days; bounds of 95 %. Precision: hits that people agreed with. Recall: of true hits those found, judged misses scaled to all.')));
  }

  name(id) {
    const item = (this.editor.values.item || []).find((one) => one.id === id);
    return (document.documentElement.lang.startsWith('zh') ? item?.zh : item?.en) || id;
  }

  row(one) {
    const cell = (told) => h('td', { class: 'n', title: `${told.part} / ${told.whole}` }, text(told), ' ', h('small', { class: 'dim' }, bounds(told)));
    return h('tr', { class: one.drifts.length ? 'drifts' : null }, h('td', {}, button(this.name(one.item), () => this.editor.form.choose('item', one.item, true), { class: 'rules-link' })), ...[one.hits, one.misses, one.doubts, one.judged].map((count) => h('td', { class: count ? 'n' : 'n dim' }, String(count))), cell(one.precision), cell(one.recall));
  }
}
