// All versions of the alert rules. In: the editor. Out: what each changed; a text published, or an older one again.
// Of two who publish, the second sees what came in between and decides.
import { $, $$, h, t } from '/static/web/common.js';
import { dialog, said } from '/static/web/alert_dialog.js';
import { moment } from '/static/web/alert_rules.js';
import { talk } from '/static/web/alert_talk.js';
import { linesTable, partsList } from '/static/web/rules_diff.js';
import { button } from '/static/web/rules_fields.js';
import { why } from '/static/web/rules_talk.js';

export class AlertVersions {
  constructor(editor) { Object.assign(this, { editor, box: $('#rules-versions'), shown: -1 }); }

  async open() {
    const { editor } = this;
    if (this.shown === editor.version) return;
    this.shown = editor.version;
    const answer = await talk.versions();
    if (!answer.ok) { this.box.replaceChildren(h('p', { class: 'notice bad' }, why(answer))); this.shown = -1; return; }
    const detail = h('div', { class: 'rules-version-detail' }), all = answer.told.versions;
    const row = (one) => h('li', {}, button(t('version {n}', { n: one.version }), () => this.show(one, detail), { 'data-version': one.version, 'aria-current': one.version === editor.version ? 'true' : null }), h('span', {}, h('b', {}, one.note || t(`rules_of:${one.origin}`)), h('small', {}, [moment(one.at), one.by, t('{n} rules', { n: one.rules }), (one.digest || '').slice(0, 8)].filter(Boolean).join(' · '))), one.version === editor.version ? h('span', { class: 'tag ok' }, t('in use')) : h('span', {}));
    this.box.replaceChildren(all.length ? h('ol', { class: 'rules-list' }, all.map(row)) : h('div', { class: 'nothing' }, h('b', {}, t('No version yet')), h('p', {}, t('It is published when you say so.'))), detail);
    if (all.length) await this.show(all[0], detail);
  }

  async show(one, detail) {
    const { editor } = this, back = one.version !== editor.version;
    for (const node of $$('[data-version]', this.box)) node.setAttribute('aria-pressed', String(Number(node.dataset.version) === one.version));
    const answer = await talk.version(one.version, back ? editor.version : undefined);
    if (!answer.ok) { detail.replaceChildren(h('p', { class: 'notice bad' }, why(answer))); return; }
    const { changes, text, about } = answer.told;
    detail.replaceChildren(h('h3', {}, back ? t('Going back to version {n} would change', { n: one.version }) : t('Version {n} changed', { n: one.version })), changes ? partsList(changes) : h('p', { class: 'dim' }, t('It is the first one.')),
      h('p', { class: 'rules-acts' }, button(t('Open in the editor'), () => editor.text.replace(text)), back ? button(t('Publish this version again'), () => this.rollBack(about), { class: 'button strong', id: 'rules-back' }) : ''), changes ? linesTable(changes) : '');
  }

  // ---- publishing -----------------------------------------------------------------------------------------------------------------
  async publish() {
    const { editor } = this;
    await editor.queue;
    if (editor.checked !== editor.text.text) await editor.check();
    if (editor.faults.length) { this.faulty(editor.faults); return; }
    const answer = await talk.compare(editor.saved, editor.text.text), note = noteField();
    dialog.show(t('Publish'), answer.ok ? [partsList(answer.told), h('details', {}, h('summary', {}, t('Line by line')), linesTable(answer.told))] : h('p', { class: 'notice bad' }, why(answer)), h('label', { class: 'rules-wide' }, note), h('p', { class: 'rules-acts' }, button(t('Publish'), () => this.send({ text: editor.text.text, note: note.value }), { class: 'button strong' })), h('p', { class: 'hint' }, t('Alerts are judged by it within five seconds. An alert whose rule stays goes on with its timers; one whose rule is gone is resolved and says so.')));
    note.focus();
  }

  async send(body) {
    const { editor } = this, answer = await talk.publish({ base: editor.version, ...body });
    if (answer.ok) { dialog.close(); await editor.load(); said(t('Version {n} is published.', { n: answer.told.version })); return; }
    const { told } = answer;
    if (told.reason === 'newer_alert_rules') this.newer(body, told);
    else if (told.reason === 'faulty_alert_rules') this.faulty(told.faults);
    else dialog.show(t('Not published'), h('p', { class: 'notice bad' }, why(answer)));
  }

  faulty(faults) {
    dialog.show(t('Mend this first'), h('ol', { class: 'rules-warnings bad' }, faults.slice(0, 100).map((one) => h('li', {}, button(String(one.line), () => { dialog.close(); this.editor.text.show(one.line); }, { class: 'button mono' }), h('span', {}, ` ${[this.editor.named(one.key), one.problem].filter(Boolean).join(t(': '))}`, h('small', {}, one.mend))))));
  }

  newer(body, { latest, changes }) {
    const { editor } = this;
    dialog.show(t('Somebody published in between'), h('p', {}, t('Version {n} by {who}, {time}', { n: latest.version, who: latest.by, time: moment(latest.at) })), latest.note && h('p', {}, `“${latest.note}”`), changes ? [partsList(changes), linesTable(changes)] : '',
      h('p', { class: 'rules-acts' }, button(t('Take theirs, drop mine'), () => { dialog.close(); editor.load(); }), button(t('Publish mine over it'), () => { editor.version = latest.version; this.send(body); }, { class: 'button strong' })));
  }

  rollBack(about) {
    const note = noteField(t('Back to version {n}', { n: about.version }));
    dialog.show(t('Publish version {n} again', { n: about.version }), h('p', {}, t('Its text becomes a new version; nothing is overwritten.')), this.editor.dirty ? h('p', { class: 'notice' }, t('What you typed and did not publish is dropped.')) : '', h('label', { class: 'rules-wide' }, note), h('p', { class: 'rules-acts' }, button(t('Publish'), () => this.send({ version: about.version, note: note.value }), { class: 'button strong' })));
    note.select();
  }
}

const noteField = (value = '') => h('input', { type: 'text', maxlength: 500, value, 'data-field': 'note', 'aria-label': t('What changed and why'), placeholder: t('What changed and why') });
