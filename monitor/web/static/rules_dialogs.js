// The editor's questions: publish, copy, conflicts, keys. In: the editor. Out: what a person decided.
// One dialog element for all; Escape and × close it and change nothing.
import { $, h, t } from '/static/web/common.js';
import { linesTable, partsList } from '/static/web/rules_diff.js';
import { button } from '/static/web/rules_fields.js';
import { talk, told as worded, why } from '/static/web/rules_talk.js';
import { moment } from '/static/web/rules_versions.js';

const KEYS = [['Ctrl+S', 'Save the draft'], ['Ctrl+Enter', 'Check now'], ['F8', 'Next fault'], ['Ctrl+Z', 'Undo'], ['Ctrl+Shift+Z', 'Redo'], ['Esc', 'Back into the text'], ['↑ ↓', 'Through the outline']];

export class RulesDialogs {
  constructor(editor) {
    this.editor = editor;
    this.box = $('#rules-dialog');
    $('#rules-dialog-close').addEventListener('click', () => this.close());
    $('form', this.box).addEventListener('submit', (event) => { event.preventDefault(); $('.button.strong', this.box)?.click(); });
  }

  show(title, ...parts) {
    $('#rules-dialog-title').textContent = title;
    $('#rules-dialog-body').replaceChildren(...parts.flat().filter(Boolean));
    if (!this.box.open) this.box.showModal();
  }

  close() { this.box.close(); }

  // ---- publish -------------------------------------------------------------------------------------------------------------
  async publish() {
    const { editor } = this;
    await editor.queue;
    this.show(t('Publish'), h('p', { class: 'dim' }, t('Looking at what changed…')));
    if (editor.checked !== editor.text.text) await editor.check();
    if (editor.faults.length) { this.faulty(editor.faults); return; }
    const answer = await talk.compare(editor.published || '', editor.text.text), warnings = editor.problems();
    if (!answer.ok) { this.show(t('Publish'), h('p', { class: 'notice bad' }, why(answer))); return; }
    const note = h('input', { type: 'text', maxlength: 500, 'data-field': 'note', 'aria-label': t('What changed and why'), placeholder: t('What changed and why') });
    const read = h('input', { type: 'checkbox', id: 'rules-read' }), go = button(t('Publish'), () => this.send({ text: editor.text.text, golden: editor.golden, note: note.value, confirmed: warnings.length > 0 && read.checked }), { class: 'button strong', disabled: warnings.length > 0 });
    read.addEventListener('change', () => { go.disabled = !read.checked; });
    this.show(t('Publish'), partsList(answer.told), editor.golden === editor.publishedGolden ? '' : h('p', { class: 'dim' }, t('The golden dialogues changed.')), h('details', {}, h('summary', {}, t('Line by line')), linesTable(answer.told)),
      warnings.length ? [h('ul', { class: 'rules-warnings' }, ...warnings.slice(0, 30).map((one) => h('li', {}, h('span', { class: 'mono' }, String(one.line)), ` ${one.message} · ${one.mend}`))), h('label', { class: 'rules-flag' }, read, t('I have read the {n} warnings', { n: warnings.length }))] : '',
      h('label', { class: 'rules-wide' }, note), h('p', { class: 'rules-acts' }, go), h('p', { class: 'hint' }, t('New scores use it within five seconds; what was scored stays. Rules that changed get their next version number; older versions stay.')));
    note.focus();
  }

  async send(body) {
    const { editor } = this, answer = await talk.publish(editor.name, { base: editor.base, revision: editor.draft ? editor.revision : 0, ...body });
    if (answer.ok) { this.close(); await editor.open(editor.name); editor.note('ok', t('Version {n} is published.', { n: answer.told.version })); return; }
    const { told } = answer;
    if (told.reason === 'newer_scheme') this.newer(body, told);
    else if (told.reason === 'faulty_scheme') this.faulty(told.faults);
    else if (told.reason === 'dialogues_fail' || (told.reason === 'took_too_long' && body.text)) this.anyway(body, answer);
    else this.show(t('Not published'), h('p', { class: 'notice bad' }, why(answer)), told.warnings?.length ? h('ul', { class: 'rules-warnings' }, ...told.warnings.map(worded).map((one) => h('li', {}, `${one.line}: ${one.message} · ${one.mend}`))) : '');
  }

  faulty(faults) {
    this.show(t('Mend this first'), h('ol', { class: 'rules-warnings bad' }, ...faults.slice(0, 100).map(worded).map((one) => h('li', {}, button(String(one.line), () => { this.close(); this.editor.text.show(one.line); }, { class: 'button mono' }), h('span', {}, ` ${one.message}`, h('small', {}, one.mend))))));
  }

  // Golden dialogues came out otherwise: mended first, or published with a word why.
  anyway(body, answer) {
    const { editor } = this, { run } = answer.told, note = h('input', { type: 'text', maxlength: 500, value: body.note, 'data-field': 'note', 'aria-label': t('What changed and why'), placeholder: t('Why it is published although they fail') });
    const go = button(t('Publish anyway'), () => this.send({ ...body, note: note.value, anyway: true }), { id: 'rules-anyway', disabled: !body.note.trim() });
    note.addEventListener('input', () => { go.disabled = !note.value.trim(); });
    this.show(t('Golden dialogues fail'), run ? editor.testing.told(run) : h('p', { class: 'notice bad' }, why(answer)),
      h('label', { class: 'rules-wide' }, note), h('p', { class: 'rules-acts' }, go, button(t('Look at them'), () => { this.close(); $('#tab-test').click(); }, { class: 'button strong' })), h('p', { class: 'hint' }, t('The version says how many failed, and your note why.')));
  }

  newer(body, { latest, changes }) {
    const { editor } = this;
    this.show(t('Somebody published in between'), h('p', {}, t('Version {n} by {who}, {time}', { n: latest.version, who: latest.author, time: moment(latest.at) })), latest.note && h('p', {}, `“${latest.note}”`), changes && [partsList(changes), linesTable(changes)],
      h('p', { class: 'rules-acts' }, button(t('Take theirs, drop mine'), () => { this.close(); editor.open(editor.name); }), button(t('Publish mine over it'), () => { editor.base = latest.version; this.send(body); }, { class: 'button strong' })));
  }

  newerDraft({ draft, revision, changes }) {
    const { editor } = this;
    if (!draft) { editor.revision = revision; this.show(t('The draft is gone'), h('p', {}, t('Somebody published or dropped it. What you typed is still here.')), h('p', { class: 'rules-acts' }, button(t('Save mine as a new draft'), () => { this.close(); editor.save(); }, { class: 'button strong' }))); return; }
    this.show(t('Somebody saved in between'), h('p', {}, t('Draft of {who}, {time}. From theirs to yours:', { who: draft.author, time: moment(draft.at) })), changes && [partsList(changes), linesTable(changes)],
      h('p', { class: 'rules-acts' }, button(t('Take theirs, drop mine'), () => { this.close(); editor.open(editor.name); }), button(t('Save mine over it'), () => { editor.revision = revision; this.close(); editor.save(); }, { class: 'button strong' })));
  }

  // ---- versions ------------------------------------------------------------------------------------------------------------
  rollBack(about) {
    const note = h('input', { type: 'text', maxlength: 500, value: t('Back to version {n}', { n: about.version }), 'data-field': 'note', 'aria-label': t('What changed and why') });
    this.show(t('Publish version {n} again', { n: about.version }), h('p', {}, t('Its text becomes a new version; nothing is overwritten.')), this.editor.dirty ? h('p', { class: 'notice' }, t('What you typed and did not save is dropped.')) : '', h('label', { class: 'rules-wide' }, note), h('p', { class: 'rules-acts' }, button(t('Publish'), () => this.send({ version: about.version, note: note.value, revision: 0 }), { class: 'button strong' })));
    note.select();
  }

  retire() {
    const note = h('input', { type: 'text', maxlength: 500, 'data-field': 'note', placeholder: t('What changed and why'), 'aria-label': t('What changed and why') });
    this.show(t('Score by it no more'), h('p', {}, t('New contacts are not scored by this scheme until somebody publishes it again. Its scores stay.')), h('label', { class: 'rules-wide' }, note), h('p', { class: 'rules-acts' }, button(t('Score by it no more'), () => this.send({ retire: true, note: note.value, revision: 0 }), { class: 'button strong' })));
  }

  drop() {
    const { editor } = this;
    this.show(t('Drop the draft'), h('p', {}, t('The text is that of the published version again.')), h('p', { class: 'rules-acts' }, button(t('Keep it'), () => this.close()), button(t('Drop the draft'), async () => {
      const answer = await talk.drop(editor.name, editor.revision);
      this.close();
      if (!answer.ok) { editor.note('bad', why(answer)); return; }
      const all = await editor.list(), there = all.find((one) => one.name === editor.name) || all[0];
      if (there) editor.open(there.name);
    }, { class: 'button strong' })));
  }

  // ---- a scheme of one's own -----------------------------------------------------------------------------------------------
  copy() { this.named(t('Copy to edit'), this.editor.name, t('Under the same name it takes this one’s place when you publish it; under another name contacts are scored by it, too.'), this.editor.text.text, this.editor.golden); }
  create() { this.named(t('New scheme'), '', t('It begins with one item; publish it when it is ready.'), EMPTY, ''); }

  named(title, name, hint, text, golden) {
    const { editor } = this, said = h('p', { class: 'bad', role: 'alert' }), input = h('input', { type: 'text', value: name, maxlength: 64, 'data-field': 'name', class: 'mono', 'aria-label': t('Name'), placeholder: 'my-scheme.zh', spellcheck: 'false' });
    const go = async () => {
      const wanted = input.value.trim();
      if (!wanted) { input.focus(); return; }
      if (!editor.leave()) return;
      const made = await talk.check({ text, edits: [{ act: 'set', path: ['scheme', 'name'], value: wanted }] });
      if (!made.ok) { said.textContent = why(made); return; }
      const known = await this.known(wanted);
      if (known && wanted !== editor.name) { said.textContent = t('There is a scheme of this name.'); return; }
      const answer = await talk.save(wanted, { text: made.told.text, golden, revision: known ? editor.revision : 0, base: known ? editor.base : 0 });
      if (!answer.ok && answer.told.reason !== 'newer_draft') { said.textContent = why(answer); return; }
      if (!answer.ok && !answer.told.draft) { await talk.save(wanted, { text: made.told.text, golden, revision: answer.told.revision, base: 0 }); }
      editor.saved = editor.text.text;
      editor.savedGolden = editor.golden;
      this.close();
      await editor.open(wanted);
      editor.text.area.focus();
    };
    this.show(title, h('label', { class: 'rules-wide' }, h('span', {}, t('Name')), input), said, h('p', { class: 'hint' }, hint), h('p', { class: 'rules-acts' }, button(title, go, { class: 'button strong' })));
    input.select();
  }

  async known(name) {
    const answer = await talk.schemes();
    return answer.ok && (answer.told.schemes.some((one) => one.about.name === name) || answer.told.drafts.includes(name));
  }

  help() { this.show(t('Keys'), h('dl', { class: 'rules-keys' }, ...KEYS.flatMap(([keys, word]) => [h('dt', {}, h('kbd', {}, keys)), h('dd', {}, t(word))]))); }
}

const EMPTY = `[scheme]
name = "new"
version = 1
zh = "新质检方案"
en = "New scheme"
pass_percent = 80

[[item]]
id = "greeting"
zh = "开头语"
en = "Greeting"
kind = "earn"
points = 10
rule = "greeting"

[[rule]]
id = "greeting"
version = 1
[[rule.condition]]
id = "hello"
operator = "keyword"
role = "agent"
first_seconds = 30
any = ["您好", "你好"]
`;
