// All versions of a scheme. In: the editor. Out: what each changed; an older one opened, or published again.
import { $, dayText, h, t, timeText } from '/static/web/common.js';
import { linesTable, partsList } from '/static/web/rules_diff.js';
import { button } from '/static/web/rules_fields.js';
import { talk, why } from '/static/web/rules_talk.js';

export const moment = (at) => (at ? `${dayText(at)} ${timeText(at)}` : '');

export class RulesVersions {
  constructor(editor) {
    this.editor = editor;
    this.box = $('#rules-versions');
    this.shown = '';
  }

  async open() {
    const { editor } = this, key = `${editor.name} ${editor.base}`;
    if (this.shown === key) return;
    this.shown = key;
    this.box.replaceChildren(h('p', { class: 'dim' }, t('Looking…')));
    const answer = await talk.versions(editor.name);
    if (!answer.ok) { this.box.replaceChildren(h('div', { class: 'nothing' }, h('b', {}, t('No version yet')), h('p', {}, answer.status === 404 ? t('It is published when you say so.') : why(answer)))); return; }
    const detail = h('div', { class: 'rules-version-detail' });
    const row = (one) => h('li', {}, button(one.version ? t('version {n}', { n: one.version }) : t('packaged'), () => this.show(one, detail), { 'data-version': one.version, 'aria-current': one.version === editor.base ? 'true' : null }),
      h('span', {}, h('b', {}, one.note || t(`origin:${one.origin}`)), h('small', {}, [moment(one.at), one.author, t('{n} items', { n: one.items }), one.dialogues ? t('{n} dialogues', { n: one.dialogues }) : '', one.digest.slice(0, 8)].filter(Boolean).join(' · '))), one.in_use && one.version === editor.base ? h('span', { class: 'tag ok' }, t('in use')) : h('span', {}), one.failing !== 0 ? h('span', { class: 'rules-failing' }, one.failing === null ? t('dialogues not finished') : t('{n} dialogues failed', { n: one.failing })) : '');
    const retire = editor.about?.in_use && editor.about.version > 0 ? button(t('Score by it no more'), () => editor.dialogs.retire(), { id: 'rules-retire' }) : '';
    this.box.replaceChildren(h('ol', { class: 'rules-list' }, ...answer.told.versions.map(row)), retire ? h('p', { class: 'rules-acts' }, retire) : '', detail);
    await this.show(answer.told.versions[0], detail);
  }

  async show(one, detail) {
    const { editor } = this, back = one.version !== editor.base;
    for (const node of this.box.querySelectorAll('[data-version]')) node.setAttribute('aria-pressed', String(Number(node.dataset.version) === one.version));
    const answer = await talk.version(editor.name, one.version, back ? editor.base : undefined);
    if (!answer.ok) { detail.replaceChildren(h('p', { class: 'notice bad' }, why(answer))); return; }
    const { changes, text, about, golden, golden_changed: dialogues } = answer.told;
    detail.replaceChildren(h('h3', {}, back ? t('Going back to version {n} would change', { n: one.version }) : t('Version {n} changed', { n: one.version })),
      dialogues ? h('p', { class: 'dim' }, t('The golden dialogues changed.')) : '',
      changes ? (dialogues && !changes.parts.length ? '' : partsList(changes)) : h('p', { class: 'dim' }, t('It is the first one.')),
      h('p', { class: 'rules-acts' }, editor.readOnly ? '' : button(t('Open as a draft'), () => { editor.text.replace(text); editor.testing.take(golden); }), back ? button(t('Publish this version again'), () => editor.dialogs.rollBack(about), { class: 'button strong', id: 'rules-back' }) : ''),
      changes ? linesTable(changes) : '');
  }
}
