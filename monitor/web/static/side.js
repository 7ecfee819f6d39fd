// What stands beside the map: the chosen seat or seats, what needs attention, marks. In: Seats, people, limits, words of the
// socket. Out: panels that go to a seat. Only wires its parts. May not know: sockets, Bokeh.
import { $ } from '/static/web/common.js';
import { AttentionList } from '/static/web/attention.js';
import { Levels } from '/static/web/levels.js';
import { Marks } from '/static/web/marks.js';
import { MarksList } from '/static/web/marks_list.js';
import { SeatPanel } from '/static/web/seat_panel.js';
import { SeatWords } from '/static/web/seat_words.js';
import { Several } from '/static/web/several.js';

export class Side {
  // `onMany(rows)`, `onQueue(queue)`, `onUnknown()`: what a line of the attention list asks the page to show.
  constructor({ seats, names, limits, onGo, onMany, onQueue, onUnknown, at, now }) {
    const site = document.documentElement.dataset.shown || '';
    this.words = new SeatWords(seats, names);
    this.levels = new Levels({ seats, people: names, limits });
    this.marks = new Marks({ names, site, size: () => seats.size });
    this.seat = new SeatPanel({ seats, names, words: this.words, levels: this.levels, marks: this.marks, at, now });
    this.several = new Several({ seats, names, marks: this.marks, onGo, onOnly: onMany });
    this.attention = new AttentionList({ names, words: this.words, now, site, onGo, onMany, onQueue, onUnknown });
    this.markList = new MarksList(this.marks, { names, onGo });
  }

  get row() { return this.seat.row; }

  // The word `attention` of the socket.
  heard(word) { this.attention.heard(word); }

  choose(i) {
    this.several.choose([]);
    $('#seat').hidden = false;
    document.body.classList.toggle('seat-chosen', i >= 0);
    this.seat.choose(i);
  }

  chooseMany(rows) {
    if (rows.length < 2) return;
    $('#seat').hidden = true;
    document.body.classList.add('seat-chosen');
    this.several.choose(rows);
    this.several.age(this.seat.now());
  }

  // `m`: the rows that are chosen get a mark, or lose it.
  toggleMarks() {
    const rows = this.several.rows.length > 1 ? this.several.rows : this.row >= 0 ? [this.row] : [];
    if (rows.length) this.marks.toggle(rows);
  }

  fetch() { return this.seat.fetch(); }

  // Once a second.
  second(now, passes) {
    this.seat.age(now);
    this.several.age(now);
    this.attention.setPasses(passes);
    this.attention.second(now);
  }

  // Everything in words anew: another language, other people.
  draw() {
    this.seat.draw();
    this.several.shown = '';
    this.several.age(this.seat.now());
    this.attention.draw();
    this.markList.draw();
  }
}
