// New alerts to who does not look: a desktop notification and two tones. In: rows that are new. Out: one of each, in one of
// this browser's tabs; nothing of what somebody silenced. Asks for permission only when its button is pressed.
import { h, here, t } from '/static/web/common.js';
import { icon } from '/static/web/alert_icons.js';
import { AlertSound } from '/static/web/alert_sound.js';
import { subject, valueText, ruleLabel } from '/static/web/alert_words.js';

const KEPT = 'floorwatch:desktop', TOLD = 'floorwatch:told', MOST = 500, AT_ONCE = 3;

export class AlertNotify {
  constructor({ labelOf, storage = localStorage, onChange = () => {} }) {
    Object.assign(this, { labelOf, storage, onChange, sound: new AlertSound(storage), on: this.kept(storage) === '1' });
  }

  kept(storage) { try { return storage.getItem(KEPT); } catch (error) { if (!(error instanceof DOMException)) throw error; return null; } }
  get possible() { return 'Notification' in window; } // a page over plain http has none
  get state() { return !this.possible ? 'none' : Notification.permission === 'denied' ? 'denied' : this.on && Notification.permission === 'granted' ? 'on' : 'off'; }

  button() {
    const word = t(`desktop:${this.state}`);
    const made = h('button', { type: 'button', id: 'alerts-desktop', class: 'button icon', 'aria-pressed': String(this.state === 'on'), title: word, 'aria-label': word, disabled: this.state === 'none' }, icon(this.state === 'on' ? 'bell' : 'quiet'));
    made.addEventListener('click', () => this.turn());
    return made;
  }

  async turn() {
    if (this.state === 'on') this.on = false;
    else this.on = (await Notification.requestPermission()) === 'granted';
    try { this.storage.setItem(KEPT, this.on ? '1' : '0'); } catch (error) { if (!(error instanceof DOMException)) throw error; }
    this.onChange();
  }

  // Of all tabs the first to ask says it; where the browser has no locks, the list alone decides.
  async claim(alerts) {
    const take = () => {
      let told = [];
      try { told = JSON.parse(this.storage.getItem(TOLD) || '[]'); } catch (error) { if (!(error instanceof DOMException || error instanceof SyntaxError)) throw error; }
      const known = new Set(Array.isArray(told) ? told : []), fresh = alerts.filter((one) => !known.has(one.alert));
      try { if (fresh.length) this.storage.setItem(TOLD, JSON.stringify([...known, ...fresh.map((one) => one.alert)].slice(-MOST))); } catch (error) { if (!(error instanceof DOMException)) throw error; }
      return fresh;
    };
    return navigator.locks ? navigator.locks.request(TOLD, take) : take();
  }

  async tell(alerts, now) {
    const heard = alerts.filter((one) => one.state === 'firing' && !one.acknowledged_at && !(one.silenced_until > now));
    if (!heard.length || (!this.sound.on && this.state !== 'on')) return;
    const fresh = await this.claim(heard);
    if (!fresh.length) return;
    this.sound.play();
    if (this.state !== 'on') return;
    for (const one of fresh.slice(0, AT_ONCE)) this.notification(one, `${subject(one.scope, this.labelOf)} · ${ruleLabel(one)}`, [valueText(one), t(`severity:${one.severity}`)].filter(Boolean).join(' · '));
    if (fresh.length > AT_ONCE) this.notification({ alert: 'more' }, t('{n} more alerts', { n: fresh.length - AT_ONCE }), fresh.slice(AT_ONCE, AT_ONCE + 5).map((one) => subject(one.scope, this.labelOf)).join(t(', ')));
  }

  notification({ alert, severity }, title, body) {
    const made = new Notification(title, { body, tag: `floorwatch:${alert}`, icon: '/static/web/icon.svg', lang: document.documentElement.lang, requireInteraction: severity === 'critical' });
    made.onclick = () => { window.focus(); if (location.pathname === '/alerts') dispatchEvent(new CustomEvent('alert-chosen', { detail: alert })); else location.href = here(`/alerts?alert=${encodeURIComponent(alert)}`); made.close(); };
  }
}
