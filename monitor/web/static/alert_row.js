// The alert row above the wall: always there, so that a new alert moves nothing. In: the word `alerts`. Out: the first alert
// in words, all of them in a list, acknowledge by button or key; a screen reader hears each new alert once. May not know:
// sockets, seats.
import { $, h, t, here, post, clockText, typing } from '/static/web/common.js';
import { AlertNotify } from '/static/web/alert_notify.js';
import { subject, whatText } from '/static/web/alert_words.js';

export class AlertRow {
  constructor(labelOf) {
    const notify = new AlertNotify({ labelOf });
    Object.assign(this, { alerts: [], heard: null, labelOf, readOnly: false, certain: true, notify, sound: notify.sound, list: h('section', { id: 'alert-list', hidden: true }) });
    $('#alert').after(this.list);
    addEventListener('keydown', (event) => this.key(event));
    addEventListener('pointerdown', (event) => { if (!this.list.hidden && !event.target.closest('#alert, #alert-list')) this.toggleList(false); }, { capture: true });
  }

  get open() { return this.alerts.filter((one) => !one.acknowledged_at); }
  about(alert) { return subject(alert.scope, this.labelOf); }

  show(alerts, certain = true) {
    this.alerts = alerts;
    this.certain = certain;
    const fresh = alerts.filter((alert) => this.heard && !this.heard.has(alert.alert));
    if (fresh.length) {
      $('#announce').textContent = fresh.map((alert) => `${t('New alert')}${t(': ')}${this.about(alert)}, ${whatText(alert, this.labelOf)}`).join('. ');
      if (!this.readOnly) this.notify.tell(fresh, Date.now());
    }
    this.heard = new Set([...(this.heard || []), ...alerts.map((alert) => alert.alert)].slice(-2000)); // one that was told is not new when it comes again after a reconnect
    this.draw();
  }

  setCertain(certain) { if (certain !== this.certain) { this.certain = certain; this.draw(); } }

  draw() {
    const row = $('#alert'), alert = this.open[0], focused = row.contains(document.activeElement) ? document.activeElement.dataset.do : undefined;
    // Acknowledged is not over: the row stays marked until the last alert has resolved.
    row.dataset.level = alert ? (alert.severity === 'critical' ? 'bad' : 'warn') : !this.certain ? 'unknown' : this.alerts.length ? 'taken' : 'calm';
    row.replaceChildren(...(alert ? this.firing(alert) : this.quiet()).filter(Boolean), ...(this.readOnly ? [] : [this.sound.button()]));
    if (focused) ($(`[data-do=${focused}]`, row) || $('.more', row))?.focus();
    if (!this.list.hidden) this.drawList();
  }

  firing(alert) {
    const acknowledge = this.readOnly ? null : this.acknowledgeButton(alert);
    return [h('span', { class: 'sign', 'aria-hidden': 'true' }, '!'),
      h('span', { class: 'what' }, h('b', {}, this.about(alert)), ' ', whatText(alert, this.labelOf)),
      h('time', { class: 'since', 'data-since': alert.raised_at }), this.moment(alert), this.more(), acknowledge];
  }

  quiet() {
    const text = !this.certain ? t('Not all sources are heard: what is not known is not calm') : this.alerts.length ? `${t('{n} still firing, all acknowledged', { n: this.alerts.length })}${t(': ')}${this.alerts.map((one) => this.about(one)).join(t(', '))}` : t('No alert is firing');
    return [h('span', { class: 'sign', 'aria-hidden': 'true' }, this.certain ? '✓' : '?'), h('span', { class: 'what' }, text), this.more()];
  }

  acknowledgeButton(alert) {
    const made = h('button', { type: 'button', class: 'button', 'data-do': 'acknowledge', title: t('Acknowledge (A)') }, t('Acknowledge'));
    made.addEventListener('click', () => this.acknowledge(alert.alert, made));
    return made;
  }

  // The floor as it stood in the second in which the alert fired.
  moment(alert) { return h('a', { class: 'moment', href: here(`/floor?at=${alert.raised_at}`), title: t('The floor of that moment'), 'aria-label': t('The floor of that moment') }, '↶'); }

  more() {
    if (!this.alerts.length || this.readOnly) return h('a', { class: 'more', href: '/alerts' }, t('All alerts'));
    const further = this.open.length - 1;
    const made = h('button', { type: 'button', class: 'more link', 'data-do': 'list', 'aria-expanded': String(!this.list.hidden), 'aria-controls': 'alert-list' }, further > 0 ? t('{n} more', { n: further }) : t('All alerts'));
    made.addEventListener('click', () => this.toggleList(this.list.hidden));
    return made;
  }

  // ---- all that fire -------------------------------------------------------------------------------------------------
  toggleList(open) {
    this.list.hidden = !open;
    this.draw();
    if (open) { this.list.style.top = `${$('#alert').getBoundingClientRect().bottom + 4}px`; (this.list.querySelector('button, a'))?.focus(); } else $('#alert .more')?.focus();
  }

  drawList() {
    const place = [...this.list.querySelectorAll('li')].findIndex((one) => one.contains(document.activeElement));
    const line = (alert) => h('li', { class: alert.acknowledged_at ? 'taken' : alert.severity }, h('span', { class: 'sign', 'aria-hidden': 'true' }, alert.acknowledged_at ? '✓' : '!'),
      h('span', { class: 'what' }, h('b', {}, this.about(alert)), ' ', whatText(alert, this.labelOf), alert.acknowledged_at ? h('small', {}, ` ${t('acknowledged by {who}', { who: alert.acknowledged_by })}`) : null),
      h('time', { 'data-since': alert.raised_at }), this.moment(alert), alert.acknowledged_at || this.readOnly ? null : this.acknowledgeButton(alert));
    this.list.setAttribute('aria-label', t('Alerts'));
    this.list.replaceChildren(this.alerts.length ? h('ol', {}, this.alerts.map(line)) : h('p', { class: 'hint' }, t('No alert is firing')), h('p', {}, h('a', { href: '/alerts' }, t('All alerts'))));
    if (place >= 0) { const lines = this.list.querySelectorAll('li'); (lines[Math.min(place, lines.length - 1)]?.querySelector('button, a') || this.list.querySelector('a')).focus(); }
  }

  age(now) { for (const node of document.querySelectorAll('#alert [data-since], #alert-list [data-since]')) node.textContent = clockText(now - Number(node.dataset.since)); }

  key(event) {
    if (event.key === 'Escape' && !this.list.hidden) { this.toggleList(false); event.stopImmediatePropagation(); return; }
    if (typing(event) || this.readOnly || document.querySelector('dialog[open]') || event.key.toLowerCase() !== 'a') return;
    const button = $('#alert [data-do=acknowledge]');
    if (button && !button.disabled) button.click();
  }

  async acknowledge(alert, button) {
    button.disabled = true;
    const answer = await post(here(`/api/v1/alerts/${encodeURIComponent(alert)}/acknowledge`)).catch((error) => { if (!(error instanceof TypeError)) throw error; return { ok: false }; });
    if (!answer.ok) { button.disabled = false; button.textContent = t('Not taken: try again'); }
  }
}
