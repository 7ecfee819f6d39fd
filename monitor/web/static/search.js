// Finding a seat by typing. In: People, Seats. Out: a list under the field (arrows, Enter, Escape), the chosen row.
// Name, staff number, extension, seat, team; the list follows the words as they are typed. May not know: drawing.
import { $, h, t } from '/static/web/common.js';
import { WORDS } from '/static/seat_map/seats.js';

const SHOWN = 10;

export class Search {
  constructor({ people, seats, onGo, onNone }) {
    Object.assign(this, { people, seats, onGo, onNone, rows: [], at: -1 });
    this.field = $('#search');
    this.list = $('#found');
    this.field.addEventListener('input', () => this.look());
    this.field.addEventListener('focus', () => this.look());
    this.field.addEventListener('blur', () => setTimeout(() => this.close(), 120));
    this.field.addEventListener('keydown', (event) => this.key(event));
    this.list.addEventListener('pointerdown', (event) => {
      const item = event.target.closest('[data-row]');
      event.preventDefault(); // the field keeps the focus
      if (item) this.take(Number(item.dataset.row));
    });
  }

  key(event) {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (this.list.hidden) { this.look(); return; }
      const step = event.key === 'ArrowDown' ? 1 : -1;
      this.at = (this.at + step + this.rows.length) % Math.max(1, this.rows.length);
      this.light();
    } else if (event.key === 'Enter') {
      if (this.list.hidden) this.look();
      const row = this.rows[Math.max(0, this.at)];
      if (row === undefined) { if (this.field.value.trim()) this.onNone(); return; }
      this.take(row);
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (this.list.hidden) this.field.blur(); else this.close();
    }
  }

  known() { if (document.activeElement === this.field && !this.list.hidden && !this.rows.length) this.look(); } // typed before anybody was known

  look() {
    const found = this.people.find(this.field.value, SHOWN);
    this.rows = [...found];
    this.at = this.rows.length ? 0 : -1;
    const typed = Boolean(this.field.value.trim());
    this.list.replaceChildren(...this.rows.map((row) => this.item(row)), ...(typed && !this.rows.length ? [h('li', { class: 'none' }, t('Nothing found'))] : []),
      ...(found.all > SHOWN ? [h('li', { class: 'none' }, t('{n} more', { n: found.all - SHOWN }))] : []));
    this.list.hidden = !typed;
    this.field.setAttribute('aria-expanded', String(!this.list.hidden));
    this.light();
  }

  item(row) {
    const { people, seats } = this, person = people.person(row), word = WORDS[seats.code[row]];
    return h('li', { role: 'option', id: `found-${row}`, 'data-row': row }, h('em', { class: `badge seat-${word}` }, people.letter(row) || ''), h('b', {}, people.name(row)),
      h('span', {}, [person && person.id, person && person.extension !== person.id && person.extension, person && people.seat(row), people.seat(row).startsWith(people.team(row)) ? '' : people.team(row)].filter(Boolean).join(' · ')), h('small', {}, t('state:' + word)));
  }

  light() {
    [...this.list.querySelectorAll('[role=option]')].forEach((item, k) => item.setAttribute('aria-selected', String(k === this.at)));
    if (this.at >= 0 && !this.list.hidden) this.field.setAttribute('aria-activedescendant', `found-${this.rows[this.at]}`); else this.field.removeAttribute('aria-activedescendant');
  }

  take(row) {
    this.close();
    this.field.value = '';
    $('#map').focus({ preventScroll: true }); // the next key is for what was found
    this.onGo(row);
  }

  close() {
    this.list.hidden = true;
    this.field.setAttribute('aria-expanded', 'false');
  }
}
