// Which seats have been as they are for too long: their rings. In: Seats, the table of limits (seat_map/limits.py). Out: a
// level per row. What rests on unknown or stale data has none. May not know: drawing, words.
import { CODE, STALE, UNCERTAIN } from '/static/seat_map/seats.js';

export class Levels {
  constructor({ seats, people, limits }) { Object.assign(this, { seats, people, limits }); }

  limitOf(i) {
    const code = this.seats.code[i];
    return (code === CODE.not_ready && this.limits.reason[this.people.reason(i)]) || this.limits.code[code];
  }

  // 0 within limits, 1 amber, 2 red.
  of(i, now) {
    const limit = this.limitOf(i);
    if (!limit || this.seats.flags[i] & UNCERTAIN || this.seats.certainty(i) === STALE) return 0;
    const age = now - this.seats.since[i];
    return age >= limit[1] ? 2 : age >= limit[0] ? 1 : 0;
  }

  outliers(now, passes) {
    const found = [];
    for (let row = 0; row < this.seats.size; row++) {
      const level = this.of(row, now);
      if (level && (!passes || passes(row))) found.push({ row, level });
    }
    return found;
  }
}
