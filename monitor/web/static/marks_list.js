// The list of the supervisor's marks, and the line that marks the chosen seat. In: Marks. Out: two pieces of the side.
// May not know: sockets, the map.
import { $, h, t } from '/static/web/common.js';
import { SIGNS } from '/static/web/marks.js';

export class MarksList {
  constructor(marks, { names, onGo }) {
    Object.assign(this, { marks, names, onGo, box: $('#marks'), moving: false });
    marks.onChange(() => this.draw());
  }

  draw() {
    const marks = this.marks.list(), { box } = this;
    box.hidden = !marks.length && !this.marks.past.length && !this.moving;
    const open = box.querySelector('details')?.open || this.moving;
    const button = (word, act) => { const made = h('button', { type: 'button', class: 'link' }, word); made.addEventListener('click', act); return made; };
    const tools = h('p', { class: 'marks-tools' }, this.marks.past.length ? button(t('Undo'), () => this.marks.undo()) : null, button(t('Copy or paste all'), () => { this.moving = !this.moving; this.draw(); }));
    box.replaceChildren(h('details', { open }, h('summary', {}, t('My marks'), h('b', {}, String(marks.length))), h('ul', {}, marks.map((mark) => this.line(mark, button))), tools, this.moving ? this.mover(button) : null));
  }

  line(mark, button) {
    const name = mark.row < 0 ? mark.key : this.names.name(mark.row);
    const go = h('button', { type: 'button', class: 'go', disabled: mark.row < 0 }, h('em', { 'aria-hidden': 'true' }, mark.sign), h('span', {}, name, h('small', {}, mark.note || (mark.row < 0 ? t('not on the map now') : this.names.seat(mark.row)))));
    go.addEventListener('click', () => this.onGo(mark.row));
    const off = button('×', () => this.marks.remove(mark.key));
    off.setAttribute('aria-label', `${t('Remove the mark')}${t(': ')}${name}`);
    return h('li', {}, go, off);
  }

  // All marks as text, to carry them to another browser.
  mover(button) {
    const text = h('textarea', { rows: 5, spellcheck: 'false', 'aria-label': t('Marks as text') }), said = h('span', { role: 'status' });
    text.value = this.marks.text;
    return h('div', { class: 'marks-mover' }, text, h('p', {}, button(t('Take over this text'), () => {
      const taken = this.marks.take(text.value);
      if (taken === null) { said.textContent = t('This is no list of marks: nothing was changed'); this.box.querySelector('.marks-mover p').append(said); } else { this.moving = false; this.draw(); }
    }), button(t('Close'), () => { this.moving = false; this.draw(); })));
  }
}

// Signs to choose from and a note, for one seat.
export function markLine(marks, row) {
  const mark = marks.get(row);
  const note = mark ? h('input', { type: 'text', class: 'note', maxlength: 200, placeholder: t('Note'), 'aria-label': t('Note'), value: mark.note }) : null;
  note?.addEventListener('change', () => marks.put(row, { sign: mark.sign, note: note.value }));
  const signs = SIGNS.map((sign) => {
    const on = mark?.sign === sign, made = h('button', { type: 'button', class: 'sign-choice', 'aria-pressed': String(on), 'aria-label': `${t('Mark')} ${sign}` }, sign);
    made.addEventListener('click', () => { if (on) marks.remove(marks.key(row)); else marks.put(row, { sign, note: mark?.note }); });
    return made;
  });
  return h('div', { class: 'mark-line' }, h('span', { class: 'signs', role: 'group', 'aria-label': t('Mark') }, signs), note);
}
