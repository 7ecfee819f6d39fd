// The last hours of the chosen seat as a strip of states. In: /api/v1/agents/{agent}/day. Out: a strip, minutes by reason.
// Asked after the panel is drawn; history that does not answer is said in its place. May not know: seats, sockets.
import { h, t, here, page, clockText, dayText, timeText } from '/static/web/common.js';
import { Band } from '/static/web/band.js';
import { lookBadge } from '/static/web/seat_words.js';

const HOURS = 4, HOUR_MS = 3_600_000, SVG = 'http://www.w3.org/2000/svg', EVERY_MS = 60_000;

function shape(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

const word = (one) => [t('state:' + one.look), one.look === 'trouble' ? '' : one.reason && (page.words['reason:' + one.reason] || one.reason)].filter(Boolean).join(' · ');

export class SeatStrip {
  constructor({ queue, onDrawn }) { Object.assign(this, { queue, onDrawn, agent: null, day: null, fault: '', asked: 0 }); }

  // `at`: the past instant shown, null for now. Asks again when the agent is another one or a minute is over.
  async want(agent, at, now) {
    if (this.agent === agent && this.at === at && now - this.asked < EVERY_MS) return;
    if (this.agent !== agent) { this.day = null; this.fault = ''; }
    Object.assign(this, { agent, at, asked: now });
    try {
      const day = at === null ? '' : `?day=${dayText(at)}`;
      const answer = await fetch(here(`/api/v1/agents/${encodeURIComponent(agent)}/day${day}`)), told = await answer.json();
      if (agent !== this.agent || at !== this.at) return;
      this.day = answer.status === 200 ? told : null;
      this.fault = answer.status === 200 ? '' : told.reason || String(answer.status);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the socket already tells that the line is down
      this.fault = t('Connection lost');
    }
    this.onDrawn();
  }

  stale() { this.asked = 0; } // the state changed: a stretch has ended

  node() {
    if (this.fault) return h('p', { class: 'mend strip-fault' }, `${t('History does not answer')}${t(': ')}${this.fault}`);
    if (!this.day) return h('div', { class: 'strip waiting' });
    const end = this.at === null ? this.day.now : this.at, began = Math.max(this.day.since, end - HOURS * HOUR_MS);
    const inside = this.day.stretches.filter((one) => one.since < end && one.until > began);
    if (!inside.length) return h('p', { class: 'mend' }, t('Nothing is stored of the last hours'));
    return this.drawn(inside, began, end);
  }

  drawn(inside, began, end) {
    const x = (at) => (1000 * (Math.min(Math.max(at, began), end) - began)) / (end - began);
    const rects = inside.map((one) => {
      const until = Math.min(one.until, end), rect = shape('rect', { class: `s s-${one.look}`, role: 'option', x: x(one.since).toFixed(2), y: 0, width: Math.max(1.2, x(until) - x(one.since)).toFixed(2), height: 26, 'aria-label': `${word(one)} ${clockText(until - one.since)}` });
      rect.stretch = one;
      return rect;
    });
    const hatch = shape('pattern', { id: 'band-hatch', width: 9, height: 26, patternUnits: 'userSpaceOnUse' }, shape('rect', { class: 'hatch-ground', width: 9, height: 26 }), shape('rect', { class: 'hatch-line', width: 3, height: 26 }));
    const frame = shape('rect', { class: 'part-now', x: 0, y: 0, width: 0, height: 26 });
    const svg = shape('svg', { viewBox: '0 0 1000 26', preserveAspectRatio: 'none', tabindex: 0, role: 'listbox', 'aria-label': t('States of the last hours') }, shape('defs', {}, hatch), shape('rect', { class: 'lane', width: 1000, height: 26 }), ...rects, frame);
    const say = h('p', { class: 'strip-say', 'aria-live': 'polite' }, h('span', {}, timeText(began).slice(0, 5)), h('span', { class: 'grow' }), h('span', {}, this.at === null ? t('now') : timeText(end)));
    new Band(svg, { stretches: rects, frame, tell: (rect) => this.tell(say, rect.stretch), open: (rect) => { location.href = here(`/floor?at=${Math.min(rect.stretch.since + 999, end)}`); } });
    return h('div', { class: 'strip band' }, svg, say);
  }

  tell(say, one) {
    const contact = one.contact ? h('a', { href: `/calls/${encodeURIComponent(one.contact)}` }, t('Contact')) : null;
    say.replaceChildren(...[lookBadge(one.look), h('b', {}, word(one)), h('span', {}, clockText(one.until - one.since)), h('span', {}, timeText(one.since).slice(0, 5)), one.queue ? h('span', { class: 'queue' }, this.queue(one.queue)) : null, contact].filter(Boolean));
  }

  // How long not ready today, by reason, the longest first; closed stretches and the one that ran when it was asked.
  pauses() {
    return this.day && this.at === null ? this.day.parts.filter((one) => one.look === 'not_ready').slice(0, 4).map((one) => [page.words['reason:' + one.reason] || one.reason || t('state:not_ready'), one.duration_ms, one.times]) : [];
  }
}
