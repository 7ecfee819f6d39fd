// The chosen queue beside the map: what its card has no room for. In: its name, /api/v1/queues/{queue}. Out: one panel.
// Asked for only while somebody looks, every few seconds; the past brings it with its numbers. May not know: seats, sockets.
import { h, t, here, clockText, percent } from '/static/web/common.js';
import { trend } from '/static/dashboards/trend.js';
import { levels } from '/static/dashboards/spark.js';
import { MARK } from '/static/dashboards/queue_card.js';

const EVERY_MS = 5000, MINUTE = 60_000;
const STATES = ['on_contact', 'on_hold', 'wrap_up', 'offered', 'ready', 'not_ready', 'unknown', 'signed_out'];

// Several queues as one row, added up by the server; null where they cannot be asked for now.
export async function sums(queues) {
  try {
    const answer = await fetch(here(`/api/v1/sums?${queues.map((queue) => `queue=${encodeURIComponent(queue)}`).join('&')}`));
    return answer.status === 200 ? await answer.json() : null;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return null;
  }
}

export class QueuePanel {
  constructor(box, { labelOf, formulas, past }) {
    Object.assign(this, { box, labelOf, formulas, past, queue: null, row: null });
    if (!past) setInterval(() => this.fetch(), EVERY_MS);
    addEventListener('theme', () => requestAnimationFrame(() => this.drawLines()));
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
    const title = h('h2', {}, this.labelOf(queue), row ? h('i', { 'data-standing': row.standing }, `${MARK[row.standing]} ${t('standing:' + row.standing)}`) : null);
    if (!row) { box.replaceChildren(title, h('p', { class: 'hint' }, '…')); return; }
    const agents = STATES.filter((state) => row.agents[state]).map((state) => h('li', {}, h('em', { class: `badge seat-${state}` }, state === 'signed_out' ? '' : t('letter:' + state)), h('span', {}, t('state:' + state)), h('b', {}, String(row.agents[state]))));
    box.replaceChildren(...[title, ...this.basis(row), this.lines(row), h('ul', { class: 'by-state' }, agents), h('dl', { class: 'facts' }, this.facts(row)), this.tiers(row)].filter(Boolean));
    this.drawLines();
  }

  // The number with its parts, the formula in the words of its counters, and the way to the contacts behind it.
  basis(row) {
    const [part, whole] = row.level;
    return [
      h('p', { class: 'level-text' }, h('b', {}, percent(row.level, 1)), ` ${part} / ${whole} · ${t('goal')} ${row.goal_percent}% · ${t('≤{s} s · {m} min', { s: row.threshold_ms / 1000, m: row.window_minutes }).replaceAll(' ', '\u00a0')}`),
      h('p', { class: 'mend', title: this.formulas[row.formula] }, t('formula:' + row.formula), ' ', h('a', { href: `/calls?queue=${encodeURIComponent(row.queue)}&from=${row.since}${row.until ? `&to=${row.until}` : ''}` }, `${t('The contacts behind it')} ›`)),
      row.certain ? null : h('p', { class: 'doubt stale' }, t('A source of this queue is silent: these numbers are the past')),
    ];
  }

  facts(row) {
    const fact = (word, value) => h('div', {}, h('dt', {}, t(word)), h('dd', {}, value));
    const facts = [fact('Offered', String(row.offered)), fact('Answered', String(row.answered)), fact('Abandoned', `${row.abandon[0]} (${percent(row.abandon, 1)})`),
      fact('Answer speed', row.asa_ms === null ? '–' : clockText(row.asa_ms)), fact('Service level today', percent(row.today_level))];
    if (row.messages) facts.push(fact('Messages today', String(row.messages)));
    if (row.outbound || row.outbound_today.dialled) {
      const { dialled, reached, talk_ms } = row.outbound_today;
      facts.push(fact('Outbound now', String(row.outbound)), fact('Dialled today', String(dialled)), fact('Reached', `${percent(reached)} (${reached[0]}/${reached[1]})`), fact('Outbound talk', clockText(talk_ms)));
    }
    return facts;
  }

  tiers(row) {
    if (!row.tiers.length) return null;
    const cell = (text) => h('td', { class: 'n' }, text);
    const head = ['Customer tier', 'Offered', 'Abandoned', 'Service level'].map((word, k) => h('th', k ? { class: 'n' } : {}, t(word)));
    return h('table', { class: 'tiers' }, h('thead', {}, h('tr', {}, head)), h('tbody', {}, row.tiers.map((one) => h('tr', {}, h('th', {}, one.tier), cell(String(one.offered)), cell(String(one.abandoned)), cell(percent(one.level))))));
  }

  // ---- thirty minutes ------------------------------------------------------------------------------------------------
  lines(row) {
    if (!row.lines) return null; // the past has no memory of its last half hour
    const figure = (which, words, value) => h('figure', { 'data-line': which }, h('figcaption', {}, words, value === null ? null : h('b', {}, value)), h('canvas', { role: 'img' }));
    const key = (look, word) => h('span', { class: `key ${look}` }, t(word));
    return h('div', { class: 'q-lines' },
      figure('level', `${t('Service level, 30 minutes')}`, percent(row.level, 1)),
      figure('waiting', t('Waiting, 30 minutes'), String(row.waiting)),
      figure('agents', [key('k-ready', 'state:ready'), key('k-busy', 'At work'), key('k-not', 'state:not_ready')], null));
  }

  drawLines() {
    const { box, row } = this;
    if (!row?.lines || box.hidden) return;
    const { lines } = row, now = row.at, canvas = (which) => box.querySelector(`[data-line=${which}] canvas`);
    const shares = levels([lines.level.map(([, part]) => part), lines.level.map(([, , whole]) => whole)]);
    const colour = { missed: '--bad', watch: '--warn', uncertain: '--faint', empty: '--faint' }[row.standing] || '--ok';
    trend(canvas('level'), lines.level.map(([at]) => at + MINUTE), [{ values: shares.map((share) => (share === null ? null : 100 * share)), name: colour }], { now, most: 100, goal: row.goal_percent });
    const most = trend(canvas('waiting'), lines.at, [{ values: lines.waiting || [], name: '--warn', fill: true }], { now });
    canvas('waiting').setAttribute('aria-label', t('At most {n} waited', { n: most }));
    trend(canvas('agents'), lines.at, [{ values: lines.not_ready || [], name: '--seat-not_ready' }, { values: lines.busy || [], name: '--accent' }, { values: lines.ready || [], name: '--seat-ready' }], { now });
  }
}
