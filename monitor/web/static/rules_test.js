// The scheme's golden dialogues: their text, and which came out otherwise than expected, and why. In: the editor. Out: dialogues.
// Kept with the draft and the version; a tried contact becomes one.
import { $, h, page, t } from '/static/web/common.js';
import { button, word } from '/static/web/rules_fields.js';
import { talk, told as worded, why } from '/static/web/rules_talk.js';

const SHOWN = 200, OUTCOMES = ['hit', 'miss', 'not_applicable', 'cannot_tell/hit', 'cannot_tell/miss', 'cannot_tell/not_applicable'];

export class RulesTest {
  constructor(editor) {
    this.editor = editor;
    this.box = $('#rules-test');
    this.empty = [...this.box.childNodes];
    this.run = '';
    this.said = h('div', { role: 'status' });
    this.area = h('textarea', { id: 'rules-golden', class: 'mono', spellcheck: 'false', wrap: 'off', rows: 18, 'aria-label': t('Golden dialogues') });
    this.area.addEventListener('input', () => { editor.golden = this.area.value; editor.status(); });
    this.area.addEventListener('change', () => this.go());
    this.add = button(t('Add the tried contact'), () => this.keep(), { id: 'rules-keep' });
    this.again = button(t('Run again'), () => this.go());
    this.box.replaceChildren(h('p', { class: 'rules-acts' }, this.again, this.add, button(t('Download'), () => this.download(), { id: 'rules-download', title: t('The scheme and its dialogues, for floorwatch rules test') })), this.said, this.area);
  }

  open() {
    const { editor } = this;
    this.area.readOnly = editor.readOnly;
    this.add.disabled = editor.readOnly;
    if (this.area.value !== editor.golden) this.area.value = editor.golden;
    this.area.hidden = !editor.golden && editor.readOnly;
    if (this.run !== this.key()) this.go();
  }

  key() { return [this.editor.name, this.editor.golden, this.editor.text.text].join('\n'); }

  async go() {
    const { editor } = this, text = editor.text.text, key = this.key();
    this.run = key;
    if (!editor.golden.trim()) { this.said.replaceChildren(...this.empty); return; }
    this.said.replaceChildren(h('p', { class: 'dim' }, t('Running the golden dialogues…')));
    const answer = await talk.test(text, editor.name, editor.golden);
    if (this.run !== key) return;
    if (!answer.ok) { this.run = ''; this.said.replaceChildren(h('p', { class: 'notice bad' }, why(answer), answer.told.faults?.length ? button(t('Go there (F8)'), () => editor.next()) : '')); return; }
    this.said.replaceChildren(...this.told(answer.told));
  }

  // What a run said, also of a publication that was refused.
  told(told) {
    if (told.faults.length) return [h('p', { class: 'notice bad' }, t('The dialogues have faults')), h('ul', { class: 'rules-warnings bad' }, ...told.faults.slice(0, SHOWN).map(worded).map((one) => h('li', {}, button(String(one.line), () => this.show(one.line), { class: 'button mono small' }), h('span', {}, one.message, h('small', {}, one.mend)))))];
    const chinese = page.locale.startsWith('zh'), failed = told.dialogues - told.passed, by = new Map();
    for (const one of told.others) by.set(one.dialogue, [...(by.get(one.dialogue) || []), one]);
    const row = (one) => h('li', {}, button(this.named(one.item), () => { $('#tab-form').click(); this.editor.form.choose('item', one.item, true); }, { class: 'rules-link' }), h('span', {}, ` ${one.word ? `${t('without “{word}”', { word: one.word })}: ` : ''}${t('expected {expected}, came out {found}', { expected: outcome(one.expected), found: outcome(one.found) })}`), h('small', {}, (chinese ? one.why_zh : one.why_en) || ''));
    return [
      h('div', { class: `rules-score ${failed ? 'fatal' : 'passed'}` }, h('b', {}, `${told.passed}/${told.dialogues}`), h('span', {}, failed ? t('dialogues came out as expected') : t('all dialogues came out as expected')), h('span', { class: 'dim' }, t('words changed: {n}', { n: told.words }))),
      ...[...by].map(([dialogue, rows]) => h('section', { class: 'rules-dialogue' }, h('h3', {}, button(dialogue, () => this.show(rows[0].line), { class: 'rules-link mono' })), h('ul', { class: 'rules-warnings bad wide' }, ...rows.slice(0, SHOWN).map(row)))),
      told.unproven.length ? h('p', { class: 'hint' }, t('No dialogue shows both ways of: {names}', { names: told.unproven.map((id) => this.named(id)).join('、') })) : ''];
  }

  named(id) { const item = this.editor.form.all('item').find((one) => one.id === id); return item ? word({ ...item, key: id }) : id; }

  // The line, in view and chosen.
  show(line) {
    const rows = this.area.value.split('\n'), from = rows.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
    $('#tab-test').click();
    this.area.focus();
    this.area.setSelectionRange(from, from + (rows[line - 1] || '').length);
    this.area.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(this.area).lineHeight));
    this.area.scrollIntoView({ block: 'nearest' });
  }

  take(golden) {
    this.editor.golden = golden;
    this.area.value = golden;
    this.area.hidden = false;
    this.editor.status();
  }

  // ---- a tried contact becomes one -----------------------------------------------------------------------------------------
  keep() {
    const { editor } = this, tried = editor.trying.told;
    if (!tried) { $('#tab-try').click(); editor.note('warn', t('Try a contact first; then it can become a golden dialogue.')); return; }
    const id = h('input', { type: 'text', maxlength: 100, value: `contact_${tried.contact.replace(/\W+/g, '_')}`.slice(0, 60), class: 'mono', 'data-field': 'id', 'aria-label': t('Name') });
    const about = h('input', { type: 'text', maxlength: 500, 'data-field': 'about', 'aria-label': t('What it shows'), placeholder: t('What it shows') });
    const rows = tried.items.map((one) => ({ one, choice: choice(one) })), said = h('div', { role: 'alert' });
    const go = async () => {
      const expect = Object.fromEntries(rows.filter((row) => row.choice.value).map((row) => [row.one.id, row.choice.value]));
      const answer = await talk.dialogue({ text: editor.text.text, contact: tried.contact, golden: editor.golden, id: id.value.trim() || 'contact', about: about.value.trim(), expect });
      if (!answer.ok) { said.replaceChildren(h('p', { class: 'notice bad' }, why(answer))); return; }
      const { golden, line, run } = answer.told;
      if (run.faults.length) { said.replaceChildren(...this.told(run)); return; }
      editor.dialogs.close();
      this.take(golden);
      this.show(line);
      this.go();
    };
    editor.dialogs.show(t('A golden dialogue of this contact'), h('p', { class: 'dim' }, t('Say what each item must answer. It is proposed as it came out; a dialogue is worth most where that was wrong.')),
      h('label', { class: 'rules-wide' }, h('span', {}, t('Name')), id), h('label', { class: 'rules-wide' }, about),
      h('div', { class: 'rules-expect' }, h('b', {}, t('Item')), h('b', {}, t('Came out')), h('b', {}, t('Expected')), ...rows.flatMap(({ one, choice: chosen }) => [h('span', {}, this.named(one.id)), h('span', { class: 'dim' }, outcome(full(one))), chosen])),
      said, h('p', { class: 'hint' }, t('Loudness is not part of a dialogue; what else cannot be told in it shows at once.')), h('p', { class: 'rules-acts' }, button(t('Add the dialogue'), go, { class: 'button strong' })));
    about.focus();
  }

  download() {
    const { editor } = this;
    for (const [name, text] of [[`${editor.name}.toml`, editor.text.text], [`${editor.name}.golden.toml`, editor.golden]]) {
      if (!text.trim()) continue;
      const at = URL.createObjectURL(new Blob([text], { type: 'application/toml' })), link = h('a', { href: at, download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(at), 10_000);
    }
  }
}

const full = (one) => (one.outcome === 'cannot_tell' ? `cannot_tell/${one.leaning}` : one.outcome);
// `cannot_tell/hit` in words; what is none (a number of hits, a text) as it is.
function outcome(told) {
  const [, before, after] = /^(still|no longer) (.+)$/.exec(told) || [];
  if (before) return t(`${before} {outcome}`, { outcome: outcome(after) });
  if (told === 'no hit') return t('no hit');
  const [first, leaning] = told.split('/');
  return OUTCOMES.includes(told) || first === 'cannot_tell' ? [t(`item:${first}`), leaning && t('leans to {outcome}', { outcome: t(`item:${leaning}`) })].filter(Boolean).join(' · ') : told;
}
function choice(one) {
  const node = h('select', { 'data-item': one.id, 'aria-label': t('Expected') }, h('option', { value: '' }, t('anything')), ...OUTCOMES.map((each) => h('option', { value: each }, outcome(each))));
  node.value = full(one);
  return node;
}
