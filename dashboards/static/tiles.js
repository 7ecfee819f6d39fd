// The queues beside or above the map. In: the words `numbers`, `lines`, `groups`. Out: cards, or a table from 25 queues on.
// Cards stand in order of need and move only when a need changed and nobody is at them; several queues can be added up (Σ).
// May not know: sockets, seats.
import { QueueCard, put } from './queue_card.js';
import { QueueTable, urgency } from './queue_table.js';

const TABLE_FROM = 25, BAR_FROM = 7, LONG = 7, SETTLE_MS = 5000, SUM_EVERY_MS = 2000;
const BOXES = [['missed', ['nobody', 'missed', 'overdue'], '▲'], ['watch', ['watch'], '◆'], ['uncertain', ['uncertain'], '?'], ['met', ['met', 'empty'], '✓']];

export class Tiles {
  // `sums(queues)` -> a group's row, or null: without it nothing can be added up here. `keep`: remembers the viewer's choices.
  constructor(box, { h, t, labelOf, formulas, clockText, percent, onChoose, sums = null }) {
    Object.assign(this, { box, h, t, labelOf, formulas, onChoose, sums });
    this.tools = { h, t, labelOf, formulas, clockText, percent, likely: () => null };
    this.cards = new Map();
    this.chosen = this.group = null;
    this.rows = [];
    this.groupRows = [];
    this.linesOf = {};
    this.text = '';
    this.needs = new Set();
    this.view = new URLSearchParams(location.search).get('queues');
    this.summed = new Set(new URLSearchParams(location.search).getAll('sum'));
    this.build();
    if (sums) setInterval(() => this.askSum(), SUM_EVERY_MS);
  }

  build() {
    const { h, t, box } = this;
    this.find = h('input', { type: 'search', class: 'q-find', autocomplete: 'off', spellcheck: 'false' });
    this.find.addEventListener('input', () => { this.text = this.find.value.trim().toLowerCase(); this.filter(); });
    this.find.addEventListener('keydown', (event) => { if (event.key === 'Escape') { this.find.value = this.text = ''; this.filter(); this.find.blur(); event.stopPropagation(); } });
    this.boxes = BOXES.map(([name, needs, mark]) => {
      const made = h('button', { type: 'button', class: 'chip', 'data-need': name, 'aria-pressed': 'false' }, h('em', {}, mark), h('span'), h('b'));
      made.addEventListener('click', () => { for (const need of needs) if (!this.needs.delete(need)) this.needs.add(need); made.setAttribute('aria-pressed', String(this.needs.has(needs[0]))); this.filter(); });
      return made;
    });
    this.note = h('span', { class: 'q-note' });
    this.toggle = h('button', { type: 'button', class: 'button' });
    this.toggle.addEventListener('click', () => { this.view = this.asTable ? 'cards' : 'table'; this.address(); this.show(this.rows); });
    this.wide = h('button', { type: 'button', class: 'button icon', 'aria-pressed': 'false' }, '⤢');
    this.wide.addEventListener('click', () => this.open(!document.body.classList.contains('queues-open')));
    this.bar = h('div', { class: 'q-tools' }, this.find, h('div', { class: 'q-boxes' }, this.boxes), this.note, this.toggle, this.wide);
    this.grid = h('div', { class: 'q-cards' });
    this.table = new QueueTable(this.tools, { onPick: (queue) => this.pick(queue), onSum: (queue) => this.toggleSum(queue) });
    this.sumCard = new QueueCard('', this.tools, { onPick: () => this.clearSum() });
    this.sumCard.root.classList.add('summed');
    box.replaceChildren(this.bar, this.grid, this.table.root);
    addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
      if (event.key === 'q' || event.key === 'Q') this.open(!document.body.classList.contains('queues-open'));
      if (event.key === 'Escape') this.open(false);
    });
    addEventListener('theme', () => requestAnimationFrame(() => this.drawLines()));
    addEventListener('resize', () => this.drawLines());
  }

  get asTable() { return this.view === 'table' || (this.view !== 'cards' && this.rows.length >= TABLE_FROM); }

  show(queues) {
    const { rows: before } = this;
    this.rows = queues;
    const { box, asTable } = this, count = queues.length;
    box.dataset.density = asTable ? 'table' : count <= 4 ? 'roomy' : count <= 12 ? 'normal' : 'tight';
    this.bar.hidden = count < BAR_FROM && !this.view;
    this.grid.hidden = asTable && !this.groupRows.length && !this.summed.size;
    this.table.root.hidden = !asTable;
    if (asTable) this.showTable(); else this.showCards(count !== before.length);
    this.words();
    this.filter();
  }

  showTable() {
    for (const [name, card] of this.cards) if (!card.row?.group) { card.root.remove(); this.cards.delete(name); }
    this.table.summed = this.summed;
    this.table.chosen = this.chosen;
    const first = !this.table.rows.size;
    this.table.show(this.rows, first ? this.linesOf : null);
    this.table.sort(first);
  }

  showCards(hurry) {
    const seen = new Set([...this.rows, ...this.groupRows].map((row) => row.queue));
    for (const row of this.rows) this.fill(row);
    for (const [name, card] of this.cards) if (!seen.has(name)) { card.root.remove(); this.cards.delete(name); }
    this.sort(hurry);
    this.sizes();
  }

  // One size for all cards, and no flicker between two: back only when the longest is well below.
  sizes() {
    const longest = Math.max(0, ...[...this.cards.values()].map((card) => card.length || 0));
    if (longest > LONG || longest < LONG - 1) this.box.classList.toggle('long', longest > LONG);
  }

  // `word`: {"queues": {NAME: [parts, wholes]}}
  lines(word) { this.linesOf = word.queues; this.drawLines(); }
  drawLines() {
    if (this.asTable) this.table.lines(this.linesOf);
    for (const [name, card] of this.cards) { const line = card.row?.group ? this.lineOf(card.row.queues) : this.linesOf[name]; if (line) card.lines(line); }
    if (this.summed.size > 1) this.sumCard.lines(this.lineOf([...this.summed]));
  }

  // Minutes of several queues: parts and wholes add.
  lineOf(queues) {
    const lines = queues.map((queue) => this.linesOf[queue]).filter(Boolean);
    const length = Math.max(0, ...lines.map(([parts]) => parts.length)), sum = (which) => Array.from({ length }, (_, k) => lines.reduce((total, line) => total + (line[which].at(k - length) || 0), 0));
    return [sum(0), sum(1)];
  }

  // `of(queue)`: words where the interval's target will likely be missed, else null.
  likely(of) { this.tools.likely = of; this.show(this.rows); }

  groups(rows) {
    this.groupRows = rows;
    for (const row of rows) this.fill(row);
    if (!rows.some((row) => row.queue === this.group)) this.group = null;
    this.grid.hidden = this.asTable && !rows.length && !this.summed.size;
  }

  fill(row) {
    let card = this.cards.get(row.queue);
    if (!card) {
      card = new QueueCard(row.queue, this.tools, { onPick: (queue) => (row.group ? this.pickGroup(queue) : this.pick(queue)), onSum: this.sums && !row.group ? (queue) => this.toggleSum(queue) : null });
      this.cards.set(row.queue, card);
      card.root.classList.toggle('group', Boolean(row.group));
      this.grid.insertBefore(card.root, row.group ? this.grid.querySelector('.tile:not(.group):not(.summed)') : null);
      requestAnimationFrame(() => { const line = row.group ? this.lineOf(row.queues) : this.linesOf[row.queue]; if (line) card.lines(line); });
    }
    card.fill(row, row.group ? (document.documentElement.lang.startsWith('zh') ? row.label_zh : row.label_en) : this.labelOf(row.queue));
    card.pick.setAttribute('aria-pressed', String(row.queue === (row.group ? this.group : this.chosen)));
    card.sum?.setAttribute('aria-pressed', String(this.summed.has(row.queue)));
  }

  // A card moves only when its need has changed for some seconds, and never under a pointer or a focus.
  sort(hurry) {
    const need = this.rows.map((row) => `${row.queue}\t${urgency(row)}`).join('\n');
    if (need !== this.need) { this.need = need; this.changed = performance.now(); }
    if (need === this.sorted) return;
    if (!hurry && (performance.now() - this.changed < SETTLE_MS || this.grid.matches(':hover') || this.grid.contains(document.activeElement))) return;
    this.sorted = need;
    const order = this.rows.map((row, place) => [urgency(row), place, this.cards.get(row.queue).root]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const before = [this.sumCard.root, ...this.groupRows.map((row) => this.cards.get(row.queue)?.root)].filter((root) => root?.isConnected);
    this.grid.replaceChildren(...before, ...order.map(([, , root]) => root));
  }

  passes(row) {
    const { group, text, needs } = this, chosen = group && this.groupRows.find((one) => one.queue === group);
    if (chosen && !chosen.queues.includes(row.queue)) return false;
    if (needs.size && !needs.has(row.need || row.standing)) return false;
    return !text || row.queue.toLowerCase().includes(text) || this.labelOf(row.queue).toLowerCase().includes(text);
  }

  filter() {
    const passes = (row) => this.passes(row);
    if (this.asTable) this.table.filter(passes);
    for (const card of this.cards.values()) if (!card.row?.group) card.root.hidden = !passes(card.row);
    this.count();
  }

  count() {
    const shown = this.rows.filter((row) => this.passes(row)).length, { length } = this.rows;
    put(this.note, `${shown < length ? this.t('{n} of {m} queues', { n: shown, m: length }) : this.t('{n} queues', { n: shown })}${this.agedText || ''}`);
  }

  words() {
    const { t } = this;
    this.find.placeholder = t('Find a queue');
    this.find.setAttribute('aria-label', t('Find a queue'));
    put(this.toggle, this.asTable ? t('Cards') : t('Table'));
    this.wide.title = t('All queues (Q)');
    this.wide.setAttribute('aria-label', t('All queues (Q)'));
    BOXES.forEach(([name, needs], k) => {
      const count = this.rows.filter((row) => needs.includes(row.need || row.standing)).length;
      put(this.boxes[k].children[1], t('standing:' + name));
      put(this.boxes[k].children[2], String(count));
      this.boxes[k].hidden = !count && !this.needs.has(needs[0]);
    });
    if (this.language !== document.documentElement.lang) { this.language = document.documentElement.lang; this.table.drawHead(); }
  }

  open(wide) {
    if (document.body.classList.contains('queues-open') === wide) return;
    document.body.classList.toggle('queues-open', wide);
    this.wide.setAttribute('aria-pressed', String(wide));
    requestAnimationFrame(() => this.drawLines());
  }

  pick(queue) { this.choose(this.chosen === queue ? null : queue); }

  choose(queue) {
    this.chosen = queue;
    for (const [name, card] of this.cards) if (!card.row?.group) card.pick.setAttribute('aria-pressed', String(name === queue));
    for (const [name, one] of this.table.rows) one.pick.setAttribute('aria-pressed', String(name === queue));
    this.onChoose(queue);
  }

  pickGroup(name) {
    this.group = this.group === name ? null : name;
    for (const row of this.groupRows) this.cards.get(row.queue)?.pick.setAttribute('aria-pressed', String(row.queue === this.group));
    this.filter();
  }

  // ---- several queues added up: chosen by the viewer, kept in the address ---------------------------------------------
  toggleSum(queue) {
    if (!this.sums) return;
    if (!this.summed.delete(queue)) this.summed.add(queue);
    this.cards.get(queue)?.sum?.setAttribute('aria-pressed', String(this.summed.has(queue)));
    this.table.rows.get(queue)?.sum.setAttribute('aria-pressed', String(this.summed.has(queue)));
    this.address();
    this.askSum();
  }

  clearSum() {
    for (const queue of [...this.summed]) this.toggleSum(queue);
  }

  address() {
    const to = new URL(location.href);
    to.searchParams.delete('sum');
    for (const queue of this.summed) to.searchParams.append('sum', queue);
    if (this.view) to.searchParams.set('queues', this.view); else to.searchParams.delete('queues');
    history.replaceState(null, '', to);
  }

  async askSum() {
    if (this.summed.size < 2) { this.sumCard.root.remove(); return; }
    if (document.hidden) return;
    const row = await this.sums([...this.summed]);
    if (!row || this.summed.size < 2) return;
    if (!this.sumCard.root.isConnected) this.grid.prepend(this.sumCard.root);
    this.grid.hidden = false;
    this.sumCard.fill(row, [...this.summed].map(this.labelOf).join(' + '));
    this.sumCard.lines(this.lineOf([...this.summed]));
  }

  // Once a second: the age of what is shown, on the server's clock.
  age(now) {
    const at = this.rows[0]?.at;
    this.past = Boolean(this.rows[0]?.until);
    this.agedText = at && !this.past ? ` · ${this.t('{n} s ago', { n: Math.max(0, Math.round((now - at) / 1000)) })}` : '';
    this.count();
    for (const card of [...this.cards.values(), this.sumCard]) card.age(now);
  }
}
