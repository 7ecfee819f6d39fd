// The attention list beside the map: what to look at now, in the server's order. In: the word `attention`, a filter. Out:
// lines that go to a seat, to several or to a queue; "seen" hides one for ten minutes, with undo. Lines do not move under
// the pointer. May not know: sockets, how anything is judged (monitor/attention.py).
import { $, h, t, clockText } from '/static/web/common.js';
import { lookBadge } from '/static/web/seat_words.js';
import { LOOK, aboutSeats, hasClock, isStorm, seatOf, sentence, subject, why } from '/static/web/attention_words.js';
import { Snoozed } from '/static/web/snoozed.js';

const identity = (item) => `${item.key}|${item.severity}`;

export class AttentionList {
  constructor({ names, words, now, site, onGo, onMany, onQueue, onUnknown }) {
    Object.assign(this, { names, words, now, onGo, onMany, onQueue, onUnknown, items: [], more: 0, passes: null, told: false });
    this.seen = new Snoozed(site);
    this.lines = new Map();
    this.box = $('#attention');
    this.held = false;
    this.box.addEventListener('pointerenter', () => { this.held = true; });
    this.box.addEventListener('pointerleave', () => { this.held = false; this.draw(); });
    this.box.addEventListener('click', (event) => this.clicked(event));
    this.box.addEventListener('keydown', (event) => this.key(event));
    this.foot = $('#attention-foot');
    this.foot.addEventListener('click', (event) => { const what = event.target.closest('button')?.dataset.do; if (what === 'undo') this.undo(); if (what === 'all') { this.seen.clear(); this.draw(); } });
  }

  heard(word) {
    this.items = word.items;
    this.more = word.more;
    this.told = true;
    this.draw();
  }

  // Only what the map's filter shows; a queue is always shown, it has no seat.
  setPasses(passes) {
    if (passes === this.passes) return;
    this.passes = passes;
    this.draw();
  }

  shown() {
    const now = this.now(), { passes } = this;
    const fits = this.items.filter((item) => !passes || !aboutSeats(item) || item.rows.some(passes));
    return { open: fits.filter((item) => !this.seen.has(identity(item), now)), seen: fits.filter((item) => this.seen.has(identity(item), now)).length };
  }

  draw() {
    const { open, seen } = this.shown(), now = this.now();
    $('#attention-count').textContent = open.length + this.more || '';
    const focused = this.box.contains(document.activeElement) ? document.activeElement.closest('li')?.dataset.key : undefined;
    const wanted = new Map(open.map((item) => [identity(item), item]));
    const before = [...this.lines.keys()], place = before.indexOf(focused);
    for (const [key, line] of this.lines) if (!wanted.has(key) && !(this.held && line.isConnected)) this.lines.delete(key);
    for (const [key, item] of wanted) this.lines.set(key, this.line(item, this.lines.get(key)));
    for (const [key, line] of this.lines) line.classList.toggle('over', !wanted.has(key));
    // Under the pointer nothing moves: what is new comes below, what is over stays, dimmed, until the pointer leaves.
    const order = this.held ? [...before.filter((key) => this.lines.has(key)), ...[...wanted.keys()].filter((key) => !before.includes(key))] : [...wanted.keys()];
    const nodes = order.map((key) => this.lines.get(key));
    if (!this.held) this.lines = new Map(order.map((key) => [key, this.lines.get(key)]));
    const rest = this.more ? [h('li', { class: 'empty' }, t('and {n} more', { n: this.more }))] : [];
    this.place(nodes.length ? [...nodes, ...rest] : [this.empty(seen)]);
    this.age(now);
    this.drawFoot(seen);
    if (focused !== undefined) (this.lines.get(focused) || nodes[Math.min(place, nodes.length - 1)])?.querySelector('.go').focus();
  }

  // What stands where it stood is not touched: a word a second must not lay the whole list out anew.
  place(nodes) {
    const { children } = this.box;
    nodes.forEach((node, k) => { if (children[k] !== node) this.box.insertBefore(node, children[k] || null); });
    while (children.length > nodes.length) this.box.lastElementChild.remove();
  }

  empty(seen) {
    if (!this.told) return h('li', { class: 'empty' }, '…');
    return h('li', { class: 'empty calm' }, h('span', { 'aria-hidden': 'true' }, '✓'), seen ? t('Everything else has been seen') : this.passes ? t('Nothing among the seats shown') : t('Nothing needs attention now'));
  }

  drawFoot(seen) {
    const parts = seen ? [h('span', {}, t('{n} seen, back within 10 min', { n: seen })), ...(this.seen.done.length ? [h('button', { type: 'button', class: 'link', 'data-do': 'undo' }, t('Undo'))] : []), h('button', { type: 'button', class: 'link', 'data-do': 'all' }, t('Show all'))] : [];
    this.foot.hidden = !seen;
    const focused = this.foot.contains(document.activeElement) ? document.activeElement.dataset.do : '';
    this.foot.replaceChildren(...parts);
    if (focused) (this.foot.querySelector(`[data-do=${focused}]`) || this.box.querySelector('.go'))?.focus();
  }

  line(item, before) {
    const row = seatOf(item);
    const text = JSON.stringify([item, document.documentElement.lang, row === null ? '' : [this.names.name(row), this.names.seat(row), this.names.letter(row)]]);
    if (before && before.dataset.text === text) return before;
    const [who, where] = subject(item, this.names);
    const also = (item.also || []).map((one) => h('small', {}, why(one.kind, one.values, item)));
    const go = h('button', { type: 'button', class: 'go', 'data-row': row === null ? null : row },
      this.badge(item), h('span', { class: 'who-why' }, h('b', {}, who, where ? h('i', {}, where) : null), h('small', {}, why(item.kind, item.values, item)), also),
      h('span', { class: `age ${item.severity}` }, h('i', { class: 'sign-of', 'aria-hidden': 'true' }, item.severity === 'critical' ? '▲' : '◆'), h('time', hasClock(item) ? { 'data-since': item.since } : {})));
    const done = h('button', { type: 'button', class: 'seen', title: t('Seen: hide for 10 minutes (S)'), 'aria-label': `${t('Seen: hide for 10 minutes (S)')}${t(': ')}${who}` }, '✓');
    const made = h('li', { 'data-key': identity(item), 'data-text': text, class: item.severity }, go, done);
    made.item = item;
    return made;
  }

  badge(item) {
    if (item.kind === 'source_silent') return h('em', { class: 'badge seat-unknown', 'aria-hidden': 'true' }, '?');
    if (!aboutSeats(item) && seatOf(item) === null) return h('em', { class: 'badge of-queue', 'aria-hidden': 'true' }, t('letter:queue'));
    return item.kind === 'misses' ? h('em', { class: 'badge of-queue', 'aria-hidden': 'true' }, '!') : isStorm(item) ? lookBadge(LOOK[item.kind]) : this.words.badge(item.rows[0]);
  }

  // Once a second: the clocks, and what "seen" lets come back.
  age(now) {
    for (const node of this.box.querySelectorAll('time[data-since]')) node.textContent = clockText(now - Number(node.dataset.since));
    for (const line of this.lines.values()) {
      const go = line.querySelector('.go');
      if (go === document.activeElement || !go.hasAttribute('aria-label')) go.setAttribute('aria-label', `${t('severity:' + line.item.severity)}${t(': ')}${sentence(line.item, this.names, now)}`);
    }
  }

  second(now) {
    if (this.shown().open.some((item) => !this.lines.has(identity(item)))) this.draw(); else this.age(now);
  }

  // ---- what the viewer does ------------------------------------------------------------------------------------------
  clicked(event) {
    const line = event.target.closest('li[data-key]');
    if (!line) return;
    if (event.target.closest('.seen')) this.hide(line);
    else if (event.target.closest('.go')) this.go(line.item);
  }

  go(item) {
    if (item.kind === 'rule_hit') location.assign(`/calls/${encodeURIComponent(item.values.contact)}`);
    else if (item.queue !== undefined && item.queue !== null && !item.rows?.length) this.onQueue(item.queue);
    else if (item.rows && item.rows.length > 1) this.onMany(item.rows);
    else if (item.rows) this.onGo(item.rows[0]);
    else this.onUnknown();
  }

  hide(line) {
    this.held = false;
    const next = line.nextElementSibling?.dataset.key || line.previousElementSibling?.dataset.key;
    const inside = this.box.contains(document.activeElement);
    this.seen.add(line.dataset.key, this.now());
    this.draw();
    if (inside) (this.lines.get(next)?.querySelector('.go') || this.foot.querySelector('button'))?.focus();
  }

  undo() {
    const key = this.seen.undo();
    this.draw();
    this.lines.get(key)?.querySelector('.go').focus();
  }

  focus() { (this.box.querySelector('.go') || this.foot.querySelector('button'))?.focus(); }

  key(event) {
    const line = event.target.closest('li[data-key]'), lines = [...this.box.querySelectorAll('li[data-key]')];
    if (!line || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { ArrowDown: lines.indexOf(line) + 1, ArrowUp: lines.indexOf(line) - 1, Home: 0, End: lines.length - 1 }[event.key];
    if (to !== undefined) lines[Math.max(0, Math.min(lines.length - 1, to))].querySelector('.go').focus();
    else if (event.key === 's' || event.key === 'S') this.hide(line);
    else if (event.key === 'u' || event.key === 'U') this.undo();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
