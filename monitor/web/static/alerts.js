// The alerts page. In: the service's alerts, every few seconds; hands and keys. Out: tabs, the panel of the chosen alert, a
// word to who does not look. What cannot be heard is said: a list that nobody feeds is no calm. Only wires its parts.
import { $, $$, h, page, ready, t, timeText, typing } from '/static/web/common.js';
import { AlertActs } from '/static/web/alert_acts.js';
import { AlertChannels } from '/static/web/alert_channels.js';
import { dialog, openDialog } from '/static/web/alert_dialog.js';
import { AlertFatigue } from '/static/web/alert_fatigue.js';
import { AlertHistory } from '/static/web/alert_history.js';
import { AlertLive, floorAt } from '/static/web/alert_live.js';
import { AlertNotify } from '/static/web/alert_notify.js';
import { AlertPanel } from '/static/web/alert_panel.js';
import { AlertRules } from '/static/web/alert_rules.js';
import { AlertSilences } from '/static/web/alert_silences.js';
import { remember, subject, untilText, whatText } from '/static/web/alert_words.js';
import { talk } from '/static/web/alert_talk.js';

const LOOK_MS = 3000, STORY_MS = 8000, DUTY_MS = 60_000, SECOND = 1000, HEARD = 2000, BESIDE = new Set(['now', 'history']);
const spec = JSON.parse($('#alerts-spec').textContent), skew = spec.now - Date.now();
const here = { labelOf: (queue) => { const label = spec.labels[queue]; return (label && (page.locale.startsWith('zh') ? label.zh : label.en)) || queue; }, now: () => Date.now() + skew };
const KEYS = [['↑ ↓  J K', 'from alert to alert'], ['Enter', 'open it'], ['A', 'acknowledge'], ['S', 'silence'], ['G', 'assign'], ['C', 'comment'], ['U  N', 'useful, not useful'], ['P', 'the floor of that second'], ['/', 'find'], ['1 – 6', 'the tabs'], ['Esc', 'close'], ['D  L', 'light or dark, 中文 / English'], ['?', 'this sheet']];
const names = new Map(spec.sites.map((site) => [site.id, site.name]));
// Where several sites are shown, a row says which it is of.
const siteOf = (site) => (spec.sites.length > 1 ? { site, siteName: names.get(site) || site } : { site: '', siteName: '' });

class AlertsPage {
  constructor() {
    const { labelOf, now } = here;
    this.heard = null;
    this.last = '';
    this.duty = [];
    const metricWord = (name) => spec.metrics[name]?.[page.locale.startsWith('zh') ? 0 : 1] || name;
    this.acts = new AlertActs({ labelOf, now, duty: () => this.duty, people: () => this.people(), changed: () => this.look() });
    this.panel = new AlertPanel({ labelOf, acts: this.acts, metricWord, onClose: () => { this.address(); this.live.list.querySelector('[aria-current]')?.focus(); } });
    this.live = new AlertLive({ box: $('#alerts-now'), labelOf, metricWord, acts: this.acts, many: { acknowledge: (all) => this.acts.acknowledgeAll(all), silence: (one) => this.acts.silenceRule(one) }, onChoose: (alert, how) => this.choose(alert, how) });
    this.notify = new AlertNotify({ labelOf, onChange: () => this.tools() });
    const more = { labelOf, now, sites: spec.sites, acts: this.acts, duty: () => this.duty, onOpen: (one) => this.openStored(one), changed: () => this.look() };
    this.tabs = { now: { open() {} }, history: new AlertHistory($('#alerts-history'), more), silences: new AlertSilences($('#alerts-silences'), more), rules: new AlertRules($('#alerts-rules'), more), fatigue: new AlertFatigue($('#alerts-fatigue'), more), channels: new AlertChannels($('#alerts-channels'), more) };
  }

  people() { return this.live.rows.flatMap((one) => [one.assigned_to, one.acknowledged_by]).filter((who) => who && !who.includes('@')); }

  // ---- what fires -----------------------------------------------------------------------------------------------------------
  async look() {
    if (this.looking) return this.looking;
    this.looking = this.lookOnce();
    await this.looking;
    this.looking = null;
    return null;
  }

  async lookOnce() {
    const answer = await talk.now();
    this.line(answer.ok);
    if (!answer.ok) return;
    const rows = answer.told.alerts.map((one) => ({ ...one, ...siteOf(one.site) }));
    const told = JSON.stringify(rows);
    if (told !== this.last) { this.last = told; this.took(rows.filter((one) => one.reason !== 'cleared_before_hold')); }
    document.body.dataset.alerts = 'ready';
  }

  took(rows) {
    remember(rows);
    const now = here.now(), firing = rows.filter((one) => one.state === 'firing');
    const fresh = this.heard ? firing.filter((one) => !this.heard.has(one.alert)) : [];
    this.heard = new Set([...(this.heard || []), ...firing.map((one) => one.alert)].slice(-HEARD));
    if (fresh.length) {
      $('#announce').textContent = fresh.length > 3 ? t('{n} new alerts', { n: fresh.length }) : fresh.map((one) => `${t('New alert')}${t(': ')}${subject(one.scope, here.labelOf)}, ${whatText(one, here.labelOf)}`).join('. ');
      this.notify.tell(fresh, now);
    }
    this.live.show(rows, now);
    this.count();
    const shown = this.panel.openFor && rows.find((one) => one.alert === this.panel.openFor);
    if (shown) this.panel.open(shown);
    if (this.wanted) { const one = rows.find((other) => other.alert === this.wanted); this.wanted = ''; if (one) { this.live.choose(one.alert); } }
  }

  count() {
    const { firing, open } = this.live, badge = $('#alerts-count');
    badge.textContent = firing.length ? String(firing.length) : '';
    badge.className = open.some((one) => one.severity === 'critical') ? 'bad' : open.length ? 'warn' : '';
    document.title = `${open.length ? `(${open.length}) ` : ''}${t('Alerts')} · ${document.documentElement.dataset.siteName}`;
  }

  line(ok) {
    const box = $('#alerts-lost');
    if (ok) this.lastHeard = Date.now();
    document.body.dataset.line = ok ? 'ok' : 'lost';
    box.hidden = ok;
    if (!ok) box.textContent = this.lastHeard ? t('No answer since {time}: what stands here may be over, and new alerts are missing.', { time: timeText(this.lastHeard) }) : t('The service does not answer: alerts cannot be shown.');
  }

  choose(alert, { follow = false } = {}) {
    const one = this.live.get(alert);
    if (!one || (follow && this.panel.box.hidden)) return;
    this.panel.open(one);
    this.address();
  }

  // A stored alert that the board may know better.
  openStored(one) { this.panel.open({ ...one, ...(this.live.get(one.alert) || {}) }); }

  // ---- tabs, tools, words ---------------------------------------------------------------------------------------------------
  tab(name, focus = false) {
    for (const one of $$('#alerts-tabs [role=tab]')) {
      const on = one.dataset.tab === name;
      one.setAttribute('aria-selected', String(on));
      one.tabIndex = on ? 0 : -1;
      $(`#alerts-${one.dataset.tab}`).hidden = !on;
      if (on && focus) one.focus();
    }
    this.shown = name;
    document.body.dataset.tab = name;
    if (!BESIDE.has(name) && !this.panel.box.hidden) this.panel.close();
    this.tabs[name].open();
    this.address();
  }

  address() {
    const to = new URL(location.href);
    to.searchParams.delete('alert');
    if (this.shown === 'now') to.searchParams.delete('tab'); else to.searchParams.set('tab', this.shown);
    if (this.panel.openFor && this.shown === 'now') to.searchParams.set('alert', this.panel.openFor);
    if (to.href !== location.href) history.replaceState(null, '', to);
  }

  tools() {
    $('#alerts-tools').replaceChildren(this.notify.button(), this.notify.sound.button());
    const line = this.duty.slice(0, 2).map((one) => `${one.person} ${t('until {time}', { time: untilText(one.until, here.now()) })}`).join(t(', '));
    $('#alerts-duty').replaceChildren(...(line ? [h('span', {}, t('On call')), h('b', {}, line)] : []));
  }

  async onCall() {
    if (!spec.has.includes('on-call')) return;
    const answer = await talk.onCall();
    if (answer.ok) this.duty = answer.told.now;
    this.tools();
  }

  help() { dialog.show(t('Keys'), h('dl', { class: 'rules-keys' }, ...KEYS.flatMap(([keys, word]) => [h('dt', {}, keys.split(/(?<=\S)  (?=\S)/).map((key) => h('kbd', {}, key))), h('dd', {}, t(word))]))); }

  // ---- keys -----------------------------------------------------------------------------------------------------------------
  key(event) {
    if (document.querySelector('dialog[open]')) return;
    if (event.key === 'Escape') { this.escape(event); return; }
    if (typing(event)) return;
    const tab = $$('#alerts-tabs [role=tab]')[Number(event.key) - 1];
    if (tab) { this.tab(tab.dataset.tab, true); return; }
    if (event.key === '?') { this.help(); return; }
    if (this.shown === 'rules') return;
    if (this.shown === 'now' && this.move(event)) { event.preventDefault(); return; }
    const one = this.panel.openFor ? this.panel.one : this.shown === 'now' ? this.live.target : null, act = { a: 'acknowledge', s: 'silence', g: 'assign' }[event.key.toLowerCase()];
    if (!one) return;
    const does = act ? () => (act === 'acknowledge' && (one.acknowledged_at || one.state === 'resolved') ? null : this.acts[act](one)) : { c: () => { this.live.mark(one.alert); this.panel.open(one); $('#alert-comment').focus(); }, u: () => this.acts.useful(one, one.useful === true ? null : true), n: () => this.acts.useful(one, one.useful === false ? null : false), p: () => { location.href = floorAt(one); } }[event.key.toLowerCase()];
    if (does) { event.preventDefault(); does(); }
  }

  move(event) {
    const inPanel = event.target.closest?.('#alert-side, #alerts-tabs, #top'), by = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (by && !inPanel) { this.live.step(by); return true; }
    if (event.key === 'Enter' && event.target.matches?.('[data-alert]')) { this.choose(event.target.dataset.alert); $('#alert-side h2')?.focus(); return true; }
    if (event.key === '/' && !this.live.find.hidden) { this.live.find.focus(); return true; }
    return false;
  }

  escape(event) {
    if (event.target === this.live.find && this.live.wanted) { this.live.find.value = this.live.wanted = ''; this.live.draw(); return; }
    if (event.target.tagName === 'TEXTAREA' || event.target.tagName === 'INPUT') { event.target.blur(); return; }
    if (!this.panel.box.hidden) this.panel.close();
  }
}

async function begin() {
  await ready;
  openDialog();
  const alerts = new AlertsPage(), asked = new URLSearchParams(location.search);
  window.alerts = alerts;
  alerts.wanted = asked.get('alert') || '';
  for (const one of $$('#alerts-tabs [role=tab]')) one.addEventListener('click', () => alerts.tab(one.dataset.tab));
  $('#alerts-tabs').addEventListener('keydown', (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key], all = $$('#alerts-tabs [role=tab]');
    if (by) { event.preventDefault(); event.stopPropagation(); alerts.tab(all[(all.findIndex((one) => one.dataset.tab === alerts.shown) + by + all.length) % all.length].dataset.tab, true); }
  });
  $('#alerts-help').addEventListener('click', () => alerts.help());
  addEventListener('keydown', (event) => alerts.key(event));
  addEventListener('alert-chosen', ({ detail }) => { alerts.tab('now'); alerts.live.choose(detail); });
  addEventListener('locale', () => { alerts.tools(); alerts.live.draw(); alerts.count(); if (alerts.panel.openFor) alerts.panel.draw(); alerts.tabs[alerts.shown].draw?.(); });
  alerts.tools();
  const tab = asked.get('tab');
  alerts.tab(tab in alerts.tabs ? tab : 'now');
  await Promise.all([alerts.look(), alerts.onCall()]);
  if (alerts.shown === 'silences') alerts.tabs.silences.draw(); // rules by their labels, which alerts bring
  const clock = new Worker('/static/web/alert_clock.js');
  clock.onmessage = () => alerts.look();
  clock.postMessage(LOOK_MS);
  setInterval(() => { if (alerts.panel.openFor) alerts.panel.look(); }, STORY_MS);
  setInterval(() => alerts.onCall(), DUTY_MS);
  setInterval(() => { const now = here.now(); alerts.live.age(now); alerts.panel.age(now); }, SECOND);
}
begin();
