// Every key of the floor page, on one sheet (?). In: nothing. Out: a dialog in the viewer's language.
import { h, t, page } from '/static/web/common.js';

const SHEET = [
  ['The map', [['← ↑ ↓ →', 'from seat to seat'], ['Enter', 'choose the seat'], ['+  −', 'zoom in, zoom out'], ['0', 'the whole floor'], ['Shift + click', 'choose several'], ['Shift + drag', 'choose all in a box'], ['M', 'mark the chosen seats']]],
  ['Finding', [['/', 'search: name, number, extension, seat, team'], ['F', 'filter by team, queue, skill, state …'], ['1 – 9', 'filter by a state'], ['Esc', 'clear choice and filters'], ['Q', 'all queues'], ['Ctrl + click', 'add queues up']]],
  ['What needs attention', [['N', 'to the list'], ['↑ ↓', 'from line to line'], ['Enter', 'show it on the map'], ['S', 'seen: hide the line for ten minutes'], ['U', 'take that back'], ['A', 'acknowledge the alert']]],
  ['The page', [['W', 'wall mode'], ['D', 'light or dark'], ['L', '中文 / English'], ['P', 'look at the past'], ['?', 'this sheet']]],
];
const FINGERS = 'On a touch screen: one finger moves, two zoom, a tap chooses, a long press chooses several, a double tap zooms in.';

export class Help {
  constructor() {
    this.box = h('dialog', { id: 'help', 'aria-labelledby': 'help-title' });
    this.box.addEventListener('click', (event) => { if (event.target === this.box) this.box.close(); });
    document.body.append(this.box);
  }

  get open() { return this.box.open; }

  toggle() {
    if (this.box.open) { this.box.close(); return; }
    const row = ([keys, word]) => h('div', {}, h('dt', {}, keys.split(/(?<=\S)  (?=\S)/).map((key) => h('kbd', {}, key))), h('dd', {}, t(word)));
    const close = h('button', { type: 'button', class: 'button', 'aria-label': t('Close') }, '×');
    close.addEventListener('click', () => this.box.close());
    this.box.replaceChildren(h('header', {}, h('h2', { id: 'help-title' }, t('Keys')), close),
      h('div', { class: 'sheets' }, SHEET.map(([title, rows]) => h('section', {}, h('h3', {}, t(title)), h('dl', {}, rows.map(row))))), h('p', { class: 'hint' }, t(FINGERS)));
    this.box.lang = page.locale;
    this.box.showModal();
  }
}
