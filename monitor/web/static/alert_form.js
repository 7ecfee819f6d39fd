// The form beside the rules' text. In: what the text says, the language. Out: edits of single keys and tables of it.
// A rule is shown with its conditions and, while it is sound, in a sentence. May not know: how a text is changed.
import { $, $$, h, page, t } from '/static/web/common.js';
import { SIGN } from '/static/web/alert_live.js';
import { button, field, word } from '/static/web/rules_fields.js';

const list = (value) => (Array.isArray(value) ? value.filter((one) => one && typeof one === 'object') : []);
const set = (path, value) => ({ act: 'set', path, ...(value === undefined ? {} : { value }) });
const number = (value) => (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value);
const modeOf = (rule) => (Array.isArray(rule.any) ? 'any' : Array.isArray(rule.all) ? 'all' : '');
const chinese = () => page.locale.startsWith('zh');

export class AlertForm {
  constructor(editor) {
    Object.assign(this, { editor, outline: $('#rules-outline'), sheet: $('#rules-sheet'), chosen: 0, wanted: '' });
    $('#rules-find').addEventListener('input', (event) => { this.wanted = event.target.value.trim().toLowerCase(); this.drawOutline(); });
    this.outline.addEventListener('keydown', (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], rows = $$('button', this.outline), next = step && rows[rows.indexOf(document.activeElement) + step];
      if (step) event.preventDefault();
      if (next) { this.choose(Number(next.dataset.rule), true); $('[aria-current]', this.outline)?.focus(); }
    });
  }

  get rules() { return list(this.editor.values.rule); }
  kind(rule) { return this.editor.language?.kinds.find((one) => one.name === rule.kind); }

  draw() {
    this.drawOutline();
    this.drawSheet();
    const off = this.editor.broken > 0;
    $('#rules-adders').replaceChildren(...(this.editor.language?.kinds || []).map((one) => button(`＋ ${word(one)}`, () => this.add(one), { class: 'button rules-change', disabled: off, title: chinese() ? one.hint_zh : one.hint_en })));
  }

  drawOutline() {
    const starts = Object.entries(this.editor.lines).filter(([path]) => /^rule\/\d+$/.test(path)).map(([path, line]) => [Number(path.slice(5)), line]).sort((a, b) => a[1] - b[1]);
    const bad = new Set(this.editor.faults.map((one) => starts.filter(([, line]) => line <= one.line).pop()?.[0]));
    this.outline.replaceChildren(...this.rules.flatMap((rule, place) => {
      const name = (chinese() ? rule.label_zh : rule.label_en) || rule.name || '…', severity = this.editor.rules.find((one) => one.name === rule.name)?.severity || rule.severity || 'warning', now = place === this.chosen;
      if (this.wanted && !`${name} ${rule.name} ${rule.kind}`.toLowerCase().includes(this.wanted)) return [];
      const row = button('', () => this.choose(place, true), { class: `rules-row ${bad.has(place) ? 'bad' : ''}`, 'data-rule': place, 'aria-current': now ? 'true' : null, tabindex: now ? '0' : '-1' });
      row.append(h('i', { class: `of-${severity}`, 'aria-hidden': 'true' }, SIGN[severity] || '·'), h('span', {}, String(name)), h('small', {}, ''));
      row.title = String(name);
      return [row];
    }));
  }

  choose(place, scroll) {
    clearTimeout(this.editor.following);
    this.chosen = place;
    this.drawOutline();
    this.drawSheet();
    const line = this.editor.lines[`rule/${place}`];
    if (scroll && line) this.editor.text.show(line, false);
  }

  follow(line) {
    let best = [-1, 0];
    for (const [path, at] of Object.entries(this.editor.lines)) { const found = /^rule\/(\d+)/.exec(path); if (found && at <= line && at >= best[1]) best = [Number(found[1]), at]; }
    if (best[0] >= 0 && best[0] !== this.chosen) this.choose(best[0], false);
  }

  // ---- one rule -----------------------------------------------------------------------------------------------------------------
  drawSheet() {
    const { editor, sheet } = this, held = document.activeElement?.closest?.('#rules-sheet') && document.activeElement.dataset.at, top = sheet.scrollTop, rule = this.rules[this.chosen];
    if (editor.broken) sheet.replaceChildren(h('div', { class: 'nothing' }, h('b', {}, t('The text cannot be read')), h('p', {}, t('The form is back when line {n} is mended.', { n: editor.broken })), button(t('Go there (F8)'), () => editor.next())));
    else if (!rule) sheet.replaceChildren(h('div', { class: 'nothing' }, h('b', {}, this.rules.length ? t('Nothing chosen') : t('No rule yet')), h('p', {}, t('Add one below, or write [[rule]] into the text.'))));
    else sheet.replaceChildren(...this.parts(rule).flat(3).filter(Boolean));
    for (const [at, node] of $$('[data-key]', sheet).entries()) node.dataset.at = `${node.dataset.key}:${at}`;
    sheet.scrollTop = top;
    if (held) $$('[data-at]', sheet).find((node) => node.dataset.at === held)?.focus({ preventScroll: true });
  }

  parts(rule) {
    const place = this.chosen, path = ['rule', place], kind = this.kind(rule), { language } = this.editor, sentence = this.editor.rules.find((one) => one.name === rule.name);
    const head = [h('h2', {}, (chinese() ? rule.label_zh : rule.label_en) || rule.name || t('Rule'), h('small', {}, kind ? word(kind) : String(rule.kind || '')), h('span', { class: 'grow' }), button(t('Back-test'), () => { $('#rules-tab-backtest').click(); this.editor.backtest.only(rule.name); }, { class: 'button small' }), button('✕', () => this.remove(place), { class: 'button icon small', title: t('Remove'), 'aria-label': `${t('Remove')} ${rule.name || ''}` })),
      sentence && !this.editor.faults.length ? h('p', { class: 'rule-says' }, chinese() ? sentence.text_zh : sentence.text_en) : ''];
    if (!kind) return [...head, h('p', { class: 'hint' }, t('This kind is not known to the form: change the text.')), language ? this.fields(language.common, path, rule) : ''];
    return [head, this.fields(language.common, path, rule), kind.conditions ? this.conditions(path, rule) : '', kind.fields.length ? [h('h2', {}, t('What it looks at')), this.fields(kind.fields, path, rule)] : '', kind.where.length ? h('h2', {}, t('Where and when')) : '', this.fields(language.where.filter((told) => kind.where.includes(told.key)), path, rule)];
  }

  fields(tolds, path, values) {
    const one = (told) => {
      const choice = told.kind === 'choice_number', value = values[told.key], done = (typed) => this.editor.edit([set([...path, told.key], choice || told.kind === 'amount' ? number(typed) : typed)]);
      return field(choice ? { ...told, kind: 'choice' } : told, choice && value !== undefined ? String(value) : value, done, { off: this.editor.broken > 0, extra: this.unit(told, values) });
    };
    return h('div', { class: 'rules-fields' }, ...tolds.map(one));
  }

  unit(told, values) {
    if (told.key === 'channels') return this.pageOnly(values);
    const metric = told.key === 'fire' ? this.editor.metrics.find((one) => one.name === values.metric) : null;
    return metric ? h('small', { class: 'dim' }, metric.unit === 'ms' ? t('seconds, or 2m, 1h30m') : t(`unit:${metric.unit}`)) : '';
  }

  // An empty list is not “left out”: nobody is told, the page alone shows it.
  pageOnly({ channels }) {
    const on = Array.isArray(channels) && !channels.length;
    return button(on ? t('✓ this page only') : t('this page only'), () => this.editor.edit([set(['rule', this.chosen, 'channels'], on ? undefined : [])]), { class: 'button small', 'aria-pressed': String(on) });
  }

  // One condition stands in the rule itself; several in `all` or `any`.
  conditions(path, rule) {
    const mode = modeOf(rule), metric = this.editor.language.condition.map((told) => (told.key === 'metric' ? { ...told, kind: 'choice', choices: this.editor.metrics.map((one) => ({ value: one.name, zh: `${one.zh} · ${one.name}`, en: `${one.en} · ${one.name}` })) } : told));
    const shown = (values) => metric.filter((told) => told.key in values || this.fitting(told.key, values)), further = h('p', { class: 'rules-acts' }, button(t('＋ condition'), () => this.addCondition(path, rule, mode), { id: 'add-condition' }));
    if (!mode) return [h('h2', {}, t('Condition')), this.fields(shown(rule), path, rule), further];
    const remove = (k) => (this.isTable([...path, mode, k]) ? button('✕', () => this.editor.edit([{ act: 'remove', path: [...path, mode, k] }]), { class: 'button icon small', title: t('Remove'), 'aria-label': `${t('Remove')} ${k + 1}` }) : '');
    return [h('h2', {}, mode === 'all' ? t('All of these') : t('One of these')), ...list(rule[mode]).map((one, k) => h('section', { class: 'rules-condition' }, h('h2', {}, String(k + 1), h('span', { class: 'grow' }), remove(k)), this.fields(shown(one), [...path, mode, k], one))), further];
  }

  lineOf(path) { return this.editor.text.lines[(this.editor.lines[path.join('/')] || 0) - 1] || ''; }
  // Written as [[rule.all]], not inside a list in one line.
  isTable(path) { return /^\s*\[\[/.test(this.lineOf(path)); }

  // What stands in the rule itself becomes the first of several.
  addCondition(path, rule, mode) {
    const next = { metric: 'waiting', fire: 5 };
    if (mode && !this.isTable([...path, mode, 0])) { this.inline([...path, mode, list(rule[mode]).length - 1], next); return; }
    const add = (values) => ({ act: 'add', path: [...path, mode || 'all'], values }), own = this.editor.language.condition.map((told) => told.key).filter((key) => key in rule);
    this.editor.edit(mode ? [add(next)] : [...own.map((key) => set([...path, key])), add(Object.fromEntries(own.map((key) => [key, rule[key]]))), add(next)]);
  }

  // Behind the last of a list written in place.
  inline(path, { metric, fire }) {
    const { text } = this.editor, number = this.editor.lines[path.join('/')], lines = [...text.lines], line = lines[number - 1], said = `{ metric = "${metric}", fire = ${fire} }`, close = line.lastIndexOf(']'), end = line.lastIndexOf('}');
    if (close > end && end >= 0) lines[number - 1] = `${line.slice(0, end + 1)}, ${said}${line.slice(close)}`;
    else lines.splice(number - 1, 1, end >= 0 && !/^\s*,/.test(line.slice(end + 1)) ? `${line.slice(0, end + 1)},${line.slice(end + 1)}` : line, `${/^\s*/.exec(line)[0]}${said},`);
    text.replace(lines.join('\n'));
    this.editor.check();
  }

  // Keys that mean something for the metric chosen.
  fitting(key, values) {
    const metric = this.editor.metrics.find((one) => one.name === values.metric);
    if (['metric', 'fire', 'clear'].includes(key)) return true;
    if (['min_sample', 'bound'].includes(key)) return this.editor.language.sampled.includes(metric?.name);
    if (key === 'window_minutes') return this.editor.language.windowed.includes(metric?.name);
    if (key === 'formula') return /service_level/.test(values.metric || '');
    if (key === 'state' || key === 'reason') return values.metric === 'state_time';
    if (key === 'phrase') return values.metric === 'phrase_hit';
    return key === 'confidence' ? values.bound === 'wilson' : false;
  }

  // ---- changes --------------------------------------------------------------------------------------------------------------------
  async add(kind) {
    const taken = new Set(this.rules.map((one) => one.name));
    let n = 1;
    while (taken.has(`${kind.start.name}-${n}`)) n++;
    const place = this.rules.length;
    await this.editor.edit([{ act: 'add', path: ['rule'], values: { ...kind.start, name: `${kind.start.name}-${n}` } }]);
    this.choose(place, true);
  }

  async remove(place) {
    await this.editor.edit([{ act: 'remove', path: ['rule', place] }]);
    this.choose(Math.max(0, place - 1), false);
  }
}
