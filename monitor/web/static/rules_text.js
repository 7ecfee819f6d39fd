// The text of a scheme: a textarea with numbers, colours and marks. In: a text, marks by line. Out: 'change', 'caret'.
// Only what is in view is drawn, so a long text stays fluid; undo is ours, for a form changes the text, too.
import { $, h } from '/static/web/common.js';

const LINE = 20, PAUSE = 700, KEPT = 200;
const TOKEN = /(#.*)|("(?:[^"\\]|\\.)*"?|'[^']*'?)|\b(true|false|[+-]?\d[\d_.]*)\b/g;

export class RulesText extends EventTarget {
  constructor() {
    super();
    this.area = $('#rules-text');
    this.ink = $('#rules-ink');
    this.gutter = $('#rules-gutter');
    this.marks = new Map(); // line -> { level, title }
    this.lines = [''];
    this.past = [];
    this.future = [];
    this.typed = 0;
    this.before = { text: '', start: 0, end: 0 };
    this.area.addEventListener('input', () => this.onInput());
    this.area.addEventListener('scroll', () => this.draw(), { passive: true });
    // Chromium takes seconds to paste thousands of lines into a textarea by itself
    this.area.addEventListener('paste', (event) => { const text = event.clipboardData?.getData('text/plain'); if (text && !this.area.readOnly) { event.preventDefault(); this.put(text.replaceAll('\r\n', '\n')); } });
    this.area.addEventListener('beforeinput', (event) => { if (event.inputType.startsWith('history')) { event.preventDefault(); if (event.inputType === 'historyUndo') this.undo(); else this.redo(); } });
    document.addEventListener('selectionchange', () => { if (document.activeElement === this.area) this.onCaret(); });
    this.area.addEventListener('keydown', (event) => { if (event.key === 'Tab' && !event.shiftKey && !event.ctrlKey) { event.preventDefault(); this.put('  '); } });
    new ResizeObserver(() => this.draw()).observe(this.area);
  }

  get text() { return this.area.value; }
  get line() { return this.lineAt(this.area.selectionStart); }

  // A text from outside, at the beginning of which undo ends.
  open(text, readOnly) {
    this.area.value = text;
    this.area.readOnly = readOnly;
    this.past = [];
    this.future = [];
    this.typed = 0;
    this.area.setSelectionRange(0, 0);
    this.area.scrollTop = 0;
    this.took();
    this.draw();
  }

  // One step of undo; the caret stays with what it stood at.
  replace(text) {
    const old = this.text;
    if (text === old) return;
    this.remember(false);
    let start = 0, end = 0;
    const most = Math.min(old.length, text.length);
    while (start < most && old[start] === text[start]) start++;
    while (end < most - start && old[old.length - 1 - end] === text[text.length - 1 - end]) end++;
    const grown = text.length - old.length, top = this.area.scrollTop;
    const moved = (at) => (at <= start ? at : at >= old.length - end ? at + grown : start);
    const [from, to] = [moved(this.area.selectionStart), moved(this.area.selectionEnd)];
    this.area.value = text;
    this.area.setSelectionRange(from, to);
    this.area.scrollTop = top;
    this.typed = 0;
    this.took();
    this.changed();
  }

  put(text) {
    if (this.area.readOnly) return;
    this.area.setRangeText(text, this.area.selectionStart, this.area.selectionEnd, 'end');
    this.onInput();
  }

  onInput() {
    this.remember(Date.now() - this.typed < PAUSE);
    this.typed = Date.now();
    this.took();
    this.changed();
  }

  remember(together) {
    if (!together) {
      this.past.push(this.before);
      if (this.past.length > KEPT) this.past.shift();
    }
    this.future = [];
  }

  took() {
    this.before = { text: this.text, start: this.area.selectionStart, end: this.area.selectionEnd };
    this.lines = this.text.split('\n');
  }

  changed() { this.draw(); this.dispatchEvent(new Event('change')); }

  undo() { this.travel(this.past, this.future); }
  redo() { this.travel(this.future, this.past); }
  travel(from, to) {
    const found = from.pop();
    if (!found || this.area.readOnly) return;
    to.push(this.before);
    const old = this.text;
    let same = 0;
    while (same < old.length && old[same] === found.text[same]) same++;
    this.area.value = found.text;
    this.area.setSelectionRange(same, same);
    this.typed = 0;
    this.took();
    this.show(this.lineAt(same), false); // what changed is seen
    this.changed();
  }

  onCaret() {
    this.before.start = this.area.selectionStart;
    this.before.end = this.area.selectionEnd;
    this.dispatchEvent(new Event('caret'));
  }

  lineAt(offset) {
    let line = 1, at = -1;
    const { value } = this.area;
    while ((at = value.indexOf('\n', at + 1)) !== -1 && at < offset) line++;
    return line;
  }

  // Scrolls to a line; `go`: puts the caret there and selects it.
  show(line, go = true) {
    const wanted = Math.max(1, Math.min(line, this.lines.length)), height = this.area.clientHeight;
    if ((wanted - 1) * LINE < this.area.scrollTop || wanted * LINE > this.area.scrollTop + height - LINE) this.area.scrollTop = Math.max(0, (wanted - 1) * LINE - height / 3);
    if (go) {
      let start = 0;
      for (let i = 0; i < wanted - 1; i++) start += this.lines[i].length + 1;
      this.area.focus({ preventScroll: true });
      this.area.setSelectionRange(start, start + this.lines[wanted - 1].length);
      this.area.scrollLeft = 0;
    }
    this.draw();
  }

  mark(marks) { this.marks = marks; this.draw(); }

  draw() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => { this.drawing = 0; this.drawNow(); });
  }

  drawNow() {
    const { scrollTop, scrollLeft, clientHeight } = this.area, first = Math.max(0, Math.floor(scrollTop / LINE) - 3);
    const shown = this.lines.slice(first, first + Math.ceil(clientHeight / LINE) + 7), top = first * LINE - scrollTop;
    this.ink.style.transform = `translate(${-scrollLeft}px,${top}px)`;
    this.gutter.style.transform = `translateY(${top}px)`;
    this.ink.replaceChildren(...shown.map((text, i) => inked(text, this.marks.get(first + i + 1))));
    this.gutter.replaceChildren(...shown.map((_, i) => this.number(first + i + 1)));
  }

  number(line) {
    const mark = this.marks.get(line);
    if (!mark) return h('div', {}, String(line));
    const node = h('div', { class: mark.level, title: mark.title }, h('b', { 'aria-hidden': 'true' }, mark.level === 'bad' ? '✕' : '!'), String(line));
    return node;
  }
}

function inked(text, mark) {
  const row = h('div', { class: mark ? `row ${mark.level}` : 'row' });
  if (/^\s*\[/.test(text) && !/^\s*\[\s*["']/.test(text)) row.append(h('span', { class: 'head' }, text));
  else if (text.length > 2000) row.append(text); // nobody reads its colours
  else {
    const key = /^(\s*[\w."'-]+)(\s*=)/.exec(text);
    let at = 0;
    if (key) { row.append(h('span', { class: 'key' }, key[1]), key[2]); at = key[0].length; }
    TOKEN.lastIndex = at;
    for (let found; (found = TOKEN.exec(text)); ) {
      row.append(text.slice(at, found.index), h('span', { class: found[1] ? 'remark' : found[2] ? 'said' : 'value' }, found[0]));
      at = found.index + found[0].length;
    }
    row.append(text.slice(at) || '\u200b');
  }
  return row;
}
