// What fired before. In: stored alerts by time, rule, queue, severity. Out: days as strips with each alert where it stood, the
// same as a table; a row opens the panel. A strip shows what a table hides: always the same hour, always the same queue.
import { $, h, t, clockText, dayText, timeText, zoneOffset } from '/static/web/common.js';
import { draw } from '/static/web/alert_icons.js';
import { floorAt } from '/static/web/alert_live.js';
import { select } from '/static/web/alert_silences.js';
import { basisText, remember, ruleLabel, subject, valueText } from '/static/web/alert_words.js';
import { talk } from '/static/web/alert_talk.js';
import { button } from '/static/web/rules_fields.js';
import { why } from '/static/web/rules_talk.js';

const DAY = 86_400_000, PAGE = 200, RANGES = [[1, 'last 24 hours'], [7, 'last 7 days'], [30, 'last 30 days']], ROW = 22;

export class AlertHistory {
  constructor(box, { labelOf, now, sites, onOpen }) { Object.assign(this, { box, labelOf, now, sites, onOpen, days: 7, rule: '', queue: '', severity: '', mark: '', rows: null, more: false, fault: '', asked: 0 }); }

  async open() { if (!this.rows) { this.draw(); await this.look(); } }

  async look(before) {
    const asked = ++this.asked, now = this.now(), { days, rule, queue, severity } = this;
    this.since = days === 1 ? now - DAY : this.midnight(now) - (days - 1) * DAY;
    this.until = now;
    const answers = await Promise.all(this.sites.map((site) => talk.history({ site: site.id, since: Math.round(this.since), until: before || Math.round(now) + 1, rule, queue, severity, limit: PAGE })));
    if (asked !== this.asked) return;
    const failed = answers.find((answer) => !answer.ok);
    this.fault = failed ? why(failed) : '';
    if (!failed) {
      const fresh = answers.flatMap((answer, k) => answer.told.alerts.map((one) => ({ ...one, site: this.sites.length > 1 ? this.sites[k].id : '', siteName: this.sites.length > 1 ? this.sites[k].name : '' })));
      remember(fresh);
      this.rows = [...(before ? this.rows : []), ...fresh].sort((a, b) => b.raised_at - a.raised_at);
      this.more = answers.some((answer) => answer.told.more);
    }
    this.draw();
  }

  midnight(at) { const local = at + zoneOffset(at); return at - (local % DAY); }

  // ---- what is drawn --------------------------------------------------------------------------------------------------------
  draw() {
    const rows = (this.rows || []).filter((one) => !this.mark || (this.mark === 'none' ? !(one.marks.useful + one.marks.not_useful) : this.mark === 'taken' ? one.acknowledged_at : this.mark === 'left' ? !one.acknowledged_at : (this.mark === 'true' ? one.marks.useful : one.marks.not_useful) > 0));
    const held = document.activeElement?.dataset?.filter;
    this.box.replaceChildren(h('div', { class: 'alerts-sheet' }, this.filters(), this.fault ? h('p', { class: 'notice bad', role: 'alert' }, h('b', {}, t('History does not answer')), this.fault) : '',
      this.rows === null ? h('p', { class: 'dim' }, t('Looking…')) : this.rows.length ? [this.sums(rows), this.strips(rows), this.table(rows)] : this.fault ? '' : this.empty()));
    if (held) $(`[data-filter=${held}]`, this.box)?.focus();
  }

  filters() {
    const rules = [...new Map((this.rows || []).map((one) => [one.rule, ruleLabel(one)]))], queues = [...new Set((this.rows || []).filter((one) => one.scope.startsWith('queue:')).map((one) => one.scope.slice(6)))];
    if (this.rule && !rules.some(([name]) => name === this.rule)) rules.push([this.rule, this.rule]);
    if (this.queue && !queues.includes(this.queue)) queues.push(this.queue);
    const set = (key, input, ask = true) => { input.dataset.filter = key; input.addEventListener('change', () => { this[key] = key === 'days' ? Number(input.value) : input.value; if (ask) this.look(); else this.draw(); }); return input; };
    return h('div', { class: 'alerts-filters' }, set('days', select(t('Time'), RANGES.map(([days, word]) => [days, t(word)]), this.days)), set('severity', select(t('Severity'), [['', t('any severity')], ...['critical', 'warning', 'info'].map((one) => [one, t(`severity:${one}`)])], this.severity)),
      set('rule', select(t('Rule'), [['', t('any rule')], ...rules], this.rule)), set('queue', select(t('Queue'), [['', t('any queue')], ...queues.map((one) => [one, this.labelOf(one)])], this.queue)),
      set('mark', select(t('Mark'), [['', t('any mark')], ['true', t('useful')], ['false', t('not useful')], ['none', t('not marked')], ['taken', t('acknowledged')], ['left', t('never acknowledged')]], this.mark), false), h('span', { class: 'dim' }, document.documentElement.dataset.zone));
  }

  sums(rows) {
    const part = (all) => (rows.length ? ` ${Math.round((100 * all) / rows.length)}%` : ''), taken = rows.filter((one) => one.acknowledged_at), ended = rows.filter((one) => one.resolved_at), useful = rows.filter((one) => one.marks.useful > one.marks.not_useful).length, not = rows.filter((one) => one.marks.not_useful > one.marks.useful).length;
    const median = (values) => (values.length ? values.sort((a, b) => a - b)[values.length >> 1] : null), took = median(taken.map((one) => one.acknowledged_at - one.raised_at)), lasted = median(ended.map((one) => one.resolved_at - one.raised_at));
    const figure = (value, word, more = '') => h('div', {}, h('dd', {}, value, h('small', {}, more)), h('dt', {}, t(word)));
    return h('dl', { class: 'alerts-figures' }, figure(String(rows.length), 'alerts fired'), figure(String(rows.filter((one) => one.severity === 'critical').length), 'critical'), figure(String(taken.length), 'acknowledged', part(taken.length)), figure(took === null ? '–' : clockText(took), 'until taken, median'), figure(lasted === null ? '–' : clockText(lasted), 'lasted, median'), figure(`${useful} / ${not}`, 'useful / not'));
  }

  // A row a day, from midnight to midnight on the site's clock; severe ones stand above.
  strips(rows) {
    const first = this.midnight(this.since), days = Math.ceil((this.until - first) / DAY), wide = 1200, x = (at, day) => Math.max(0, Math.min(wide, (wide * (at - day)) / DAY));
    const shown = [];
    for (let k = days - 1; k >= 0; k--) {
      const day = this.midnight(first + k * DAY + DAY / 2), of = rows.filter((one) => one.raised_at < day + DAY && (one.resolved_at || this.until) >= day);
      const svg = draw('svg', { viewBox: `0 0 ${wide} ${ROW}`, preserveAspectRatio: 'none', class: 'day-strip', 'aria-hidden': 'true' });
      for (let hour = 1; hour < 24; hour++) svg.append(draw('line', { class: hour % 6 ? 'hour' : 'hour six', x1: (wide * hour) / 24, x2: (wide * hour) / 24, y1: 0, y2: ROW }));
      if (day < this.since) svg.append(draw('rect', { class: 'outside', x: 0, y: 0, width: x(this.since, day), height: ROW }));
      if (day + DAY > this.until) svg.append(draw('rect', { class: 'outside', x: x(this.until, day), y: 0, width: wide - x(this.until, day), height: ROW }));
      for (const one of of) {
        const from = x(one.raised_at, day), to = x(one.resolved_at || this.until, day), lane = { critical: 1, warning: 8, info: 15 }[one.severity] ?? 15;
        const mark = draw('rect', { class: `span ${one.severity}${one.marks.not_useful > one.marks.useful ? ' useless' : ''}`, x: from, y: lane, width: Math.max(4, to - from), height: 6, rx: 2, 'data-open': one.alert }, `${timeText(one.raised_at).slice(0, 5)} ${subject(one.scope, this.labelOf, one.siteName)} · ${ruleLabel(one)} · ${clockText((one.resolved_at || this.until) - one.raised_at)}`);
        mark.addEventListener('click', () => this.onOpen(one));
        svg.append(mark);
      }
      shown.push(h('div', { class: 'strip-row' }, h('span', {}, dayText(day).slice(5)), svg, h('b', {}, of.length ? String(of.filter((one) => one.raised_at >= day).length) : '')));
    }
    return h('figure', { class: 'alerts-strips', 'aria-label': t('Alerts by day and hour') }, shown, h('figcaption', {}, h('span', {}), h('div', {}, ['00', '06', '12', '18', '24'].map((hour) => h('span', {}, hour))), h('span', {})));
  }

  table(rows) {
    const head = [['Raised', ''], ['Lasted', 'n'], ['Subject', ''], ['Alert', ''], ['Why', ''], ['Acknowledged', ''], ['Mark', '']];
    return h('div', { class: 'scroll' }, h('table', { class: 'alerts-table' }, h('thead', {}, h('tr', {}, head.map(([word, kind]) => h('th', { class: kind }, t(word))), h('th', {}))), h('tbody', {}, rows.map((one) => this.line(one)))),
      this.more ? h('p', { class: 'alert-more' }, button(t('older ones'), () => this.look(Math.min(...this.rows.map((one) => one.raised_at))), { class: 'link' })) : '');
  }

  line(one) {
    const mark = [one.marks.useful ? `＋${one.marks.useful}` : '', one.marks.not_useful ? `−${one.marks.not_useful}` : ''].filter(Boolean).join(' ');
    const dot = h('span', { class: `dot ${one.severity}`, title: t(`severity:${one.severity}`) }, { critical: '!', warning: '▲' }[one.severity] || 'i');
    const row = h('tr', { class: one.severity, 'data-open': one.alert },
      h('td', {}, dot, `${dayText(one.raised_at).slice(5)} ${timeText(one.raised_at)}`),
      h('td', { class: 'n' }, one.resolved_at ? clockText(one.resolved_at - one.raised_at) : h('span', { class: 'tag firing' }, t(`alert:${one.state}`))),
      h('td', {}, button(subject(one.scope, this.labelOf, one.siteName), () => this.onOpen(one), { class: 'rules-link' }), one.siteName ? h('small', { class: 'dim' }, ` ${one.siteName}`) : ''),
      h('td', {}, ruleLabel(one)),
      h('td', { class: 'why' }, [valueText(one), basisText(one, this.labelOf)].filter(Boolean).join(' · ')),
      h('td', {}, one.acknowledged_at ? `${timeText(one.acknowledged_at).slice(0, 5)} ${one.acknowledged_by}` : h('span', { class: 'dim' }, '–')),
      h('td', {}, mark),
      h('td', {}, h('a', { class: 'button icon', href: floorAt(one), title: t('The floor of that second'), 'aria-label': t('The floor of that second') }, '↶')));
    row.addEventListener('click', (event) => { if (!event.target.closest('a, button')) this.onOpen(one); });
    return row;
  }

  empty() { return h('div', { class: 'nothing calm' }, h('b', {}, this.rule || this.queue || this.severity ? t('No alert fits these filters') : t('No alert in this time')), h('p', {}, this.rule || this.queue || this.severity ? '' : t('Nothing went over its limit for long enough to disturb anybody.'))); }
}
