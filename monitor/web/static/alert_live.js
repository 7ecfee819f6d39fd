// What fires now, grouped: by severity, then not yet taken, then the oldest. In: rows of all sites shown. Out: a list; who
// is chosen. Of a storm of one rule a line stands for all, a few are drawn: a thousand stay fluid. May not know: requests.
import { $, $$, h, t, here, clockText, timeText, dayText } from '/static/web/common.js';
import { icon } from '/static/web/alert_icons.js';
import { button } from '/static/web/rules_fields.js';
import { basisText, conditionTexts, ruleLabel, standing, subject, untilText, valueText } from '/static/web/alert_words.js';

const SEVERITIES = ['critical', 'warning', 'info'], STORM = 8, FIRST = 3, MORE = 50, PENDING = 20;
export const SIGN = { critical: '!', warning: '▲', info: 'i' };
const MARK = { no_data: '?', suppressed: '‖', recovering: '↗', resolved: '✓', pending: '…' };

export class AlertLive {
  constructor({ box, labelOf, metricWord, acts, many, onChoose }) {
    Object.assign(this, { box, labelOf, metricWord, acts, many, onChoose, rows: [], chosen: '', shown: new Map(), wanted: '', known: false, calmSince: null, now: Date.now() });
    this.find = h('input', { type: 'search', id: 'alerts-find', autocomplete: 'off', spellcheck: 'false' });
    this.find.addEventListener('input', () => { this.wanted = this.find.value.trim().toLowerCase(); this.draw(); });
    this.head = h('div', { class: 'alerts-head' });
    this.list = h('div', { id: 'alerts-list' });
    box.replaceChildren(this.head, this.list);
    this.list.addEventListener('click', (event) => this.onClick(event));
    this.list.addEventListener('focusin', (event) => { const row = event.target.closest('[data-alert]'); if (row && row === event.target) this.mark(row.dataset.alert); });
  }

  get(alert) { return this.rows.find((one) => one.alert === alert); }
  get firing() { return this.rows.filter((one) => one.state !== 'resolved' && one.state !== 'pending'); }
  get open() { return this.firing.filter((one) => !one.acknowledged_at); }

  show(rows, now) {
    Object.assign(this, { rows, now, known: true });
    this.draw();
  }

  fits(one) { return !this.wanted || [subject(one.scope, this.labelOf, one.siteName), one.scope, ruleLabel(one), one.rule, one.assigned_to, one.acknowledged_by].some((text) => text && text.toLowerCase().includes(this.wanted)); }

  // ---- what is drawn --------------------------------------------------------------------------------------------------------
  draw() {
    const focused = document.activeElement?.closest?.('#alerts-list [data-key]')?.dataset.key, part = document.activeElement?.dataset?.do;
    const rows = this.firing.filter((one) => this.fits(one)), pending = this.rows.filter((one) => one.state === 'pending' && this.fits(one));
    this.drawHead();
    const groups = SEVERITIES.map((severity) => [severity, rows.filter((one) => (SEVERITIES.includes(one.severity) ? one.severity : 'info') === severity)]).filter(([, all]) => all.length);
    this.list.replaceChildren(...(rows.length ? groups.map(([severity, all]) => this.group(severity, all)) : [this.empty()]), pending.length ? this.pending(pending) : '');
    this.age(this.now);
    if (focused) { const there = $$('[data-key]', this.list).find((node) => node.dataset.key === focused); ((part && there && $(`[data-do=${part}]`, there)) || there)?.focus({ preventScroll: true }); }
  }

  drawHead() {
    const { firing, open } = this, silenced = firing.filter((one) => one.silenced_until > this.now).length;
    const figure = (n, word, level = '') => h('span', { class: level }, h('b', {}, String(n)), ' ', t(word));
    this.find.placeholder = t('Find by queue, rule or person (/)');
    this.find.setAttribute('aria-label', this.find.placeholder);
    const parts = !this.known ? [h('span', { class: 'dim' }, t('Looking…'))] : [figure(firing.length, 'fire'), figure(open.length, 'nobody has taken', open.length ? 'open' : ''), silenced ? figure(silenced, 'silenced') : ''];
    if (this.head.contains(this.find)) this.head.firstChild.replaceChildren(...parts); else this.head.replaceChildren(h('p', { class: 'alerts-sum' }, ...parts), this.find);
    this.find.hidden = this.rows.length < 6 && !this.wanted;
  }

  group(severity, all) {
    const last = (one) => Number(Boolean(one.acknowledged_at) || one.silenced_until > this.now);
    all.sort((a, b) => last(a) - last(b) || a.raised_at - b.raised_at);
    const byRule = Map.groupBy ? Map.groupBy(all, (one) => one.rule) : grouped(all), done = new Set();
    const items = all.flatMap((one) => {
      const same = byRule.get(one.rule);
      if (same.length < STORM) return [this.row(one)];
      if (done.has(one.rule)) return [];
      done.add(one.rule);
      return this.storm(severity, same);
    });
    return h('section', { class: `alerts-group ${severity}`, 'aria-label': t(`severity:${severity}`) }, h('h2', {}, h('span', { class: 'sign', 'aria-hidden': 'true' }, SIGN[severity]), t(`severity:${severity}`), h('small', {}, String(all.length))), h('ol', {}, items));
  }

  // One line for many of a rule: what it is, whom it concerns, and what can be done with all at once.
  storm(severity, same) {
    const [first] = same, key = `${severity}/${first.rule}`, drawn = this.shown.get(key) ?? FIRST, open = same.filter((one) => !one.acknowledged_at);
    const chosen = same.findIndex((one) => one.alert === this.chosen), most = Math.max(drawn, chosen < MORE * 4 ? chosen + 1 : 0);
    const head = h('li', { class: 'alert-row storm', 'data-key': key }, h('span', { class: 'sign', 'aria-hidden': 'true' }, String(same.length > 999 ? '1k' : same.length)),
      h('div', { class: 'alert-said' }, h('h3', {}, ruleLabel(first), h('span', {}, t('{n} at once', { n: same.length }))), h('p', {}, t('{names} and {n} more', { names: same.slice(0, 4).map((one) => subject(one.scope, this.labelOf, one.siteName)).join(t(', ')), n: same.length - 4 }))),
      h('time', { class: 'alert-age', 'data-since': first.raised_at }), h('div', { class: 'alert-do' }, open.length ? button(t('Acknowledge {n}', { n: open.length }), () => this.many.acknowledge(open), { class: 'button strong', 'data-do': 'all' }) : '', button(t('Silence the rule'), () => this.many.silence(first), { 'data-do': 'silence-rule' })));
    const rest = same.length - most;
    return [head, ...same.slice(0, most).map((one) => this.row(one, true)),
      h('li', { class: 'alert-more', 'data-key': `${key}/more` }, rest > 0 ? button(t('{n} more', { n: rest }), () => { this.shown.set(key, most + MORE); this.draw(); }, { class: 'link', 'data-do': 'more' }) : '', drawn > FIRST ? button(t('fewer'), () => { this.shown.delete(key); this.draw(); }, { class: 'link', 'data-do': 'fewer' }) : '')];
  }

  row(one, within = false) {
    const at = standing(one), taken = Boolean(one.acknowledged_at), silenced = one.silenced_until > this.now, value = valueText(one);
    const sign = taken ? '✓' : MARK[at] || SIGN[one.severity] || '!';
    const name = subject(one.scope, this.labelOf, one.siteName), open = button(name, () => this.choose(one.alert), { class: 'alert-name', 'data-do': 'open', tabindex: '-1' });
    return h('li', { class: `alert-row ${at}${taken ? ' taken' : ''}${silenced ? ' quiet' : ''}${within ? ' within' : ''}`, 'data-alert': one.alert, 'data-key': one.alert, tabindex: one.alert === (this.chosen || this.first) ? '0' : '-1', 'aria-current': one.alert === this.chosen ? 'true' : null },
      h('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
      h('div', { class: 'alert-said' }, h('h3', {}, open, one.siteName ? h('small', {}, one.siteName) : '', h('span', {}, ruleLabel(one))), h('p', {}, value ? h('b', {}, value) : '', [value ? '' : t(`notice:${one.reason}`), basis(one, this.labelOf), one.detail.who && one.scope.startsWith('contact:') ? `${t('scope:agent')} ${one.detail.who}` : one.detail.who || '', ...(one.detail.mode ? conditionTexts(one, this.metricWord).slice(1) : [])].filter(Boolean).join(' · ')), this.chips(one, at, silenced)),
      h('time', { class: 'alert-age', 'data-since': one.raised_at, title: `${dayText(one.raised_at)} ${timeText(one.raised_at)}` }),
      h('div', { class: 'alert-do' }, taken ? '' : button(t('Acknowledge'), () => this.acts.acknowledge(one), { class: 'button strong', 'data-do': 'acknowledge', title: t('Acknowledge (A)') }), button(icon('quiet'), () => this.acts.silence(one), { class: 'button icon', 'data-do': 'silence', title: t('Silence (S)'), 'aria-label': `${t('Silence')} ${name}` }),
        h('a', { class: 'button icon', 'data-do': 'past', href: floorAt(one), title: t('The floor of that second'), 'aria-label': `${t('The floor of that second')} ${name}` }, '↶')));
  }

  get first() { return this.firing[0]?.alert; }

  chips(one, at, silenced) {
    const chips = [];
    if (at !== 'firing') chips.push(['state', `${MARK[at]} ${t(`standing_of:${at}`)}${(at === 'suppressed' || at === 'no_data') && one.detail.why ? ` · ${t(`suppressed:${one.detail.why.split('/')[0]}`)}` : ''}`]);
    if (silenced) chips.push(['quiet', t('silenced until {time}', { time: untilText(one.silenced_until, this.now) })]);
    if (one.acknowledged_at) chips.push(['taken', t('acknowledged {time} by {who}', { time: timeText(one.acknowledged_at).slice(0, 5), who: one.acknowledged_by })]);
    if (one.assigned_to) chips.push(['to', t('{who} sees to it', { who: one.assigned_to })]);
    if (one.marks && one.marks.useful + one.marks.not_useful) chips.push(['mark', one.marks.not_useful > one.marks.useful ? t('not useful') : t('useful')]);
    if (one.comments) chips.push(['said', t('commented ({n})', { n: one.comments })]);
    chips.push(...told(one));
    return chips.length ? h('ul', { class: 'chips' }, chips.map(([kind, text]) => h('li', { class: kind }, text))) : '';
  }

  pending(rows) {
    return h('details', { class: 'alerts-pending' }, h('summary', {}, t('{n} in breach, not yet long enough to fire', { n: rows.length })), h('ol', {}, rows.slice(0, PENDING).map((one) => h('li', {}, h('b', {}, subject(one.scope, this.labelOf, one.siteName)), ' ', ruleLabel(one), ' ', h('span', { class: 'dim' }, valueText(one)), ' ', h('time', { 'data-since': one.raised_at })))));
  }

  empty() {
    if (!this.known) return h('div', { class: 'nothing' }, h('b', {}, t('Looking…')));
    if (this.wanted && this.firing.length) return h('div', { class: 'nothing' }, h('b', {}, t('No alert fits “{text}”', { text: this.wanted })), button(t('Show all'), () => { this.find.value = this.wanted = ''; this.draw(); }));
    const last = Math.max(0, ...this.rows.map((one) => one.resolved_at || 0)), since = last || this.calmSince;
    return h('div', { class: 'nothing calm' }, h('b', {}, t('No alert is firing')), h('p', {}, since ? t('None since {time}.', { time: `${dayText(since)} ${timeText(since).slice(0, 5)}` }) : t('None that is kept here.'), ' ', t('A source that falls silent is an alert, too: this calm is known.')));
  }

  // ---- hands ----------------------------------------------------------------------------------------------------------------
  onClick(event) {
    const row = event.target.closest('[data-alert]');
    if (row && !event.target.closest('a, button')) this.choose(row.dataset.alert);
  }

  mark(alert) {
    if (this.chosen === alert) return;
    for (const node of $$('[data-alert]', this.list)) { const on = node.dataset.alert === alert; node.tabIndex = on ? 0 : -1; if (on) node.setAttribute('aria-current', 'true'); else node.removeAttribute('aria-current'); }
    this.chosen = alert;
  }

  choose(alert) { this.mark(alert); this.onChoose(alert); }

  // Keys go from row to row; a new place is marked at once, its panel follows when it is open.
  step(by) {
    const rows = $$('[data-alert]', this.list), now = rows.findIndex((one) => one.dataset.alert === this.chosen), next = rows[now < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, now + by))];
    if (!next) return;
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
    this.mark(next.dataset.alert);
    this.onChoose(next.dataset.alert, { follow: true });
  }

  // What a key without a chosen row means: the first that nobody has taken.
  get target() { return this.get(this.chosen) || this.open[0] || this.firing[0]; }

  age(now) {
    this.now = now;
    for (const node of $$('[data-since]', this.list)) node.textContent = clockText(now - Number(node.dataset.since));
  }
}

// Whom it reached, in one word; what did not arrive is told apart.
function told({ notified = [] }) {
  const there = notified.filter((one) => one.outcome === 'delivered'), not = notified.filter((one) => one.outcome !== 'delivered');
  return [there.length ? ['sent', t('reached {names}', { names: there.map((one) => one.to || one.channel).join(t(', ')) })] : null, not.length ? ['unsent', t('did not reach {names}', { names: not.map((one) => one.to || one.channel).join(t(', ')) })] : null].filter(Boolean);
}

// Rows of another site than the page's name it.
const there = (path, { site }) => here(path) + (site ? `&site=${encodeURIComponent(site)}` : '');
export const floorAt = (one) => there(`/floor?at=${one.raised_at}`, one);
export function wallOf(one) {
  const [kind, ...rest] = one.scope.split(':'), name = rest.join(':'), queue = kind === 'tier' ? name.split('/')[0] : name;
  if (kind === 'queue' || kind === 'tier') return there(`/floor?queue=${encodeURIComponent(queue)}`, one);
  if (kind === 'team') return there(`/floor?team=${encodeURIComponent(name)}`, one);
  if (kind === 'agent') return `/agents/${encodeURIComponent(name)}`;
  return kind === 'contact' ? `/calls/${encodeURIComponent(name)}` : '';
}

function basis(one, labelOf) {
  const text = basisText(one, labelOf);
  return one.detail.formula ? [t(`formula:${one.detail.formula}`), text].join(' · ') : text;
}

function grouped(all) {
  const found = new Map();
  for (const one of all) found.set(one.rule, [...(found.get(one.rule) || []), one]);
  return found;
}
