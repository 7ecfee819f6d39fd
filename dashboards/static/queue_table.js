// Many queues as rows. In: rows of the word `numbers`. Out: a table that sorts and filters; cells are written only when they change.
// The same numbers as on a card, in columns; shape and word beside every colour. May not know: sockets, seats.
import { spark } from './spark.js';
import { AGENTS, MARK, digits, lateness, put, sumOf } from './queue_card.js';

const share = ([part, whole]) => (whole ? part / whole : 2);
const NEEDS = ['nobody', 'missed', 'overdue', 'watch', 'uncertain', 'met', 'empty'];
export const urgency = (row) => NEEDS.indexOf(row.need || row.standing);

// [word, class, the value it is sorted by, ascending first]
const COLUMNS = [
  ['Queue', 'name', (row, table) => table.tools.labelOf(row.queue), true],
  ['Need', 'need', (row) => urgency(row), true],
  ['Service level', 'n level', (row) => share(row.level), true],
  ['Waiting', 'n', (row) => row.waiting, false],
  ['Longest', 'n', (row) => (row.waiting ? row.longest_wait_ms : -1), false],
  ['Offered', 'n', (row) => row.offered, false],
  ['Answered', 'n', (row) => row.answered, false],
  ['Abandoned', 'n', (row) => row.abandon[0], false],
  ['ASA', 'n', (row) => row.asa_ms ?? -1, false],
  ...AGENTS.map(([state, states]) => ['state:' + state, 'n', (row) => sumOf(row.agents, states), false]),
  ['30 min', 'line', null, true],
];

export class QueueTable {
  constructor(tools, { onPick, onSum }) {
    const { h } = tools;
    Object.assign(this, { tools, onPick, onSum, rows: new Map(), by: 'Need', up: true, chosen: null, summed: new Set() });
    this.head = h('tr');
    this.body = h('tbody');
    this.root = h('div', { class: 'q-scroll', tabindex: 0 }, h('table', { class: 'q-table' }, h('thead', {}, this.head), this.body));
    this.body.addEventListener('click', (event) => {
      const row = event.target.closest('tr');
      if (!row) return;
      if (event.target.closest('.sum')) this.onSum(row.dataset.queue);
      else if (!event.target.closest('a')) this.onPick(row.dataset.queue);
    });
  }

  drawHead() {
    const { h, t } = this.tools;
    this.head.replaceChildren(...COLUMNS.map(([word, look, value, up]) => {
      const made = h('th', { scope: 'col', class: look, 'aria-sort': this.by === word ? (this.up ? 'ascending' : 'descending') : false });
      if (!value) { made.append(t(word)); return made; }
      const button = h('button', { type: 'button' }, t(word), h('i', {}, this.by === word ? (this.up ? ' ↑' : ' ↓') : ''));
      button.addEventListener('click', () => { this.up = this.by === word ? !this.up : up; this.by = word; this.drawHead(); this.sort(true); });
      made.append(button);
      return made;
    }));
  }

  show(rows, lines) {
    if (!this.head.children.length) this.drawHead();
    const seen = new Set();
    for (const row of rows) {
      seen.add(row.queue);
      if (!this.rows.has(row.queue)) { const made = this.made(row.queue); this.rows.set(row.queue, made); this.body.append(made.root); }
      const one = this.rows.get(row.queue);
      this.fill(one, row);
      one.row = row;
    }
    for (const [queue, one] of this.rows) if (!seen.has(queue)) { one.root.remove(); this.rows.delete(queue); }
    if (lines) this.lines(lines);
  }

  made(queue) {
    const { h } = this.tools;
    const pick = h('button', { type: 'button', class: 'pick-row', 'aria-pressed': 'false' }), sum = h('button', { type: 'button', class: 'sum', 'aria-pressed': 'false' }, 'Σ');
    const canvas = h('canvas', { class: 'spark', 'aria-hidden': 'true' });
    const cells = COLUMNS.map(([, look]) => h('td', { class: look }));
    cells[0].append(sum, pick);
    const bar = h('i', { class: 'q-bar-level', 'aria-hidden': 'true' }, h('i'), h('b')), text = h('span'), basis = h('a', { class: 'basis' });
    cells[2].append(text, bar, basis);
    cells.at(-1).append(canvas);
    return { root: h('tr', { 'data-queue': queue }, cells), cells, pick, sum, bar, text, basis, canvas, row: null };
  }

  fill(one, row) {
    const { t, labelOf, percent, clockText, formulas } = this.tools, { cells, root } = one;
    if (root.dataset.standing !== row.standing) root.dataset.standing = row.standing;
    if (root.dataset.need !== row.need) root.dataset.need = row.need;
    put(one.pick, labelOf(row.queue));
    one.pick.setAttribute('aria-pressed', String(this.chosen === row.queue));
    one.sum.setAttribute('aria-pressed', String(this.summed.has(row.queue)));
    one.sum.title = t('Add up with other queues');
    const alone = row.need === 'nobody' || row.need === 'overdue';
    const likely = row.standing === 'met' || row.standing === 'watch' ? this.tools.likely(row.queue) : null;
    root.dataset.forecast = likely ? 'likely' : '';
    put(cells[1], likely && !alone ? likely : `${alone ? '▲' : MARK[row.standing]} ${t(alone ? 'need:' + row.need : 'standing:' + row.standing)}`);
    put(one.text, percent(row.level, digits(row.level, row.goal_percent) || 1));
    one.bar.firstChild.style.width = `${row.level[1] ? (100 * row.level[0]) / row.level[1] : 0}%`;
    one.bar.lastChild.style.left = `${row.goal_percent}%`;
    put(one.basis, `${t('≤{s} s · {m} min', { s: row.threshold_ms / 1000, m: row.window_minutes })} ›`);
    one.basis.title = `${t('formula:' + row.formula)}\n${formulas[row.formula] || ''}\n${row.level[0]} / ${row.level[1]}`;
    const href = `/calls?queue=${encodeURIComponent(row.queue)}&from=${row.since}${row.until ? `&to=${row.until}` : ''}`;
    if (one.basis.getAttribute('href') !== href) one.basis.href = href;
    const values = [row.waiting, row.waiting ? clockText(row.longest_wait_ms) : '–', row.offered, row.answered, `${row.abandon[0]} · ${percent(row.abandon, 1)}`, row.asa_ms === null ? '–' : clockText(row.asa_ms), ...AGENTS.map(([, states]) => sumOf(row.agents, states))];
    values.forEach((value, k) => put(cells[3 + k], String(value)));
    const late = `n ${lateness(row)}`;
    if (cells[4].className !== late) cells[4].className = late;
    cells[3].className = row.need === 'nobody' ? 'n bad' : 'n';
  }

  lines(lines) {
    for (const [queue, one] of this.rows) if (lines[queue] && one.row) spark(one.canvas, lines[queue], { goal: one.row.goal_percent, standing: one.row.standing });
  }

  // `hurry`: somebody asked for it; else rows stay while somebody reads or types here.
  sort(hurry = false) {
    if (!hurry && this.root.matches(':hover, :focus-within')) return;
    const value = COLUMNS.find(([word]) => word === this.by)[2], sign = this.up ? 1 : -1;
    const order = [...this.rows.values()].filter((one) => one.row).map((one, place) => ({ one, place, key: value(one.row, this) }));
    order.sort((a, b) => sign * (typeof a.key === 'string' ? a.key.localeCompare(b.key, document.documentElement.lang) : a.key - b.key) || a.place - b.place);
    if (order.some(({ one }, k) => this.body.children[k] !== one.root)) this.body.replaceChildren(...order.map(({ one }) => one.root));
  }

  filter(passes) { for (const one of this.rows.values()) one.root.hidden = Boolean(one.row) && !passes(one.row); }
}
