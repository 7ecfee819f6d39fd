// "In the last N days it would have fired M times, here." In: the editor's text, a job of the history process. Out: progress, a
// count a day, each firing as a mark over the queue's true service level; beside it the rule that most products have.
import { $, clockText, dayText, h, here, page, t, timeText, zoneOffset } from '/static/web/common.js';
import { draw } from '/static/web/alert_icons.js';
import { said } from '/static/web/alert_dialog.js';
import { select } from '/static/web/alert_silences.js';
import { subject } from '/static/web/alert_words.js';
import { talk } from '/static/web/alert_talk.js';
import { button } from '/static/web/rules_fields.js';
import { why } from '/static/web/rules_talk.js';

const DAY = 86_400_000, LOOK = 700, OVER = new Set(['done', 'cancelled', 'failed']), RANGES = [1, 7, 30], WIDE = 1000, HIGH = 120, TOP = 16, NAIVE = 'usual-rule';
const NAIVE_TEXT = `\n[[rule]]\nkind = "service_level"\nname = "${NAIVE}"\nlabel_zh = "常见规则：15 分钟低于 80% 满 5 分钟"\nlabel_en = "The usual rule: under 80% for 5 minutes"\nwindow_minutes = 15\nfire_below = 80\nclear_above = 80\nhold_s = 300\nkeep_firing_s = 300\nmin_sample = 1\n`;

export class AlertBacktest {
  constructor(editor) {
    Object.assign(this, { editor, box: $('#rules-backtest'), rule: '', days: 7, naive: true, job: '', told: null, day: null, shown: new Set(), fault: null });
  }

  // What was asked before is still there.
  async open() {
    if (this.frame) return;
    this.redraw();
    const answer = await talk.jobs(), [latest] = answer.ok ? answer.told.jobs : [];
    if (latest && !this.job) { Object.assign(this, { job: latest.job, wanted: latest.rule }); this.follow(latest.job); }
  }
  only(rule) { this.rule = rule; this.redraw(); }

  redraw() {
    const rules = this.editor.rules, chinese = page.locale.startsWith('zh');
    const choose = select(t('Rule'), [['', t('all rules')], ...rules.map((one) => [one.name, (chinese ? one.label_zh : one.label_en) || one.name])], this.rule), days = select(t('Days'), RANGES.map((n) => [n, n === 1 ? t('last 24 hours') : t('{n} days', { n })]), this.days);
    const naive = h('input', { type: 'checkbox', checked: this.naive, id: 'backtest-naive' });
    choose.addEventListener('change', () => { this.rule = choose.value; });
    days.addEventListener('change', () => { this.days = Number(days.value); });
    naive.addEventListener('change', () => { this.naive = naive.checked; });
    this.frame = h('div', { id: 'backtest-said', role: 'status' });
    this.box.replaceChildren(h('div', { class: 'backtest-choose' }, choose, days, h('label', { class: 'rules-flag' }, naive, t('beside the usual rule')), button(t('Back-test'), () => this.go(), { class: 'button strong', id: 'backtest-go' })), this.frame);
    this.drawSaid();
  }

  async go() {
    const { editor } = this;
    if (editor.faults.length) { this.fault = t('Mend the faults first.'); this.told = null; this.drawSaid(); return; }
    const text = this.naive ? editor.text.text.replace(/\n*$/, '\n') + NAIVE_TEXT : editor.text.text;
    const answer = await talk.backtest({ text, days: this.days, ...(this.rule && !this.naive ? { rule: this.rule } : {}) });
    if (answer.told.reason === 'backtest_busy' && answer.told.detail) { said(why(answer)); Object.assign(this, { job: answer.told.detail, told: null, fault: null }); this.follow(this.job); return; }
    if (!answer.ok) { this.fault = why(answer); this.told = null; this.drawSaid(); return; }
    Object.assign(this, { job: answer.told.job, told: null, fault: null, day: null, wanted: this.rule });
    this.follow(this.job);
  }

  async follow(job) {
    while (job === this.job) {
      const answer = await talk.job(job);
      if (job !== this.job) return;
      if (!answer.ok && answer.status) { this.fault = why(answer); this.told = null; this.drawSaid(); return; }
      if (answer.ok) { this.told = answer.told; this.drawSaid(); if (OVER.has(answer.told.state)) return; }
      await new Promise((done) => { setTimeout(done, LOOK); });
    }
  }

  // ---- what is drawn ----------------------------------------------------------------------------------------------------------
  drawSaid() {
    const { told, frame } = this;
    if (!frame) return;
    if (this.fault) frame.replaceChildren(h('p', { class: 'notice bad' }, this.fault));
    else if (!told) frame.replaceChildren(this.job ? h('p', { class: 'dim' }, t('Looking…')) : h('div', { class: 'nothing' }, h('b', {}, t('How often would it have fired?')), h('p', {}, t('The rules run over the stored days as they would have run live. It is the only honest way to choose a limit.'))));
    else if (told.state === 'done') frame.replaceChildren(...this.result(told));
    else if (OVER.has(told.state)) frame.replaceChildren(h('p', { class: told.state === 'cancelled' ? 'notice' : 'notice bad' }, told.state === 'cancelled' ? t('Cancelled.') : [t(`reason:${told.reason}`), told.detail].filter(Boolean).join(' · ')));
    else frame.replaceChildren(this.progress(told));
  }

  progress({ state, progress, seconds }) {
    const part = progress || 0, left = part > 0.02 && seconds ? t('about {time} left', { time: clockText((1000 * seconds * (1 - part)) / part) }) : '', word = state === 'waiting' ? t('Waits for the history process…') : `${Math.round(100 * part)}%`;
    return h('div', { class: 'rules-progress' }, h('progress', { max: 1, value: state === 'waiting' ? null : part, 'aria-label': word }), h('p', {}, h('span', {}, word), h('span', { class: 'dim' }, left), h('span', { class: 'grow' }), button(t('Cancel'), (event) => { event.target.disabled = true; talk.stop(this.job); }, { class: 'button small' })));
  }

  result({ result, seconds }) {
    const rules = result.rules.filter((one) => one.rule === NAIVE || !this.wanted || one.rule === this.wanted), own = rules.filter((one) => one.rule !== NAIVE), naive = rules.find((one) => one.rule === NAIVE);
    const count = own.reduce((sum, one) => sum + one.fired, 0), unanswered = result.unanswered.filter((one) => !this.wanted || one.rule === this.wanted), queues = new Set(own.flatMap((one) => one.firings.map((firing) => firing.scope)));
    const spoke = own.filter((one) => one.fired).sort((a, b) => b.fired - a.fired), still = own.filter((one) => !one.fired), line = (one) => h('span', { class: this.classOf(one) }, h('i', { 'aria-hidden': 'true' }), this.label(one), h('b', {}, t('{n} a queue and day', { n: one.per_queue_day.toFixed(2) })));
    const head = h('div', { class: 'backtest-head' }, h('p', {}, h('b', {}, result.days === 1 ? t('In one day it would have fired {n} times', { n: count }) : t('In {days} days it would have fired {n} times', { days: result.days, n: count })), queues.size ? ` · ${t('at {n} places', { n: queues.size })}` : '', seconds ? h('small', {}, ` ${t('reckoned in {s} s', { s: seconds.toFixed(1) })}`) : ''),
      h('div', { class: 'backtest-legend' }, spoke.map(line), naive ? line(naive) : ''), still.length && spoke.length ? h('details', {}, h('summary', {}, t('{n} rules would not have fired', { n: still.length })), h('p', {}, still.map((one) => this.label(one)).join(t(', ')))) : '', this.unanswered(unanswered),
      result.days < Math.round(result.asked_days) ? h('p', { class: 'dim' }, t('Of {asked} days asked for, {n} have events.', { asked: Math.round(result.asked_days), n: result.days })) : '');
    const days = this.daysOf(result, rules), charts = [...result.truth];
    return [head, this.perDay(days, naive), count === 0 ? h('div', { class: 'nothing calm' }, h('b', {}, t('It would not have fired')), h('p', {}, naive?.fired ? t('The usual rule would have spoken {n} times.', { n: naive.fired }) : t('Either these days were good, or the limit is too far away.'))) : '',
      ...charts.sort((a, b) => this.marksOf(b.queue, rules).length - this.marksOf(a.queue, rules).length).slice(0, 12).map((one) => this.chart(one, rules, days)), this.others(rules, result), this.table(own)].filter(Boolean);
  }

  // What stored events cannot answer, by its reason.
  unanswered(all) {
    if (!all.length) return '';
    const reasons = [...new Set(all.map((one) => one.reason))];
    return h('details', { class: 'backtest-cannot' }, h('summary', {}, t('{n} rules cannot be asked of stored events', { n: all.length })), h('ul', { class: 'rules-warnings' }, reasons.map((reason) => h('li', {}, t(`reason:${reason}`), h('small', {}, all.filter((one) => one.reason === reason).map((one) => `${one.rule} (${one.metric})`).join(t(', ')))))));
  }

  classOf(one) { return one.rule === NAIVE ? 'naive' : `own own-${one.severity}`; }
  label(one) { return (page.locale.startsWith('zh') ? one.label_zh : one.label_en) || one.rule; }
  midnight(at) { return at - ((at + zoneOffset(at)) % DAY); }

  daysOf(result, rules) {
    const all = [...result.truth.flatMap((one) => one.points.map(([at]) => at)), ...rules.flatMap((one) => one.firings.map((firing) => firing.fired_at))];
    if (!all.length) return [];
    const first = this.midnight(Math.min(...all)), last = this.midnight(Math.max(...all)), days = [];
    for (let at = first; at <= last; at = this.midnight(at + 1.5 * DAY)) days.push({ at, own: 0, naive: 0 });
    for (const one of rules) for (const firing of one.firings) { const day = days.find((other) => other.at === this.midnight(firing.fired_at)); if (day) day[one.rule === NAIVE ? 'naive' : 'own']++; }
    return days;
  }

  // A bar a day; a click shows that day alone.
  perDay(days, naive) {
    if (days.length < 2) return '';
    const most = Math.max(1, ...days.map((one) => Math.max(one.own, one.naive)));
    return h('div', { class: 'backtest-days', role: 'group', 'aria-label': t('Firings by day') }, days.map((one) => {
      const on = this.day === one.at, made = button('', () => { this.day = on ? null : one.at; this.drawSaid(); }, { class: 'backtest-day', 'aria-pressed': String(on), title: `${dayText(one.at)}: ${one.own}${naive ? ` / ${one.naive}` : ''}`, 'aria-label': `${dayText(one.at)}: ${t('{n} firings', { n: one.own })}` });
      made.append(h('span', { class: 'bars' }, h('i', { class: 'own', style: `height:${(100 * one.own) / most}%` }), naive ? h('i', { class: 'naive', style: `height:${(100 * one.naive) / most}%` }) : ''), h('b', {}, String(one.own)), h('small', {}, dayText(one.at).slice(days.length > 10 ? 8 : 5)));
      return made;
    }));
  }

  marksOf(queue, rules) { return rules.flatMap((one) => one.firings.filter((firing) => firing.scope === `queue:${queue}` || firing.scope.startsWith(`tier:${queue}/`)).map((firing) => ({ ...firing, of: one }))); }

  // The truth as a line by quarter hours; what fired as marks above it and a shade as long as it lasted.
  chart({ queue, points }, rules, days) {
    const from = this.day ?? days[0]?.at ?? 0, to = this.day ? this.midnight(this.day + 1.5 * DAY) : (days.at(-1)?.at ?? 0) + DAY, x = (at) => (WIDE * (Math.min(Math.max(at, from), to) - from)) / (to - from), y = (percent) => TOP + ((HIGH - TOP) * (100 - percent)) / 100;
    const inside = points.filter(([at, percent]) => at >= from && at < to && percent !== null), marks = this.marksOf(queue, rules).filter((one) => one.fired_at >= from && one.fired_at < to);
    const svg = draw('svg', { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: 'none', class: 'backtest-chart', 'aria-hidden': 'true' });
    for (const percent of [100, 80, 50, 0]) svg.append(draw('line', { class: percent === 80 ? 'goal' : 'grid', x1: 0, x2: WIDE, y1: y(percent), y2: y(percent) }));
    if (!this.day) for (const day of days) svg.append(draw('line', { class: 'grid day', x1: x(day.at), x2: x(day.at), y1: TOP, y2: HIGH }));
    for (const one of marks) {
      const naive = one.of.rule === NAIVE, over = one.resolved_at || Math.min(to, Date.now()), end = x(over), start = x(one.fired_at), title = `${this.label(one.of)} · ${dayText(one.fired_at).slice(5)} ${timeText(one.fired_at).slice(0, 5)} · ${clockText(over - one.fired_at)}${one.value === null || one.value === undefined ? '' : ` · ${Math.round(one.value * 10) / 10}`}`;
      if (!naive) svg.append(draw('rect', { class: `shade ${this.classOf(one.of)}`, x: start, y: TOP, width: Math.max(1.5, end - start), height: HIGH - TOP }, title));
      svg.append(draw('rect', { class: `mark ${this.classOf(one.of)}`, x: start - 1.5, y: naive ? 8 : 0, width: Math.max(4, naive ? 4 : end - start), height: 6, rx: 1.5 }, title));
    }
    let path = '', before = 0;
    for (const [at, percent] of inside) { path += `${before && at - before < 50 * 60_000 ? 'L' : 'M'}${x(at).toFixed(1)} ${y(percent).toFixed(1)}`; before = at; }
    svg.append(draw('path', { class: 'truth', d: path }));
    const ticks = this.day ? [0, 6, 12, 18, 24].map((hour) => [hour / 24, `${String(hour).padStart(2, '0')}:00`]) : days.map((day, k) => [k / days.length, dayText(day.at).slice(5)]).filter((_, k) => k % Math.ceil(days.length / 10) === 0);
    const own = marks.filter((one) => one.of.rule !== NAIVE).length, usual = marks.length - own;
    const scale = h('div', { class: 'scale', 'aria-hidden': 'true' }, h('span', {}, '100'), h('span', {}, '80'), h('span', {}, '0 %'));
    return h('figure', { class: 'backtest-queue', 'aria-label': t('{queue}: {n} firings', { queue: this.editor.labelOf(queue), n: own }) },
      h('figcaption', {}, h('b', {}, this.editor.labelOf(queue)), h('span', {}, t('fired {n}×', { n: own })), this.naive ? h('span', { class: 'dim' }, t('usual rule: {n}', { n: usual })) : ''),
      h('div', { class: 'backtest-plot' }, scale, svg),
      h('div', { class: 'backtest-ticks', 'aria-hidden': 'true' }, ticks.map(([share, word]) => h('span', { class: share === 1 ? 'last' : null, style: `left:${100 * share}%` }, word))));
  }

  // Firings that are of no queue: sites, agents, teams.
  others(rules, result) {
    const queues = new Set(result.truth.map((one) => one.queue)), rest = rules.filter((one) => one.rule !== NAIVE).flatMap((one) => one.firings.filter(({ scope }) => !(scope.startsWith('queue:') && queues.has(scope.slice(6))) && !scope.startsWith('tier:')));
    return rest.length ? h('p', { class: 'dim' }, t('{n} firings are of no queue shown here: they stand in the list.', { n: rest.length })) : '';
  }

  table(rules) {
    const rows = rules.flatMap((one) => one.firings.map((firing) => ({ ...firing, of: one }))).filter((one) => !this.day || this.midnight(one.fired_at) === this.day).sort((a, b) => b.fired_at - a.fired_at);
    if (!rows.length) return '';
    const line = (one) => h('tr', {}, h('td', {}, `${dayText(one.fired_at).slice(5)} ${timeText(one.fired_at)}`), h('td', { class: 'n' }, one.resolved_at ? clockText(one.resolved_at - one.fired_at) : '…'), h('td', {}, subject(one.scope, this.editor.labelOf)), h('td', {}, this.label(one.of)),
      h('td', {}, h('a', { class: 'button icon', href: here(`/floor?at=${one.fired_at}`), title: t('The floor of that second'), 'aria-label': t('The floor of that second') }, '↶')));
    return h('details', {}, h('summary', {}, t('All {n} firings', { n: rows.length })), h('div', { class: 'scroll' }, h('table', { class: 'alerts-table' }, h('tbody', {}, rows.slice(0, 300).map(line)))));
  }
}
