// The editor of rules. In: schemes from the service, what a person types. Out: drafts, versions.
// The text is what counts; the form shows what it says and changes single keys of it.
import { $, $$, h, page, ready, t, timeText } from '/static/web/common.js';
import { RulesAccuracy } from '/static/web/rules_accuracy.js';
import { RulesBacktest } from '/static/web/rules_backtest.js';
import { button } from '/static/web/rules_fields.js';
import { RulesDialogs } from '/static/web/rules_dialogs.js';
import { RulesForm } from '/static/web/rules_form.js';
import { talk, told as worded, why } from '/static/web/rules_talk.js';
import { RulesTest } from '/static/web/rules_test.js';
import { RulesText } from '/static/web/rules_text.js';
import { RulesTry } from '/static/web/rules_try.js';
import { RulesVersions, moment } from '/static/web/rules_versions.js';

const SETTLED = 300, WORDS = 300, SHOWN = 200;

class Editor {
  constructor(language) {
    this.language = language;
    this.values = {};
    this.lines = {};
    this.faults = [];
    this.warnings = [];
    this.words = [];
    this.broken = 0;
    this.golden = this.savedGolden = this.publishedGolden = '';
    this.readOnly = true;
    this.queue = Promise.resolve();
    this.checks = 0;
    this.text = new RulesText();
    this.form = new RulesForm(this);
    this.trying = new RulesTry(this);
    this.testing = new RulesTest(this);
    this.versions = new RulesVersions(this);
    this.backtest = new RulesBacktest(this);
    this.accuracy = new RulesAccuracy(this);
    this.dialogs = new RulesDialogs(this);
    this.text.addEventListener('change', () => this.changed());
    this.text.addEventListener('caret', () => { clearTimeout(this.following); this.following = setTimeout(() => { if (document.activeElement === this.text.area) this.form.follow(this.text.line); }, 250); });
  }

  get dirty() { return this.text.text !== this.saved || this.golden !== this.savedGolden; }

  // ---- which scheme --------------------------------------------------------------------------------------------------------
  async list() {
    const answer = await talk.schemes(), box = $('#rules-scheme');
    if (!answer.ok) { this.note('bad', why(answer)); return []; }
    const { schemes, drafts, lost } = answer.told, chinese = page.locale.startsWith('zh');
    const row = (one) => h('option', { value: one.about.name, selected: one.about.name === this.name }, `${(chinese ? one.zh : one.en) || one.about.name}${one.about.in_use ? ' ●' : ''}${one.draft ? ' ✎' : ''}${one.fault ? ' ✕' : ''}`);
    box.replaceChildren(...schemes.map(row), ...drafts.map((name) => h('option', { value: name, selected: name === this.name }, `${name} ✎`)));
    if (lost.length) this.note('bad', t('Stored versions that cannot be read: {names}', { names: lost.join('; ') }));
    return [...schemes.map((one) => one.about), ...drafts.map((name) => ({ name }))];
  }

  async open(name) {
    const answer = await talk.scheme(name);
    if (!answer.ok) { this.note('bad', why(answer)); return; }
    this.take(answer.told);
    await this.list();
  }

  take({ name, about, text, draft, revision, golden }) {
    const before = this.name;
    Object.assign(this, { name, about, published: text, draft, revision, base: about ? about.version : 0, drafted: draft ? draft.base : null });
    this.readOnly = !draft && (!about || about.version === 0);
    const wanted = draft ? draft.text : text;
    this.saved = wanted;
    this.publishedGolden = golden;
    this.golden = this.savedGolden = draft?.golden ?? golden;
    if (before !== name) this.form.chosen = { kind: 'scheme', id: '' };
    this.text.open(wanted, this.readOnly);
    history.replaceState(null, '', `?scheme=${encodeURIComponent(name)}`);
    $('#rules-scheme').value = name;
    this.opened();
    this.check();
    this.versions.shown = '';
    if (!$('#rules-versions').hidden) this.versions.open();
    if (!$('#rules-test').hidden) this.testing.open();
    if (!$('#rules-backtest').hidden) this.backtest.open();
    if (!$('#rules-accuracy').hidden) this.accuracy.open();
  }

  opened() {
    if (this.readOnly) this.note('', t('This is the packaged or configured text. It is not changed: a copy is.'), button(t('Copy to edit'), () => this.dialogs.copy(), { class: 'button strong', id: 'rules-copy' }));
    else if (this.draft) {
      const theirs = this.drafted !== this.base ? t(' Version {n} was published since.', { n: this.base }) : '';
      this.note(theirs ? 'warn' : '', t('Draft of {who}, {time}, on version {n}.', { who: this.draft.author, time: moment(this.draft.at), n: this.drafted }) + theirs, button(t('Drop the draft'), () => this.dialogs.drop()));
    } else this.note('');
    this.status();
  }

  note(level, text, ...more) {
    const node = $('#rules-note');
    node.hidden = !text;
    node.dataset.level = level;
    node.replaceChildren(h('span', {}, text || ''), ...more);
  }

  status() {
    const about = this.about;
    $('#rules-version').textContent = about ? about.version ? t('version {n} by {who}', { n: about.version, who: about.author }) : t('packaged, version {n}', { n: about.scored_as }) : t('never published');
    $('#rules-use').hidden = !about?.in_use;
    $('#rules-saved').textContent = this.readOnly ? '' : this.dirty ? t('not saved') : this.draft ? t('draft saved {time}', { time: timeText(this.draft.at) }) : '';
    $('#rules-saved').classList.toggle('warn', this.dirty);
    $('#rules-save').disabled = this.readOnly || !this.dirty;
    $('#rules-publish').disabled = this.readOnly || (!this.dirty && this.text.text === this.published && this.golden === this.publishedGolden);
    for (const one of $$('.rules-change')) one.disabled = this.readOnly || this.broken > 0;
    $('#rules-undo').disabled = !this.text.past.length;
    $('#rules-redo').disabled = !this.text.future.length;
  }

  // ---- checking ------------------------------------------------------------------------------------------------------------
  changed() {
    this.status();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.check(), SETTLED);
  }

  async check() {
    clearTimeout(this.settling);
    const asked = ++this.checks, text = this.text.text;
    $('#rules-busy').hidden = false;
    const answer = await talk.check({ text, name: this.name, words: true });
    if (asked !== this.checks) return;
    $('#rules-busy').hidden = true;
    if (answer.status === 503 && answer.told.reason === 'too_many_rules_at_once') { this.settling = setTimeout(() => this.check(), 1500); return; }
    if (!answer.ok) { this.checked = ''; $('#rules-count').textContent = why(answer); return; }
    this.looked(answer.told, text);
  }

  looked(told, text) {
    this.checked = text;
    Object.assign(this, { faults: told.faults, warnings: told.warnings, words: told.words, wordsFault: told.words_fault });
    const readable = Object.keys(told.values).length || !told.faults.length;
    this.broken = readable ? 0 : told.faults[0].line;
    if (readable) { this.values = told.values; this.lines = told.lines; }
    this.showFaults();
    this.form.draw();
    this.status();
    if (!told.faults.length) { this.trying.again(); if (!$('#rules-test').hidden) this.testing.open(); }
    if (told.words_left) setTimeout(() => { if (this.checked === this.text.text) this.check(); }, WORDS);
    document.body.dataset.rules = 'ready';
  }

  problems() {
    const word = (one) => ({ line: one.line, level: 'warn', message: t('“{phrase}” cannot be heard: the recogniser has no {unknown}', { phrase: one.phrase, unknown: one.unknown.join('、') }), mend: one.near.length ? t('it may write {near}: add that, too', { near: one.near.join('、') }) : '' });
    const told = (level) => (row) => { const one = worded(row); return { ...one, level, message: this.named(one.message) }; };
    return [...this.faults.map(told('bad')), ...[...this.warnings.map(told('warn')), ...this.words.map(word)].sort((a, b) => a.line - b.line)];
  }

  // `rule[5].condition[0].role: …` by the ids people gave.
  named(message) {
    const found = /^((?:[a-z_]+\[\d+\]\.?)+)/.exec(message);
    if (!found) return message;
    let at = this.values;
    const said = [...found[1].matchAll(/([a-z_]+)\[(\d+)\]/g)].map(([, key, number]) => { at = at?.[key]?.[number]; return `${key} ${at?.id ?? Number(number) + 1}`; });
    return `${said.join(' · ')}${message.slice(found[0].length).replace(/^(?=[^:：])/, ' · ')}`;
  }

  showFaults() {
    const all = this.problems(), marks = new Map();
    for (const one of all) {
      const known = marks.get(one.line);
      marks.set(one.line, { level: known?.level === 'bad' ? 'bad' : one.level, title: [known?.title, `${one.message} — ${one.mend}`].filter(Boolean).join('\n') });
    }
    this.text.mark(marks);
    const bad = this.faults.length, warn = all.length - bad, count = $('#rules-count');
    count.textContent = bad ? t('{n} faults', { n: bad }) + (warn ? ` · ${t('{n} warnings', { n: warn })}` : '') : warn ? t('sound; {n} warnings', { n: warn }) : t('sound');
    count.className = bad ? 'bad' : warn ? 'warn' : 'ok';
    $('#rules-faults').replaceChildren(...all.slice(0, SHOWN).map((one) => {
      const node = h('button', { type: 'button', class: one.level, 'data-line': one.line }, h('span', { class: 'mono' }, String(one.line)), h('b', {}, one.message), h('span', {}, one.mend));
      node.addEventListener('click', () => this.text.show(one.line));
      return h('li', {}, node);
    }), ...(all.length > SHOWN ? [h('li', { class: 'dim' }, t('and {n} more', { n: all.length - SHOWN }))] : []));
    $('#rules-strip').classList.toggle('empty', !all.length);
  }

  // Which rows of the outline have faults: the part whose lines hold them.
  faultsOf() {
    const found = new Map(), starts = Object.entries(this.lines).filter(([path]) => /^(scheme|(item|rule|dimension)\/\d+)$/.test(path)).sort((a, b) => a[1] - b[1]);
    for (const one of this.problems()) {
      const [path] = starts.filter(([, line]) => line <= one.line).pop() || ['scheme'];
      const [kind, number] = path.split('/'), id = kind === 'scheme' ? '' : String(this.values[kind]?.[number]?.id ?? '');
      const names = [`${kind}/${id}`, ...(kind === 'rule' ? (this.values.item || []).filter((item) => item.rule === id).map((item) => `item/${item.id}`) : [])];
      for (const name of names) if (found.get(name) !== 'bad') found.set(name, one.level);
    }
    return found;
  }

  next() {
    const lines = [...new Set(this.problems().map((one) => one.line))].sort((a, b) => a - b);
    if (lines.length) this.text.show(lines.find((line) => line > this.text.line) ?? lines[0]);
  }

  // ---- edits of the form: one after the other, each on the text as it then stands --------------------------------------------
  edit(change) {
    this.queue = this.queue.then(async () => {
      if (this.readOnly) return;
      const asked = ++this.checks, text = this.text.text, answer = await talk.check({ text, name: this.name, words: true, ...change });
      if (this.text.text !== text) { this.note('warn', t('The text changed meanwhile: do it again.')); return; }
      if (!answer.ok) { this.note('bad', why(answer)); this.form.draw(); return; }
      this.text.replace(answer.told.text);
      clearTimeout(this.settling);
      if (asked === this.checks) this.looked(answer.told, answer.told.text);
    });
    return this.queue;
  }

  // ---- keeping -------------------------------------------------------------------------------------------------------------
  async save() {
    if (this.readOnly) return false;
    if (!this.dirty) return true;
    const text = this.text.text, { golden } = this, answer = await talk.save(this.name, { text, golden, revision: this.revision, base: this.drafted ?? this.base });
    if (!answer.ok) { if (answer.told.reason === 'newer_draft') this.dialogs.newerDraft(answer.told); else this.note('bad', why(answer)); return false; }
    Object.assign(this, { draft: answer.told, revision: answer.told.revision, drafted: answer.told.base, saved: text, savedGolden: golden });
    this.opened();
    this.list();
    return true;
  }

  leave() { return !this.dirty || confirm(t('What you changed is not saved. Leave it?')); }
}

function tabs(editor) {
  const all = $$('#rules-tabs [role=tab]');
  const choose = (chosen) => {
    for (const one of all) {
      const on = one === chosen;
      one.setAttribute('aria-selected', String(on));
      one.tabIndex = on ? 0 : -1;
      $(`#${one.getAttribute('aria-controls')}`).hidden = !on;
    }
    const name = chosen.dataset.tab;
    if (name === 'try') editor.trying.open();
    if (name === 'test') editor.testing.open();
    if (name === 'versions') editor.versions.open();
    if (name === 'backtest') editor.backtest.open();
    if (name === 'accuracy') editor.accuracy.open();
  };
  for (const one of all) one.addEventListener('click', () => choose(one));
  $('#rules-tabs').addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) { const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length]; next.focus(); choose(next); }
  });
}

function keys(editor) {
  addEventListener('keydown', (event) => {
    const held = event.ctrlKey || event.metaKey, key = event.key.toLowerCase();
    if (document.querySelector('dialog[open]')) return;
    const act = held && key === 's' ? () => editor.save() : held && event.key === 'Enter' ? () => editor.check() : event.key === 'F8' ? () => editor.next()
      : held && key === 'z' && !inForm(event) ? () => (event.shiftKey ? editor.text.redo() : editor.text.undo()) : held && key === 'y' && !inForm(event) ? () => editor.text.redo()
        : event.key === 'Escape' && event.target.closest('#rules-side') ? () => editor.text.area.focus() : null;
    if (!act) return;
    event.preventDefault();
    if (event.target.closest?.('#rules-sheet') && held) event.target.blur(); // what is being typed there counts
    act();
  });
}
const inForm = (event) => event.target !== $('#rules-text') && ['INPUT', 'TEXTAREA'].includes(event.target.tagName);

async function begin() {
  await ready;
  const answer = await talk.language();
  const editor = new Editor(answer.ok ? answer.told : { scheme: [], dimension: [], item: [], rule: [], condition: [], ranges: [], anchors: [], anchor: [], operators: [] });
  window.rules = editor;
  if (!answer.ok) editor.note('bad', why(answer));
  tabs(editor);
  keys(editor);
  $('#rules-scheme').addEventListener('change', (event) => { if (editor.leave()) editor.open(event.target.value); else event.target.value = editor.name; });
  const acts = { save: () => editor.save(), publish: () => editor.dialogs.publish(), undo: () => editor.text.undo(), redo: () => editor.text.redo(), check: () => editor.check(), next: () => editor.next(), new: () => editor.dialogs.create(), help: () => editor.dialogs.help(), 'add-item': () => editor.form.addItem(), 'add-dimension': () => editor.form.addDimension() };
  for (const [name, act] of Object.entries(acts)) $(`#rules-${name}`).addEventListener('click', act);
  addEventListener('beforeunload', (event) => { if (editor.dirty) event.preventDefault(); });
  addEventListener('locale', () => { editor.list(); editor.opened(); editor.showFaults(); editor.form.draw(); editor.versions.shown = ''; });
  const all = await editor.list(), asked = new URLSearchParams(location.search).get('scheme');
  const first = all.find((one) => one.name === asked) || all.find((one) => one.in_use) || all[0];
  if (first) await editor.open(first.name);
}
begin();
