// A sentence over the page for some seconds, heard by screen readers: why something that was asked for does not happen.
// In: text. Out: an element of its own. May not know: what it is about.
import { h } from '/static/web/common.js';

const SHOWN_MS = 6000;
let box = null, over = 0;

export function notice(text) {
  box ||= document.body.appendChild(h('div', { id: 'notice', role: 'status' }));
  box.textContent = text;
  box.hidden = false;
  clearTimeout(over);
  over = setTimeout(() => { box.hidden = true; }, SHOWN_MS);
}
