// Fields of the editor's panel. In: a name, a value, what to do with another one. Out: labelled inputs.
// A number that is none, or out of its limits, is put back and nothing is done. May not know: plans.
import { h, t } from '/static/web/common.js';
import { ALIGN, align } from '/static/web/plan_model.js';

export function button(word, act, more = {}) {
  const node = h('button', { type: 'button', class: 'button', ...more }, word);
  node.addEventListener('click', act);
  return node;
}

export function field(name, word, value, done, { number = false, whole = false, low, high, list, hint } = {}) {
  const input = h('input', { type: number ? 'number' : 'text', value, 'data-field': name, step: number ? (whole ? 1 : 0.05) : null, min: low, max: high, list, placeholder: hint, maxlength: number ? null : 64, spellcheck: 'false', autocomplete: 'off' });
  input.addEventListener('change', () => {
    if (!number) { done(input.value); return; }
    const read = input.value.trim() === '' ? NaN : Number(input.value);
    if (!Number.isFinite(read) || (whole && !Number.isInteger(read)) || read < (low ?? -1e5) || read > (high ?? 1e5)) { input.value = value; return; }
    done(read);
  });
  input.addEventListener('keydown', (event) => { if (event.key === 'Escape') { input.value = value; document.querySelector('#plan').focus(); } });
  return h('label', { class: 'plan-field' }, h('span', {}, word), input);
}

export function flag(name, word, value, done) {
  const input = h('input', { type: 'checkbox', 'data-field': name, checked: Boolean(value) });
  input.addEventListener('change', () => done(input.checked));
  return h('label', { class: 'plan-flag' }, input, h('span', {}, word));
}

export function choice(name, word, value, options, done) {
  const select = h('select', { 'data-field': name }, ...options.map(([key, text]) => h('option', { value: key, selected: key === value }, text)));
  select.addEventListener('change', () => done(select.value));
  return h('label', { class: 'plan-field' }, h('span', {}, word), select);
}

const SIGNS = { left: '⇤', center: '↔', right: '⇥', top: '⤒', middle: '↕', bottom: '⤓', 'spread-x': '⋯', 'spread-y': '⋮' };
export const alignButtons = (editor) => h('div', { class: 'plan-align', role: 'group', 'aria-label': t('Align') }, ...Object.keys(ALIGN).map((how) => button(SIGNS[how], () => editor.edit(align(editor.plan, editor.selected, how)), { class: 'button icon', title: t(`align:${how}`), 'aria-label': t(`align:${how}`) })));
