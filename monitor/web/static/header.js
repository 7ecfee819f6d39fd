// The page's header: what matters most of the floor, and how alive the line is. In: Seats, the word `numbers`. Out: texts.
// The first matter most: what does not fit on a narrow screen leaves from the end, whole. May not know: sockets.
import { $, h, t, percent } from '/static/web/common.js';
import { CODE, CONTRADICTORY, STALE } from '/static/seat_map/seats.js';

const MARKED = ['state:unknown', 'In doubt'];

export class Header {
  constructor({ seats, past }) { Object.assign(this, { seats, past, total: null, shown: '', alive: false }); }

  show() {
    const { seats, total } = this, count = seats.counts(), doubted = seats.doubted();
    const signed = seats.size - count[CODE.vacant] - count[CODE.signed_out] - count[CODE.unknown];
    const shown = [['Service level', total ? percent(total.level) : '–'], ['Waiting', total ? total.waiting : '–'], ['Ready', count[CODE.ready]],
      ['On contact', count[CODE.on_contact] + count[CODE.on_hold]], ['Signed in', signed]];
    // Occupancy of the part we still hear is no occupancy: the unknown stand before everything.
    if (count[CODE.unknown]) shown.unshift(['state:unknown', count[CODE.unknown]]); else shown.push(['Occupancy', total ? percent(total.occupancy, 0) : '–']);
    const inDoubt = doubted[STALE] + doubted[CONTRADICTORY];
    if (inDoubt) shown.unshift(['In doubt', inDoubt]);
    const text = shown.map(([word, value]) => t(word) + value).join();
    if (text === this.shown) return;
    this.shown = text;
    $('#kpis').replaceChildren(...shown.map(([word, value]) => h('span', MARKED.includes(word) ? { class: 'doubt' } : {}, t(word), h('b', {}, String(value)))));
  }

  line(state, silence) {
    document.body.dataset.line = state;
    const text = this.past ? t('Past') : state === 'ok' ? t('Live') : state === 'late' ? t('{n} s late', { n: Math.round(silence / 1000) }) : t('Connection lost');
    $('#live').textContent = text;
    if (state === 'lost' && this.alive) $('#announce').textContent = t('Connection lost'); // not before it was there
    this.alive = state !== 'lost' && !this.past;
  }
}
