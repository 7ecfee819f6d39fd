// The panel beside the map: the chosen seat, and what to look at now. In: Seats, people, limits. Out: lists that go to a seat.
// What rests on unknown or stale data is never listed as needing attention. May not know: sockets, Bokeh.
import { $, h, t, here, clockText, dayText, timeText } from '/static/web/common.js';
import { CODE, WORDS, RESERVED, STALE, SURE, UNCERTAIN } from '/static/seat_map/seats.js';

const LISTED = 40;

export class Side {
  // `at`: the past instant that is shown, null for now.
  constructor({ seats, names, limits, onGo, at, now }) {
    Object.assign(this, { seats, names, limits, onGo, at, now });
    this.row = -1;
    this.agent = null;
    $('#attention').addEventListener('click', (event) => {
      const button = event.target.closest('button');
      if (button) onGo(Number(button.dataset.row));
    });
  }

  limitOf(i) {
    const code = this.seats.code[i];
    return (code === CODE.not_ready && this.limits.reason[this.names.reason(i)]) || this.limits.code[code];
  }

  // 0 within limits, 1 amber, 2 red; an uncertain or stale seat has no level.
  level(i, now) {
    const limit = this.limitOf(i);
    if (!limit || this.seats.flags[i] & UNCERTAIN || this.seats.certainty(i) === STALE) return 0;
    const age = now - this.seats.since[i];
    return age >= limit[1] ? 2 : age >= limit[0] ? 1 : 0;
  }

  outliers(now, passes) {
    const found = [];
    for (let i = 0; i < this.seats.size; i++) {
      const level = this.level(i, now);
      if (!level || (passes && !passes(i))) continue;
      const age = now - this.seats.since[i], limit = this.limitOf(i);
      found.push({ row: i, level, age, over: age - limit[0], rank: (this.seats.code[i] === CODE.trouble ? 1e6 : 0) + level * 1e3 + age / Math.max(limit[1], 1) });
    }
    return found.sort((a, b) => b.rank - a.rank);
  }

  badge(i) {
    const word = WORDS[this.seats.code[i]];
    return h('em', { class: `badge seat-${word}` }, this.names.letter(i) || '·');
  }

  stateText(i) {
    const reason = this.names.reason(i), code = this.seats.code[i];
    const next = this.seats.flags[i] & RESERVED;
    const shown = code === CODE.trouble ? '' : reason;
    return [t('state:' + WORDS[code]), next ? `${t('next')}: ${shown || t('state:not_ready')}` : shown].filter(Boolean).join(' · ');
  }

  // Why a label is in doubt, in words; nothing when it is sure.
  doubtText(i, tag = 'p') {
    const certainty = this.seats.certainty(i);
    if (certainty === SURE) return [];
    return [h(tag, { class: `doubt ${certainty}` }, h('b', {}, `${certainty === STALE ? '≈' : '≠'} ${t('certainty:' + certainty)}`), ' ', t('doubt:' + this.seats.doubt(i)))];
  }

  list(outliers, now) {
    $('#attention-count').textContent = outliers.length || '';
    const rows = outliers.slice(0, LISTED).map(({ row, level, age, over }) => h('li', {},
      h('button', { type: 'button', 'data-row': row },
        this.badge(row), h('span', {}, this.names.name(row), h('small', {}, `${this.names.seat(row)} · ${this.names.reason(row) || this.stateText(row)}`)),
        h('span', { class: `age level-${level}` }, clockText(age), over > 999 ? h('small', {}, t('over by {time}', { time: clockText(over) })) : null))));
    const box = $('#attention');
    const focused = document.activeElement && box.contains(document.activeElement) ? document.activeElement.dataset.row : null;
    box.replaceChildren(...(rows.length ? rows : [h('li', { class: 'empty' }, t('Nobody is beyond a limit'))]));
    if (focused !== null) box.querySelector(`[data-row="${focused}"]`)?.focus();
  }

  choose(i) {
    this.row = i;
    this.agent = null;
    this.draw();
    this.fetch();
  }

  async fetch() {
    const row = this.row, person = this.names.person(row);
    if (!person) return;
    const id = encodeURIComponent(person.id), at = this.at();
    const answer = await fetch(here(at === null ? `/api/v1/agents/${id}` : `/api/v1/past/agents/${id}?at=${at}`));
    if (answer.status !== 200 || row !== this.row) return;
    this.agent = await answer.json();
    this.draw();
  }

  age(now) {
    const timer = $('#seat .timer');
    if (timer && this.row >= 0) {
      timer.textContent = clockText(now - this.seats.since[this.row]);
      timer.className = `timer level-${this.level(this.row, now)}`;
    }
    for (const node of document.querySelectorAll('#seat .contacts [data-since]')) node.textContent = clockText(now - Number(node.dataset.since));
  }

  draw() {
    const box = $('#seat'), i = this.row, person = i < 0 ? null : this.names.person(i);
    if (i < 0) { box.replaceChildren(h('h2', {}, t('Seat')), h('p', { class: 'hint' }, t('Choose a seat to see its agent')), this.keys()); return; }
    if (!person) { box.replaceChildren(h('h2', {}, this.names.seat(i)), h('p', { class: 'hint' }, t('Nobody sits here'))); return; }
    const head = h('div', { class: 'who' }, this.badge(i), h('div', {}, h('b', {}, this.names.name(i)), h('small', {}, this.stateText(i))), h('span', { class: 'timer' }));
    const fact = (word, value) => h('div', {}, h('dt', {}, t(word)), h('dd', {}, value));
    const facts = [fact('Seat', this.names.seat(i)), fact('Staff number', person.id), fact('Since', timeText(this.seats.since[i]))];
    if (person.extension && person.extension !== person.id) facts.push(fact('Extension', person.extension));
    const agent = this.agent;
    if (agent) {
      const minutes = (ms) => clockText(ms);
      facts.push(fact('Answered today', String(agent.today.answered)), fact('Talk today', minutes(agent.today.talk_ms)),
        fact('Not ready today', minutes(agent.today.not_ready_ms)), fact('Not taken today', String(agent.today.declined)));
    }
    if (agent && agent.next) facts.push(fact('Next', [t('state:' + agent.next.state), agent.next.reason && t('reason:' + agent.next.reason)].filter(Boolean).join(' · ')));
    const skills = agent && Object.keys(agent.skills).length ? h('div', { class: 'skills' }, h('span', {}, t('Skills')), h('ul', { class: 'chips' }, Object.entries(agent.skills).map(([name, level]) => h('li', {}, name, h('b', {}, String(level)))))) : null;
    const queues = agent ? h('ul', { class: 'chips' }, agent.queues.map((one) => h('li', { class: one.not_ready ? 'off' : '' }, this.names.queue(one.queue), one.not_ready ? ` · ${one.reason ? t('reason:' + one.reason) : t('state:not_ready')}` : ''))) : null;
    const at = this.at(), day = at === null ? '' : `?day=${dayText(at)}`, until = at === null ? '' : `&to=${at + 1}`;
    const links = h('p', { class: 'links' }, h('a', { href: here(`/agents/${encodeURIComponent(person.id)}${day}`) }, t('Day of this agent')), h('a', { href: `/calls?agent=${encodeURIComponent(person.id)}${until}` }, t('Calls of this agent')),
      agent && agent.contact ? h('a', { href: `/calls/${encodeURIComponent(agent.contact)}` }, t('Current contact')) : null);
    const unknown = this.seats.hatched(i) ? h('p', { class: 'doubt' }, t('The source is silent: this state is not known')) : null;
    box.replaceChildren(...[head, unknown, ...this.doubtText(i), this.contacts(agent), h('dl', { class: 'facts' }, facts), skills, queues, links].filter(Boolean));
  }

  // One contact is the state itself; several, or one that is more than a call from a queue, are listed.
  contacts(agent) {
    const contacts = agent ? agent.contacts : [];
    const plain = (one) => one.channel === 'voice' && one.direction === 'inbound' && !one.tier && !one.consulting && one.parties < 1;
    if (!contacts.length || (contacts.length === 1 && plain(contacts[0]))) return null;
    const now = this.now(), state = (one) => t(one.state === 'dialling' ? 'dialling' : 'state:' + one.state);
    const row = (one) => h('li', {}, h('b', {}, t('channel:' + one.channel), one.direction === 'outbound' ? ` ${t('direction:outbound')}` : ''), h('span', {}, [state(one), this.names.queue(one.queue), one.tier, one.consulting ? t('consulting') : '', one.parties ? t('conference of {n}', { n: one.parties + 2 }) : ''].filter(Boolean).join(' · ')),
      h('time', { 'data-since': one.answered_at || one.queued_at }, clockText(now - (one.answered_at || one.queued_at))));
    return h('div', { class: 'contacts' }, h('h3', {}, t('{n} contacts at once', { n: contacts.length })), h('ul', {}, contacts.map(row)));
  }

  keys() {
    const key = (name) => h('kbd', {}, name);
    return h('p', { class: 'hint keys' }, key('←↑↓→'), ` ${t('move')} `, key('Enter'), ` ${t('choose')} `, key('+'), key('−'), key('0'), ` ${t('zoom')} `,
      key('1–9'), ` ${t('filter')} `, key('/'), ` ${t('search')} `, key('W'), ` ${t('wall')} `, key('D'), ` ${t('theme')} `, key('L'), ` ${t('language')}`);
  }
}
