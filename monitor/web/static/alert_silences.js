// Who is told nothing, of what, why, until when. In: silences of the site. Out: a list, each ended early with one click and
// undone with another; a form for one that no alert stands for.
import { h, t, clockText, dayText, timeText } from '/static/web/common.js';
import { said } from '/static/web/alert_dialog.js';
import { ruleName, subject, untilText } from '/static/web/alert_words.js';
import { talk } from '/static/web/alert_talk.js';
import { button } from '/static/web/rules_fields.js';
import { why } from '/static/web/rules_talk.js';

const MINUTE = 60_000;

export class AlertSilences {
  constructor(box, { labelOf, now, sites, acts, duty, changed }) { Object.assign(this, { box, labelOf, now, sites, acts, duty, changed, rows: null, fault: '' }); }

  async open() {
    if (!this.rows) this.draw();
    const answers = await Promise.all(this.sites.map((site) => talk.silences(site.id))), failed = answers.find((answer) => !answer.ok);
    this.fault = failed ? why(failed) : '';
    if (!failed) this.rows = answers.flatMap((answer, k) => answer.told.silences.map((one) => ({ ...one, site: this.sites.length > 1 ? this.sites[k].id : '' })));
    this.draw();
  }

  draw() {
    const rows = this.rows || [], active = rows.filter((one) => one.active), over = rows.filter((one) => !one.active);
    this.box.replaceChildren(h('div', { class: 'alerts-sheet' }, h('header', { class: 'alerts-title' }, h('h1', {}, t('Silences'), h('small', {}, String(active.length))), button(t('＋ silence'), () => this.create(), { class: 'button strong', id: 'silence-new' })),
      this.fault ? h('p', { class: 'notice bad', role: 'alert' }, this.fault) : '',
      active.length ? h('ol', { class: 'silences' }, active.map((one) => this.row(one))) : this.rows && !this.fault ? h('div', { class: 'nothing calm' }, h('b', {}, t('Nothing is silenced')), h('p', {}, t('Everybody is told of everything that fires.'))) : '',
      over.length ? h('section', {}, h('h2', {}, t('Ended within a day')), h('ol', { class: 'silences over' }, over.map((one) => this.row(one)))) : ''));
  }

  what(one) {
    const parts = [one.rule ? t('rule {name}', { name: ruleName(one.rule) }) : '', one.scope ? (one.scope.includes('*') ? one.scope : subject(one.scope, this.labelOf)) : '', one.severity ? t(`severity:${one.severity}`) : ''].filter(Boolean);
    return parts.join(' · ') || t('everything');
  }

  row(one) {
    const left = one.until - this.now(), end = async () => {
      const answer = await talk.unsilence(one);
      if (!answer.ok) { said(why(answer), null, 'bad'); return; }
      said(t('Ended: {what}', { what: this.what(one) }), () => this.again(one, Math.max(1, Math.round(left / MINUTE))));
      await this.changed();
      this.open();
    };
    return h('li', { class: one.active ? 'panel' : 'panel over' }, h('div', {}, h('h3', {}, this.what(one), one.active && one.covers !== undefined ? h('span', { class: 'tag' }, t('{n} firing now', { n: one.covers })) : ''), h('p', {}, `“${one.why}”`), h('small', {}, [one.by, `${dayText(one.created_at)} ${timeText(one.created_at).slice(0, 5)}`, one.ended_at ? t('ended {time} by {who}', { time: timeText(one.ended_at).slice(0, 5), who: one.ended_by }) : ''].filter(Boolean).join(' · '))),
      h('div', { class: 'silence-left' }, h('b', {}, one.active ? clockText(left) : t('over')), h('small', {}, t('until {time}', { time: untilText(one.until, this.now()) }))), one.active ? button(t('End now'), end, { 'data-end': one.id }) : button(t('Once more'), () => this.again(one, 60), { 'data-again': one.id }));
  }

  async again({ rule, scope, severity, why: reason, site }, minutes) {
    const answer = await talk.silence({ rule, scope, severity, why: reason, minutes }, site);
    if (!answer.ok) said(why(answer), null, 'bad');
    await this.changed();
    this.open();
  }

  // One that no alert stands for: by rule, scope, severity.
  async create() {
    const answer = await talk.rules(), rules = answer.ok ? answer.told.rules : [];
    const scope = h('input', { type: 'text', maxlength: 200, 'aria-label': t('Where (queue:NAME, team:*; empty: everywhere)'), placeholder: 'queue:*', spellcheck: 'false', class: 'mono' });
    const inputs = { rule: select(t('Rule'), [['', t('any rule')], ...rules.map((one) => [one.name, (document.documentElement.lang.startsWith('zh') ? one.label_zh : one.label_en) || one.name])]), severity: select(t('Severity'), [['', t('any severity')], ...['critical', 'warning', 'info'].map((one) => [one, t(`severity:${one}`)])]), scope };
    this.acts.askSilence({ match: {}, what: '', inputs, done: () => this.open() });
  }
}

export function select(label, options, value = '') {
  const input = h('select', { 'aria-label': label }, options.map(([key, text]) => h('option', { value: key, selected: key === value }, text)));
  return input;
}
