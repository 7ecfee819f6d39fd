// Fields of the form, made of what the language declares. In: a field, a value. Out: labelled inputs that tell of changes.
// What cannot be is put back, and nothing is done. May not know: texts, schemes.
import { h, page, t } from '/static/web/common.js';

const WIDE = new Set(['phrases', 'texts', 'tables', 'pattern', 'operator', 'when', 'applies', 'formula']);
export const word = (told) => (page.locale.startsWith('zh') ? told.zh : told.en) || told.key || told.value;

export function button(text, act, more = {}) {
  const node = h('button', { type: 'button', class: 'button', ...more }, text);
  node.addEventListener('click', act);
  return node;
}

// `done(value)`: undefined takes the key out of the text.
export function field(told, value, done, { names = {}, off = false, extra } = {}) {
  const input = made(told, value, done, names);
  for (const node of input.matches?.('input,select,textarea') ? [input] : input.querySelectorAll('input,select,textarea,button')) node.disabled = off;
  const wide = WIDE.has(told.kind) || WIDE.has(told.key);
  return h(told.kind === 'tables' ? 'div' : 'label', { class: `rules-field${wide ? ' wide' : ''}` }, h('span', { title: told.key }, word(told), told.needed ? '' : h('small', {}, '')), input, extra || '');
}

function made(told, value, done, names) {
  switch (told.kind) {
    case 'choice': return select(told, value, done, told.choices.map((one) => [one.value, word(one)]));
    case 'operator': return select(told, value, done, names.operator);
    case 'name_of_rule': case 'name_of_dimension': case 'name_of_condition': return select(told, value, done, (names[told.kind] || []).map((id) => [id, id]));
    case 'integer': case 'number': case 'seconds': return number(told, value, done);
    case 'flag': return flag(told, value, done);
    case 'phrases': case 'texts': return list(told, value, done);
    default: return line(told, value, done);
  }
}

const common = (told) => ({ 'data-key': told.key, spellcheck: 'false', autocomplete: 'off' });

function line(told, value, done) {
  const input = h('input', { type: 'text', value: value ?? '', class: told.kind === 'pattern' || told.kind === 'id' ? 'mono' : null, placeholder: told.default ?? null, ...common(told) });
  input.addEventListener('change', () => {
    if (told.needed && !input.value.trim()) { input.value = value ?? ''; return; }
    done(input.value === '' ? undefined : input.value);
  });
  return input;
}

function number(told, value, done) {
  const input = h('input', { type: 'number', value: value ?? '', min: told.low, max: told.high, step: told.kind === 'integer' ? 1 : 'any', placeholder: told.default ?? null, ...common(told) });
  input.addEventListener('change', () => {
    if (input.value.trim() === '' && !told.needed) { done(undefined); return; }
    const read = input.value.trim() === '' ? NaN : Number(input.value);
    if (!Number.isFinite(read) || (told.kind === 'integer' && !Number.isInteger(read))) { input.value = value ?? ''; return; }
    done(read);
  });
  return input;
}

function flag(told, value, done) {
  const input = h('input', { type: 'checkbox', checked: Boolean(value ?? told.default), ...common(told) });
  input.addEventListener('change', () => done(input.checked));
  return input;
}

function select(told, value, done, options) {
  const known = options.some(([key]) => key === value), input = h('select', common(told));
  const fallback = options.find(([key]) => key === told.default);
  if (!told.needed || value === undefined) input.append(h('option', { value: '', selected: value === undefined }, fallback ? `${fallback[1]} ${t('(unless stated)')}` : '–'));
  if (value !== undefined && !known) input.append(h('option', { value, selected: true }, `${value} ?`)); // a fault names it
  input.append(...options.map(([key, text]) => h('option', { value: key, selected: key === value }, text)));
  input.addEventListener('change', () => done(input.value === '' ? undefined : input.value));
  return input;
}

// One phrase a line.
function list(told, value, done) {
  const said = Array.isArray(value) ? value.map(String) : [];
  const input = h('textarea', { rows: Math.min(10, Math.max(2, said.length)), ...common(told) });
  input.value = said.map((one) => one.replaceAll('\n', ' ')).join('\n');
  input.addEventListener('change', () => {
    const next = input.value.split('\n').map((one) => one.trim()).filter(Boolean);
    done(next.length || told.needed ? next : undefined);
  });
  return input;
}
