// A queue's breach forecast in its panel. In: rows of the word `forecast`, the answer of a what-if. Out: one section: how
// likely the interval's target is missed, agents needed, "what if". Text is text nodes. May not know: sockets, other panels.
import { h, t, here, timeText, clockText } from '/static/web/common.js';

const SVG = 'http://www.w3.org/2000/svg';
const WAIT_MS = 250; // while a slider moves, ask when it rests
const share = (value) => `${Math.round(100 * value)}%`;
const minutes = (at) => timeText(at).slice(0, 5);
const words = (row) => (row.miss >= 0.85 ? 'forecast:very_likely' : row.miss >= 0.5 ? 'forecast:likely' : row.miss >= 0.2 ? 'forecast:possible' : 'forecast:unlikely');
const level = (row) => (row.miss >= 0.5 ? 'bad' : row.miss >= 0.2 ? 'warn' : 'ok');

export class Forecast {
  constructor() { Object.assign(this, { rows: new Map(), what: { agents: 0, arrivals: 100 }, queue: null, answer: null, asked: 0 }); addEventListener('locale', () => { this.box?.replaceChildren(); if (this.box) this.draw(this.box, this.queue); }); }

  heard(word) { this.rows = new Map(word.queues.map((row) => [row.queue, row])); }

  // Draws into `box`; what is typed or dragged at this moment is left alone.
  draw(box, queue) {
    const row = this.rows.get(queue);
    if (queue !== this.queue) Object.assign(this, { queue, answer: null, what: { agents: 0, arrivals: 100 } });
    box.hidden = !row;
    if (!row) return;
    if (!this.box || this.box !== box || !box.contains(this.tries)) this.build(box);
    this.title.textContent = t('Forecast to {time}', { time: minutes(row.until) });
    this.now.replaceChildren(...(row.cannot_tell ? this.cannot(row) : this.told(row)));
    this.tries.hidden = Boolean(row.cannot_tell);
    this.basis.hidden = Boolean(row.cannot_tell);
    if (row.cannot_tell) return;
    this.away.replaceChildren(...this.back(row));
    this.rests.replaceChildren(...this.assumptions(row));
    if (this.what.agents || this.what.arrivals !== 100) this.ask();
  }

  build(box) {
    this.box = box;
    this.title = h('span', {});
    [this.now, this.away, this.rests, this.result] = [h('div', { class: 'fc-now' }), h('div', { class: 'fc-away' }), h('ul', {}), h('output', { class: 'fc-if', 'aria-live': 'polite' })];
    this.agents = h('input', { type: 'range', min: -10, max: 10, value: 0, step: 1 });
    this.arrivals = h('input', { type: 'range', min: 50, max: 200, value: 100, step: 10 });
    [this.agentsText, this.arrivalsText] = [h('b', {}), h('b', {})];
    const moved = () => { this.what = { agents: Number(this.agents.value), arrivals: Number(this.arrivals.value) }; this.said(); clearTimeout(this.timer); this.timer = setTimeout(() => this.ask(), WAIT_MS); };
    for (const one of [this.agents, this.arrivals]) one.addEventListener('input', moved);
    const reset = h('button', { type: 'button', class: 'button' }, t('As it is'));
    reset.addEventListener('click', () => { this.agents.value = 0; this.arrivals.value = 100; moved(); });
    this.tries = h('fieldset', { class: 'fc-try' }, h('legend', {}, t('What if')), this.away,
      h('label', {}, t('Agents'), this.agents, this.agentsText), h('label', {}, t('Arrivals'), this.arrivals, this.arrivalsText), reset, this.result);
    this.basis = h('details', { class: 'fc-basis' }, h('summary', {}, t('What this rests on')), this.rests);
    this.move = moved;
    box.replaceChildren(h('h3', {}, this.title), this.now, this.tries, this.basis);
    this.said();
  }

  said() {
    const { agents, arrivals } = this.what;
    this.agentsText.textContent = agents > 0 ? `+${agents}` : String(agents);
    this.arrivalsText.textContent = `${arrivals > 100 ? '+' : ''}${arrivals - 100}%`;
    this.agents.setAttribute('aria-valuetext', this.agentsText.textContent);
    this.arrivals.setAttribute('aria-valuetext', this.arrivalsText.textContent);
  }

  cannot(row) { return [h('p', { class: 'fc-cannot' }, h('b', {}, t('Cannot tell')), ' ', t('cannot_tell:' + row.cannot_tell))]; }

  told(row) {
    const need = row.needed;
    const short = need.more === null ? t('forecast:lost') : need.more === 0 ? t('forecast:enough')
      : t('{n} more agents needed', { n: need.more }) + (need.high !== need.low ? ` (${need.low ?? '–'}–${need.high ?? '?'})` : '');
    return [h('p', { class: 'fc-word', 'data-level': level(row) }, h('b', {}, t(words(row))), ' ', t('{p} to miss {goal}%', { p: share(row.miss), goal: row.goal_percent }), ' ', h('small', {}, `${share(row.low)}–${share(row.high)}`)),
      this.bar(row), h('p', { class: 'fc-need' }, short)];
  }

  bar(row) {
    const svg = document.createElementNS(SVG, 'svg');
    for (const [name, value] of Object.entries({ viewBox: '0 0 100 10', preserveAspectRatio: 'none', class: 'fc-bar', 'data-level': level(row), role: 'img', 'aria-label': `${share(row.miss)} (${share(row.low)}–${share(row.high)})` })) svg.setAttribute(name, value);
    const part = (name, x, width) => { const rect = document.createElementNS(SVG, 'rect'); for (const [key, value] of Object.entries({ class: name, x, width: Math.max(0, width), y: name === 'band' ? 0 : 2, height: name === 'band' ? 10 : 6 })) rect.setAttribute(key, value); return rect; };
    svg.append(part('ground', 0, 100), part('mean', 0, 100 * row.miss), part('band', 100 * row.low, 100 * (row.high - row.low)), part('accepted', 20, 0.6));
    return svg;
  }

  // Who could come back, by reason; a click tries it.
  back(row) {
    return Object.entries(row.away).sort((one, other) => other[1] - one[1]).map(([reason, count]) => {
      const button = h('button', { type: 'button', class: 'button' }, `${t('Bring back')} ${t('reason:' + reason) || t('state:not_ready')} ${count}`);
      button.addEventListener('click', () => { this.agents.max = Math.max(10, count); this.agents.value = count; this.move(); });
      return button;
    });
  }

  assumptions({ basis, people, agents }) {
    return [
      t('{n} contacts an hour, from {seen} in {m} minutes, the latest count most', { n: Math.round(basis.arrivals_per_hour), seen: basis.contacts, m: basis.minutes }),
      t('{time} a contact, from {seen} that ended', { time: clockText(1000 * basis.handling_s), seen: basis.ended }),
      t('callers wait {time} on average before they give up, from {seen} who did', { time: clockText(1000 * basis.patience_s), seen: basis.gave_up }),
      t('{people} people work here; those of several queues count in part: {agents} agents', { people, agents: agents.toFixed(1) }),
      t('They stay until the interval ends; nobody else comes or goes'),
    ].map((text) => h('li', {}, text));
  }

  async ask() {
    const { agents, arrivals } = this.what, asked = ++this.asked, { queue } = this;
    if (!agents && arrivals === 100) { this.result.replaceChildren(); return; }
    try {
      const answer = await fetch(here(`/api/v1/queues/${encodeURIComponent(queue)}/forecast?agents=${agents}&arrivals=${arrivals / 100}`));
      if (asked !== this.asked || queue !== this.queue || answer.status !== 200) return;
      const row = await answer.json();
      this.result.replaceChildren(...(row.cannot_tell ? this.cannot(row) : this.told(row)));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the socket already tells that the line is down
    }
  }
}
