// The trial beside a forecast: other numbers of agents or contacts. In: a queue's row, what the viewer sets. Out: the answer
// of /api/v1/queues/{queue}/forecast, asked when the viewer's hand rests. May not know: how a forecast is drawn.
import { h, t, here, page } from '/static/web/common.js';

const REST_MS = 250, MOST = 5000;
const AS_IS = { agents: 0, arrivals: 100, from: '' };
const signed = (n) => (n > 0 ? `+${n}` : n < 0 ? `−${-n}` : '0');

export class WhatIf {
  // `told(row)`: nodes that tell a row; `queues()`: those with a forecast.
  constructor({ labelOf, told, queues }) { Object.assign(this, { labelOf, told, queues, queue: null, row: null, set: { ...AS_IS }, asked: 0 }); }

  choose(queue) {
    this.queue = queue;
    this.row = null;
    this.change(AS_IS);
  }

  build() {
    this.agents = h('input', { type: 'number', min: -MOST, max: MOST, step: 1, inputmode: 'numeric', 'aria-label': t('Agents') });
    this.arrivals = h('input', { type: 'range', min: 50, max: 200, step: 5, 'aria-label': t('Arrivals') });
    this.from = h('select', { 'aria-label': t('They come from') });
    this.agents.addEventListener('input', () => { const n = Math.round(Number(this.agents.value)); if (this.agents.value !== '' && Math.abs(n) <= MOST) this.change({ agents: n }, { typed: true }); });
    this.arrivals.addEventListener('input', () => this.change({ arrivals: Number(this.arrivals.value) }));
    this.from.addEventListener('change', () => this.change({ from: this.from.value }));
    const step = (by, word) => { const button = h('button', { type: 'button', class: 'button step', 'aria-label': word }, by > 0 ? '+' : '−'); button.addEventListener('click', () => this.change({ agents: this.set.agents + by })); return button; };
    this.arrivalsText = h('b', {});
    this.away = h('div', { class: 'fc-line fc-away' });
    this.reset = h('button', { type: 'button', class: 'button step', disabled: true, 'aria-label': t('As it is'), title: t('As it is') }, '↺');
    this.reset.addEventListener('click', () => { this.change(AS_IS); this.agents.focus(); });
    this.result = h('output', { class: 'fc-if', 'aria-live': 'polite' });
    const root = h('div', { class: 'fc-set' }, this.away,
      h('div', { class: 'fc-line' }, h('span', {}, t('Agents')), step(-1, t('One agent less')), this.agents, step(1, t('One agent more')), this.from),
      h('div', { class: 'fc-line' }, h('span', {}, t('Arrivals')), this.arrivals, this.arrivalsText, this.reset), this.result);
    this.shownAway = this.shownGivers = '';
    this.row = null; // built anew: what was answered is asked again, in the words of now
    this.show();
    return root;
  }

  // A new forecast: who is away may be others, and the same question has another answer.
  draw(row) {
    const renewed = this.row?.at !== row.at;
    this.row = row;
    this.back();
    this.givers();
    if (renewed && this.changed) this.ask();
  }

  get changed() { return this.set.agents !== 0 || this.set.arrivals !== 100; }

  change(part, { typed = false } = {}) {
    this.set = { ...this.set, ...part };
    if (this.set.agents <= 0) this.set.from = '';
    this.show({ typed });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), REST_MS);
  }

  show({ typed = false } = {}) {
    if (!this.agents) return;
    const { agents, arrivals, from } = this.set;
    if (!typed) this.agents.value = String(agents);
    this.arrivals.value = String(arrivals);
    this.arrivalsText.textContent = `${signed(arrivals - 100)}%`;
    this.arrivals.setAttribute('aria-valuetext', this.arrivalsText.textContent);
    this.from.disabled = agents <= 0;
    this.from.value = from;
    this.reset.disabled = !this.changed;
  }

  // Who could come back, by reason; a click tries it. The same buttons stay, so the focus does.
  back() {
    const away = Object.entries(this.row.away).sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1)), text = JSON.stringify([away, page.locale]);
    if (text === this.shownAway) return;
    this.shownAway = text;
    this.away.hidden = !away.length;
    this.away.replaceChildren(h('span', {}, t('Bring back')), ...away.map(([reason, count]) => {
      const name = t('reason:' + reason) || t('state:not_ready');
      const button = h('button', { type: 'button', class: 'button', 'aria-label': t('Bring back {n} ({reason})', { n: count, reason: name }) }, `${name} ${count}`);
      button.addEventListener('click', () => this.change({ agents: count, from: '' }));
      return button;
    }));
  }

  givers() {
    const others = this.queues().filter((queue) => queue !== this.queue), text = JSON.stringify([others, page.locale]);
    if (text === this.shownGivers) return;
    this.shownGivers = text;
    this.from.replaceChildren(h('option', { value: '' }, t('From outside')), ...others.map((queue) => h('option', { value: queue }, t('From {queue}', { queue: this.labelOf(queue) }))));
    this.from.value = this.set.from;
  }

  async ask() {
    const { queue } = this, { agents, arrivals, from } = this.set, asked = ++this.asked;
    if (!this.result) return;
    if (!this.changed || !queue) { this.result.replaceChildren(); return; }
    const query = new URLSearchParams({ agents, arrivals: arrivals / 100, ...(from ? { from } : {}) });
    try {
      const answer = await fetch(here(`/api/v1/queues/${encodeURIComponent(queue)}/forecast?${query}`));
      const row = await answer.json();
      if (asked !== this.asked) return;
      if (answer.status === 200) { this.result.replaceChildren(...this.answer(row, agents, arrivals)); this.result.scrollIntoView({ block: 'nearest' }); }
      else if (answer.status === 503) this.timer = setTimeout(() => this.ask(), 1000); // too many ask at once
      else this.result.replaceChildren(h('p', { class: 'fc-cannot' }, row.reason));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the socket already tells that the line is down
    }
  }

  answer(row, agents, arrivals) {
    const what = [agents ? t('{n} agents', { n: signed(agents) }) : '', arrivals === 100 ? '' : `${t('Arrivals')} ${signed(arrivals - 100)}%`].filter(Boolean).join(t(', '));
    const of = (one, text) => h('section', {}, h('h4', {}, this.labelOf(one.queue), ' ', h('i', {}, text)), this.told(one));
    return row.giver ? [of(row, what), of(row.giver, t('{n} agents', { n: signed(-agents) }))] : [of(row, what)];
  }
}
