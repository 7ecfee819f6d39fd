// The chosen queue beside the map: what its card has no room for. In: its name, /api/v1/queues/{queue}. Out: one panel.
// Asked for only while somebody looks, every few seconds; the past brings it with its numbers. May not know: seats, sockets.
import { h, t, here, clockText, percent } from '/static/web/common.js';

const EVERY_MS = 5000;
const STATES = ['on_contact', 'on_hold', 'wrap_up', 'offered', 'ready', 'not_ready', 'unknown', 'signed_out'];

export class QueuePanel {
  constructor(box, { labelOf, formulas, past }) {
    Object.assign(this, { box, labelOf, formulas, past, queue: null, row: null });
    if (!past) setInterval(() => this.fetch(), EVERY_MS);
  }

  choose(queue) {
    this.queue = queue;
    this.row = null;
    this.draw();
    this.fetch();
  }

  heard(queues) {
    if (!this.queue || !this.past) return;
    this.row = queues.find((row) => row.queue === this.queue) || null;
    this.draw();
  }

  async fetch() {
    const { queue } = this;
    if (!queue || this.past || document.hidden) return;
    try {
      const answer = await fetch(here(`/api/v1/queues/${encodeURIComponent(queue)}`));
      if (answer.status !== 200 || queue !== this.queue) return;
      this.row = await answer.json();
      this.draw();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the socket already tells that the line is down
    }
  }

  draw() {
    const { box, queue, row } = this;
    box.hidden = !queue;
    if (!queue) return;
    const fact = (word, value) => h('div', {}, h('dt', {}, t(word)), h('dd', {}, value));
    const title = h('h2', {}, this.labelOf(queue));
    if (!row) { box.replaceChildren(title, h('p', { class: 'hint' }, '…')); return; }
    const agents = STATES.filter((state) => row.agents[state]).map((state) => h('li', {}, h('em', { class: `badge seat-${state}` }, state === 'signed_out' ? '' : t('letter:' + state)), h('span', {}, t('state:' + state)), h('b', {}, String(row.agents[state]))));
    const facts = [fact('Service level today', percent(row.today_level)), fact('Answer speed', row.asa_ms === null ? '–' : clockText(row.asa_ms))];
    if (row.messages) facts.push(fact('Messages today', String(row.messages)));
    if (row.outbound || row.outbound_today.dialled) {
      const { dialled, reached, talk_ms } = row.outbound_today;
      facts.push(fact('Outbound now', String(row.outbound)), fact('Dialled today', String(dialled)), fact('Reached', `${percent(reached)} (${reached[0]}/${reached[1]})`), fact('Outbound talk', clockText(talk_ms)));
    }
    const cell = (text) => h('td', { class: 'n' }, text);
    const head = ['Customer tier', 'Offered', 'Abandoned', 'Service level'].map((word, k) => h('th', k ? { class: 'n' } : {}, t(word)));
    const tiers = row.tiers.length ? h('table', { class: 'tiers' }, h('thead', {}, h('tr', {}, head)), h('tbody', {}, row.tiers.map((one) => h('tr', {}, h('th', {}, one.tier), cell(String(one.offered)), cell(String(one.abandoned)), cell(percent(one.level)))))) : null;
    const basis = h('p', { class: 'mend', title: this.formulas[row.formula] }, `${t('formula:' + row.formula)} ${t('≤{s} s · {m} min', { s: row.threshold_ms / 1000, m: row.window_minutes })}`);
    box.replaceChildren(...[title, h('ul', { class: 'by-state' }, agents), h('dl', { class: 'facts' }, facts), tiers, basis].filter(Boolean));
  }
}
