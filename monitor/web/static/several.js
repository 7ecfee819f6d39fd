// Several chosen seats added up. In: rows, Seats. Out: counts by state, who has been so the longest, a mark for all.
// What is unknown is counted as unknown and has no longest. May not know: sockets, the map.
import { $, h, t, clockText } from '/static/web/common.js';
import { CODE, SURE, WORDS } from '/static/seat_map/seats.js';
import { lookBadge } from '/static/web/seat_words.js';

const ORDER = ['trouble', 'on_hold', 'wrap_up', 'on_contact', 'offered', 'not_ready', 'ready', 'unknown', 'signed_out', 'vacant'];

export class Several {
  constructor({ seats, names, marks, onGo, onOnly }) { Object.assign(this, { seats, names, marks, onGo, onOnly, box: $('#several'), rows: [], shown: '' }); }

  choose(rows) {
    this.rows = rows;
    this.box.hidden = rows.length < 2;
    this.shown = '';
    if (rows.length > 1) this.age(null);
  }

  // word -> {count, row of the longest}
  summary() {
    const found = new Map();
    for (const row of this.rows) {
      if (row >= this.seats.size) continue;
      const word = this.seats.hatched(row) ? 'unknown' : WORDS[this.seats.code[row]], one = found.get(word);
      if (!one) found.set(word, { count: 1, row });
      else { one.count++; if (this.seats.since[row] < this.seats.since[one.row]) one.row = row; }
    }
    return ORDER.filter((word) => found.has(word)).map((word) => ({ word, ...found.get(word) }));
  }

  age(now) {
    if (this.rows.length < 2) return;
    const summary = this.summary(), text = JSON.stringify([summary, this.rows.map((row) => this.seats.flags[row]).join(), document.documentElement.lang]);
    if (text !== this.shown) { this.shown = text; this.draw(summary); }
    if (now !== null) for (const node of this.box.querySelectorAll('time')) node.textContent = clockText(now - this.seats.since[Number(node.dataset.row)]);
  }

  draw(summary) {
    const bar = h('div', { class: 'several-bar', 'aria-hidden': 'true' });
    const doubted = this.rows.filter((row) => row < this.seats.size && this.seats.certainty(row) !== SURE).length;
    for (const { word, count } of summary) { const part = h('i', { class: `seat-${word}` }); part.style.flexGrow = count; bar.append(part); }
    const line = ({ word, count, row }) => {
      const timed = !['unknown', 'vacant', 'signed_out'].includes(word) && this.seats.code[row] !== CODE.vacant;
      const go = timed ? h('button', { type: 'button', class: 'link', 'data-row': row }, this.names.name(row)) : null;
      go?.addEventListener('click', () => this.onGo(row));
      return h('tr', {}, h('th', {}, lookBadge(word), t('state:' + word)), h('td', { class: 'n' }, String(count)), h('td', {}, go), h('td', { class: 'n' }, timed ? h('time', { 'data-row': row }) : ''));
    };
    const mark = h('button', { type: 'button', class: 'button' }, `★ ${t('Mark all')}`), none = h('button', { type: 'button', class: 'button' }, t('Clear the choice'));
    mark.addEventListener('click', () => this.marks.toggle(this.rows));
    none.addEventListener('click', () => this.onOnly([]));
    this.box.replaceChildren(h('h2', {}, t('{n} seats chosen', { n: this.rows.length })), bar,
      h('table', {}, h('thead', {}, h('tr', {}, h('th', {}, t('State')), h('th', { class: 'n' }, t('Seats')), h('th', {}, t('Longest')), h('th', {}))), h('tbody', {}, summary.map(line))), doubted ? h('p', { class: 'doubt' }, t('{n} of them in doubt', { n: doubted })) : '', h('p', { class: 'several-do' }, mark, none));
  }
}
