// The ledger of recordings. In: /api/v1/recordings every few seconds, filters, buttons. Out: counts, rows, a word of a person posted.
// A button under the keyboard's focus keeps it while its table is drawn anew; why something was not done stays until the row moves.
import { $, $$, clockText, dayText, h, here, ready, t, timeText } from '/static/web/common.js';
import { acted, word } from '/static/web/recordings_ask.js';

const EVERY_MS = 3000, MOST = 100, number = (n) => Number(n).toLocaleString('en-US');
const form = $('#filters'), refused = new Map();
let asked = 0, busy = 0;

function wanted() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) query.set(name, value);
  return query;
}

function reasons(seen) {
  const select = $('#reason'), chosen = select.value;
  const names = [...new Set([...Object.keys(seen.reasons), ...(chosen ? [chosen] : [])])].sort();
  const drawn = names.map((one) => `${one} ${seen.reasons[one] || 0}`).join() + document.documentElement.lang;
  if (select.dataset.names === drawn || document.activeElement === select) return;
  select.dataset.names = drawn;
  select.replaceChildren(h('option', { value: '' }, t('All')), ...names.map((one) => h('option', { value: one }, `${word(one)} (${number(seen.reasons[one] || 0)})`)));
  select.value = chosen;
}

function sums(seen) {
  for (const node of $$('[data-sum]')) node.textContent = number(seen[node.dataset.sum]);
  for (const node of $$('[data-count]')) node.textContent = number(seen.states[node.dataset.count] || 0);
  const holds = $('#holds'), off = seen.arrived_off || seen.created_off;
  holds.textContent = off ? t('does not add up: {n}', { n: off }) : t('adds up');
  holds.classList.toggle('off', Boolean(off));
  const progress = $('#progress');
  progress.max = Math.max(seen.arrived, 1);
  progress.value = seen.done + seen.quarantined;
  const waiting = seen.open - (seen.states.arrived || 0);
  $('#eta').textContent = !waiting ? t('Nothing waits') : seen.eta_ms === null ? t('{n} wait, nothing was done in the last ten minutes', { n: number(waiting) }) : t('{n} wait, about {time} more', { n: number(waiting), time: clockText(seen.eta_ms) });
}

const fileOf = (job) => (job.path || '–').split('/').pop() || '–';
const moment = (at, now) => (dayText(at) === dayText(now) ? timeText(at) : `${dayText(at).slice(5)} ${timeText(at)}`);

function button(what, text, row) {
  return h('button', { class: 'button', type: 'button', 'data-do': what, 'data-site': row.job.site, 'data-recording': row.recording, 'data-file': row.job.path || row.recording }, t(text));
}

function line(row, now) {
  const job = row.job, contact = job.contact || '', matched = job.matched ?? 'told';
  const near = (job.candidates || []).map(([name, ms]) => `${name} ±${(ms / 1000).toFixed(0)} s`).join(', ');
  const does = [];
  if (row.state === 'quarantined' && contact && job.path && !job.refused) does.push(button('retry', 'Try again', row));
  if (!contact && !job.refused && (row.state === 'arrived' || row.state === 'quarantined')) does.push(button('match', 'Match', row));
  if (row.state === 'quarantined' && row.reason !== 'discarded') does.push(button('discard', 'Discard', row));
  const why = refused.get(row.recording);
  if (why && why.changed !== row.changed_at) refused.delete(row.recording);
  return h('tr', { 'data-recording': row.recording },
    h('td', {}, moment(row.changed_at, now)),
    h('td', {}, contact ? h('a', { href: here(`/calls/${encodeURIComponent(contact)}`) }, contact) : h('span', { class: 'dim', title: row.recording }, t('Not matched'))),
    h('td', { class: 'why' }, h('b', { class: row.state === 'quarantined' || row.state === 'missing' ? 'bad' : '' }, t(`recording:${row.state}`)), row.reason ? h('small', {}, word(row.reason)) : ''),
    h('td', { class: matched === 'time' ? 'why doubt' : 'why', title: near }, matched ? t(`matched:${matched}`) : '–', near ? h('small', {}, near) : ''),
    h('td', {}, job.queue || '–'), h('td', {}, job.agent || '–'),
    h('td', { class: 'file mono', title: job.path }, fileOf(job)),
    h('td', { class: 'n' }, String(row.attempts)),
    h('td', { class: 'does' }, ...does, refused.has(row.recording) ? h('small', { class: 'said', role: 'status' }, refused.get(row.recording).text) : ''));
}

function draw(rows, now) {
  const focused = document.activeElement?.closest?.('#rows button');
  const at = focused && [focused.dataset.recording, focused.dataset.do];
  $('#rows').replaceChildren(...rows.map((row) => line(row, now)));
  if (at) $$('#rows button').find((one) => one.dataset.recording === at[0] && one.dataset.do === at[1])?.focus();
  $('#table').hidden = !rows.length;
  $('#none').hidden = Boolean(rows.length) || Boolean(wanted().size);
  $('#unfit').hidden = Boolean(rows.length) || !wanted().size;
  $('#newest').hidden = rows.length < MOST;
}

async function look() {
  const mine = ++asked;
  try {
    const answer = await fetch(`/api/v1/recordings?${wanted()}`), told = await answer.json();
    if (mine !== asked) return;
    if (!answer.ok) throw new Error(told.reason ? word(told.reason) : told.detail);
    reasons(told.seen);
    sums(told.seen);
    $('#away').hidden = true;
    if (!busy) draw(told.rows, told.seen.at);
    document.body.dataset.ledger = 'ready';
  } catch (error) {
    if (mine !== asked) return;
    $('#away').hidden = false;
    $('#away-why').textContent = error.message;
  }
}

async function act(node) {
  const recording = node.dataset.recording, row = node.closest('tr');
  busy += 1;
  node.disabled = node.dataset.do === 'retry';
  const fault = await acted(node);
  node.disabled = false;
  busy -= 1;
  refused.delete(recording);
  if (fault) refused.set(recording, { text: fault });
  const next = row.nextElementSibling?.dataset.recording;
  if (fault === null) { node.focus(); return; }
  await look();
  const back = (name, what) => $$('#rows button').find((one) => one.dataset.recording === name && (!what || one.dataset.do === what));
  (back(recording, node.dataset.do) || back(recording) || back(next) || $('#filters input:checked')).focus();
}

await ready;
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('input', () => { const query = wanted(); history.replaceState(null, '', query.size ? `/recordings?${query}` : '/recordings'); look(); });
$('#all').addEventListener('click', () => { form.reset(); $('#filters input[name=state]').checked = true; form.text.value = $('#reason').value = ''; if (form.site) form.site.value = ''; form.dispatchEvent(new Event('input')); $('#filters input:checked').focus(); });
document.addEventListener('click', (event) => { const node = event.target.closest('#rows button[data-do]'); if (node) act(node); });
await look();
setInterval(() => { if (!document.hidden) look(); }, EVERY_MS);
