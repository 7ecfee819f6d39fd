// The past on the floor page, in the place of the socket. In: an instant, /api/v1/past/*. Out: the same words and frames
// as the wall sends, the controls of time, an address that can be shared. One question at a time: the newest wish wins.
import { $, $$, h, t, page, here, HOME, clockText, dayText, timeText, zoneOffset } from '/static/web/common.js';
import { Track } from '/static/web/past_track.js';

const AGAIN_MS = 60, BUSY_MS = 700, MARKS_MS = 60000, TICK_MS = 200, BEHIND_MS = 5000, HOUR = 3600000;
const STEPS = { ArrowLeft: -1000, ArrowRight: 1000, ArrowDown: -60000, ArrowUp: 60000, PageDown: -600000, PageUp: 600000 };
const SHIFTED = { ArrowLeft: -10000, ArrowRight: 10000, ArrowDown: -300000, ArrowUp: 300000, PageDown: -HOUR, PageUp: HOUR };
const two = (value) => String(value).padStart(2, '0');

// 2026-11-21T10:03:20 on the site's clock; with its offset where a change of the clock makes it ambiguous.
export function atText(at) {
  const text = `${dayText(at)}T${timeText(at)}`, offset = zoneOffset(at);
  if ([-2, 2].every((hours) => zoneOffset(at + hours * HOUR) === offset)) return text;
  const minutes = Math.abs(offset) / 60000;
  return `${text}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

// The other way round: what a date and time on the site's clock means.
export function atOf(text) {
  const utc = Date.parse(`${text.length === 16 ? `${text}:00` : text}Z`);
  return utc - zoneOffset(utc - zoneOffset(utc));
}

export class PastLine {
  constructor({ onFrame, onWord, onState }) {
    Object.assign(this, { onFrame, onWord, onState, state: 'past' });
    const given = document.body.dataset;
    this.at = Math.floor(Number(given.at) / 1000) * 1000;
    this.skew = Number(given.now) - Date.now();
    this.people = 0;
    this.shown = null;
    this.asking = false;
    this.day = null;
    this.playing = null;
    this.track = new Track($('#past-track'), { onGo: (at) => { this.pause(); this.go(at); } });
    this.track.own = (event) => this.key(event);
    this.controls();
  }

  // ---- the socket's interface ----------------------------------------------------------------------------------------
  now() { return this.shown === null ? this.at : this.shown; }
  askSnapshot() { this.go(this.at); }
  connect() { this.onState('past', 0); this.go(this.at); setInterval(() => this.marks(true), MARKS_MS); setInterval(() => this.ago(), 1000); }
  latest() { return Math.floor((Date.now() + this.skew - BEHIND_MS) / 1000) * 1000; }

  // ---- going ---------------------------------------------------------------------------------------------------------
  go(at) {
    this.at = Math.min(Math.max(at, 0), this.latest());
    this.label();
    this.marks(false);
    if (!this.asking) this.ask();
  }

  async ask() {
    this.asking = true;
    const at = this.at, began = performance.now();
    let wait = 0;
    try {
      const answer = await fetch(here(`/api/v1/past/frame?at=${at}&people=${this.people}`));
      if (answer.status === 200 && answer.headers.get('Content-Type').startsWith('application/octet-stream')) {
        this.take(await answer.arrayBuffer(), at);
        this.took = performance.now() - began;
      } else wait = this.cannot(answer.status, await answer.json(), at);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // a fetch that fails is a TypeError
      this.fault('unavailable', t('Connection lost'));
      wait = 3000;
    }
    if (wait) await new Promise((done) => setTimeout(done, wait));
    this.asking = false;
    if (wait || this.at !== at) this.ask();
  }

  take(buffer, at) {
    const length = new DataView(buffer).getUint32(0, true);
    const words = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    this.shown = at;
    this.fault(null);
    for (const word of words) {
      if (word.t === 'people') this.people = word.revision;
      if (word.t === 'past') { this.known = word; continue; }
      if (word.t === 'numbers') for (const row of word.queues) row.until = at + 1;
      this.onWord(word);
    }
    this.alerts();
    this.onFrame(buffer.slice(4 + length));
    this.note();
    this.address();
    window.floorwatchPast = { at, took: this.took };
  }

  // -> how long to wait before asking again; 0: there is nothing to wait for.
  cannot(status, said, at) {
    if (status === 202) {
      $('#past-note').textContent = t('Folding the events up to there: {n} %', { n: Math.round(100 * said.share) });
      return AGAIN_MS;
    }
    if (said.reason === 'busy') { $('#past-note').textContent = t('Others look at the past too; in a moment'); return BUSY_MS; }
    this.pause();
    this.shown = at;
    this.fault(said.reason, said.detail || '', said);
    this.address();
    return status === 503 ? 3000 : 0;
  }

  fault(reason, detail = '', said = {}) {
    document.body.dataset.past = reason === null ? 'shown' : 'missing';
    const box = $('#past-fault');
    box.hidden = reason === null;
    if (reason === null) return;
    const first = said.first ? h('button', { type: 'button', class: 'button strong' }, `${t('To the first moment')} ${dayText(said.first)} ${timeText(said.first)}`) : null;
    first?.addEventListener('click', () => this.go(Math.ceil(said.first / 1000) * 1000 + 1000));
    const known = page.words[`past:${reason}`];
    box.replaceChildren(h('b', {}, known || t('The past cannot be shown')), h('p', {}, page.words[`why:${reason}`] || detail || (known ? '' : reason)), ...[first].filter(Boolean),
      h('a', { class: 'button', href: HOME }, t('Back to now')));
    $('#past-note').textContent = '';
  }

  // ---- playing -------------------------------------------------------------------------------------------------------
  toggle() { if (this.playing) this.pause(); else this.play(); }

  play() {
    if (this.at >= this.latest()) return;
    const began = Date.now(), from = this.at, speed = Number($('#past-speed').value);
    this.playing = { speed, timer: setInterval(() => {
      const at = from + Math.floor(((Date.now() - began) * speed) / 1000) * 1000;
      if (at >= this.latest()) { this.pause(); this.go(this.latest()); return; }
      if (at !== this.at) this.go(at);
    }, TICK_MS) };
    this.button();
  }

  pause() {
    if (!this.playing) return;
    clearInterval(this.playing.timer);
    this.playing = null;
    this.button();
    this.address();
  }

  button() {
    const button = $('#past-play');
    button.textContent = this.playing ? '❚❚' : '▶';
    button.setAttribute('aria-pressed', String(Boolean(this.playing)));
  }

  step(ms) { this.pause(); this.go(this.at + ms); }

  // ---- what is told of the instant -----------------------------------------------------------------------------------
  label() {
    const day = new Intl.DateTimeFormat(page.locale, { timeZone: document.documentElement.dataset.zone, weekday: 'short' }).format(this.at);
    $('#past-day').textContent = `${dayText(this.at)} ${day}`;
    $('#past-at').textContent = timeText(this.at);
    $('#past-at').dateTime = new Date(this.at).toISOString();
    if (document.activeElement !== $('#past-go')) $('#past-go').value = `${dayText(this.at)}T${timeText(this.at)}`;
    this.track.place(this.at, this.latest());
    this.ago();
  }

  ago() {
    const gone = Date.now() + this.skew - this.at, days = Math.floor(gone / (24 * HOUR));
    $('#past-ago').textContent = days ? t('{n} d {time} ago', { n: days, time: clockText(gone % (24 * HOUR)) }) : t('{time} ago', { time: clockText(gone) });
  }

  note() {
    const { known } = this, said = [];
    for (const gap of known.blind) said.push(t('Blind since {time}: {source}, {why}', { time: timeText(gap.since), source: gap.source, why: t('gap:' + gap.reason) }));
    if (known.at - known.last > 60000) said.push(t('The last stored event is of {time}', { time: `${dayText(known.last) === dayText(known.at) ? '' : `${dayText(known.last)} `}${timeText(known.last)}` }));
    if (known.basis === 'day_start') said.push(t('Known from midnight on: who signed in earlier shows when heard of'));
    if (known.basis === 'first_event' && known.at - known.began < 600000) said.push(t('Known from {time} on', { time: timeText(known.began) }));
    if (known.not_seated) said.push(t('{n} agents of then have no seat on today’s map', { n: known.not_seated }));
    $('#past-note').textContent = said.join(' · ');
    $('#past-note').title = said.join('\n');
  }

  address() {
    if (this.playing && Date.now() - (this.addressed || 0) < 1000) return; // browsers refuse too many
    this.addressed = Date.now();
    const rest = new URLSearchParams(location.search); // filters and choices stay in the address
    rest.delete('at');
    history.replaceState(null, '', `/floor?at=${encodeURIComponent(atText(this.at)).replaceAll('%3A', ':')}${rest.size ? `&${rest}` : ''}`);
  }

  // ---- marks of the day ----------------------------------------------------------------------------------------------
  async marks(again) {
    const { day } = this, inside = day && this.at >= day.since && this.at < day.until;
    if ((inside && !(again && day.until > this.latest())) || this.marking) return;
    this.marking = true;
    const wanted = this.at;
    try {
      const answer = await fetch(here(`/api/v1/past/day?at=${wanted}`));
      if (answer.status === 200) {
        this.day = await answer.json();
        this.track.show(this.day, this.at, this.latest());
        this.alerts();
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the next look comes by itself
    } finally { this.marking = false; }
  }

  // Those that stood then, as the board would have shown them.
  alerts() {
    if (!this.day || this.shown === null) return;
    const at = this.shown, rank = { critical: 0, warning: 1 };
    const standing = this.day.alerts.filter((one) => one.raised_at <= at && (!one.resolved_at || one.resolved_at > at))
      .map((one) => ({ ...one, state: 'firing', reason: 'fired', acknowledged_at: one.acknowledged_at && one.acknowledged_at <= at ? one.acknowledged_at : null }));
    standing.sort((a, b) => Number(Boolean(a.acknowledged_at)) - Number(Boolean(b.acknowledged_at)) || (rank[a.severity] ?? 2) - (rank[b.severity] ?? 2) || a.raised_at - b.raised_at);
    this.onWord({ t: 'alerts', alerts: standing });
  }

  // ---- hands ---------------------------------------------------------------------------------------------------------
  controls() {
    for (const button of $$('[data-step]')) button.addEventListener('click', () => this.step(Number(button.dataset.step)));
    $('#past-play').addEventListener('click', () => this.toggle());
    $('#past-speed').addEventListener('change', () => { if (this.playing) { this.pause(); this.play(); } });
    $('#past-go').addEventListener('change', (event) => {
      if (!event.target.value) return;
      this.pause();
      this.go(atOf(event.target.value));
    });
    for (const button of $$('[data-span]')) button.addEventListener('click', () => this.track.zoom(button.dataset.span));
    addEventListener('locale', () => { this.label(); if (this.known && this.shown !== null) this.note(); this.button(); });
  }

  // -> true when the key was one of time's.
  key(event) {
    const focus = document.activeElement;
    if (focus.id === 'map' && event.key.startsWith('Arrow')) return false; // there the arrows move from seat to seat
    if (event.key === ' ' && ['BUTTON', 'A'].includes(focus.tagName)) return false;
    const step = (event.shiftKey ? SHIFTED : STEPS)[event.key];
    if (step) this.step(step);
    else if (event.key === ' ') this.toggle();
    else if (event.key === 'Home' && this.day) this.step(Math.max(this.day.since, Math.ceil(((this.day.first || 0) + 1000) / 1000) * 1000) - this.at);
    else if (event.key === 'End' && this.day) this.step(Math.min(this.day.until - 1000, this.latest()) - this.at);
    else return false;
    event.preventDefault();
    return true;
  }
}
