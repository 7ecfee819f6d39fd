// The alert rules: text and form side by side, checked while one types. In: the published text, what a person types. Out: a new
// version. The text is what counts; the form changes single keys of it. May not know: how versions are kept.
import { $, $$, h, page, t, timeText, dayText } from '/static/web/common.js';
import { AlertBacktest } from '/static/web/alert_backtest.js';
import { said } from '/static/web/alert_dialog.js';
import { AlertForm } from '/static/web/alert_form.js';
import { AlertVersions } from '/static/web/alert_versions.js';
import { talk } from '/static/web/alert_talk.js';
import { button } from '/static/web/rules_fields.js';
import { why } from '/static/web/rules_talk.js';
import { RulesText } from '/static/web/rules_text.js';

const SETTLED = 300, SHOWN = 200, SECOND = 1000;
const chinese = () => page.locale.startsWith('zh');
export const moment = (at) => (at ? `${dayText(at)} ${timeText(at).slice(0, 5)}` : '');

export class AlertRules {
  constructor(box, more) {
    Object.assign(this, more, { box, text: null, faults: [], values: {}, lines: {}, rules: [], metrics: [], broken: 0, checks: 0, queue: Promise.resolve(), saved: '', version: 0, language: null });
  }

  async open() {
    if (this.text) return;
    this.text = new RulesText();
    this.form = new AlertForm(this);
    this.backtest = new AlertBacktest(this);
    this.versions = new AlertVersions(this);
    this.text.addEventListener('change', () => { this.status(); clearTimeout(this.settling); this.settling = setTimeout(() => this.check(), SETTLED); });
    this.text.addEventListener('caret', () => { clearTimeout(this.following); this.following = setTimeout(() => { if (document.activeElement === this.text.area) this.form.follow(this.text.line); }, 250); });
    this.hands();
    const language = await talk.language();
    if (language.ok) this.language = language.told; else this.note('bad', why(language));
    await this.load();
  }

  async load() {
    const answer = await talk.rules();
    if (!answer.ok) { this.note('bad', why(answer)); return; }
    this.take(answer.told);
  }

  take(told) {
    Object.assign(this, { version: told.version, about: told, saved: told.text, rules: told.rules, metrics: told.metrics });
    this.text.open(told.text, false);
    if (told.running !== undefined && told.running !== told.version) this.note('bad', t('Version {n} can no longer be read; version {m} is what runs. Mend the faults below and publish.', { n: told.version, m: told.running }));
    else this.note('');
    this.status();
    this.drawMetrics();
    this.check();
    this.versions.shown = -1;
    if (!$('#rules-versions').hidden) this.versions.open();
  }

  get dirty() { return this.text && this.text.text !== this.saved; }

  note(level, text, ...more) {
    const node = $('#rules-note');
    node.hidden = !text;
    node.dataset.level = level;
    node.replaceChildren(h('span', {}, text || ''), ...more);
  }

  status() {
    const { about } = this;
    $('#rules-version').textContent = about ? (about.version ? t('version {n} by {who}', { n: about.version, who: about.by }) : t(`rules_of:${about.origin}`)) : '';
    const line = $('#rules-saved');
    line.textContent = this.dirty ? t('not published') : about?.version ? [moment(about.at), about.note && `“${about.note}”`].filter(Boolean).join(' · ') : t('What you publish takes its place; it stays as version 0.');
    line.classList.toggle('warn', Boolean(this.dirty));
    $('#rules-publish').disabled = !this.dirty;
    $('#rules-undo').disabled = !this.text?.past.length;
    $('#rules-redo').disabled = !this.text?.future.length;
  }

  // ---- checking ---------------------------------------------------------------------------------------------------------------
  async check() {
    clearTimeout(this.settling);
    const asked = ++this.checks, text = this.text.text;
    $('#rules-busy').hidden = false;
    const [checked, read] = await Promise.all([talk.check(text), talk.edit(text, [])]);
    if (asked !== this.checks) return;
    $('#rules-busy').hidden = true;
    if (checked.status === 503 || read.status === 503) this.settling = setTimeout(() => this.check(), 3 * SECOND);
    if (!checked.ok) { this.checked = ''; $('#rules-count').textContent = why(checked); $('#rules-count').className = 'bad'; return; }
    this.checked = text;
    this.faults = [...checked.told.faults].sort((a, b) => a.line - b.line).map((one) => ({ ...one, problem: (chinese() && one.problem_zh) || one.problem, mend: (chinese() && one.mend_zh) || one.mend }));
    if (read.ok) Object.assign(this, { values: read.told.values, lines: read.told.lines, broken: 0 }); else if (read.told.reason === 'text_not_toml') this.broken = this.faults[0]?.line || 1;
    if (!this.faults.length) this.rules = checked.told.rules;
    this.showFaults();
    this.form.draw();
    this.status();
    document.body.dataset.rules = 'ready';
  }

  showFaults() {
    const marks = new Map();
    for (const one of this.faults) marks.set(one.line, { level: 'bad', title: [marks.get(one.line)?.title, `${one.problem} — ${one.mend}`].filter(Boolean).join('\n') });
    this.text.mark(marks);
    const count = $('#rules-count'), bad = this.faults.length;
    count.textContent = bad ? t('{n} faults', { n: bad }) : t('sound: {n} rules', { n: this.rules.length });
    count.className = bad ? 'bad' : 'ok';
    $('#rules-faults').replaceChildren(...this.faults.slice(0, SHOWN).map((one) => h('li', {}, button('', () => this.text.show(one.line), { class: 'bad', 'data-line': one.line }))), ...(bad > SHOWN ? [h('li', { class: 'dim' }, t('and {n} more', { n: bad - SHOWN }))] : []));
    for (const [place, node] of $$('#rules-faults button').entries()) { const one = this.faults[place]; node.append(h('span', { class: 'mono' }, String(one.line)), h('b', {}, [this.named(one.key), one.problem].filter(Boolean).join(t(': '))), h('span', {}, one.mend)); }
    $('#rules-strip').classList.toggle('empty', !bad);
  }

  // `rule[7].bound` by the name that people gave it.
  named(key) {
    const [, number, rest] = /^rule\[(\d+)\]\.?(.*)$/.exec(key) || [];
    return number === undefined ? key : [this.values.rule?.[number]?.name || `rule ${Number(number) + 1}`, rest].filter(Boolean).join(' · ');
  }

  next() {
    const lines = [...new Set(this.faults.map((one) => one.line))];
    if (lines.length) this.text.show(lines.find((line) => line > this.text.line) ?? lines[0]);
  }

  // Edits of the form: one after the other, each on the text as it then stands.
  edit(edits) {
    this.queue = this.queue.then(async () => {
      const text = this.text.text, answer = await talk.edit(text, edits);
      if (this.text.text !== text) { this.note('warn', t('The text changed meanwhile: do it again.')); return; }
      if (!answer.ok) { this.note('bad', why(answer)); this.form.draw(); return; }
      this.note('');
      this.text.replace(answer.told.text);
      await this.check();
    });
    return this.queue;
  }

  // ---- what can be measured -----------------------------------------------------------------------------------------------------
  drawMetrics() {
    const scopes = [...new Set(this.metrics.map((one) => one.scope))];
    $('#rules-metrics').replaceChildren(h('p', { class: 'hint' }, t('What a condition may name as its metric.')), ...scopes.map((scope) => h('section', {}, h('h3', {}, t(`scope:${scope}`)), h('dl', { class: 'metrics' }, this.metrics.filter((one) => one.scope === scope).flatMap((one) => [h('dt', {}, button(one.name, () => { this.text.put(one.name); this.text.area.focus(); }, { class: 'rules-link mono', title: t('Put it into the text') }), h('small', {}, t(`unit:${one.unit}`))), h('dd', {}, h('b', {}, chinese() ? one.zh : one.en), h('span', {}, chinese() ? one.en : one.zh), one.formula ? h('code', { title: one.formula }, t(`formula:${one.formula}`)) : '')])))));
  }

  // ---- hands --------------------------------------------------------------------------------------------------------------------
  hands() {
    const acts = { publish: () => this.versions.publish(), undo: () => this.text.undo(), redo: () => this.text.redo(), check: () => this.check(), next: () => this.next() };
    for (const [name, act] of Object.entries(acts)) $(`#rules-${name}`).addEventListener('click', act);
    const all = $$('#rules-tabs [role=tab]');
    const choose = (chosen) => {
      for (const one of all) { const on = one === chosen; one.setAttribute('aria-selected', String(on)); one.tabIndex = on ? 0 : -1; $(`#${one.getAttribute('aria-controls')}`).hidden = !on; }
      if (chosen.dataset.tab === 'versions') this.versions.open();
      if (chosen.dataset.tab === 'backtest') this.backtest.open();
    };
    for (const one of all) one.addEventListener('click', () => choose(one));
    $('#rules-tabs').addEventListener('keydown', (event) => { const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]; if (step) { event.preventDefault(); const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length]; next.focus(); choose(next); } });
    addEventListener('keydown', (event) => this.key(event));
    addEventListener('beforeunload', (event) => { if (this.dirty) event.preventDefault(); });
  }

  key(event) {
    if (this.box.hidden || document.querySelector('dialog[open]')) return;
    const held = event.ctrlKey || event.metaKey, key = event.key.toLowerCase(), elsewhere = event.target !== this.text.area && ['INPUT', 'TEXTAREA'].includes(event.target.tagName);
    const act = held && key === 's' ? () => { if (this.dirty) this.versions.publish(); else said(t('Nothing to publish')); } : held && event.key === 'Enter' ? () => this.check() : event.key === 'F8' ? () => this.next()
      : held && key === 'z' && !elsewhere ? () => (event.shiftKey ? this.text.redo() : this.text.undo()) : held && key === 'y' && !elsewhere ? () => this.text.redo() : null;
    if (!act) return;
    event.preventDefault();
    act();
  }

  draw() {
    this.status();
    this.drawMetrics();
    this.form.draw();
    this.check();
    this.versions.shown = -1;
    if (!$('#rules-versions').hidden) this.versions.open();
    this.backtest.redraw();
  }
}
