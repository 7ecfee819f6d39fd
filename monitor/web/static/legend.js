// The bar below the map: each state with its colour, letter and number; each is also a filter. In: Seats, Filters. Out: chips.
// May not know: sockets, people.
import { $, h, t } from '/static/web/common.js';
import { CODE, CONTRADICTORY, STALE } from '/static/seat_map/seats.js';
import { STATES } from '/static/web/filters.js';

const DOUBTS = [STALE, CONTRADICTORY], SIGNS = { [STALE]: '≈', [CONTRADICTORY]: '≠' };
const RARE = ['unknown', 'trouble'];

export class Legend {
  constructor({ seats, filters }) {
    Object.assign(this, { seats, filters });
    const chip = (word, look, kind) => {
      const made = h('button', { type: 'button', class: 'chip', 'data-word': word, 'aria-pressed': 'false' }, h('em', { class: `badge ${look}` }), h('span', {}), h('b', {}));
      made.addEventListener('click', () => filters.toggle(kind, word));
      return made;
    };
    $('#chips').replaceChildren(...STATES.map((word) => chip(word, `seat-${word}`, 'state')), ...DOUBTS.map((word) => chip(word, `mark-${word}`, 'doubt')));
    $('#share').replaceChildren(...STATES.map((word) => h('i', { class: `seat-${word}` })));
  }

  show() {
    const counts = this.seats.counts(), doubted = this.seats.doubted(), chips = $('#chips').children, shares = $('#share').children;
    STATES.forEach((word, k) => {
      const count = counts[CODE[word]];
      this.fill(chips[k], word === 'signed_out' ? '' : t('letter:' + word), t('state:' + word), count, this.filters.has('state', word), !count && RARE.includes(word));
      shares[k].style.flexGrow = count;
      shares[k].hidden = !count;
    });
    DOUBTS.forEach((word, k) => {
      const chip = chips[STATES.length + k], pressed = this.filters.has('doubt', word);
      this.fill(chip, SIGNS[word], t('certainty:' + word), doubted[word], pressed, !doubted[word] && !pressed, t('about:' + word));
    });
  }

  fill(chip, sign, word, count, pressed, hidden, about = word) {
    const texts = [sign, word, String(count)];
    texts.forEach((text, k) => { if (chip.children[k].textContent !== text) chip.children[k].textContent = text; });
    if (chip.title !== about) chip.title = about; // on a narrow screen the word gives way
    chip.setAttribute('aria-pressed', String(pressed));
    chip.hidden = hidden && !pressed;
  }
}
