// The form beside the text. In: what the text says, the language. Out: edits of single keys and tables.
// An item is shown with its rule, conditions and checks. May not know: how a text is changed.
import { $, h, t } from '/static/web/common.js';
import { button, field, word } from '/static/web/rules_fields.js';

const SIGNS = { earn: '✓', add: '+', deduct: '−', fatal: '✕', tag: '⚑' };
const SCORED = new Set(['earn', 'add', 'deduct']);
const list = (value) => (Array.isArray(value) ? value.filter((one) => one && typeof one === 'object') : []);
const set = (path, value) => ({ act: 'set', path, ...(value === undefined ? {} : { value }) });

export class RulesForm {
  constructor(editor) {
    this.editor = editor;
    this.outline = $('#rules-outline');
    this.sheet = $('#rules-sheet');
    this.chosen = { kind: 'scheme', id: '' };
    $('#rules-find').addEventListener('input', () => this.drawOutline());
    this.outline.addEventListener('keydown', (event) => this.onKey(event));
  }

  get values() { return this.editor.values; }
  all(kind) { return list(this.values[kind]); }
  index(kind, id) { return this.all(kind).findIndex((one) => String(one.id) === id); }

  // ---- what there is -------------------------------------------------------------------------------------------------------
  draw() {
    this.drawOutline();
    // while somebody types in the form it stays: the answer of his last change follows
    this.drawSheet();
  }

  drawOutline() {
    const wanted = $('#rules-find').value.trim().toLowerCase(), faults = this.editor.faultsOf();
    const row = (kind, one, sign, more = '') => {
      const id = String(one.id ?? ''), name = kind === 'rule' ? id : word({ ...one, key: id });
      if (wanted && !`${name} ${id}`.toLowerCase().includes(wanted)) return null;
      const now = this.chosen.kind === kind && this.chosen.id === id, bad = faults.get(`${kind}/${id}`);
      return h('button', { type: 'button', class: `rules-row ${bad || ''}`, 'data-kind': kind, 'data-id': id, 'aria-current': now ? 'true' : null, tabindex: now ? '0' : '-1' }, h('i', { class: `sign-${one.kind || kind}`, 'aria-hidden': 'true' }, sign), h('span', {}, name || '…'), h('small', {}, more));
    };
    const used = new Set(this.all('item').map((one) => one.rule));
    const dimensions = this.all('dimension');
    const items = (of) => this.all('item').filter((one) => (one.dimension ?? '') === of).map((one) => row('item', one, SIGNS[one.kind] || '·', one.points ?? ''));
    const known = new Set(dimensions.map((one) => one.id));
    const loose = this.all('item').filter((one) => !known.has(one.dimension)).map((one) => row('item', one, SIGNS[one.kind] || '·', one.points ?? ''));
    const spare = this.all('rule').filter((one) => !used.has(one.id)).map((one) => row('rule', one, 'ƒ'));
    const head = row('scheme', { ...(this.values.scheme || {}), id: '' }, '§');
    this.outline.replaceChildren(...[head, ...dimensions.flatMap((one) => [row('dimension', one, '▤'), ...items(one.id)]), ...(dimensions.length && loose.length ? [h('h3', {}, t('Without dimension'))] : []), ...loose, ...(spare.some(Boolean) ? [h('h3', {}, t('Rules no item uses')), ...spare] : [])].filter(Boolean));
    for (const node of this.outline.querySelectorAll('button')) node.addEventListener('click', () => this.choose(node.dataset.kind, node.dataset.id, true));
  }

  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = [...this.outline.querySelectorAll('button')], next = rows[rows.indexOf(document.activeElement) + step];
    if (next) { this.choose(next.dataset.kind, next.dataset.id, true); this.outline.querySelector('[aria-current]')?.focus(); }
  }

  choose(kind, id, scroll) {
    clearTimeout(this.editor.following); // who chooses here does not want what the caret stands in
    this.chosen = { kind, id };
    this.draw();
    if (!scroll) { this.outline.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' }); return; }
    const line = this.editor.lines[kind === 'scheme' ? 'scheme' : `${kind}/${this.index(kind, id)}`];
    if (line) this.editor.text.show(line, false);
  }

  // The caret went to another part of the text.
  follow(line) {
    let best = ['scheme', 0];
    for (const [path, at] of Object.entries(this.editor.lines)) if (at <= line && at >= best[1] && path) best = [path, at];
    const [kind, number] = best[0].split('/'), found = this.all(kind)[Number(number)];
    let next = { kind: 'scheme', id: '' };
    if (kind === 'rule' && found) { const item = this.all('item').find((one) => one.rule === found.id); next = item ? { kind: 'item', id: String(item.id) } : { kind: 'rule', id: String(found.id) }; } else if (found) next = { kind, id: String(found.id) };
    if (next.kind !== this.chosen.kind || next.id !== this.chosen.id) this.choose(next.kind, next.id, false);
  }

  // ---- one of them ---------------------------------------------------------------------------------------------------------
  drawSheet() {
    const { kind, id } = this.chosen, { editor } = this, held = document.activeElement?.closest?.('#rules-sheet') && document.activeElement.dataset.at;
    const top = this.sheet.scrollTop, number = kind === 'scheme' ? 0 : this.index(kind, id);
    if (editor.broken) this.sheet.replaceChildren(h('div', { class: 'nothing' }, h('b', {}, t('The text cannot be read')), h('p', {}, t('The form is back when line {n} is mended.', { n: editor.broken })), button(t('Go there (F8)'), () => editor.next())));
    else if (number < 0) this.sheet.replaceChildren(h('div', { class: 'nothing' }, h('b', {}, t('Nothing chosen')), h('p', {}, t('Choose an item on the left, or put the caret into it.'))));
    else this.sheet.replaceChildren(...this.parts(kind, number).flat().filter(Boolean));
    for (const [at, node] of [...this.sheet.querySelectorAll('[data-key]')].entries()) node.dataset.at = `${node.dataset.key}:${at}`;
    this.sheet.scrollTop = top;
    if (held) [...this.sheet.querySelectorAll('[data-at]')].find((node) => node.dataset.at === held)?.focus({ preventScroll: true });
  }

  parts(kind, number) {
    if (kind === 'scheme') return [h('h2', {}, this.editor.name), this.fields(this.editor.language.scheme, ['scheme'], this.values.scheme || {})];
    const one = this.all(kind)[number], path = [kind, number];
    if (kind === 'dimension') return [this.title(t('Dimension'), path), this.fields(this.editor.language.dimension, path, one)];
    if (kind === 'rule') return this.rule(number);
    const rule = this.index('rule', String(one.rule));
    const idle = { points: !SCORED.has(one.kind), per: !SCORED.has(one.kind), most: one.per !== 'hit', dimension: !this.all('dimension').length };
    const told = this.editor.language.item.filter((told) => told.key in one || !idle[told.key]);
    return [this.title(t('Item'), path, () => this.removeItem(number)), this.fields(told, path, one), rule < 0 ? '' : this.rule(rule)];
  }

  title(text, path, remove) {
    const gone = remove || (() => this.edit([{ act: 'remove', path }]));
    return h('h2', {}, text, h('span', { class: 'grow' }), this.editor.readOnly ? '' : button('✕', gone, { class: 'button icon small', title: t('Remove'), 'aria-label': `${t('Remove')} ${text}` }));
  }

  fields(tolds, path, values, names = {}) {
    const off = this.editor.readOnly, more = { rule: this.all('rule').map((one) => one.id), dimension: this.all('dimension').map((one) => one.id) };
    const known = { name_of_rule: more.rule, name_of_dimension: more.dimension, operator: this.editor.language.operators.map((one) => [one.name, `${one.name} · ${word({ ...one, key: one.name })}`]), ...names };
    return h('div', { class: 'rules-fields' }, ...tolds.map((told) => {
      if (told.kind === 'tables') return this.tables(told, path, values[told.key], known);
      const done = (value) => (told.kind === 'id' ? this.rename(path, values.id, value) : told.kind === 'operator' ? this.operator(path, values, value) : this.edit([set([...path, told.key], value)]));
      return field(told, values[told.key], done, { names: known, off, extra: this.wordNotes(told, values[told.key]) });
    }));
  }

  wordNotes(told, value) {
    if (told.kind !== 'phrases' || !Array.isArray(value)) return '';
    const found = this.editor.words.filter((one) => value.some((phrase) => String(phrase).includes(one.phrase)));
    return found.length ? h('p', { class: 'rules-words' }, ...found.map((one) => h('span', {}, h('b', {}, one.phrase), one.near.length ? t(' cannot be heard; sounds like {near}', { near: one.near.join('、') }) : t(' cannot be heard')))) : '';
  }

  tables(told, path, value, names) {
    const rows = list(value).map((one, number) => h('div', { class: 'rules-check' }, this.title(`${word(told)} ${number + 1}`, [...path, told.key, number]), this.fields(told.of, [...path, told.key, number], one, names)));
    const first = Object.fromEntries(told.of.filter((inner) => inner.needed).map((inner) => [inner.key, inner.kind === 'phrases' || inner.kind === 'texts' ? [t('new phrase')] : ['integer', 'number', 'seconds'].includes(inner.kind) ? inner.low : `${told.key}_${rows.length + 1}`]));
    return h('div', { class: 'rules-field wide' }, h('span', {}, word(told)), ...rows, this.editor.readOnly ? '' : button(t('＋ {what}', { what: word(told) }), () => this.edit([{ act: 'add', path: [...path, told.key], values: first }])));
  }

  // ---- a rule --------------------------------------------------------------------------------------------------------------
  rule(number) {
    const path = ['rule', number], rule = this.all('rule')[number], conditions = list(rule.condition);
    const alone = this.chosen.kind === 'rule' ? this.title(t('Rule'), path) : h('h2', { class: 'rules-rule' }, t('Rule'), h('small', {}, String(rule.id)));
    return [alone, this.fields(this.editor.language.rule, path, rule), ...conditions.map((one, place) => this.condition([...path, 'condition', place], one, conditions)),
      this.editor.readOnly ? '' : h('p', { class: 'rules-acts' }, button(t('＋ condition'), () => this.addCondition(number, rule, conditions)))];
  }

  condition(path, one, others) {
    const { language } = this.editor, names = { name_of_condition: others.map((other) => other.id).filter((id) => id !== one.id) };
    const checks = list(one.check);
    const body = checks.length ? [field({ key: 'formula', kind: 'text', zh: '组合', en: 'formula' }, one.formula, (value) => this.edit([set([...path, 'formula'], value)]), { off: this.editor.readOnly }), ...checks.map((check, place) => h('div', { class: 'rules-check' }, this.title(t('Check'), [...path, 'check', place]), this.operatorFields([...path, 'check', place], check, [language.condition[0], language.condition[1]], names)))]
      : [this.operatorFields(path, one, language.condition, names)];
    return h('section', { class: 'rules-condition', 'data-line': this.editor.lines[path.join('/')] }, this.title(t('Condition'), path, () => this.removeCondition(path, one)), ...body, this.range(path, one, names));
  }

  operatorFields(path, values, tolds, names) {
    const operator = this.editor.language.operators.find((one) => one.name === values.operator);
    const hint = operator && h('p', { class: 'hint' }, word({ ...operator, key: operator.name }), operator.needs.includes('events') ? h('span', { class: 'tag' }, t('needs the switch’s events')) : '');
    return h('div', {}, this.fields(tolds, path, values, names), hint || '', operator ? this.fields(operator.fields, path, values, names) : '');
  }

  range(path, one, names) {
    const { ranges, anchors, anchor, operators } = this.editor.language, operator = operators.find((other) => other.name === one.operator);
    const all = [...ranges, ...anchors], now = all.find((told) => told.key in one);
    if (operator && !operator.ranged && !now) return '';
    const fitting = names.name_of_condition.length ? all : ranges;
    const choose = h('select', { 'data-key': 'range', disabled: this.editor.readOnly }, h('option', { value: '' }, t('the whole contact')), ...fitting.map((told) => h('option', { value: told.key, selected: now?.key === told.key }, word(told))));
    choose.addEventListener('change', () => {
      const next = all.find((told) => told.key === choose.value), gone = [...all, ...anchor].filter((told) => told.key in one && told.key !== next?.key && !(anchors.includes(next) && anchor.includes(told)));
      const first = !next ? undefined : anchors.includes(next) ? names.name_of_condition[0] : next.key.endsWith('seconds') ? 30 : 5;
      this.edit([...gone.map((told) => set([...path, told.key])), ...(next ? [set([...path, next.key], first)] : [])]);
    });
    const detail = now ? [now, ...(anchors.includes(now) ? anchor : [])] : [];
    return h('div', { class: 'rules-range' }, h('label', { class: 'rules-field' }, h('span', {}, t('Range')), choose), detail.length ? this.fields(detail, path, one, names) : '');
  }

  // ---- changes -------------------------------------------------------------------------------------------------------------
  edit(edits) { return this.editor.edit({ edits }); }

  rename(path, before, to) {
    if (to === undefined || to === String(before)) return;
    if (this.chosen.kind === path[0] && this.chosen.id === String(before) && path.length === 2) this.chosen.id = to;
    this.editor.edit({ rename: path, to });
  }

  // Settings of the operator before mean nothing to the next one.
  operator(path, values, name) {
    const { operators } = this.editor.language, next = operators.find((one) => one.name === name), was = operators.find((one) => one.name === values.operator);
    const kept = new Set(next?.fields.map((one) => one.key)), gone = (was?.fields || []).filter((one) => one.key in values && !kept.has(one.key));
    const first = (next?.fields || []).filter((one) => one.needed && !(one.key in values)).map((one) => set([...path, one.key], start(one)));
    const bare = next?.fields.every((one) => !one.needed) && next.fields.some((one) => one.kind === 'phrases') && !next.fields.some((one) => one.key in values);
    const phrases = bare ? [set([...path, next.fields.find((one) => one.kind === 'phrases').key], [t('new phrase')])] : [];
    this.edit([...gone.map((one) => set([...path, one.key])), set([...path, 'operator'], name), ...first.filter((one) => one.value !== undefined), ...phrases]);
  }

  fresh(kind, stem, among = this.all(kind)) {
    const taken = new Set(among.map((one) => String(one.id)));
    for (let n = 1; ; n++) if (!taken.has(`${stem}_${n}`)) return `${stem}_${n}`;
  }

  async addItem() {
    const id = this.fresh('item', 'item'), rule = this.fresh('rule', 'rule'), place = this.all('rule').length;
    const near = this.chosen.kind === 'item' ? this.all('item')[this.index('item', this.chosen.id)]?.dimension : this.chosen.kind === 'dimension' ? this.chosen.id : undefined;
    await this.edit([{ act: 'add', path: ['item'], values: { id, zh: '新考评项', en: 'New item', kind: 'earn', points: 10, rule, ...(near ? { dimension: near } : {}) } }, { act: 'add', path: ['rule'], values: { id: rule, version: 1 } },
      { act: 'add', path: ['rule', place, 'condition'], values: { id: 'says', operator: 'keyword', role: 'agent', any: ['您好'] } }]);
    this.choose('item', id, true);
  }

  async addDimension() {
    const id = this.fresh('dimension', 'dimension');
    await this.edit([{ act: 'add', path: ['dimension'], values: { id, zh: '新维度', en: 'New dimension' } }]);
    this.choose('dimension', id, true);
  }

  // Every condition must be named by a formula that is written out.
  addCondition(number, rule, conditions) {
    const id = this.fresh('', 'condition', conditions), edits = [{ act: 'add', path: ['rule', number, 'condition'], values: { id, operator: 'keyword', role: 'agent', any: [t('new phrase')] } }];
    if (typeof rule.formula === 'string') edits.push(set(['rule', number, 'formula'], `(${rule.formula}) and ${id}`));
    this.edit(edits);
  }

  removeCondition(path, one) {
    const rule = this.all('rule')[path[1]], left = list(rule.condition).filter((other) => other !== one).map((other) => other.id);
    const edits = [{ act: 'remove', path }];
    if (typeof rule.formula === 'string' && new RegExp(`\\b${String(one.id)}\\b`).test(rule.formula)) edits.push(set(['rule', path[1], 'formula'], left.length ? left.join(' and ') : undefined));
    this.edit(edits);
  }

  removeItem(number) {
    const item = this.all('item')[number], rule = this.index('rule', String(item.rule)), shared = this.all('item').filter((one) => one.rule === item.rule).length > 1;
    this.edit([{ act: 'remove', path: ['item', number] }, ...(rule >= 0 && !shared ? [{ act: 'remove', path: ['rule', rule] }] : [])]);
  }
}

// What a setting that must be written begins with.
function start(told) {
  if (['phrases', 'texts'].includes(told.kind)) return [t('new phrase')];
  if (told.kind === 'choice') return told.choices[0]?.value;
  if (['integer', 'number', 'seconds'].includes(told.kind)) return Math.max(told.low ?? 1, Math.min(10, told.high ?? 10));
  if (told.kind === 'flag') return true;
  return told.kind === 'tables' ? undefined : told.kind === 'pattern' ? '您好' : '…';
}
