// The ledger of recordings. In: /api/v1/recordings every few seconds, filters, buttons. Out: counts, rows, a word of a person posted.
// Nothing is told twice a second: a row under the keyboard's focus stays while its table is drawn anew.
import { $, $$, clockText, h, here, post, ready, t, timeText } from '/static/web/common.js';

const EVERY_MS = 3000, number = (n) => Number(n).toLocaleString('en-US');
const form = $('#filters'), dialog = $('#ask'), main = $('#ledger');
let asked = 0;

function wanted() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) query.set(name, value);
  return query;
}

function reasons(seen) {
  const select = $('#reason'), chosen = select.value || main.dataset.reason;
  const names = [...new Set([...Object.keys(seen.reasons), ...(chosen ? [chosen] : [])])].sort();
  if (select.dataset.names === names.join() + document.documentElement.lang) return;
  select.dataset.names = names.join() + document.documentElement.lang;
  select.replaceChildren(h('option', { value: '' }, t('All')), ...names.map((one) => h('option', { value: one }, `${word(one)} (${number(seen.reasons[one] || 0)})`)));
  select.value = chosen;
  main.dataset.reason = '';
}

// Reasons of decoding and recognising are the catalogue's `audio:`, all others its `reason:`.
function word(reason) {
  for (const kind of ['audio:', 'reason:']) { const said = t(kind + reason); if (said !== kind + reason) return said; }
  return reason;
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

function button(what, text, row) {
  return h('button', { class: 'button', type: 'button', 'data-do': what, 'data-site': row.job.site, 'data-recording': row.recording, 'data-near': (row.job.candidates || []).map((one) => one[0]).join(' ') }, t(text));
}

function line(row) {
  const job = row.job, contact = job.contact || '', matched = job.matched ?? 'told';
  const near = (job.candidates || []).map(([name, ms]) => `${name} ±${(ms / 1000).toFixed(0)} s`).join(', ');
  const does = [];
  if (row.state === 'quarantined' && contact && job.path && row.reason !== 'file_gone') does.push(button('retry', 'Try again', row));
  if (row.state === 'quarantined' && row.reason !== 'discarded') does.push(button('discard', 'Discard', row));
  if (!contact && (row.state === 'arrived' || row.state === 'quarantined')) does.push(button('match', 'Match', row));
  return h('tr', { 'data-recording': row.recording },
    h('td', {}, timeText(row.changed_at)),
    h('td', {}, contact ? h('a', { href: here(`/calls/${encodeURIComponent(contact)}`) }, contact) : h('span', { class: 'dim', title: row.recording }, t('Not matched'))),
    h('td', { class: 'why' }, h('b', { class: row.state === 'quarantined' || row.state === 'missing' ? 'bad' : '' }, t(`recording:${row.state}`)), row.reason ? h('small', {}, word(row.reason)) : ''),
    h('td', { title: near }, matched ? t(`matched:${matched}`) : '–', near ? h('small', { class: 'dim' }, ` ${near}`) : ''),
    h('td', {}, job.queue || '–'), h('td', {}, job.agent || '–'),
    h('td', { class: 'file mono', title: job.path }, (job.path || '–').split('/').pop()),
    h('td', { class: 'n' }, String(row.attempts)),
    h('td', {}, ...does, h('span', { class: 'said' })));
}

function draw(rows) {
  const focused = document.activeElement?.closest?.('#rows button');
  const at = focused && [focused.dataset.recording, focused.dataset.do];
  $('#rows').replaceChildren(...rows.map(line));
  if (at) $$('#rows button').find((one) => one.dataset.recording === at[0] && one.dataset.do === at[1])?.focus();
  $('#table').hidden = !rows.length;
  $('#none').hidden = Boolean(rows.length);
}

async function look() {
  const mine = ++asked;
  try {
    const answer = await fetch(`/api/v1/recordings?${wanted()}`), told = await answer.json();
    if (mine !== asked) return;
    if (!answer.ok) throw new Error(told.detail || told.reason);
    reasons(told.seen);
    sums(told.seen);
    if (!dialog.open && !$('#rows button[disabled]')) draw(told.rows);
    document.body.dataset.ledger = 'ready';
  } catch (error) {
    if (mine === asked) $('#eta').textContent = `${t('The ledger cannot be read now')} · ${error.message}`;
  }
}

function askedFor(node) {
  const match = node.dataset.do === 'match';
  $('#ask-what').textContent = t(match ? 'Which contact does it belong to?' : 'Discard it? It will not be transcribed.');
  $('#ask-text').textContent = node.closest('tr').querySelector('.file').title;
  $('#ask-contact-label').hidden = !match;
  $('#ask-contact').value = '';
  $('#near').replaceChildren(...node.dataset.near.split(' ').filter(Boolean).map((one) => h('option', { value: one })));
  dialog.returnValue = '';
  dialog.showModal();
  if (match) $('#ask-contact').focus();
  return new Promise((done) => dialog.addEventListener('close', () => done(dialog.returnValue === 'yes'), { once: true }));
}

async function act(node) {
  if (node.dataset.do !== 'retry' && !(await askedFor(node))) { node.focus(); return; }
  const query = new URLSearchParams({ site: node.dataset.site, recording: node.dataset.recording });
  if (node.dataset.do === 'match') query.set('contact', $('#ask-contact').value.trim());
  const said = node.closest('tr').querySelector('.said');
  node.disabled = true;
  const answer = await post(`/api/v1/recordings/act/${node.dataset.do}?${query}`).catch(() => null);
  node.disabled = false;
  if (answer?.ok) { await look(); return; }
  const told = answer ? await answer.json().catch(() => ({})) : {};
  said.textContent = [told.reason ? word(told.reason) : t('Not taken: try again'), told.mend].filter(Boolean).join(' · ');
}

await ready;
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('input', () => { history.replaceState(null, '', `/recordings?${wanted()}`); look(); });
document.addEventListener('click', (event) => { const node = event.target.closest('#rows button[data-do]'); if (node) act(node); });
await look();
setInterval(() => { if (!document.hidden) look(); }, EVERY_MS);
