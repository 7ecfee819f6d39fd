// What people bear, and what it was worth. In: how often each was told, what they marked. Out: per person against the budget of
// a day, per rule its precision with the interval that so few marks allow. May not know: alerts of the moment.
import { h, t } from '/static/web/common.js';
import { select } from '/static/web/alert_silences.js';
import { remember, ruleName } from '/static/web/alert_words.js';
import { talk } from '/static/web/alert_talk.js';
import { why } from '/static/web/rules_talk.js';

const RANGES = [[1, 'last 24 hours'], [7, 'last 7 days'], [30, 'last 30 days']];
const share = (value) => `${Math.round(100 * value)}%`;

export class AlertFatigue {
  constructor(box) { Object.assign(this, { box, days: 7, told: null, fault: '' }); }

  async open() {
    if (!this.told) this.draw();
    const [answer, rules] = await Promise.all([talk.fatigue(this.days), talk.rules()]);
    if (rules.ok) remember(rules.told.rules.map((one) => ({ rule: one.name, detail: one })));
    this.fault = answer.ok ? '' : why(answer);
    if (answer.ok) this.told = answer.told;
    this.draw();
  }

  draw() {
    const range = select(t('Time'), RANGES.map(([days, word]) => [days, t(word)]), this.days);
    range.addEventListener('change', () => { this.days = Number(range.value); this.open(); });
    this.box.replaceChildren(h('div', { class: 'alerts-sheet' }, h('header', { class: 'alerts-title' }, h('h1', {}, t('Fatigue'), this.told ? h('small', {}, t('budget: {n} messages a person and day', { n: this.told.budget_per_day })) : ''), range), this.fault ? h('p', { class: 'notice bad', role: 'alert' }, h('b', {}, t('History does not answer')), this.fault) : '',
      this.told ? [this.people(), this.rules()] : h('p', { class: 'dim' }, t('Looking…'))));
  }

  people() {
    const { people, budget_per_day: budget } = this.told;
    if (!people.length) return h('div', { class: 'nothing calm' }, h('b', {}, t('Nobody was told anything')), h('p', {}, t('In this time no message went out.')));
    const most = Math.max(budget * 1.25, ...people.map((one) => one.per_day));
    return h('section', { class: 'panel' }, h('h2', {}, t('People')), h('table', { class: 'fatigue' }, h('thead', {}, h('tr', {}, ['', 'a day', '', 'told', 'useful', 'not useful', 'not marked'].map((word, k) => h('th', { class: k === 1 || k > 2 ? 'n' : '' }, word && t(word))))),
      h('tbody', {}, people.map((one) => {
        const over = one.per_day > budget, bar = h('div', { class: 'fatigue-bar', role: 'img', 'aria-label': t('{n} a day of {budget}', { n: one.per_day.toFixed(1), budget }) }, h('i', { style: `width:${(100 * one.per_day) / most}%` }), h('b', { style: `left:${(100 * budget) / most}%`, title: t('budget') }));
        return h('tr', { class: over ? 'over' : '' }, h('th', { scope: 'row' }, one.name), h('td', { class: 'n' }, h('b', {}, one.per_day.toFixed(1)), over ? h('small', {}, ` ▲ ${t('over budget')}`) : ''), h('td', { class: 'wide' }, bar), ...[one.told, one.useful, one.not_useful, one.unmarked].map((n) => h('td', { class: n ? 'n' : 'n dim' }, String(n))));
      }))));
  }

  rules() {
    const { rules } = this.told;
    if (!rules.length) return h('div', { class: 'nothing calm' }, h('b', {}, t('No rule fired')));
    return h('section', { class: 'panel' }, h('h2', {}, t('Rules: how much of it was worth telling')), h('table', { class: 'fatigue' }, h('thead', {}, h('tr', {}, ['', 'fired', 'useful', 'not useful', 'precision', ''].map((word, k) => h('th', { class: k > 0 && k < 5 ? 'n' : '' }, word && t(word))))),
      h('tbody', {}, rules.map((one) => {
        const known = one.precision !== null && one.precision !== undefined, weak = known && one.high < 0.5, name = ruleName(one.rule), count = (n) => h('td', { class: 'n' }, String(n));
        const band = () => h('div', { class: 'fatigue-span', role: 'img', 'aria-label': t('between {low} and {high}', { low: share(one.low), high: share(one.high) }) }, h('i', { style: `left:${100 * one.low}%;width:${100 * (one.high - one.low)}%` }), h('b', { style: `left:${100 * one.precision}%` }));
        return h('tr', { class: weak ? 'over' : '' }, h('th', { scope: 'row' }, name, name === one.rule ? '' : h('small', { class: 'dim' }, one.rule)), count(one.fired), count(one.useful), count(one.not_useful),
          h('td', { class: 'n' }, known ? [h('b', {}, share(one.precision)), h('small', {}, ` ${share(one.low)}–${share(one.high)}`)] : h('small', {}, t('no marks yet'))), h('td', { class: 'wide' }, known ? band() : ''));
      }))), h('p', { class: 'hint' }, t('Marks are given with “useful” and “not useful” on an alert. The band is what so few marks allow (Wilson, 95%): a rule whose band lies under half is worth changing.')));
  }
}
