// One contact under the text as it stands. In: the editor. Out: every item's outcome, why, evidence one can listen to.
import { $, clockText, dayText, h, t, timeText, page } from '/static/web/common.js';
import { button } from '/static/web/rules_fields.js';
import { talk, why } from '/static/web/rules_talk.js';

const GOOD = { hit: '✓', miss: '✕', cannot_tell: '?', not_applicable: '–' };
const MARKS = { deduct: { ...GOOD, hit: '✕', miss: '✓' }, fatal: { ...GOOD, hit: '✕', miss: '✓' }, tag: { ...GOOD, hit: '⚑', miss: '–' } };
const AFTER = 400;

export class RulesTry {
  constructor(editor) {
    this.editor = editor;
    this.box = $('#rules-try');
    this.contact = '';
    this.told = null;
    this.until = 0;
    this.list = h('select', { 'aria-label': t('Recent contacts') });
    this.field = h('input', { type: 'text', placeholder: t('or a contact’s id'), spellcheck: 'false', class: 'mono', id: 'rules-contact', 'aria-label': t('A contact’s id') });
    this.said = h('div', { role: 'status' });
    this.audio = h('audio', { preload: 'none' });
    this.list.addEventListener('change', () => { if (this.list.value) { this.field.value = this.list.value; this.go(); } });
    this.field.addEventListener('keydown', (event) => { if (event.key === 'Enter') { event.preventDefault(); this.go(); } });
    this.audio.addEventListener('timeupdate', () => { if (this.until && this.audio.currentTime * 1000 >= this.until) this.audio.pause(); });
    this.audio.addEventListener('pause', () => { for (const one of this.box.querySelectorAll('.playing')) one.classList.remove('playing'); });
    this.box.replaceChildren(h('div', { class: 'rules-choose' }, this.list, this.field, button(t('Try'), () => this.go(), { class: 'button strong', id: 'rules-go' })), this.said, this.audio);
  }

  async open() {
    if (!this.list.childElementCount) {
      this.list.replaceChildren(h('option', { value: '' }, t('Looking…')));
      const answer = await talk.contacts(), rows = answer.told.contacts || [];
      this.list.replaceChildren(h('option', { value: '' }, answer.ok ? rows.length ? t('Recent contacts') : t('No contact is stored yet') : why(answer)), ...rows.filter((one) => one.recording?.state === 'done' || one.leg.channel === 'chat').map(({ leg }) => h('option', { value: leg.contact }, `${dayText(leg.queued_at).slice(5)} ${timeText(leg.queued_at)} · ${leg.queue} · ${leg.agent || '–'} · ${clockText(leg.talk_ms)}`)));
    }
    if (!this.told && !this.contact) this.said.replaceChildren(h('div', { class: 'nothing' }, h('b', {}, t('Try the rules on a contact')), h('p', {}, t('Choose one: you see what each item says of it, and hear why. Nothing is kept.'))));
  }

  // The text changed and is sound: the same contact again.
  again() { if (this.contact && !this.box.hidden) this.go(); }

  async go() {
    const contact = this.field.value.trim();
    if (!contact) { this.field.focus(); return; }
    this.contact = contact;
    this.box.classList.add('busy');
    const asked = (this.asked = (this.asked || 0) + 1), answer = await talk.try(this.editor.text.text, contact);
    if (asked !== this.asked) return;
    this.box.classList.remove('busy');
    if (!answer.ok) { this.said.replaceChildren(h('p', { class: 'notice bad' }, why(answer), answer.told.faults?.length ? button(t('Go there (F8)'), () => this.editor.next()) : '')); return; }
    this.told = answer.told;
    this.audio.src = `/api/v1/contacts/${encodeURIComponent(contact)}/recording`;
    this.show(answer.told);
  }

  show(told) {
    const doubts = told.items.filter((one) => one.outcome === 'cannot_tell'), range = told.points_low === told.points_high ? number(told.points) : `${number(told.points_low)}–${number(told.points_high)}`;
    const state = told.fatal ? t('Fatal') : told.passed ? t('Passed') : t('Not passed');
    this.said.replaceChildren(
      h('div', { class: `rules-score ${told.fatal ? 'fatal' : told.passed ? 'passed' : 'failed'}` }, h('b', {}, number(told.points)), h('span', {}, `/ ${number(told.points_max)}`), h('span', { class: 'tag' }, told.doubt_decides ? `${state} ?` : state), h('span', { class: 'dim' }, told.points_low === told.points_high ? t('certain') : t('between {range}', { range })), h('span', { class: 'grow' }), this.editor.readOnly ? '' : button(t('Keep as golden dialogue'), () => this.editor.testing.keep(), { class: 'button small', id: 'rules-keep-tried' }), h('a', { href: `/calls/${encodeURIComponent(told.contact)}` }, t('Open the contact'))),
      doubts.length ? h('p', { class: 'rules-doubt' }, h('b', {}, t('{n} items are in doubt', { n: doubts.length })), ' ', ...doubts.flatMap((one) => this.spans(one)).slice(0, 12).map((span) => this.player(span, told))) : '',
      told.utterances ? '' : h('p', { class: 'notice' }, t('Nothing was recognised in this contact.')),
      h('ol', { class: 'rules-results' }, ...told.items.map((one) => this.item(one, told))));
  }

  spans(one) { return one.listen?.length ? one.listen : one.evidence.slice(0, 3); }

  item(one, told) {
    const chinese = page.locale.startsWith('zh'), name = (chinese ? one.zh : one.en) || one.id, reason = chinese ? one.reason.zh : one.reason.en;
    const points = one.points_max ? `${number(one.points)}/${number(one.points_max)}` : one.points ? number(one.points) : '';
    const jump = button(name, () => this.editor.form.choose('item', one.id, true), { class: 'rules-link' });
    return h('li', { class: `rules-result ${one.outcome} is-${one.kind}` }, h('div', {}, h('span', { class: 'mark', title: t(`item:${one.outcome}`) }, (MARKS[one.kind] || GOOD)[one.outcome]), jump, h('span', { class: 'dim' }, t(`item:${one.outcome}`)), h('span', { class: 'n' }, points)),
      h('p', { class: 'dim' }, reason), one.evidence.length ? h('div', { class: 'rules-heard' }, ...one.evidence.slice(0, 6).map((hit) => this.player(hit, told)), one.evidence.length > 6 ? h('span', { class: 'dim' }, t('and {n} more', { n: one.evidence.length - 6 })) : '') : '');
  }

  player(span, told) {
    const label = [clockText(span.start_ms), span.role && span.role !== 'any' ? t(`role:${span.role}`) : '', span.text ? `“${span.text}”` : `${span.event ? `${t(`event:${span.event}`)} ` : ''}${((span.end_ms - span.start_ms) / 1000).toFixed(1)} s`].filter(Boolean).join(' ');
    if (!told.recording) return h('span', { class: 'rules-play' }, label);
    const node = button(`▶ ${label}`, () => {
      const playing = node.classList.contains('playing');
      this.audio.pause();
      if (playing) return;
      this.until = span.end_ms + AFTER;
      this.audio.currentTime = Math.max(0, span.start_ms - AFTER) / 1000;
      node.classList.add('playing');
      this.audio.play().catch(() => node.classList.remove('playing'));
    }, { class: 'rules-play', title: t('Listen') });
    return node;
  }
}

const number = (value) => String(Math.round(value * 10) / 10);
