// The question before a word of a person on a recording. In: the row's button. Out: whether it was done; the dialog stays open until then.
// To match one, contacts that were near are offered, nearest first; a name may be typed in their place.
import { $, clockText, h, here, post, t, timeText } from '/static/web/common.js';

const dialog = $('#ask'), field = $('#ask-contact'), near = $('#near'), said = $('#ask-said'), yes = $('#ask-yes');
let asked = null;

// Reasons of decoding and recognising are the catalogue's `audio:`, all others its `reason:`.
export function word(reason) {
  for (const kind of ['audio:', 'reason:']) { const text = t(kind + reason); if (text !== reason) return text; }
  return reason;
}

const away = (ms) => `${ms < 0 ? '−' : '+'}${Math.abs(ms) < 60000 ? `${(Math.abs(ms) / 1000).toFixed(1)} s` : clockText(Math.abs(ms))}`;

function choice(one, number) {
  const input = h('input', { type: 'radio', name: 'near', value: one.contact, id: `near-${number}` });
  input.addEventListener('change', () => { field.value = one.contact; });
  const row = h('tr', {},
    h('td', {}, input), h('td', {}, h('label', { for: `near-${number}` }, one.contact)), h('td', {}, timeText(one.answered_at)), h('td', { class: 'n' }, away(-one.away_ms)),
    h('td', {}, one.queue), h('td', {}, one.agent), h('td', { class: 'n' }, clockText(one.talk_ms)), h('td', { class: one.recording ? '' : 'dim' }, one.recording ? t(`recording:${one.recording}`) : t('none')));
  row.addEventListener('click', () => input.click());
  return row;
}

async function offer(button) {
  const query = new URLSearchParams({ site: button.dataset.site, recording: button.dataset.recording });
  near.replaceChildren(h('p', { class: 'dim' }, t('Looking for contacts nearby …')));
  const answer = await fetch(`/api/v1/recordings/near?${query}`).catch(() => null);
  const told = answer ? await answer.json().catch(() => ({})) : {};
  if (asked !== button || !dialog.open) return;
  if (!answer?.ok) { near.replaceChildren(h('p', { class: 'dim' }, told.reason ? word(told.reason) : t('Not taken: try again'))); return; }
  if (!told.contacts.length) { near.replaceChildren(h('p', { class: 'dim' }, t('No contact was answered near its beginning ({time}).', { time: timeText(told.begun_at) }))); return; }
  const head = ['', 'Contact', 'Answered', 'Recording after answer', 'Queue', 'Agent', 'Talk time', 'Recording'];
  near.replaceChildren(
    h('p', { class: 'dim' }, t('The recording began at {time}; answered nearby:', { time: timeText(told.begun_at) })),
    h('div', { class: 'scroll' }, h('table', {}, h('thead', {}, h('tr', {}, ...head.map((one) => h('th', {}, one ? t(one) : '')))), h('tbody', {}, ...told.contacts.map(choice)))));
  if (!field.value && document.activeElement === field) $('#near-0').focus();
}

async function send(button) {
  const query = new URLSearchParams({ site: button.dataset.site, recording: button.dataset.recording });
  if (button.dataset.do === 'match') query.set('contact', field.value.trim());
  const answer = await post(`/api/v1/recordings/act/${button.dataset.do}?${query}`).catch(() => null);
  if (answer?.ok) return '';
  const told = answer ? await answer.json().catch(() => ({})) : {};
  return told.reason ? word(told.reason) : t('Not taken: try again');
}

// Why it was not done, '' if it was, null if the person thought better of it.
export async function acted(button) {
  if (button.dataset.do === 'retry') return send(button);
  const match = button.dataset.do === 'match';
  asked = button;
  dialog.classList.toggle('wide', match);
  $('#ask-what').textContent = t(match ? 'Which contact does it belong to?' : 'Discard it? It will not be transcribed.');
  $('#ask-text').textContent = button.dataset.file;
  yes.textContent = t(match ? 'Match' : 'Discard');
  $('#ask-contact-label').hidden = near.hidden = !match;
  field.value = said.textContent = '';
  dialog.showModal();
  (match ? field : $('#ask-no')).focus();
  if (match) offer(button);
  return new Promise((done) => {
    let outcome = null;
    dialog.onclose = () => { asked = null; done(outcome); };
    $('#ask-form').onsubmit = async (event) => {
      event.preventDefault();
      if (match && !field.value.trim()) { said.textContent = t('Choose a contact or write its name.'); field.focus(); return; }
      yes.disabled = true;
      const fault = await send(button);
      yes.disabled = false;
      if (fault) { said.textContent = fault; return; }
      outcome = '';
      dialog.close();
    };
  });
}

$('#ask-no').addEventListener('click', () => dialog.close());
