// The queue strip. In: rows of the word `numbers`. Out: one card per queue; each names formula, threshold, window and age
// and links to the calls behind it. Names are text, never markup. May not know: sockets, seats.
const SVG = 'http://www.w3.org/2000/svg';
const MARK = { met: '', watch: '◆', missed: '▲', empty: '–', uncertain: '?' };
const RADIUS = 26;

const arcPoint = (share, radius) => {
  const angle = Math.PI * (1 - share);
  return [32 + radius * Math.cos(angle), 34 - radius * Math.sin(angle)].map((value) => value.toFixed(1));
};
const arc = (share) => `M6 34A${RADIUS} ${RADIUS} 0 0 1 ${arcPoint(Math.max(0.001, share), RADIUS).join(' ')}`;

export class Tiles {
  constructor(box, { h, t, labelOf, formulas, clockText, percent, onChoose }) {
    Object.assign(this, { box, h, t, labelOf, formulas, clockText, percent, onChoose });
    this.cards = new Map();
    this.chosen = null;
  }

  show(queues) {
    this.rows = queues;
    for (const row of queues) {
      if (!this.cards.has(row.queue)) { const card = this.card(row.queue); this.cards.set(row.queue, card); this.box.append(card.root); }
      this.fill(this.cards.get(row.queue), row);
    }
    for (const [queue, card] of this.cards) if (!queues.some((row) => row.queue === queue)) { card.root.remove(); this.cards.delete(queue); }
  }

  card(queue) {
    const { h } = this;
    const path = (name) => { const p = document.createElementNS(SVG, 'path'); p.setAttribute('class', name); return p; };
    const gauge = document.createElementNS(SVG, 'svg');
    gauge.setAttribute('viewBox', '0 0 64 42');
    gauge.setAttribute('aria-hidden', 'true');
    const [back, level, goal] = ['back', 'level', 'goal'].map(path);
    back.setAttribute('d', arc(1));
    const text = document.createElementNS(SVG, 'text');
    text.setAttribute('x', '32'); text.setAttribute('y', '35'); text.setAttribute('text-anchor', 'middle');
    gauge.append(back, level, goal, text);
    const name = h('b'), mark = h('i', {}), list = h('dl', {}), basis = h('a', { class: 'basis' }, h('span'), h('span'));
    const pick = h('button', { class: 'pick', type: 'button', 'aria-pressed': 'false' }, h('span', { class: 'name' }, name, mark), gauge, list);
    pick.addEventListener('click', () => this.choose(this.chosen === queue ? null : queue));
    return { root: h('article', { class: 'tile' }, pick, basis), name, mark, level, goal, text, list, basis, pick };
  }

  choose(queue) {
    this.chosen = queue;
    for (const [name, card] of this.cards) card.pick.setAttribute('aria-pressed', String(name === queue));
    this.onChoose(queue);
  }

  fill(card, row) {
    const { t, h } = this;
    const [part, whole] = row.level, share = whole ? part / whole : null;
    card.name.textContent = card.name.title = this.labelOf(row.queue);
    card.root.dataset.standing = row.standing;
    card.mark.textContent = row.standing === 'met' ? `${t('goal')} ${row.goal_percent}%` : `${MARK[row.standing]} ${t('standing:' + row.standing)}`;
    card.level.setAttribute('d', arc(share ?? 0));
    card.level.style.visibility = share === null ? 'hidden' : 'visible';
    card.goal.setAttribute('d', `M${arcPoint(row.goal_percent / 100, 21).join(' ')}L${arcPoint(row.goal_percent / 100, 31).join(' ')}`);
    // 79.6 % under a goal of 80 must not read "80 %, missed".
    const close = share !== null && Math.round(100 * share) === Math.round(row.goal_percent) && 100 * share !== row.goal_percent;
    card.text.textContent = this.percent(row.level, close ? 1 : 0);
    card.text.classList.toggle('full', close || share === 1);
    const line = (word, value, late) => [h('dt', {}, t(word)), h('dd', late ? { class: late } : {}, value)];
    const late = row.longest_wait_ms > 3 * row.threshold_ms ? 'bad' : row.longest_wait_ms > row.threshold_ms ? 'warn' : '';
    card.list.replaceChildren(
      ...line('Waiting', String(row.waiting), ''),
      ...line('Longest', row.waiting ? this.clockText(row.longest_wait_ms) : '–', late),
      ...line('Abandoned', this.percent(row.abandon, 1), ''),
      ...(row.outbound ? line('Outbound', String(row.outbound), '') : []),
      ...line('Ready', String(row.agents.ready || 0), row.waiting && !row.agents.ready ? 'warn' : ''),
    );
    card.row = row;
    card.basis.href = `/calls?queue=${encodeURIComponent(row.queue)}&from=${row.since}${row.until ? `&to=${row.until}` : ''}`;
    card.basis.title = `${this.formulas[row.formula]}\n${part} / ${whole}`;
  }

  // Once a second: the age of what is shown, on the server's clock.
  age(now) {
    for (const { basis, row } of this.cards.values()) {
      if (!row) continue;
      const age = Math.max(0, Math.round((now - row.at) / 1000));
      basis.firstChild.textContent = this.t('formula:' + row.formula);
      basis.lastChild.textContent = `${this.t('≤{s} s · {m} min', { s: row.threshold_ms / 1000, m: row.window_minutes })}${row.until ? '' : ` · ${this.t('{n} s ago', { n: age })}`} ›`;
    }
  }
}
