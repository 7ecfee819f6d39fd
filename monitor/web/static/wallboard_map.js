// The seat map as one of a wall's pages. In: the map's document, frames and words of the socket. Out: a drawing that follows.
// Nobody clicks here: no search, no panel, no tip. May not know: rotation.
import { $, h, t, page, here, clockText } from '/static/web/common.js';
import { People } from '/static/web/people.js';
import { Levels } from '/static/web/levels.js';
import { Seats, CODE } from '/static/seat_map/seats.js';
import { SeatMap } from '/static/seat_map/map.js';

const LEGEND = ['ready', 'on_contact', 'on_hold', 'wrap_up', 'offered', 'not_ready', 'trouble', 'unknown', 'signed_out'];
const DOUBTS = { stale: '≈', contradictory: '≠' }, LABEL = 1.15; // rem

export class BoardMap {
  constructor({ now }) {
    this.now = now;
    this.seats = new Seats();
    this.people = new People(this.seats);
    this.revision = 0;
    this.ready = false;
    addEventListener('theme', () => this.ready && this.map.setTheme(page.theme));
  }

  async start() {
    const doc = this.doc = this.people.doc = await (await fetch(here('/api/v1/floor/map'))).json();
    this.seats.doubts = doc.doubts;
    this.levels = new Levels({ seats: this.seats, people: this.people, limits: doc.limits });
    this.map = new SeatMap($('#map'), this.seats, { themes: doc.themes, sizes: doc.sizes, onHover: () => {}, onChoose: () => {} });
    this.map.describe = { get wide() { return page.locale.startsWith('zh'); }, letter: this.people.letter, name: this.people.name, timer: (i) => clockText(this.now() - this.seats.since[i]) };
    this.map.labels = () => LABEL * parseFloat(getComputedStyle(document.documentElement).fontSize);
    await this.map.embed(doc.item);
    this.map.setTheme(page.theme);
    this.map.setBenchWord(t('Bench'));
    this.ready = true;
    this.map.repaint();
  }

  // True: a snapshot is needed.
  frame(buffer) {
    const news = this.seats.take(buffer);
    if (news.gap) return true;
    if (this.seats.revision !== this.revision) { this.revision = this.seats.revision; this.fetchPeople(); }
    if (!this.ready) return false;
    if (this.seats.size > this.map.rows) this.redraw();
    if (news.whole) this.map.repaint(); else this.map.changed(news.rows);
    return false;
  }

  word(word) {
    if (word.t === 'reasons') this.people.reasons = word.texts;
    if (word.t === 'plan') this.redraw();
  }

  // A new plan, or the bench grew: the drawing alone is made anew.
  async redraw() {
    if (!this.ready) return;
    this.ready = false;
    this.doc = this.people.doc = await (await fetch(here('/api/v1/floor/map'))).json();
    await this.map.embed(this.doc.item);
    this.ready = true;
    this.map.repaint();
  }

  async fetchPeople() {
    const answer = await fetch(here('/api/v1/floor/people'));
    if (answer.status !== 200) return;
    this.people.rows = (await answer.json()).people;
    if (this.ready) this.map.repaint();
  }

  // `room`: a room's name; "" the whole floor.
  show(room) {
    const count = this.seats.counts(), doubted = this.seats.doubted(), entry = (look, sign, word, n) => h('li', {}, h('em', { class: `badge ${look}` }, sign), h('span', {}, word), h('b', {}, String(n)));
    $('#board-legend').replaceChildren(
      ...LEGEND.filter((word) => count[CODE[word]]).map((word) => entry(`seat-${word}`, word === 'signed_out' ? '' : t('letter:' + word), t('state:' + word), count[CODE[word]])),
      ...Object.entries(DOUBTS).filter(([word]) => doubted[word]).map(([word, sign]) => entry(`mark-${word}`, sign, t('certainty:' + word), doubted[word])));
    if (!this.ready) return;
    this.map.rings(this.levels.outliers(this.now(), null));
    if (this.shown === room) return;
    this.shown = room;
    const place = this.doc.rooms.indexOf(room);
    requestAnimationFrame(() => requestAnimationFrame(() => { if (room && place >= 0) this.map.room(place); else this.map.fit(); }));
  }

  hide() { this.shown = null; }
}

