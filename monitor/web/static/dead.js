// Dead letters: sent back to their stream or discarded. In: buttons with data-do and data-url. Out: a POST, the row says what came of it.
// What cannot be undone is asked first, in a dialog whose first button keeps the letter; Escape keeps it too.
import { $, $$, post, ready, t } from '/static/web/common.js';

const dialog = $('#ask');

function asked(button) {
  const text = button.closest('.letter')?.querySelector('.letter-text')?.textContent || '';
  $('#ask-what').textContent = button.dataset.ask;
  $('#ask-text').textContent = text;
  $('#ask-text').hidden = !text;
  $('#ask-yes').textContent = button.textContent;
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener('close', () => done(dialog.returnValue === 'yes'), { once: true }));
}
$('#ask-no').addEventListener('click', () => dialog.close('no'));
$('#ask-yes').addEventListener('click', () => dialog.close('yes'));

function count(reason, less) {
  for (const row of $$('.dead-reasons tr')) {
    if (row.dataset.reason !== reason) continue;
    const node = row.querySelector('[data-count]');
    node.textContent = Math.max(0, Number(node.textContent.replaceAll(',', '')) - less).toLocaleString('en-US');
  }
}

// The next letter's first button, so that a keyboard goes on where it was.
function goOn(letter) {
  const letters = $$('.letter:not(.done)').filter((one) => one !== letter);
  const next = letters.find((one) => letter.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) || letters.at(-1);
  next?.querySelector('button')?.focus();
}

async function done(button, answer) {
  const told = await answer.json().catch(() => ({}));
  const row = button.closest('.letter, tr'), said = row.querySelector('.letter-said');
  if (!answer.ok) {
    said.textContent = [t('reason:' + (told.reason || answer.status)), told.detail, told.mend].filter(Boolean).join(' · ');
    return false;
  }
  said.textContent = button.dataset.do === 'redrive-all' ? t('{n} sent back', { n: told.letters }) : t('done:' + told.done);
  count(row.dataset.reason, told.letters);
  row.classList.add('done');
  return true;
}

async function act(button) {
  if (button.dataset.ask && !(await asked(button))) { button.focus(); return; }
  const row = button.closest('.letter, tr'), buttons = [...row.querySelectorAll('button')];
  for (const one of buttons) one.disabled = true;
  const fine = await post(button.dataset.url).then((answer) => done(button, answer), () => { row.querySelector('.letter-said').textContent = t('Not taken: try again'); return false; });
  if (!fine) { for (const one of buttons) one.disabled = false; button.focus(); } else if (row.matches('.letter')) goOn(row);
}

await ready;
document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]');
  if (button) act(button);
});
document.body.dataset.dead = 'ready';
