// What stands beside the pointer: who sits there, in what state, for how long, in doubt why. In: People, Seats. Out: one box.
import { $, h, t, clockText } from '/static/web/common.js';
import { CODE, STALE, SURE } from '/static/seat_map/seats.js';

export class Tip {
  constructor({ people, seats, now }) { Object.assign(this, { people, seats, now, row: -1, box: $('#tip'), stage: $('#map') }); }

  show(row, x, y) {
    if (row < 0 && this.row < 0) return;
    this.row = row;
    this.box.hidden = row < 0;
    if (row < 0) return;
    this.tick();
    const { box, stage } = this;
    box.style.left = `${Math.max(4, Math.min(stage.clientWidth - box.offsetWidth - 6, x + 14))}px`;
    box.style.top = `${y + 18 + box.offsetHeight > stage.clientHeight ? y - box.offsetHeight - 10 : y + 18}px`;
  }

  tick() {
    const { row, people, seats } = this;
    if (row < 0) return;
    const person = people.person(row), vacant = seats.code[row] === CODE.vacant || row >= seats.size;
    const facts = [people.seat(row), person && person.id, people.seat(row).startsWith(people.team(row)) ? '' : people.team(row), people.tier(row)].filter(Boolean).join(' · ');
    this.box.replaceChildren(h('b', {}, people.name(row)), h('small', {}, ` ${facts}`), h('div', {}, people.state(row), ' ', vacant ? '' : h('b', {}, clockText(this.now() - seats.since[row]))), ...this.doubt(row));
  }

  doubt(row) {
    const certainty = row < this.seats.size ? this.seats.certainty(row) : SURE;
    return certainty === SURE ? [] : [h('small', { class: `doubt ${certainty}` }, h('b', {}, `${certainty === STALE ? '≈' : '≠'} ${t('certainty:' + certainty)}`), ' ', t('doubt:' + this.seats.doubt(row)))];
  }
}
