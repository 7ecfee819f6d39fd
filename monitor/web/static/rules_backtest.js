// Before publishing: what this text would change in stored contacts. After it: scores told again, and taken back.
// In: the editor, jobs of the history process. Out: progress, what changed, contacts to listen to.
import { $, clockText, dayText, h, here, page, t } from '/static/web/common.js';
import { button } from '/static/web/rules_fields.js';
import { talk, why } from '/static/web/rules_talk.js';
import { moment } from '/static/web/rules_versions.js';

const DAY = 86_400_000, LOOK = 700, OVER = new Set(['done', 'cancelled', 'failed', 'undone']);
const RANGES = [[1, 'last 24 hours'], [7, 'last 7 days'], [30, 'last 30 days'], [90, 'last 90 days']];
const name = (one) => (page.locale.startsWith('zh') ? one.zh : one.en) || one.id;
const share = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(1)}%` : '–');

export class RulesBacktest {
  constructor(editor) {
    this.editor = editor;
    this.box = $('#rules-backtest');
    this.shown = '';
    addEventListener('locale', () => { this.shown = ''; if (!this.box.hidden) this.open(); });
  }

  async open() {
    const { editor } = this;
    if (this.shown !== editor.name) { this.shown = editor.name; this.frame(); }
    const [tests, rescores] = await Promise.all([talk.jobs('backtests', editor.name), talk.jobs('rescores', editor.name)]);
    if (this.shown !== editor.name) return;
    if (!tests.ok) { this.said.replaceChildren(h('p', { class: 'notice bad' }, why(tests))); return; }
    this.listRescores(rescores.ok ? rescores.told.jobs : []);
    const [latest] = tests.told.jobs;
    if (latest) this.follow('backtests', latest.id, this.said);
    else this.said.replaceChildren(h('div', { class: 'nothing' }, h('b', {}, t('No back-test yet')), h('p', {}, t('A back-test shows what this text would change in stored contacts.'))));
  }

  frame() {
    this.days = h('select', { 'aria-label': t('Contacts of') }, ...RANGES.map(([days, word]) => h('option', { value: days, selected: days === 7 }, t(word))));
    this.queues = h('input', { type: 'text', 'aria-label': t('Queues, with commas between; empty: all'), placeholder: t('Queues, with commas between; empty: all') });
    this.said = h('div', { role: 'status', id: 'rules-backtest-said' });
    this.again = h('div', { id: 'rules-rescore' });
    this.box.replaceChildren(h('div', { class: 'rules-choose' }, this.days, this.queues, button(t('Back-test'), () => this.go(), { class: 'button strong', id: 'rules-backtest-go' })), this.said, this.again);
  }

  range() {
    const until = Date.now();
    return { since: until - Number(this.days.value) * DAY, until, queues: this.queues.value.split(/[,，]/).map((one) => one.trim()).filter(Boolean) };
  }

  async go() {
    const { editor } = this, answer = await talk.start('backtests', { scheme: editor.name, text: editor.text.text, ...this.range() });
    if (!answer.ok) { this.said.replaceChildren(h('p', { class: 'notice bad' }, why(answer), answer.told.faults?.length ? button(t('Go there (F8)'), () => editor.next()) : '')); return; }
    this.follow('backtests', answer.told.job.id, this.said);
  }

  // ---- one job, until it is over -------------------------------------------------------------------------------------------
  async follow(kind, id, place) {
    const asked = (place.asked = (place.asked || 0) + 1), of = this.shown;
    for (;;) {
      const answer = await talk.job(kind, id);
      if (asked !== place.asked || of !== this.shown) return;
      if (!answer.ok) { place.replaceChildren(h('p', { class: 'notice bad' }, why(answer))); if (answer.status) return; } else {
        const { job, effect } = answer.told;
        if (OVER.has(job.state)) { if (kind === 'backtests') this.effect(job, effect); else this.open(); return; }
        place.replaceChildren(this.progress(kind, job));
      }
      await new Promise((done) => { setTimeout(done, LOOK); });
      if (this.box.hidden) return; // looked at no more; opening the tab follows again
    }
  }

  progress(kind, job) {
    const word = job.state === 'waiting' ? t('Waits for the history process…') : job.state === 'undo' ? t('Taking back…') : t('{done} of {total} contacts', { done: job.done, total: job.total || '…' });
    const left = job.eta_ms === null || job.state === 'undo' ? '' : t('about {time} left', { time: clockText(job.eta_ms + 999) });
    return h('div', { class: 'rules-progress' }, h('progress', { max: Math.max(1, job.total), value: job.state === 'waiting' ? null : job.done, 'aria-label': word }), h('p', {}, h('span', {}, word), h('span', { class: 'dim' }, left), h('span', { class: 'grow' }), job.state === 'undo' ? '' : button(t('Cancel'), (event) => { event.target.disabled = true; talk.stop(kind, job.id); }, { class: 'button small' })));
  }

  // ---- what it found -------------------------------------------------------------------------------------------------------
  effect(job, effect) {
    const about = h('p', { class: 'dim' }, [moment(job.at), `${dayText(job.since)} – ${dayText(job.until)}`, job.queues.join('、'), t('{n} contacts', { n: job.done }), job.draw > 1 ? t('one of {n} drawn', { n: job.draw }) : '', job.done ? t('{ms} ms a contact, {time} in all', { ms: Math.round(job.spent_ms / job.done), time: clockText(job.ended_at - job.begun_at) }) : '', job.by].filter(Boolean).join(' · '));
    if (job.state !== 'done' || !effect) {
      this.said.replaceChildren(about, h('p', { class: `notice ${job.state === 'failed' ? 'bad' : ''}` }, job.state === 'failed' ? [t(`reason:${job.fault}`), job.detail].filter(Boolean).join(' · ') : t('Cancelled after {n} contacts.', { n: job.done })));
      return;
    }
    if (!effect.contacts) { this.said.replaceChildren(about, h('div', { class: 'nothing' }, h('b', {}, t('No contact with words in this time')), h('p', {}, t('Choose a longer time or other queues.')))); return; }
    const { before, after } = effect, touched = effect.items.filter((one) => one.pairs.some(([was, now, count]) => was !== now && count));
    const rest = effect.items.length - touched.length;
    this.said.replaceChildren(about, h('div', { class: 'rules-effect' },
      card(t('Pass rate'), share(before.passed, before.scored), share(after.passed, after.scored), t('+{up} −{down} contacts', { up: effect.now_pass, down: effect.now_fail })),
      card(t('Mean share of points'), share(before.share_sum, before.shared), share(after.share_sum, after.shared), t('{n} contacts change', { n: effect.changed })),
      card(t('Fatal'), before.scored ? before.fatal : '–', after.fatal, ''),
      card(t('Doubt decides'), before.scored ? before.doubt_decides : '–', after.doubt_decides, '')),
      before.scored ? bars(before.bins, after.bins) : h('p', { class: 'notice' }, t('No version of this scheme is in use: there is nothing to compare with.')),
      touched.length ? h('table', { class: 'rules-changes' }, h('thead', {}, h('tr', {}, ...['Item', 'newly hit', 'no longer hit', 'newly in doubt', 'settled'].map((word) => h('th', {}, t(word))))), ...touched.map((one) => this.item(one))) : h('p', { class: 'notice' }, t('No item answers otherwise.')),
      rest && touched.length ? h('p', { class: 'dim' }, t('{n} items answer as before', { n: rest })) : '',
      effect.turned.length ? h('section', {}, h('h3', {}, t('Contacts that turn')), h('ul', { class: 'rules-examples' }, ...effect.turned.map((one) => h('li', {}, h('span', { class: 'tag' }, t(`turn:${one.after}`)), listen(one))))) : '',
      people(t('Agents affected'), effect.agents), people(t('Queues affected'), effect.queues));
  }

  item(one) {
    const examples = h('tr', { hidden: true }, h('td', { colspan: 5 }, one.examples.length ? h('ul', { class: 'rules-examples' }, ...one.examples.map((hit) => h('li', {}, h('span', { class: 'dim' }, `${word(hit.before)} → ${word(hit.after)}`), listen(hit)))) : ''));
    const toggle = button(name(one), () => { examples.hidden = !examples.hidden; toggle.setAttribute('aria-expanded', String(!examples.hidden)); }, { class: 'rules-link', 'aria-expanded': 'false' });
    return h('tbody', {}, h('tr', {}, h('td', {}, toggle), ...[one.newly_hit, one.no_longer_hit, one.newly_in_doubt, one.settled].map((count) => h('td', { class: count ? 'n' : 'n dim' }, String(count)))), examples);
  }

  // ---- after publishing ----------------------------------------------------------------------------------------------------
  listRescores(jobs) {
    const { editor } = this, running = jobs.find((one) => !OVER.has(one.state));
    const go = button(t('Score these contacts again'), () => this.ask(), { id: 'rules-rescore-go', disabled: !editor.about?.in_use || Boolean(running) });
    const place = h('div', { role: 'status' });
    this.again.replaceChildren(h('h3', {}, t('After publishing')), h('p', { class: 'hint' }, t('Stored contacts get scores of the version in use beside their old ones. It can be undone.')), h('p', { class: 'rules-acts' }, go), place,
      h('ol', { class: 'rules-list' }, ...jobs.filter((one) => OVER.has(one.state)).slice(0, 10).map((one) => this.rescored(one))));
    if (running) this.follow('rescores', running.id, place);
  }

  rescored(job) {
    const undoable = job.state !== 'undone' && job.written > 0;
    return h('li', {}, h('span', {}, t('version {n}', { n: job.version })), h('span', {}, h('b', {}, `${t(`job:${job.state}`)} · ${job.state === 'undone' ? t('{n} scores taken back', { n: job.written }) : t('{n} scores written', { n: job.written })}`), h('small', {}, [moment(job.at), `${dayText(job.since)} – ${dayText(job.until)}`, job.by, job.fault ? t(`reason:${job.fault}`) : ''].filter(Boolean).join(' · '))),
      undoable ? button(t('Undo'), async () => { const answer = await talk.undo(job.id); if (!answer.ok) this.editor.note('bad', why(answer)); this.open(); }, { 'data-undo': job.id }) : h('span', {}));
  }

  ask() {
    const { editor } = this, range = this.range();
    editor.dialogs.show(t('Score these contacts again'), h('p', {}, t('By version {n}, contacts of {from} to {to}. What was scored stays and can be looked at; lists count the newest version.', { n: editor.base || editor.about.scored_as, from: dayText(range.since), to: dayText(range.until) })), h('p', { class: 'rules-acts' }, button(t('Begin'), async () => {
      editor.dialogs.close();
      const answer = await talk.start('rescores', { scheme: editor.name, ...range });
      if (!answer.ok) editor.note('bad', why(answer));
      this.open();
    }, { class: 'button strong' })));
  }
}

const word = (outcome) => (outcome === '-' ? t('not there') : t(`item:${outcome}`));
const card = (title, before, after, more) => h('div', { class: 'rules-figure' }, h('small', {}, title), h('b', {}, h('span', { class: 'dim' }, String(before)), ' → ', String(after)), h('small', { class: 'dim' }, more));

function listen(one) {
  const at = one.at_ms === null ? '' : `?t=${Math.max(0, one.at_ms)}`;
  return h('a', { href: here(`/calls/${encodeURIComponent(one.contact)}${at}`), target: '_blank', rel: 'noopener' }, [one.at_ms === null ? '' : `▶ ${clockText(Math.max(0, one.at_ms))}`, one.text ? `“${one.text}”` : '', one.contact, one.agent].filter(Boolean).join(' · '));
}

// Contacts by tenths of the points they could earn, before and after.
function bars(before, after) {
  const most = Math.max(1, ...before, ...after), bar = (count, side) => h('i', { class: side, style: `height:${(100 * count) / most}%` });
  return h('div', {}, h('div', { class: 'rules-bars', role: 'img', 'aria-label': t('Contacts by their share of points, before and after') }, ...before.map((count, k) => h('div', { title: `${k * 10}–${k * 10 + 10}%: ${count} → ${after[k]}` }, h('span', {}, bar(count, 'was'), bar(after[k], 'now')), h('small', {}, `${k * 10}`)))), h('p', { class: 'rules-legend' }, h('i', { class: 'was' }), t('before'), h('i', { class: 'now' }), t('after'), h('span', { class: 'dim' }, t('contacts by their share of points'))));
}

function people(title, rows) {
  if (!rows.length) return '';
  return h('details', { open: rows.length < 8 }, h('summary', {}, `${title} (${rows.length})`), h('table', { class: 'rules-changes' }, h('thead', {}, h('tr', {}, ...['', 'contacts', 'changed', 'now passed', 'now failed'].map((text) => h('th', {}, text && t(text))))), h('tbody', {}, ...rows.slice(0, 50).map((one) => h('tr', {}, h('td', {}, one.name || '–'), ...[one.contacts, one.changed, one.now_pass, one.now_fail].map((count) => h('td', { class: count ? 'n' : 'n dim' }, String(count))))))));
}
