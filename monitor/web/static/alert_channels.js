// Who is told, and whether it arrives. In: channels with their last attempt, who is on call. Out: a card each, a test that shows
// what came back. No address and no secret is ever here.
import { h, t, dayText, timeText } from '/static/web/common.js';
import { talk } from '/static/web/alert_talk.js';
import { button } from '/static/web/rules_fields.js';
import { why } from '/static/web/rules_talk.js';

export class AlertChannels {
  constructor(box, { duty }) { Object.assign(this, { box, duty, rows: null, fault: '', tests: new Map() }); }

  async open() {
    if (!this.rows) this.draw();
    const answer = await talk.channels();
    this.fault = answer.ok ? '' : why(answer);
    if (answer.ok) this.rows = answer.told.channels;
    this.draw();
  }

  draw() {
    this.box.replaceChildren(h('div', { class: 'alerts-sheet' }, h('h1', {}, t('On call')), this.onCall(), h('h1', {}, t('Channels')), this.fault ? h('p', { class: 'notice bad', role: 'alert' }, this.fault) : '',
      this.rows === null ? h('p', { class: 'dim' }, t('Looking…')) : this.rows.length ? h('div', { class: 'channels' }, this.rows.map((one) => this.card(one))) : this.fault ? '' : h('div', { class: 'nothing' }, h('b', {}, t('No channel is configured')), h('p', {}, t('Alerts are shown here only. Add an [[alerts.channel]] to the configuration.')))));
  }

  onCall() {
    const duty = this.duty();
    if (!duty.length) return h('div', { class: 'nothing' }, h('b', {}, t('No rota is configured')), h('p', {}, t('An [[alerts.rota]] says who is told in turns, and who is told when nobody acknowledges.')));
    return h('ol', { class: 'duty' }, duty.map((one) => h('li', { class: 'panel' }, h('small', {}, one.rota), h('b', {}, one.person || t('nobody')), h('span', {}, t('until {time}', { time: `${dayText(one.until).slice(5)} ${timeText(one.until).slice(0, 5)}` })), one.next ? h('small', {}, t('then {who}', { who: one.next })) : '')));
  }

  card(one) {
    const { last } = one, test = this.tests.get(one.name), state = !last ? 'none' : last.reply.outcome === 'delivered' ? 'ok' : 'bad';
    const send = button(test === 'busy' ? t('Sending…') : t('Send a test'), () => this.test(one), { 'data-test': one.name, disabled: test === 'busy' });
    return h('article', { class: `panel channel ${state}` }, h('header', {}, h('span', { class: 'sign', 'aria-hidden': 'true' }, { ok: '✓', bad: '!', none: '·' }[state]), h('div', {}, h('h2', {}, one.name), h('small', {}, t(`channel_kind:${one.kind}`))), send),
      last ? h('p', {}, h('b', {}, t(`sent:${last.reply.outcome}`)), ` ${dayText(last.at).slice(5)} ${timeText(last.at)}`, last.number > 1 ? ` · ${t('try {n}', { n: last.number })}` : '') : h('p', { class: 'dim' }, t('Nothing was sent yet.')), last && state === 'bad' && (!test || test === 'busy' || test.fault) ? h('pre', {}, answerText(last.reply)) : '',
      test && test !== 'busy' ? h('section', { class: 'channel-test', role: 'status' }, test.fault ? h('p', { class: 'bad' }, test.fault) : test.attempts.map((attempt) => this.attempt(attempt))) : '');
  }

  attempt({ at, reply }) {
    const good = reply.outcome === 'delivered';
    return h('div', { class: good ? 'good' : 'bad' }, h('p', {}, h('b', {}, `${good ? '✓' : '✕'} ${t(`sent:${reply.outcome}`)}`), ` ${timeText(at)} · ${t('{n} ms', { n: reply.took_ms || 0 })}`), h('pre', {}, answerText(reply)));
  }

  async test(one) {
    this.tests.set(one.name, 'busy');
    this.draw();
    const answer = await talk.test(one.name);
    this.tests.set(one.name, answer.ok ? { attempts: answer.told.attempts } : { fault: why(answer) });
    await this.open();
    this.box.querySelector(`[data-test="${CSS.escape(one.name)}"]`)?.focus();
  }
}

// What came back, as it came: HTTP status, the service's own code, its text.
const answerText = (reply) => [reply.status ? `HTTP ${reply.status}` : '', reply.code ? t('code {code}', { code: reply.code }) : '', reply.text].filter(Boolean).join(' · ') || t('no answer');
