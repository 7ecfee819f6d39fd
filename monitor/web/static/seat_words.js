// What a seat is, in signs and words of the viewer's language. In: Seats, names. Out: badge, doubt.
// Shared by the panel and the lists. May not know: sockets, limits.
import { h, t } from '/static/web/common.js';
import { WORDS, STALE, SURE } from '/static/seat_map/seats.js';

export class SeatWords {
  constructor(seats, names) { Object.assign(this, { seats, names }); }

  badge(i) {
    const word = WORDS[this.seats.code[i]];
    return h('em', { class: `badge seat-${word}`, 'aria-hidden': 'true' }, this.names.letter(i) || '·');
  }

  // Why a label is in doubt, in words; nothing when it is sure.
  doubt(i, tag = 'p') {
    const certainty = this.seats.certainty(i);
    if (certainty === SURE) return [];
    return [h(tag, { class: `doubt ${certainty}` }, h('b', {}, `${certainty === STALE ? '≈' : '≠'} ${t('certainty:' + certainty)}`), ' ', t('doubt:' + this.seats.doubt(i)))];
  }
}

// A badge of a state that is nobody's in particular; the letter alone would be no colour-free sign for signed out.
export const lookBadge = (look) => h('em', { class: `badge seat-${look}`, 'aria-hidden': 'true' }, look === 'signed_out' || look === 'unknown' || look === 'vacant' ? '·' : t('letter:' + look));
