// The chosen seat beside the map. In: Seats, people, /api/v1/agents/{agent}, marks, limits. Out: one panel: state and why in
// doubt, contacts, the day in numbers, the last hours, marks, links. May not know: sockets, Bokeh.
import { $, h, t, here, page, clockText, dayText, percent, timeText } from '/static/web/common.js';
import { markLine } from '/static/web/marks_list.js';
import { SeatStrip } from '/static/web/seat_strip.js';

const key = (name) => h('kbd', {}, name);
const fact = (word, value, note = '') => h('div', note ? { title: note } : {}, h('dt', {}, t(word)), h('dd', {}, value));
const minutes = (ms) => t('{m} min', { m: Math.round(ms / 60_000) });

export class SeatPanel {
  // `at`: the past instant that is shown, null for now.
  constructor({ seats, names, words, levels, marks, at, now }) {
    Object.assign(this, { seats, names, words, levels, marks, at, now, box: $('#seat'), row: -1, agent: null, gone: false, actions: null });
    this.strip = new SeatStrip({ queue: names.queue, onDrawn: () => this.draw() });
    marks.onChange(() => { if (this.row >= 0) this.draw(); });
  }

  choose(i) {
    if (i !== this.row) this.agent = null;
    this.row = i;
    this.draw();
    if (i >= 0) { this.fetch(); this.permissions(); }
  }

  async fetch() {
    const row = this.row, person = this.names.person(row);
    if (!person) return;
    const id = encodeURIComponent(person.id), at = this.at();
    this.strip.stale();
    try {
      const answer = await fetch(here(at === null ? `/api/v1/agents/${id}` : `/api/v1/past/agents/${id}?at=${at}`));
      if (row !== this.row) return;
      this.gone = answer.status === 404;
      if (answer.status === 200) this.agent = await answer.json();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the socket already tells that the line is down
    }
    if (row !== this.row) return;
    this.draw();
    this.strip.want(person.id, at, this.now());
  }

  // Asked once: what whoever looks may do. Nothing is offered before the answer.
  async permissions() {
    if (this.actions) return;
    const answer = await fetch('/api/v1/permissions').catch((error) => { if (!(error instanceof TypeError)) throw error; return null; });
    if (!answer || answer.status !== 200) return;
    this.actions = await answer.json();
    this.draw();
  }

  age(now) {
    const timer = $('.timer', this.box), person = this.names.person(this.row);
    if (timer && this.row >= 0) {
      timer.textContent = clockText(now - this.seats.since[this.row]);
      timer.className = `timer level-${this.levels.of(this.row, now)}`;
    }
    for (const node of this.box.querySelectorAll('.contacts [data-since]')) node.textContent = clockText(now - Number(node.dataset.since));
    if (person && this.agent && this.at() === null && !document.hidden) this.strip.want(person.id, null, now);
  }

  draw() {
    const i = this.row, person = i < 0 ? null : this.names.person(i), { box } = this;
    if (i < 0) { box.replaceChildren(h('h2', {}, t('Seat')), h('p', { class: 'hint' }, t('Choose a seat to see its agent')), this.keys()); return; }
    if (!person) { box.replaceChildren(h('h2', {}, this.names.seat(i)), h('p', { class: 'hint' }, t('Nobody sits here'))); return; }
    const agent = this.agent, focus = this.focused();
    box.replaceChildren(...[this.head(i, person), ...this.doubts(i), this.contacts(agent), this.today(agent), this.hours(agent), this.serves(agent), markLine(this.marks, i), this.links(person), this.acting()].filter(Boolean));
    if (focus) [...box.querySelectorAll(focus[0])][focus[1]]?.focus();
    this.age(this.now());
  }

  // Drawn anew while somebody is at it with the keyboard: the same thing keeps the focus; a note being typed is not lost.
  focused() {
    const one = document.activeElement;
    if (!this.box.contains(one)) return null;
    const kind = one.classList.contains('sign-choice') ? '.sign-choice' : one.tagName === 'svg' ? 'svg' : one.tagName === 'INPUT' ? 'input' : 'a';
    return [kind, [...this.box.querySelectorAll(kind)].indexOf(one)];
  }

  head(i, person) {
    const place = [this.names.seat(i), person.id, person.extension && person.extension !== person.id ? person.extension : '', this.names.team?.(i)].filter(Boolean).join(' · ');
    const timer = h('span', { class: 'timer', title: `${t('Since')} ${timeText(this.seats.since[i])}` });
    return h('div', { class: 'who' }, this.words.badge(i), h('div', {}, h('b', {}, this.names.name(i)), h('small', {}, this.names.state(i)), h('small', { class: 'place' }, place)), timer);
  }

  doubts(i) {
    if (this.gone) return [h('p', { class: 'doubt' }, t('The floor knows nothing more of this agent'))];
    return [...(this.seats.hatched(i) ? [h('p', { class: 'doubt' }, t('The source is silent: this state is not known'))] : []), ...this.words.doubt(i)];
  }

  // Each contact with its queue, tier, the wait before the answer and its clock; never the customer's number.
  contacts(agent) {
    const contacts = agent ? agent.contacts : [];
    if (!contacts.length) return null;
    const now = this.now();
    const row = (one) => {
      const kind = t('channel:' + one.channel) + (one.direction === 'outbound' ? ` ${t('direction:outbound')}` : '');
      const waited = one.answered_at && one.direction !== 'outbound' ? t('waited {time}', { time: clockText(one.answered_at - one.queued_at) }) : '';
      const more = [t(one.state === 'dialling' ? 'dialling' : 'state:' + one.state), waited, one.consulting ? t('consulting') : '', one.parties ? t('conference of {n}', { n: one.parties + 2 }) : ''].filter(Boolean).join(' · ');
      return h('li', {}, h('div', {}, h('b', {}, kind), ' ', h('a', { href: `/calls/${encodeURIComponent(one.contact)}` }, this.names.queue(one.queue) || one.contact), one.tier ? h('em', { class: 'tier' }, one.tier) : null, h('small', {}, more)),
        h('time', { 'data-since': one.answered_at || one.queued_at }, clockText(now - (one.answered_at || one.queued_at))));
    };
    return h('div', { class: 'contacts' }, contacts.length > 1 ? h('h3', {}, t('{n} contacts at once', { n: contacts.length })) : null, h('ul', {}, contacts.map(row)));
  }

  today(agent) {
    if (!agent) return null;
    const { numbers } = agent, facts = [];
    facts.push(fact('Handled today', String(numbers.handled)), fact('AHT', numbers.aht_ms === null ? '–' : clockText(numbers.aht_ms), t('(talk + hold + wrap-up) ÷ ended contacts')),
      fact('Occupancy', percent(numbers.occupancy, 0), t('handling ÷ (handling + ready)')), fact('Not ready', minutes(numbers.not_ready_ms)));
    if (numbers.declined) facts.push(fact('Not taken today', String(numbers.declined)));
    return h('dl', { class: 'facts' }, facts);
  }

  hours(agent) {
    if (!agent) return null;
    const pauses = this.strip.pauses();
    return h('div', { class: 'hours' }, this.strip.node(), pauses.length ? h('ul', { class: 'pauses', 'aria-label': t('Not ready by reason') }, pauses.map(([word, ms, times]) => h('li', {}, word, h('b', {}, minutes(ms)), times > 1 ? h('small', {}, `×${times}`) : null))) : null);
  }

  serves(agent) {
    if (!agent) return null;
    const skills = Object.entries(agent.skills).map(([name, level]) => h('li', { class: 'skill' }, name, h('b', {}, String(level))));
    const queues = agent.queues.map((one) => h('li', { class: one.not_ready ? 'off' : '' }, this.names.queue(one.queue), one.not_ready ? ` · ${one.reason ? page.words['reason:' + one.reason] || one.reason : t('state:not_ready')}` : ''));
    return h('div', { class: 'serves' }, skills.length ? h('ul', { class: 'chips skills', 'aria-label': t('Skills') }, skills) : null, queues.length ? h('ul', { class: 'chips', 'aria-label': t('Queues') }, queues) : null);
  }

  links(person) {
    const at = this.at(), day = at === null ? '' : `?day=${dayText(at)}`, until = at === null ? '' : `&to=${at + 1}`, id = encodeURIComponent(person.id);
    return h('p', { class: 'links' }, h('a', { href: here(`/agents/${id}${day}`) }, t('Day of this agent')), h('a', { href: `/calls?agent=${id}${until}` }, t('Calls of this agent')));
  }

  // What the viewer may not do has no button; that nothing can be done is said once, in a line.
  acting() {
    return this.actions && !this.actions.actions.length && this.at() === null ? h('p', { class: 'acting' }, t('acting:' + this.actions.reason)) : null;
  }

  keys() {
    return h('p', { class: 'hint keys' }, key('←↑↓→'), ` ${t('move')} `, key('Enter'), ` ${t('choose')} `, key('+'), key('−'), key('0'), ` ${t('zoom')} `,
      key('1–9'), ` ${t('filter')} `, key('/'), ` ${t('search')} `, key('N'), ` ${t('Needs attention')} `, key('?'), ` ${t('All keys')}`);
  }
}
