// The alert row above the wall: always there, so that a new alert moves nothing. In: the word `alerts`. Out: the first alert
// in words, an acknowledge button; a screen reader hears new alerts only. May not know: sockets, seats.
import { $, h, t, page, post, clockText } from '/static/web/common.js';

// `queue:billing` is the queue's name, `site:…` the whole centre.
function subject(scope, labelOf) {
  const [kind, ...name] = scope.split(':');
  return kind === 'site' ? document.documentElement.dataset.siteName : labelOf(name.length ? name.join(':') : kind);
}

// What happened, in words: the rule's label, the value against its threshold, what it rests on.
function whatText(alert, labelOf) {
  const { detail } = alert, label = (page.locale.startsWith('zh') ? detail.label_zh : detail.label_en) || alert.rule;
  // A value that has recovered is not below its threshold any more, though the alert still stands.
  const value = alert.value === null || !detail.formula ? '' : `${alert.value.toFixed(1)}% ${alert.value < alert.threshold ? '<' : '≥'} ${alert.threshold}%`;
  const basis = detail.formula ? `${detail.whole ? `${detail.part}/${detail.whole}` : t('standing:empty')} · ${t('{m} min', { m: detail.window_minutes })}` : (detail.queues || []).map(labelOf).join(t(', '));
  return [label, value, basis, t('notice:' + alert.reason)].filter(Boolean).join(' · ');
}

export class AlertRow {
  constructor(labelOf) { this.alerts = []; this.heard = null; this.labelOf = labelOf; this.readOnly = false; }

  show(alerts, certain = true) {
    this.alerts = alerts;
    this.certain = certain;
    const fresh = alerts.filter((alert) => this.heard && !this.heard.has(alert.alert));
    if (fresh.length) $('#announce').textContent = fresh.map((alert) => `${t('New alert')}${t(': ')}${subject(alert.scope, this.labelOf)}, ${whatText(alert, this.labelOf)}`).join('. ');
    this.heard = new Set(alerts.map((alert) => alert.alert));
    this.draw();
  }

  setCertain(certain) { if (certain !== this.certain) { this.certain = certain; this.draw(); } }

  draw() {
    const row = $('#alert'), alert = this.alerts.find((one) => !one.acknowledged_at);
    // Acknowledged is not over: the row stays marked until the last alert has resolved.
    row.dataset.level = alert ? (alert.severity === 'critical' ? 'bad' : 'warn') : !this.certain ? 'unknown' : this.alerts.length ? 'taken' : 'calm';
    if (!alert) {
      const text = !this.certain ? t('Not all sources are heard: what is not known is not calm') : this.alerts.length ? `${t('{n} still firing, all acknowledged', { n: this.alerts.length })}${t(': ')}${this.alerts.map((one) => subject(one.scope, this.labelOf)).join(t(', '))}` : t('No alert is firing');
      row.replaceChildren(h('span', { class: 'sign', 'aria-hidden': 'true' }, this.certain ? '✓' : '?'), h('span', { class: 'what' }, text), this.more());
      return;
    }
    const button = h('button', { type: 'button', class: 'button' }, t('Acknowledge'));
    button.addEventListener('click', () => this.acknowledge(alert.alert, button));
    row.replaceChildren(
      h('span', { class: 'sign', 'aria-hidden': 'true' }, '!'),
      h('span', { class: 'what' }, h('b', {}, subject(alert.scope, this.labelOf)), ' ', whatText(alert, this.labelOf)),
      h('time', { class: 'since', 'data-since': alert.raised_at }), this.more(), ...(this.readOnly ? [] : [button]),
    );
  }

  more() {
    const open = this.alerts.filter((one) => !one.acknowledged_at).length;
    return h('a', { class: 'more', href: '/alerts' }, open > 1 ? t('{n} more', { n: open - 1 }) : t('All alerts'));
  }

  age(now) { for (const node of document.querySelectorAll('#alert [data-since]')) node.textContent = clockText(now - Number(node.dataset.since)); }

  async acknowledge(alert, button) {
    button.disabled = true;
    const answer = await post(`/api/v1/alerts/${encodeURIComponent(alert)}/acknowledge`);
    if (!answer.ok) { button.disabled = false; button.textContent = t('Not taken: try again'); }
  }
}
