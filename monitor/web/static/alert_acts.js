// What a person does about an alert: take it, silence, assign, comment, mark. In: a row. Out: one question to the service, a
// line that says what was done and, where there is a way back, undoes it. `changed()` looks again.
import { h, t, zoneOffset } from '/static/web/common.js';
import { dialog, said } from '/static/web/alert_dialog.js';
import { ruleLabel, subject, untilText } from '/static/web/alert_words.js';
import { talk } from '/static/web/alert_talk.js';
import { button } from '/static/web/rules_fields.js';
import { why } from '/static/web/rules_talk.js';

const MINUTE = 60_000, DAY = 1440 * MINUTE, AT_ONCE = 6;
const REASONS = ['known, being worked on', 'planned work', 'a test', 'false alarm'];

// When the shift of who is on call ends; a turn of days is no shift: then, and without a rota, the site's midnight.
export function shiftEnd(now, duty) {
  const ends = duty.map((one) => one.until).filter((until) => until > now && until <= now + DAY), local = now + zoneOffset(now);
  return ends.length ? { at: Math.min(...ends), word: 'until the shift ends ({time})' } : { at: now - (local % DAY) + DAY, word: 'until midnight' };
}

export class AlertActs {
  constructor({ labelOf, duty, people, now, changed }) { Object.assign(this, { labelOf, duty, people, now, changed }); }

  failed(answer) { said(why(answer), null, 'bad'); return false; }

  async acknowledge(one) {
    const answer = await talk.acknowledge(one);
    if (!answer.ok && answer.told.reason !== 'already_acknowledged') return this.failed(answer);
    said(t('Acknowledged: {what}', { what: subject(one.scope, this.labelOf, one.siteName) }));
    await this.changed();
    return true;
  }

  // Of a storm: some at a time, and how far it is.
  async acknowledgeAll(all) {
    const left = [...all];
    let done = 0, failed = null;
    const work = async () => {
      for (let one = left.pop(); one && !failed; one = left.pop()) {
        const answer = await talk.acknowledge(one);
        if (answer.ok || answer.told.reason === 'already_acknowledged' || answer.told.reason === 'already_resolved') done++; else failed = answer;
        if (done % 20 === 0) said(t('Acknowledging: {n} of {all}', { n: done, all: all.length }));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (failed) this.failed(failed); else said(t('{n} acknowledged', { n: done }));
    await this.changed();
  }

  // ---- silence --------------------------------------------------------------------------------------------------------------
  silence(one) { this.askSilence({ match: { rule: one.rule, scope: one.scope, severity: '' }, what: `${subject(one.scope, this.labelOf, one.siteName)} · ${ruleLabel(one)}`, site: one.site, narrow: true }); }
  silenceRule(one) { this.askSilence({ match: { rule: one.rule, scope: '', severity: '' }, what: ruleLabel(one), site: one.site }); }

  // `inputs`: fields by key of what is to be silenced, where no alert says it. `done()`: after it.
  askSilence({ match, what, site = '', narrow = false, inputs = null, done = () => {} }) {
    const end = shiftEnd(this.now(), this.duty()), reason = h('input', { type: 'text', maxlength: 300, 'data-field': 'why', list: 'silence-why', 'aria-label': t('Why'), placeholder: t('Why? Others read this.') });
    const lengths = [[15, t('15 min')], [60, t('1 h')], [240, t('4 h')], [Math.max(1, Math.ceil((end.at - this.now()) / MINUTE)), t(end.word, { time: untilText(end.at, this.now()) })]];
    let minutes = 60;
    const chips = lengths.map(([length, word]) => { const made = button(word, () => { minutes = length; for (const other of chips) other.setAttribute('aria-pressed', String(other === made)); }, { 'aria-pressed': String(length === 60), 'data-minutes': length }); return made; });
    const wide = h('input', { type: 'checkbox', id: 'silence-wide' }), fault = h('p', { class: 'bad', role: 'alert' });
    const go = async () => {
      if (!reason.value.trim()) { fault.textContent = t('Say why: who comes after you reads it.'); reason.focus(); return; }
      const typed = inputs ? Object.fromEntries(Object.entries(inputs).map(([key, input]) => [key, input.value.trim()])) : {};
      const body = { ...match, scope: wide.checked ? '' : match.scope, ...typed, why: reason.value.trim(), minutes }, answer = await talk.silence(body, site);
      if (!answer.ok) { fault.textContent = why(answer); return; }
      dialog.close();
      const made = { ...answer.told, site };
      said(t('Silenced until {time}: {what}', { time: untilText(made.until, this.now()), what: what || [made.rule, made.scope, made.severity].filter(Boolean).join(' · ') }), async () => { const back = await talk.unsilence(made); if (!back.ok) this.failed(back); await this.changed(); });
      await this.changed();
      done();
    };
    dialog.show(t('Silence'), inputs ? h('div', { class: 'silence-what rules-fields' }, Object.values(inputs).map((input) => h('label', { class: 'rules-field' }, h('span', {}, input.getAttribute('aria-label')), input))) : h('p', { class: 'silence-what' }, h('b', {}, what)), h('div', { class: 'silence-chips', role: 'group', 'aria-label': t('For how long') }, chips), h('label', { class: 'rules-wide' }, reason), h('datalist', { id: 'silence-why' }, ...REASONS.map((word) => h('option', { value: t(word) }))),
      narrow ? h('label', { class: 'rules-flag' }, wide, t('everywhere this rule fires')) : '', fault, h('p', { class: 'rules-acts' }, button(t('Silence'), go, { class: 'button strong' })), h('p', { class: 'hint' }, t('It stays in the list and is still recorded; nobody is told. It can be ended at any time.')));
    (inputs ? Object.values(inputs)[0] : reason).focus();
  }

  // ---- whose it is, what is said of it --------------------------------------------------------------------------------------
  assign(one) {
    const to = h('input', { type: 'text', maxlength: 100, value: one.assigned_to || '', list: 'assign-people', 'aria-label': t('Who sees to it'), placeholder: t('Name or staff number'), 'data-field': 'to' }), fault = h('p', { class: 'bad', role: 'alert' });
    const before = one.assigned_to || '';
    const send = async (who) => {
      const answer = await talk.assign(one, who);
      if (!answer.ok) { fault.textContent = why(answer); return; }
      dialog.close();
      said(who ? t('{who} sees to it', { who }) : t('Nobody is assigned any more'), async () => { const back = await talk.assign(one, before); if (!back.ok) this.failed(back); await this.changed(); });
      await this.changed();
    };
    const names = [...new Set([...this.duty().map((other) => other.person), ...this.people()])].filter(Boolean);
    dialog.show(t('Assign'), h('p', { class: 'silence-what' }, h('b', {}, `${subject(one.scope, this.labelOf, one.siteName)} · ${ruleLabel(one)}`)), h('div', { class: 'silence-chips' }, names.slice(0, 8).map((name) => button(name, () => send(name)))), h('label', { class: 'rules-wide' }, to), h('datalist', { id: 'assign-people' }, ...names.map((name) => h('option', { value: name }))), fault,
      h('p', { class: 'rules-acts' }, button(t('Assign'), () => send(to.value.trim()), { class: 'button strong' }), before ? button(t('Nobody'), () => send('')) : ''));
    to.focus();
  }

  async comment(one, text) {
    const answer = await talk.comment(one, text);
    if (!answer.ok) return this.failed(answer);
    return true;
  }

  async useful(one, useful) {
    const before = one.useful ?? null, answer = await talk.useful(one, useful);
    if (!answer.ok) return this.failed(answer);
    said(useful === null ? t('The mark is taken back') : useful ? t('Marked as useful') : t('Marked as not useful'), async () => { const back = await talk.useful(one, before); if (!back.ok) this.failed(back); await this.changed(); });
    await this.changed();
    return true;
  }
}
