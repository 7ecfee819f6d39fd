// The alerts page's one dialog, and one line that says what was done, with a way back. In: parts. Out: elements.
// Escape and × close the dialog and change nothing.
import { $, h, t } from '/static/web/common.js';
import { button } from '/static/web/rules_fields.js';

const SAID_MS = 9000;
let over = 0;

export const dialog = {
  show(title, ...parts) {
    const box = $('#rules-dialog');
    $('#rules-dialog-title').textContent = title;
    $('#rules-dialog-body').replaceChildren(...parts.flat().filter(Boolean));
    if (!box.open) box.showModal();
  },
  close() { $('#rules-dialog').close(); },
};

export function openDialog() {
  const box = $('#rules-dialog');
  $('#rules-dialog-close').addEventListener('click', () => dialog.close());
  box.addEventListener('click', (event) => { if (event.target === box) dialog.close(); });
  $('form', box).addEventListener('submit', (event) => { event.preventDefault(); $('.button.strong', box)?.click(); });
}

// `undo()`: what takes it back, while the line stands.
export function said(text, undo, level = '') {
  const box = $('#alerts-said');
  box.dataset.level = level;
  box.replaceChildren(h('span', {}, text), undo ? button(t('Undo'), () => { box.hidden = true; undo(); }, { class: 'link', id: 'alerts-undo' }) : '');
  box.hidden = false;
  clearTimeout(over);
  over = setTimeout(() => { box.hidden = true; }, SAID_MS);
}
