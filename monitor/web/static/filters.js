// Which seats the map shows in full. In: what people, states, tiers, doubts and marks there are. Out: a test per row, visible
// chips that go with a click, an address that can be shared. Within a kind any fits, between kinds all must.
import { $, h, t } from '/static/web/common.js';
import { CODE, CONTRADICTORY, STALE, WORDS } from '/static/seat_map/seats.js';

const KINDS = ['state', 'team', 'queue', 'skill', 'tier', 'doubt', 'mark'];
export const STATES = ['on_contact', 'on_hold', 'wrap_up', 'offered', 'ready', 'not_ready', 'trouble', 'unknown', 'signed_out'];
const SHOWN_FIRST = 60;

export class Filters {
  constructor({ people, seats, marks, onChange }) {
    Object.assign(this, { people, seats, marks, onChange });
    const asked = new URLSearchParams(location.search);
    this.chosen = Object.fromEntries(KINDS.map((kind) => [kind, new Set(asked.getAll(kind))]));
    $('#filter').addEventListener('click', () => this.toggleMenu());
    addEventListener('keydown', (event) => { if (event.key === 'Escape' && !$('#filter-menu').hidden) { this.closeMenu(); event.stopImmediatePropagation(); } }, { capture: true });
    addEventListener('pointerdown', (event) => { if (!event.target.closest('#filter-menu, #filter, #filters')) this.closeMenu(); }, { capture: true });
  }

  get any() { return KINDS.some((kind) => this.chosen[kind].size); }
  has(kind, value) { return this.chosen[kind].has(value); }

  toggle(kind, value) {
    if (!this.chosen[kind].delete(value)) this.chosen[kind].add(value);
    this.changed();
  }

  only(kind, values) {
    this.chosen[kind] = new Set(values);
    this.changed();
  }

  clear() {
    if (!this.any) return;
    for (const kind of KINDS) this.chosen[kind].clear();
    this.changed();
  }

  changed() {
    this.address();
    this.draw();
    this.onChange();
  }

  address() {
    const to = new URL(location.href);
    for (const kind of KINDS) { to.searchParams.delete(kind); for (const value of this.chosen[kind]) to.searchParams.append(kind, value); }
    if (to.href !== location.href) history.replaceState(null, '', to);
  }

  valuesOf(kind, i) {
    const { people, seats } = this;
    switch (kind) {
      case 'state': return [WORDS[seats.code[i]]];
      case 'team': return [people.team(i)];
      case 'queue': return people.queues(i);
      case 'skill': return people.skills(i);
      case 'tier': return [people.tier(i)];
      case 'doubt': return [seats.certainty(i)];
      case 'mark': return this.marks().has(i) ? [this.marks().get(i), '*'] : [];
      default: throw new Error(`no filter is called ${kind}`);
    }
  }

  // -> (row) => boolean, or null when nothing is filtered.
  passes() {
    const asked = KINDS.filter((kind) => this.chosen[kind].size);
    if (!asked.length) return null;
    return (i) => asked.every((kind) => this.valuesOf(kind, i).some((value) => this.chosen[kind].has(value)));
  }

  count() {
    const passes = this.passes(), { seats } = this;
    let all = 0, shown = 0;
    for (let i = 0; i < seats.size; i++) if (seats.code[i] !== CODE.vacant) { all++; if (!passes || passes(i)) shown++; }
    return { all, shown };
  }

  wordOf(kind, value) {
    if (kind === 'state') return t('state:' + value);
    if (kind === 'queue') return this.people.queue(value);
    if (kind === 'doubt') return t('certainty:' + value);
    if (kind === 'mark' && value === '*') return t('any mark');
    return value;
  }

  choices(kind) {
    const { people } = this;
    switch (kind) {
      case 'state': return STATES;
      case 'team': return people.known(people.team);
      case 'queue': return people.known((i) => people.queues(i));
      case 'skill': return people.known((i) => people.skills(i));
      case 'tier': return [...new Set(people.tierOf.values())].sort();
      case 'doubt': return [STALE, CONTRADICTORY];
      case 'mark': return this.marks().size ? ['*', ...new Set(this.marks().values())] : [];
      default: throw new Error(`no filter is called ${kind}`);
    }
  }

  // ---- chips ---------------------------------------------------------------------------------------------------------
  draw() {
    const box = $('#filters'), chips = [];
    for (const kind of KINDS) for (const value of this.chosen[kind]) {
      const word = this.wordOf(kind, value), chip = h('button', { type: 'button', class: 'filter', 'aria-label': t('Remove filter {name}', { name: `${t('filter:' + kind)} ${word}` }) }, h('small', {}, t('filter:' + kind)), h('b', {}, word), h('i', { 'aria-hidden': 'true' }, '×'));
      chip.addEventListener('click', () => { this.toggle(kind, value); ($('#filters .filter') || $('#filter')).focus(); });
      chips.push(chip);
    }
    box.hidden = !chips.length;
    const clear = h('button', { type: 'button', class: 'filter-clear' }, t('Show all'));
    clear.addEventListener('click', () => { this.clear(); $('#filter').focus(); });
    box.replaceChildren(...chips, h('output', { id: 'filter-count' }), clear);
    $('#filter').setAttribute('aria-pressed', String(this.any));
    this.age();
    this.known();
    this.press();
  }

  // Once a second: how many seats fit now.
  age() {
    const box = $('#filter-count');
    if (!box) return;
    const { shown, all } = this.count(), text = t('{n} of {m} seats', { n: shown, m: all });
    if (box.textContent !== text) box.textContent = text;
  }

  // ---- the menu ------------------------------------------------------------------------------------------------------
  toggleMenu() { if ($('#filter-menu').hidden) this.openMenu(); else this.closeMenu(); }

  closeMenu() {
    const menu = $('#filter-menu');
    if (menu.hidden) return;
    const inside = menu.contains(document.activeElement);
    menu.hidden = true;
    $('#filter').setAttribute('aria-expanded', 'false');
    if (inside) $('#filter').focus();
  }

  openMenu() {
    const menu = $('#filter-menu');
    menu.hidden = false;
    this.known();
    $('#filter').setAttribute('aria-expanded', 'true');
    menu.querySelector('button')?.focus();
  }

  // People, tiers or marks are others now: so is what there is to choose. The focus stays where it was.
  known() {
    const menu = $('#filter-menu');
    if (menu.hidden) return;
    const offered = KINDS.map((kind) => [kind, this.choices(kind)]), text = JSON.stringify(offered) + document.documentElement.lang;
    if (text === this.offered && menu.firstChild) return;
    this.offered = text;
    const { kind, value } = document.activeElement?.dataset ?? {};
    menu.replaceChildren(...KINDS.map((one) => this.section(one)).filter(Boolean));
    this.press();
    if (kind) [...menu.querySelectorAll('[data-kind]')].find((one) => one.dataset.kind === kind && one.dataset.value === value)?.focus();
  }

  section(kind) {
    const values = [...new Set([...this.choices(kind), ...this.chosen[kind]])];
    if (!values.length) return null;
    const list = h('div', { class: 'filter-values' }), draw = (text) => {
      const fitting = values.filter((value) => !text || this.wordOf(kind, value).toLowerCase().includes(text));
      list.replaceChildren(...fitting.slice(0, SHOWN_FIRST).map((value) => {
        const button = h('button', { type: 'button', 'data-kind': kind, 'data-value': value }, this.wordOf(kind, value));
        button.addEventListener('click', () => this.toggle(kind, value));
        return button;
      }), ...(fitting.length > SHOWN_FIRST ? [h('small', {}, t('{n} more', { n: fitting.length - SHOWN_FIRST }))] : []));
      this.press();
    };
    const head = h('h3', { id: `filter-${kind}` }, t('filter:' + kind));
    if (values.length > 14) {
      const find = h('input', { type: 'search', 'aria-label': t('Find in {kind}', { kind: t('filter:' + kind) }), placeholder: '…' });
      find.addEventListener('input', () => draw(find.value.trim().toLowerCase()));
      head.append(find);
    }
    draw('');
    return h('section', { role: 'group', 'aria-labelledby': `filter-${kind}` }, head, list);
  }

  press() { for (const button of document.querySelectorAll('#filter-menu [data-kind]')) button.setAttribute('aria-pressed', String(this.has(button.dataset.kind, button.dataset.value))); }
}
