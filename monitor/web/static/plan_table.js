// The chosen seats as a table. In: seats in reading order. Out: edits of one cell, or of a column pasted from a spreadsheet.
import { h, t } from '/static/web/common.js';
import { change, inOrder } from '/static/web/plan_model.js';

const SHOWN = 80, COLUMNS = [['id', 'Seat'], ['extension', 'Extension'], ['agent', 'Staff number']];

export function seatTable(editor, chosen) {
  const seats = inOrder(chosen, 'row'), shown = seats.slice(0, SHOWN);
  const cell = (seat, name, row) => {
    const input = h('input', { value: seat[name], 'data-field': `${name}/${seat.key}`, 'data-row': row, 'data-column': name, 'aria-label': `${seat.id} ${t(COLUMNS.find((one) => one[0] === name)[1])}`, list: name === 'agent' ? 'plan-people' : null, maxlength: 64, spellcheck: 'false', autocomplete: 'off' });
    if (name === 'id' && row === 0) input.dataset.field = 'id';
    input.addEventListener('change', () => editor.edit(change(editor.plan, 'seats', new Set([seat.key]), { [name]: input.value.trim() })));
    input.addEventListener('focus', () => { editor.cursor = seat.key; editor.paint({}); });
    return h('td', {}, input);
  };
  const table = h('table', { class: 'plan-table' },
    h('thead', {}, h('tr', {}, ...COLUMNS.map(([, word]) => h('th', { scope: 'col' }, t(word))))),
    h('tbody', {}, ...shown.map((seat, row) => h('tr', {}, ...COLUMNS.map(([name]) => cell(seat, name, row))))));
  table.addEventListener('keydown', (event) => walk(table, event));
  table.addEventListener('paste', (event) => paste(editor, seats, event));
  return h('div', { class: 'plan-table-box' }, table, seats.length > SHOWN ? h('p', { class: 'dim' }, t('and {n} more: choose fewer to see them', { n: seats.length - SHOWN })) : '', h('p', { class: 'hint' }, t('A column copied from a spreadsheet can be pasted.')));
}

// Up, down and Enter go along a column.
function walk(table, event) {
  const by = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key], { row, column } = event.target.dataset;
  if (!by || !column || (event.target.list && event.key !== 'Enter')) return;
  const next = table.querySelector(`[data-column="${column}"][data-row="${Number(row) + by}"]`);
  if (!next) return;
  event.preventDefault();
  const key = next.dataset.field;
  next.focus();
  requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector(`[data-field="${CSS.escape(key)}"]`)?.select()));
}

function paste(editor, seats, event) {
  const lines = (event.clipboardData?.getData('text') || '').replace(/\r?\n$/, '').split(/\r?\n/), { row, column } = event.target.dataset;
  if (!column || (lines.length < 2 && !lines[0].includes('\t'))) return;
  event.preventDefault();
  const first = COLUMNS.findIndex(([name]) => name === column), patches = new Map();
  lines.forEach((line, index) => {
    const seat = seats[Number(row) + index];
    if (!seat) return;
    const patch = {};
    line.split('\t').forEach((text, at) => { const name = COLUMNS[first + at]?.[0]; if (name) patch[name] = text.trim().slice(0, 64); });
    patches.set(seat.key, patch);
  });
  editor.edit(change(editor.plan, 'seats', new Set(patches.keys()), (seat) => patches.get(seat.key)));
}
