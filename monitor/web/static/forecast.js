// A queue's breach forecast in its panel. In: rows of the word `forecast`. Out: how likely the interval's target is missed,
// agents needed, what it rests on, and a trial of other numbers (what_if.js). May not know: sockets, other panels.
import { h, t, timeText, clockText } from '/static/web/common.js';
import { WhatIf } from '/static/web/what_if.js';

const SVG = 'http://www.w3.org/2000/svg', ACCEPTED = 0.2;
const LEVELS = [[0.85, 'very_likely', 'bad', '▲'], [0.5, 'likely', 'bad', '▲'], [ACCEPTED, 'possible', 'warn', '◆'], [0, 'unlikely', 'ok', '✓']];
const levelOf = (row) => LEVELS.find(([from]) => row.miss >= from);
// Never "0 %" or "100 %": 256 futures do not tell that.
export const share = (value) => (value < 0.01 ? '<1%' : value > 0.99 ? '>99%' : `${Math.round(100 * value)}%`);
const band = ({ low, high }) => (Math.round(100 * low) === Math.round(100 * high) ? '' : `${Math.round(100 * low)}–${Math.round(100 * high)}%`);
const reasonText = (row) => [t('Cannot tell'), t('cannot_tell:' + row.cannot_tell)].join(t(': '));

export class Forecast {
  constructor({ labelOf = (queue) => queue } = {}) {
    Object.assign(this, { rows: new Map(), queue: null, box: null, labelOf });
    this.trial = new WhatIf({ labelOf, told: (row) => this.told(row), queues: () => [...this.rows.keys()] });
    addEventListener('locale', () => { if (this.box && this.queue) { this.build(this.box); this.draw(this.box, this.queue); } });
  }

  heard(word) { this.rows = new Map(word.queues.map((row) => [row.queue, row])); }

  // For a queue's card: null where there is nothing to warn of.
  likely(queue) {
    const row = this.rows.get(queue);
    return row?.likely ? `${levelOf(row)[3]} ${t('short:likely')} ${share(row.miss)}` : null;
  }

  // What is typed or open at this moment is left alone.
  draw(box, queue) {
    const row = this.rows.get(queue);
    if (queue !== this.queue) { this.queue = queue; this.trial.choose(queue); }
    box.hidden = !row;
    if (!row) return;
    if (!this.tries || this.box !== box) this.build(box);
    this.title.textContent = t('Forecast to {time}', { time: timeText(row.until).slice(0, 5) });
    const cannot = Boolean(row.cannot_tell);
    this.now.replaceChildren(...(cannot ? [h('p', { class: 'fc-cannot' }, reasonText(row))] : this.told(row)));
    this.tries.hidden = this.basis.hidden = cannot;
    if (cannot) return;
    this.rests.replaceChildren(...this.assumptions(row));
    this.trial.draw(row);
  }

  build(box) {
    const open = [this.tries?.open, this.basis?.open];
    this.box = box;
    [this.title, this.now, this.rests] = [h('h3', {}), h('div', { class: 'fc-now' }), h('ul', {})];
    this.tries = h('details', { class: 'fc-try', open: open[0] }, h('summary', {}, t('What if')), this.trial.build());
    this.basis = h('details', { class: 'fc-basis', open: open[1] }, h('summary', {}, t('What this rests on')), this.rests);
    box.replaceChildren(this.title, this.now, this.tries, this.basis);
  }

  told(row) {
    if (row.cannot_tell) return [h('p', { class: 'fc-cannot' }, reasonText(row))];
    const [, word, level, sign] = levelOf(row);
    return [
      h('p', { class: 'fc-word', 'data-level': level }, h('b', {}, `${sign} ${t('forecast:' + word)}`), h('span', { class: 'fc-share' }, share(row.miss)), h('small', { title: t('80% band: as far as the rates are uncertain') }, band(row))),
      this.bar(row, level),
      h('p', { class: 'fc-need' }, this.needText(row)),
    ];
  }

  needText({ miss, needed: { more, low, high } }) {
    if (miss <= ACCEPTED || more === 0) return t('forecast:enough');
    if (more === null) return t('forecast:lost');
    const range = low === high ? '' : high === null ? t(' ({n} or more)', { n: low ?? more }) : t(' ({low} to {high})', { low: low ?? more, high });
    return t('{n} more agents needed', { n: more }) + range;
  }

  bar(row, level) {
    const svg = document.createElementNS(SVG, 'svg');
    const set = (node, attributes) => { for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value); return node; };
    set(svg, { viewBox: '0 0 100 10', preserveAspectRatio: 'none', class: 'fc-bar', 'data-level': level, role: 'img', 'aria-label': t('{p} to miss {goal}%', { p: share(row.miss), goal: row.goal_percent }) });
    const part = (name, x, width, y = 2, height = 6) => set(document.createElementNS(SVG, 'rect'), { class: name, x, width: Math.max(0, width), y, height });
    svg.append(part('ground', 0, 100), part('mean', 0, 100 * row.miss), part('band', 100 * row.low, 100 * (row.high - row.low), 4, 2), part('accepted', 100 * ACCEPTED, 0.7, 0, 10));
    return svg;
  }

  assumptions({ basis, people, agents, goal_percent: goal, expected_level: level }) {
    return [
      level === null ? null : t('In the middle of all that can happen the interval ends at {p}%; the goal is {goal}%', { p: (100 * level).toFixed(1), goal }),
      t('{n} contacts an hour, from {seen} in {m} minutes, the latest count most', { n: Math.round(basis.arrivals_per_hour), seen: basis.contacts, m: basis.minutes }),
      basis.trend === 1 ? null : t('times {n}: what yesterday and last week did at this time', { n: basis.trend.toFixed(2) }),
      t('{time} a contact, from {seen} that ended', { time: clockText(1000 * basis.handling_s), seen: basis.ended }),
      basis.gave_up ? t('callers wait {time} on average before they give up, from {seen} who did', { time: clockText(1000 * basis.patience_s), seen: basis.gave_up }) : t('hardly anybody gave up, so how long callers would wait is not known well'),
      t('{people} people work here; those of several queues count in part: {agents} agents', { people, agents: agents.toFixed(1) }),
      t('They stay until the interval ends; nobody else comes or goes'),
    ].filter(Boolean).map((text) => h('li', {}, text));
  }
}
