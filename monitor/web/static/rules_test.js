// Golden dialogues of the text as it stands. In: the editor. Out: which came out otherwise than expected, and why.
import { $, h, page, t } from '/static/web/common.js';
import { button, word } from '/static/web/rules_fields.js';
import { talk, why } from '/static/web/rules_talk.js';

const SHOWN = 200;

export class RulesTest {
  constructor(editor) {
    this.editor = editor;
    this.box = $('#rules-test');
    this.empty = [...this.box.childNodes];
    this.run = '';
  }

  open() { if (this.run !== `${this.editor.name}\n${this.editor.text.text}`) this.go(); }

  async go() {
    const { editor } = this, text = editor.text.text, key = `${editor.name}\n${text}`;
    this.run = key;
    this.box.replaceChildren(h('p', { class: 'dim', role: 'status' }, t('Running the golden dialogues…')));
    const answer = await talk.test(text, editor.name);
    if (this.run !== key) return;
    if (!answer.ok) { this.run = ''; this.box.replaceChildren(h('p', { class: 'notice bad' }, why(answer), answer.told.faults?.length ? button(t('Go there (F8)'), () => editor.next()) : '')); return; }
    this.show(answer.told);
  }

  show(told) {
    const again = h('p', { class: 'rules-acts' }, button(t('Run again'), () => this.go()));
    if (told.faults.length) { this.box.replaceChildren(h('p', { class: 'notice bad' }, t('The dialogues have faults')), h('ul', { class: 'rules-warnings bad' }, ...told.faults.slice(0, SHOWN).map((one) => h('li', {}, one))), again); return; }
    if (!told.dialogues) { this.box.replaceChildren(...this.empty); return; }
    const chinese = page.locale.startsWith('zh'), failed = told.dialogues - told.passed, by = new Map();
    for (const one of told.others) by.set(one.dialogue, [...(by.get(one.dialogue) || []), one]);
    const name = (id) => { const item = this.editor.form.all('item').find((one) => one.id === id); return item ? word({ ...item, key: id }) : id; };
    const row = (one) => h('li', {}, button(name(one.item), () => { $('#tab-form').click(); this.editor.form.choose('item', one.item, true); }, { class: 'rules-link' }), h('span', {}, ` ${one.word ? `${t('without “{word}”', { word: one.word })}: ` : ''}${t('expected {expected}, came out {found}', { expected: one.expected, found: one.found })}`), h('small', {}, (chinese ? one.why_zh : one.why_en) || ''));
    this.box.replaceChildren(
      h('div', { class: `rules-score ${failed ? 'fatal' : 'passed'}` }, h('b', {}, `${told.passed}/${told.dialogues}`), h('span', {}, failed ? t('dialogues came out as expected') : t('all dialogues came out as expected')), h('span', { class: 'dim' }, t('words changed: {n}', { n: told.words }))),
      ...[...by].map(([dialogue, rows]) => h('section', { class: 'rules-dialogue' }, h('h3', { class: 'mono' }, dialogue), h('ul', { class: 'rules-warnings bad wide' }, ...rows.slice(0, SHOWN).map(row)))),
      told.unproven.length ? h('p', { class: 'hint' }, t('No dialogue shows both ways of: {names}', { names: told.unproven.map(name).join('、') })) : '', again);
  }
}
