// One card of a queue or of a group. In: rows of the words `numbers` and `groups`. Out: an element that is filled, never rebuilt.
// Shape and word stand beside every colour; formula, threshold, window and age stand below. Names are text, never markup.
import { spark } from './spark.js';

const SVG = 'http://www.w3.org/2000/svg';
const RADIUS = 26;
export const MARK = { met: '✓', watch: '◆', missed: '▲', empty: '–', uncertain: '?' };
export const AGENTS = [['ready', ['ready']], ['on_contact', ['on_contact', 'on_hold']], ['wrap_up', ['wrap_up']], ['not_ready', ['not_ready']]];
const ALONE = { ...MARK, nobody: '▲', overdue: '▲' };
const ALONE_NEEDS = new Set(['nobody', 'overdue']);

export const sumOf = (agents, states) => states.reduce((sum, state) => sum + (agents[state] || 0), 0);
export const lateness = (row) => (!row.waiting || !row.threshold_ms ? '' : row.longest_wait_ms > 3 * row.threshold_ms ? 'bad' : row.longest_wait_ms > row.threshold_ms ? 'warn' : '');
export function put(node, text) { if (node.textContent !== text) node.textContent = text; }

const arcPoint = (share, radius) => {
  const angle = Math.PI * (1 - share);
  return [32 + radius * Math.cos(angle), 34 - radius * Math.sin(angle)].map((value) => value.toFixed(1));
};
const arc = (share) => `M6 34A${RADIUS} ${RADIUS} 0 0 1 ${arcPoint(Math.max(0.001, share), RADIUS).join(' ')}`;

// 79.6 % under a goal of 80 must not read "80 %, missed".
export const digits = ([part, whole], goal) => (whole && goal !== null && Math.round((100 * part) / whole) === Math.round(goal) && (100 * part) / whole !== goal ? 1 : 0);

export class Gauge {
  constructor() {
    const made = (name) => document.createElementNS(SVG, name);
    const path = (name) => { const p = made('path'); p.setAttribute('class', name); return p; };
    this.root = made('svg');
    this.root.setAttribute('viewBox', '0 0 64 42');
    this.root.setAttribute('aria-hidden', 'true');
    [this.back, this.level, this.goal] = ['back', 'level', 'goal'].map(path);
    this.back.setAttribute('d', arc(1));
    this.text = made('text');
    for (const [name, value] of [['x', 32], ['y', 35], ['text-anchor', 'middle']]) this.text.setAttribute(name, value);
    this.root.append(this.back, this.level, this.goal, this.text);
  }

  show([part, whole], goal, percent) {
    const share = whole ? part / whole : null, precise = digits([part, whole], goal);
    this.level.setAttribute('d', arc(share ?? 0));
    this.level.style.visibility = share === null ? 'hidden' : 'visible';
    this.goal.setAttribute('d', goal === null ? '' : `M${arcPoint(goal / 100, 21).join(' ')}L${arcPoint(goal / 100, 31).join(' ')}`);
    this.text.textContent = percent([part, whole], precise);
    this.text.classList.toggle('full', Boolean(precise) || share === 1);
  }
}

export class QueueCard {
  constructor(name, tools, { onPick, onSum }) {
    const { h } = tools;
    Object.assign(this, { queue: name, tools, row: null, line: null });
    this.name = h('b');
    this.mark = h('i', {});
    this.gauge = new Gauge();
    this.waits = [h('b'), h('b')];
    this.agents = AGENTS.map(([state]) => h('span', { class: 'of-state', 'data-state': state }, h('em', { class: `badge seat-${state}` }), h('b')));
    this.counts = h('span', { class: 'counts' });
    this.more = h('span', { class: 'levels', hidden: true });
    this.canvas = h('canvas', { class: 'spark', 'aria-hidden': 'true' });
    this.basis = h('a', { class: 'basis' }, h('span'), h('span'));
    this.words = [h('i'), h('i')];
    this.pick = h('button', { class: 'pick', type: 'button', 'aria-pressed': 'false' }, h('span', { class: 'name' }, this.name, this.mark), this.gauge.root,
      h('span', { class: 'now' }, h('span', {}, this.words[0], this.waits[0]), h('span', {}, this.words[1], this.waits[1]), h('span', { class: 'agents' }, this.agents)), this.counts, this.more, this.canvas);
    this.pick.addEventListener('click', (event) => (event.shiftKey || event.ctrlKey || event.metaKey ? onSum?.(name) : onPick(name)));
    this.root = h('article', { class: 'tile', 'data-queue': name }, this.pick, this.basis);
    if (onSum) {
      this.sum = h('button', { class: 'sum', type: 'button', 'aria-pressed': 'false' }, 'Σ');
      this.sum.addEventListener('click', () => onSum(name));
      this.root.append(this.sum);
    }
  }

  fill(row, label) {
    const { t, percent, clockText } = this.tools, { root, more } = this;
    this.row = row;
    put(this.name, label);
    this.name.title = label;
    root.dataset.standing = row.standing;
    root.dataset.need = row.need || row.standing;
    root.classList.toggle('sides', Boolean(row.levels?.length));
    const likely = row.group ? null : this.tools.likely(row.queue), calm = row.standing === 'met' || row.standing === 'watch';
    root.dataset.forecast = likely ? 'likely' : '';
    put(this.mark, likely && calm && !ALONE_NEEDS.has(row.need) ? likely : `${ALONE[row.need] || MARK[row.standing]} ${this.standingText(row)}`);
    this.gauge.show(row.level, row.goal_percent, percent);
    put(this.words[0], t('short:waiting'));
    put(this.words[1], t('short:longest'));
    put(this.waits[0], String(row.waiting));
    put(this.waits[1], row.waiting ? clockText(row.longest_wait_ms) : '–');
    this.waits[1].className = lateness(row);
    this.waits[0].className = row.need === 'nobody' ? 'bad' : '';
    // A number cut off reads as a smaller one: where there are long ones all cards are set smaller (tiles.js).
    this.length = AGENTS.map(([, states]) => sumOf(row.agents, states)).join('').length + (row.waiting > 99 ? 3 : 0);
    AGENTS.forEach(([state, states], k) => {
      const count = sumOf(row.agents, states), [badge, number] = this.agents[k].children;
      put(badge, t('letter:' + state) === 'not_ready' ? '' : t('letter:' + state));
      put(number, String(count));
      this.agents[k].title = t('state:' + state);
      this.agents[k].classList.toggle('none', !count);
    });
    const counts = this.countsText(row);
    if (this.counts.childElementCount !== counts.length) this.counts.replaceChildren(...counts.map(() => this.tools.h('span')));
    counts.forEach((text, k) => put(this.counts.children[k], text));
    more.hidden = !row.levels?.length && !row.missing?.length && !row.doubtful?.length;
    if (!more.hidden) this.sideBySide(row);
    if (this.sum) this.sum.title = t('Add up with other queues');
    this.pick.setAttribute('aria-label', this.spoken(row, label));
    this.draw();
  }

  standingText(row) {
    const { t } = this.tools;
    if (row.need === 'nobody' || row.need === 'overdue') return t('need:' + row.need);
    return row.standing === 'met' ? `${t('goal')} ${row.goal_percent}%` : t('standing:' + row.standing);
  }

  countsText(row) {
    const { t, percent, clockText } = this.tools;
    if (row.offered === null) return [t('windows differ')];
    const asa = row.asa_ms === null ? '–' : row.asa_ms < 99_500 ? t('{n} s', { n: Math.round(row.asa_ms / 1000) }) : clockText(row.asa_ms);
    return [`${t('short:offered')} ${row.offered}`, `${t('short:answered')} ${row.answered}`, `${t('short:abandoned')} ${row.abandon[0]}`, `${t('short:asa')} ${asa}`,
      `${t('Abandon rate')} ${percent(row.abandon, 1)}`, ...(row.outbound ? [`${t('Outbound')} ${row.outbound}`] : [])];
  }

  // Levels that may not be added, and what is missing of a group, with the reason.
  sideBySide(row) {
    const { h, t, percent, labelOf } = this.tools;
    // Formula and window only where they are what differs: the threshold is what people know a level by.
    const basis = (level) => [t('≤{s} s', { s: level.threshold_ms / 1000 }), row.differs.includes('window') ? t('{m} min', { m: level.window_minutes }) : '', row.differs.includes('formula') ? t('formula:' + level.formula) : ''].filter(Boolean).join(' · ');
    const levels = (row.levels || []).map((level) => h('span', { class: `level-${level.level_standing}`, title: `${t('formula:' + level.formula)}\n${level.level_queues.map(labelOf).join(t(', '))}` },
      h('b', {}, percent(level.level, 1)), ` ${basis(level)}`, h('i', {}, ` ${level.level_queues.map(labelOf).join(t(', '))}`)));
    const notes = [];
    if (row.differs?.length) notes.push(`${t('Not added:')} ${row.differs.map((one) => t('differs:' + one)).join(t(', '))}`);
    if (row.missing?.length) notes.push(t('Missing: {names}', { names: row.missing.map(labelOf).join(t(', ')) }));
    if (row.doubtful?.length) notes.push(t('Uncertain: {names}', { names: row.doubtful.map(labelOf).join(t(', ')) }));
    this.more.replaceChildren(...levels, ...notes.map((note) => h('small', {}, note)));
  }

  spoken(row, label) {
    const { t, percent, clockText } = this.tools;
    return [label, t('standing:' + row.standing), (!row.group && this.tools.likely(row.queue)) || '', `${t('Service level')} ${percent(row.level, 1)}`, `${t('Waiting')} ${row.waiting}`, row.waiting ? `${t('Longest')} ${clockText(row.longest_wait_ms)}` : ''].filter(Boolean).join(t(', '));
  }

  lines(line) { this.line = line; this.draw(); }
  draw() { if (this.row && this.line) spark(this.canvas, this.line, { goal: this.row.goal_percent, standing: this.row.standing }); }

  // Once a second: the age of what is shown, on the server's clock.
  age(now) {
    const { row, basis } = this, { t, formulas } = this.tools;
    if (!row) return;
    const age = Math.max(0, Math.round((now - row.at) / 1000));
    // The list of contacts is of one queue; a group's queues have links of their own on their cards.
    const href = row.group ? null : `/calls?queue=${encodeURIComponent(row.queue)}&from=${row.since}${row.until ? `&to=${row.until}` : ''}`;
    if (href && basis.getAttribute('href') !== href) basis.href = href;
    basis.title = `${formulas[row.formula] || ''}\n${row.level[0]} / ${row.level[1]}`;
    put(basis.firstChild, row.formula && !row.levels?.length ? t('formula:' + row.formula) : '');
    put(basis.lastChild, row.levels?.length ? t('{n} s ago', { n: age }) : `${t('≤{s} s · {m} min', { s: row.threshold_ms / 1000, m: row.window_minutes })}${row.until ? '' : ` · ${t('{n} s ago', { n: age })}`}${href ? ' ›' : ''}`);
  }
}
