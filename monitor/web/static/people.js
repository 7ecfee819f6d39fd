// Who sits where, in words of the viewer's language. In: the map document, rows of /api/v1/floor/people, Seats. Out: names,
// seats, reasons, letters, teams, skills, tiers of a row. May not know: sockets, drawing.
import { t, page } from '/static/web/common.js';
import { CODE, RESERVED, WORDS } from '/static/seat_map/seats.js';

const ORDER = new Intl.Collator(['zh-CN', 'en'], { numeric: true });

export class People {
  constructor(seats) {
    Object.assign(this, { seats, rows: {}, reasons: [''], tierOf: new Map(), doc: { seats: [], teams: [], team_of: [], labels: {} } });
    for (const method of ['queue', 'person', 'name', 'seat', 'reason', 'letter', 'team']) this[method] = this[method].bind(this);
  }

  // {TIER: [row, …]}: the tier of the contact an agent has now.
  setTiers(rows) {
    this.tierOf.clear();
    for (const [tier, those] of Object.entries(rows)) for (const row of those) this.tierOf.set(row, tier);
  }

  queue(queue) { const label = this.doc.labels[queue]; return (label && (page.locale.startsWith('zh') ? label.zh : label.en)) || queue; }
  person(i) { return this.rows[i]; }
  name(i) { const person = this.rows[i]; return person ? person.name || person.id : this.seat(i); }
  seat(i) { const { seats } = this.doc; return seats[i] || `${t('Bench')} ${i - seats.length + 1}`; }
  team(i) { return this.rows[i]?.team || this.doc.teams[this.doc.team_of[i]] || ''; }
  skills(i) { return Object.keys(this.rows[i]?.skills || {}); }
  queues(i) { return this.rows[i]?.queues || []; }
  tier(i) { return this.tierOf.get(i) || ''; }
  reason(i) { const text = this.reasons[this.seats.reason[i]] || ''; return page.words['reason:' + text] || text; }

  letter(i) {
    const code = this.seats.code[i], reason = this.reasons[this.seats.reason[i]] || '';
    if (code === CODE.not_ready && page.locale.startsWith('zh')) {
      const text = this.reason(i);
      if (/^\p{Script=Han}/u.test(text)) return page.words['letter:' + text] || [...text][0];
    }
    return code === CODE.vacant || code === CODE.signed_out || (code === CODE.not_ready && !reason && !page.words['letter:not_ready']) ? '' : t('letter:' + WORDS[code]);
  }

  // The label in words: state, reason, what follows this contact.
  state(i) {
    const reason = this.reason(i), code = this.seats.code[i], shown = code === CODE.trouble ? '' : reason;
    return [t('state:' + WORDS[code]), this.seats.flags[i] & RESERVED ? `${t('next')}: ${shown || t('state:not_ready')}` : shown].filter(Boolean).join(' · ');
  }

  // What there is to choose from, in the order people expect (A2 before A10).
  known(of) {
    const found = new Set();
    for (const row of Object.keys(this.rows)) for (const one of [of(Number(row))].flat()) if (one) found.add(one);
    return [...found].sort(ORDER.compare);
  }

  // Rows that fit a typed text, the best first: what begins with it before what contains it.
  find(text, limit) {
    const wanted = text.trim().toLowerCase(), found = [];
    if (!wanted) return found;
    const count = Math.max(this.seats.size, this.doc.seats.length);
    for (let i = 0; i < count; i++) {
      const person = this.rows[i], words = [person?.name, person?.id, person?.extension, this.doc.seats[i], this.team(i)];
      const place = words.map((word) => (word ? word.toLowerCase().indexOf(wanted) : -1)).filter((at) => at >= 0);
      if (place.length) found.push([Math.min(...place) + (person ? 0 : 100), i]);
    }
    return Object.assign(found.sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, limit).map(([, i]) => i), { all: found.length });
  }
}
