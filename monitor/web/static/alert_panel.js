// One alert beside the list: what it is, what can be done, everything that happened to it. In: an alert's row, its timeline.
// Out: a panel. Its own questions are few: one when it opens, one each time the row changes. May not know: the list.
import { $, h, t, dayText, timeText, clockText } from '/static/web/common.js';
import { button } from '/static/web/rules_fields.js';
import { SIGN, floorAt, wallOf } from '/static/web/alert_live.js';
import { amount, basisText, conditionTexts, ruleLabel, standing, subject, unitOf, untilText, valueText } from '/static/web/alert_words.js';
import { talk } from '/static/web/alert_talk.js';
import { why } from '/static/web/rules_talk.js';

const MESSAGES = new Set(['notified', 'not_notified', 'escalated']), WORDS = new Set(['comment', 'assigned', 'useful', 'not_useful', 'unmarked', 'acknowledged', 'silenced', 'unsilenced']);
const EVENT = { fired: '●', firing: '●', pending: '…', resolved: '✓', recovering: '↗', no_data: '?', suppressed: '‖', notified: '✉', not_notified: '✉', escalated: '⇧', acknowledged: '✓', assigned: '→', comment: '“', silenced: '∅', unsilenced: '∅', useful: '＋', not_useful: '−', unmarked: '○' };
const FILTERS = [['', 'all'], ['states', 'states'], ['messages', 'messages'], ['words', 'comments']];
const SILENCE = new Set(['silenced', 'unsilenced']); // their reason is the silence's number: nobody reads it
const kindOf = ({ kind }) => (MESSAGES.has(kind) ? 'messages' : WORDS.has(kind) ? 'words' : 'states');

export class AlertPanel {
  constructor({ labelOf, acts, metricWord, onClose }) {
    Object.assign(this, { box: $('#alert-side'), labelOf, acts, metricWord, onClose, one: null, events: null, fault: '', filter: '', asked: 0, version: '' });
  }

  get openFor() { return this.box.hidden ? '' : this.one?.alert || ''; }

  open(one) {
    const other = this.one?.alert !== one.alert || this.box.hidden;
    const version = [one.alert, one.state, one.reason, one.acknowledged_at, one.assigned_to, one.silenced_until, one.useful, one.comments, JSON.stringify(one.marks), (one.notified || []).map((told) => told.at).join()].join('|');
    if (!other && version === this.version) return;
    Object.assign(this, { one, version });
    if (other) Object.assign(this, { events: null, fault: '' });
    this.box.hidden = false;
    document.body.classList.add('alert-open');
    this.draw();
    this.look();
  }

  close() {
    this.box.hidden = true;
    this.one = null;
    document.body.classList.remove('alert-open');
    this.onClose();
  }

  async look() {
    const asked = ++this.asked, { one } = this, answer = await talk.timeline(one);
    if (asked !== this.asked || this.one?.alert !== one.alert) return;
    const before = JSON.stringify([this.events, this.fault]);
    Object.assign(this, answer.ok ? { events: answer.told.events, fault: answer.told.unavailable ? t('History does not answer: what it alone knows is missing.') : '' } : { events: [], fault: why(answer) });
    if (JSON.stringify([this.events, this.fault]) !== before) this.drawEvents();
  }

  // ---- what is drawn --------------------------------------------------------------------------------------------------------
  draw() {
    const { one, box } = this, at = standing(one), typed = $('#alert-comment')?.value || '', held = box.contains(document.activeElement) ? document.activeElement.dataset.do : '';
    box.setAttribute('aria-label', subject(one.scope, this.labelOf, one.siteName));
    box.dataset.severity = one.severity;
    this.list = h('ol', { id: 'alert-events' });
    box.replaceChildren(
      h('header', {}, h('span', { class: 'sign', 'aria-hidden': 'true' }, one.acknowledged_at ? '✓' : SIGN[one.severity] || '!'), h('div', {}, h('h2', { tabindex: '-1', 'data-do': 'title' }, subject(one.scope, this.labelOf, one.siteName)), h('p', {}, ruleLabel(one), h('small', {}, t(`severity:${one.severity}`)))), button('×', () => this.close(), { class: 'button icon', title: t('Close (Esc)'), 'aria-label': t('Close'), 'data-do': 'close' })),
      this.measure(at), this.facts(at), this.deeds(), this.marks(),
      h('div', { class: 'alert-tl' }, h('h3', {}, t('What happened'), h('span', { class: 'grow' }), ...FILTERS.map(([key, word]) => button(t(word), () => { this.filter = key; this.draw(); }, { class: 'link', 'aria-pressed': String(this.filter === key), 'data-do': `only-${key}` }))), this.list, this.commentBox(typed)));
    this.drawEvents();
    if (held !== '' && held !== undefined) $(`[data-do=${held}]`, box)?.focus({ preventScroll: true });
  }

  measure(at) {
    const { one } = this, value = valueText(one), unit = value || one.value === null ? unitOf(one) : '', ended = one.state === 'resolved';
    const duration = clockText((one.resolved_at || Date.now()) - one.raised_at);
    const share = unit === 'percent' && one.value !== null ? h('div', { class: 'alert-meter', role: 'img', 'aria-label': value }, h('i', { style: `width:${Math.max(0, Math.min(100, one.value))}%`, class: one.value < one.threshold ? 'below' : '' }), h('b', { style: `left:${Math.max(0, Math.min(100, one.threshold))}%` })) : '';
    return h('div', { class: `alert-measure ${at}` }, h('div', {}, h('b', {}, value ? amount(one.value, unit) : unit ? '–' : t(`standing_of:${at}`)), h('span', {}, unit ? t('limit {value}', { value: amount(one.threshold, unit) }) : '')), h('div', {}, h('b', ended ? {} : { 'data-since': one.raised_at }, duration), h('span', {}, ended ? t('it lasted') : t(`standing_of:${at}`))), share);
  }

  facts() {
    const { one } = this, rows = [[t('Raised'), `${dayText(one.raised_at)} ${timeText(one.raised_at)}`]];
    if (one.resolved_at) rows.push([t('Resolved'), `${dayText(one.resolved_at)} ${timeText(one.resolved_at)}`]);
    if (one.reason !== 'acknowledged') rows.push([t('Why'), t(`notice:${one.reason}`)]); // who took it stands below
    if (one.detail.formula) rows.push([t('Formula'), t(`formula:${one.detail.formula}`)]);
    const basis = basisText(one, this.labelOf);
    if (basis) rows.push([t('It rests on'), basis]);
    for (const text of conditionTexts(one, this.metricWord)) rows.push([t(one.detail.mode === 'any' ? 'One of' : 'Condition'), text]);
    if (one.detail.who) rows.push([t('About'), one.detail.who]);
    if (one.detail.why) rows.push([t('Not judged'), t(`suppressed:${one.detail.why.split('/')[0]}`)]);
    if (one.acknowledged_at) rows.push([t('Acknowledged'), `${one.acknowledged_by} ${timeText(one.acknowledged_at)}`]);
    if (one.assigned_to) rows.push([t('Sees to it'), one.assigned_to]);
    if (one.silenced_until > Date.now()) rows.push([t('Silenced'), [t('until {time}', { time: untilText(one.silenced_until, Date.now()) }), one.silenced_why].filter(Boolean).join(' · ')]);
    return h('dl', { class: 'alert-facts' }, rows.flatMap(([name, text]) => [h('dt', {}, name), h('dd', {}, text)]));
  }

  deeds() {
    const { one, acts } = this, over = one.state === 'resolved', wall = wallOf(one);
    return h('p', { class: 'alert-deeds' },
      over || one.acknowledged_at ? '' : button(t('Acknowledge'), () => acts.acknowledge(one), { class: 'button strong', 'data-do': 'acknowledge', title: t('Acknowledge (A)') }),
      button(t('Silence'), () => acts.silence(one), { 'data-do': 'silence', title: t('Silence (S)') }), button(t('Assign'), () => acts.assign(one), { 'data-do': 'assign', title: t('Assign (G)') }),
      h('a', { class: 'button', href: floorAt(one), 'data-do': 'past' }, `↶ ${t('The floor of that second')}`), wall ? h('a', { class: 'button', href: wall, 'data-do': 'wall' }, `${t('To where it is now')} ›`) : '');
  }

  // One click, and another takes it back.
  marks() {
    const { one, acts } = this, mark = (value, word, sign) => button(`${sign} ${t(word)}`, () => acts.useful(one, one.useful === value ? null : value), { 'aria-pressed': String(one.useful === value), 'data-do': value ? 'useful' : 'useless' });
    return h('p', { class: 'alert-marks' }, h('span', {}, t('Was it worth telling?')), mark(true, 'useful', '＋'), mark(false, 'not useful', '−'), one.marks && one.marks.useful + one.marks.not_useful ? h('small', { class: 'dim' }, t('{n} said yes, {m} no', { n: one.marks.useful, m: one.marks.not_useful })) : '');
  }

  drawEvents() {
    if (!this.one) return;
    if (this.events === null) { this.list.replaceChildren(h('li', { class: 'dim' }, t('Looking…'))); return; }
    const shown = this.events.filter((one) => !this.filter || kindOf(one) === this.filter);
    this.list.replaceChildren(...(this.fault ? [h('li', { class: 'notice bad' }, this.fault)] : []), ...(shown.length ? [...shown].sort((a, b) => b.at - a.at).map((one) => this.event(one)) : [h('li', { class: 'dim' }, t('Nothing of this kind.'))]));
  }

  event(one) {
    const kind = kindOf(one), bad = (one.kind === 'notified' || one.kind === 'escalated') && one.outcome && one.outcome !== 'delivered', state = one.kind === 'changed' ? one.text : one.kind;
    const what = kind === 'states' ? [t(`alert:${state}`), one.reason && one.reason !== state ? t(`notice:${one.reason}`) : ''] : [t(`note_kind:${one.kind}`), one.to, one.channel, one.outcome ? t(`sent:${one.outcome}`) : '', one.reason && !SILENCE.has(one.kind) ? t(`untold:${one.reason}`) : ''];
    return h('li', { class: `ev ${kind} ${state}${bad ? ' bad' : ''}` }, h('time', { datetime: new Date(one.at).toISOString(), title: dayText(one.at) }, timeText(one.at)), h('i', { 'aria-hidden': 'true' }, EVENT[state] || '·'),
      h('div', {}, h('b', {}, what.filter(Boolean).join(' · ')), one.value !== null && one.value !== undefined && kind === 'states' ? h('span', {}, amount(one.value, unitOf(this.one))) : '', one.by ? h('span', {}, one.by) : '', one.text && one.kind !== 'changed' && one.reason !== 'silenced' ? h('p', {}, one.text) : ''));
  }

  commentBox(typed) {
    const area = h('textarea', { id: 'alert-comment', rows: 2, maxlength: 2000, 'data-do': 'comment', placeholder: t('Comment (C): what was found, what was done'), 'aria-label': t('Comment') });
    area.value = typed;
    const send = async () => { const text = area.value.trim(); if (text && (await this.acts.comment(this.one, text))) { area.value = ''; this.look(); } };
    area.addEventListener('keydown', (event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); } });
    return h('div', { class: 'alert-comment' }, area, button(t('Comment'), send, { title: 'Ctrl+Enter', 'data-do': 'send' }));
  }

  age(now) { const node = $('[data-since]', this.box); if (node) node.textContent = clockText(now - Number(node.dataset.since)); }
}
