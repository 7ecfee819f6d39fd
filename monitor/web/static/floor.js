// The floor page: wires socket, map, filters, tiles, alert row, side panel. In: /api/v1/floor/*. Out: the page a supervisor
// keeps open. Each noun has its own file; here is only who tells whom.
import { $, h, t, page, ready, here, clockText, timeText, zoneOffset, percent, SCOPE } from '/static/web/common.js';
import { WallSocket } from '/static/web/socket.js';
import { PastLine } from '/static/web/past.js';
import { AlertRow } from '/static/web/alert_row.js';
import { notice } from '/static/web/notice.js';
import { Filters, STATES } from '/static/web/filters.js';
import { Header } from '/static/web/header.js';
import { Help } from '/static/web/help.js';
import { Keys } from '/static/web/keys.js';
import { Legend } from '/static/web/legend.js';
import { Levels } from '/static/web/levels.js';
import { People } from '/static/web/people.js';
import { QueuePanel, sums } from '/static/web/queue_panel.js';
import { Forecast } from '/static/web/forecast.js';
import { Search } from '/static/web/search.js';
import { Side } from '/static/web/side.js';
import { Tip } from '/static/web/tip.js';
import { Seats, CODE, STALE } from '/static/seat_map/seats.js';
import { SeatMap } from '/static/seat_map/map.js';
import { Tiles } from '/static/dashboards/tiles.js';
import { LevelLine } from '/static/dashboards/line.js';

const WHOLE = 'This view shows some teams or queues only; the past is shown whole: open the floor without a scope';
const PAST = Boolean(document.body.dataset.at); // the same page of a past instant: frames come by asking, not by themselves
const seats = new Seats(), people = new People(seats), alerts = new AlertRow(people.queue), line = new LevelLine({ zoneOffset }), header = new Header({ seats, past: PAST });
const wall = { revision: 0, numbers: null, viewers: 0, get people() { return people.rows; } };
const forecast = new Forecast({ labelOf: (queue) => people.queue(queue) });
let doc, map, tiles, side, socket, panel, filters, legend, levels, tip, search;

async function drawn() {
  const answer = await fetch(here('/api/v1/floor/map')), told = await answer.json();
  if (!answer.ok) throw new Error(told.reason); // such as: there is no such scope
  return told;
}
const drawing = drawn();

async function boot() {
  await ready;
  doc = people.doc = await drawing;
  seats.doubts = doc.doubts;
  map = new SeatMap($('#map'), seats, { themes: doc.themes, sizes: doc.sizes, onHover: (...where) => tip.show(...where), onChoose: (i) => { side.choose(i); if (i >= 0) say(i); } });
  map.describe = { get wide() { return page.locale.startsWith('zh'); }, letter: people.letter, name: people.name, timer: (i) => clockText(socket.now() - seats.since[i]) };
  socket = new (PAST ? PastLine : WallSocket)({ onFrame, onWord, onState: (...state) => header.line(...state) });
  filters = new Filters({ people, seats, marks: () => map.marks, onChange: filter });
  legend = new Legend({ seats, filters });
  levels = new Levels({ seats, people, limits: doc.limits });
  tip = new Tip({ people, seats, now: () => socket.now() });
  panel = new QueuePanel($('#queue'), { labelOf: people.queue, formulas: doc.formulas, past: PAST });
  tiles = new Tiles($('#queues'), { h, t, labelOf: people.queue, formulas: doc.formulas, clockText, percent, sums: PAST ? null : sums, onChoose: chooseQueue });
  side = new Side({ seats, names: people, limits: doc.limits, onGo: (i) => map.go(i), onMany: goMany, onQueue: (queue) => tiles.choose(queue), onUnknown: () => filters.only('state', ['unknown']), at: () => (PAST ? socket.now() : null), now: () => socket.now() });
  $('#map').addEventListener('selection', ({ detail }) => side.chooseMany(detail.rows));
  side.marks.onChange(marked);
  alerts.readOnly = PAST;
  controls();
  socket.connect();
  map.view.below = wallBelow();
  await map.embed(doc.item);
  await line.embed(doc.line, 'level-line');
  themed();
  roomLinks();
  side.draw();
  side.attention.draw(); // what was told before seats and names were known
  filter();
  setInterval(second, 1000);
  Object.assign(window, { floorwatch: { map, seats, socket, wall, people, filters, side, tiles, line, ready: true } });
}

// ---- what comes in -------------------------------------------------------------------------------------------------
function onFrame(buffer) {
  const news = seats.take(buffer);
  if (news.gap) { socket.askSnapshot(); return; }
  if (seats.revision !== wall.revision) { wall.revision = seats.revision; fetchPeople(); }
  if (!map.parts) return;
  if (seats.size > map.rows) redraw(); // the bench grew
  if (news.whole) { map.repaint(); second(); side.attention.draw(); if (PAST && side.row >= 0) { side.draw(); side.fetch(); } return; }
  map.changed(news.rows);
  if (side.row >= 0 && news.rows.includes(side.row)) { side.draw(); side.fetch(); }
}

function onWord(word) {
  switch (word.t) {
    case 'people': people.rows = word.people; wall.revision = word.revision; side.attention.draw(); break;
    case 'persons': Object.assign(people.rows, word.people); wall.revision = word.revision; known(); break; // only who changed; null: not to be known
    case 'reasons': people.reasons = word.texts; break;
    case 'tiers': people.setTiers(word.rows); if (filters.chosen.tier.size) map.repaint(); break;
    case 'attention': side.heard(word); break;
    case 'alerts': alerts.show(word.alerts, alerts.certain); break;
    case 'line': line.show({ ...word, now: socket.now() }); break;
    case 'lines': tiles.lines(word); break;
    case 'groups': tiles.groups(word.groups); break;
    case 'numbers': wall.numbers = word; numbers(); break;
    case 'forecast': forecast.heard(word); forecast.draw($('#forecast'), chosenQueue); tiles.likely((queue) => forecast.likely(queue)); break;
    case 'plan': if (word.version !== doc.version) redraw(); break; // told with each snapshot
    default: // a word of a newer server
  }
}

function numbers() {
  const { queues, total, viewers } = wall.numbers;
  tiles.show(queues);
  panel.heard(queues);
  alerts.setCertain(total.certain && !seats.code.includes(CODE.unknown) && !seats.doubted()[STALE]);
  wall.viewers = viewers;
  $('#level-now').textContent = percent(total.level);
  header.total = total;
  header.show();
}

// Names stand on seats, and filters rest on who serves what.
function known() {
  if (!map.parts) return;
  map.setMarks(side.marks.rows()); // marks are people's
  filters.known();
  search.known();
  if (filters.any) map.repaint(); else map.second();
}

let fetching = false;
async function fetchPeople() {
  if (fetching) return;
  fetching = true;
  const answer = await (await fetch(here('/api/v1/floor/people'))).json();
  fetching = false;
  people.rows = answer.people;
  known();
  second();
  marked();
  side.attention.draw();
  if (side.row >= 0) { side.draw(); side.fetch(); } // chosen before it was known who sits there
  if (answer.revision < wall.revision) setTimeout(fetchPeople, 1000);
}

// Another plan, or a longer bench: the drawing is made anew, the page and its choices stay.
let redrawing = false, again = false;
async function redraw() {
  again = true;
  if (redrawing) return;
  redrawing = true;
  const chosen = people.person(map.selected)?.id;
  try {
    while (again) {
      again = false;
      doc = people.doc = await drawn();
      await map.embed(doc.item);
    }
  } finally { redrawing = false; }
  roomLinks();
  await fetchPeople();
  const row = chosen === undefined ? -1 : Object.keys(people.rows).map(Number).find((one) => people.rows[one]?.id === chosen) ?? -1;
  if (map.selected >= 0 && row !== map.selected) map.choose(row); // the chosen agent sits elsewhere now
}

// ---- once a second: ages, limits, counts; no seat is repainted unless it crosses a limit ------------------------------
function second() {
  if (!map.parts) return;
  const now = socket.now();
  map.rings(levels.outliers(now, map.passes));
  side.second(now, map.passes);
  tiles.age(now);
  alerts.age(now);
  legend.show();
  filters.age();
  header.show();
  tip.tick();
  map.teamsReady(readyTexts());
  map.second();
  $('#clock').textContent = timeText(now);
}

function readyTexts() {
  const count = doc.teams.length, ready = new Array(count).fill(0), all = new Array(count).fill(0), word = t('letter:ready');
  for (let i = 0; i < seats.size; i++) {
    const team = doc.team_of[i], code = seats.code[i];
    if (team === undefined || team < 0 || code === CODE.vacant || code === CODE.signed_out) continue;
    all[team]++;
    if (code === CODE.ready) ready[team]++;
  }
  return all.map((one, k) => (one ? `${word} ${ready[k]}/${one}` : ''));
}

// ---- what the viewer does ------------------------------------------------------------------------------------------
function filter() {
  filters.draw();
  map.setFilter(filters.passes());
  if (tiles.chosen && !filters.has('queue', tiles.chosen)) tiles.choose(null);
  second();
}

let chosenQueue = null;
function chooseQueue(queue) {
  const rest = [...filters.chosen.queue].filter((one) => one !== chosenQueue);
  chosenQueue = queue;
  panel.choose(queue);
  forecast.draw($('#forecast'), queue);
  filters.only('queue', queue ? [...rest, queue] : rest);
}

function say(i) { $('#say').textContent = i < 0 ? t('Nothing found') : `${people.seat(i)} ${people.name(i)} ${people.state(i)} ${clockText(socket.now() - seats.since[i])}`; }

// Several seats in view and chosen; none: the choice is given up.
function goMany(rows) {
  if (rows.length < 2) { map.choose(rows.length ? rows[0] : -1); return; }
  const { x, y } = map.geometry, xs = rows.map((i) => x[i]), ys = rows.map((i) => y[i]);
  map.view.box({ left: Math.min(...xs) - 2, right: Math.max(...xs) + 2, top: Math.max(...ys) + 2, bottom: Math.min(...ys) - 2 });
  map.select(rows);
}

function marked() {
  map.setMarks(side.marks.rows());
  filters.draw();
  if (filters.chosen.mark.size) map.repaint();
}

function roomLinks() {
  map.setBenchWord(t('Bench'));
  $('#rooms').hidden = doc.rooms.length < 2;
  $('#rooms').replaceChildren(...doc.rooms.map((name, k) => { const link = h('button', { type: 'button' }, name || t('Bench')); link.addEventListener('click', () => map.room(k)); return link; }));
}

function escape() {
  map.choose(-1);
  map.moveTo(-1, false);
  if (tiles.chosen) tiles.choose(null);
  filters.clear();
}

const wallBelow = () => (document.body.classList.contains('wall') ? 4 : 44);
function wallMode() { document.body.classList.toggle('wall'); map.view.below = wallBelow(); map.view.fitted = true; }
function themed() { map.setTheme(page.theme); line.setTheme(getComputedStyle(document.documentElement)); }

function reword() {
  roomLinks();
  map.reworded();
  filters.draw();
  if (wall.numbers) numbers();
  alerts.draw();
  side.draw();
  panel.draw();
  header.line(socket.state, 0);
  second();
}

function controls() {
  const help = new Help();
  search = new Search({ people, seats, onGo: (i) => map.go(i), onNone: () => say(-1) });
  const open = () => { if (!PAST && !SCOPE) location.href = $('#to-past').href; else if (SCOPE) notice(t(WHOLE)); };
  if (SCOPE) { document.body.dataset.scope = SCOPE; $('#to-past')?.setAttribute('hidden', ''); }
  new Keys({
    step: (dx, dy) => say(map.step(dx, dy)), enter: () => { if (map.cursor >= 0) map.choose(map.cursor); }, escape, zoom: (factor) => map.zoom(factor), fit: () => map.fit({ smooth: true }),
    state: (n) => filters.toggle('state', STATES[n]), letter: { w: wallMode, m: () => side.toggleMarks(), n: () => side.attention.focus(), p: open, f: (event) => { event.preventDefault(); filters.toggleMenu(); }, '?': () => help.toggle() },
  }, { first: (event) => PAST && socket.key(event) });
  $('#help-open').addEventListener('click', () => help.toggle());
  $('#zoom-in').addEventListener('click', () => map.zoom(1.5));
  $('#zoom-out').addEventListener('click', () => map.zoom(1 / 1.5));
  $('#zoom-fit').addEventListener('click', () => map.fit({ smooth: true }));
  $('#wall-mode').addEventListener('click', wallMode);
  $('#letters').addEventListener('click', (event) => { map.allLetters = !map.allLetters; event.currentTarget.setAttribute('aria-pressed', String(map.allLetters)); map.repaint(); });
  addEventListener('theme', () => { themed(); second(); });
  addEventListener('locale', () => { reword(); search.look(); search.close(); });
}

boot().catch((error) => { document.body.dataset.line = 'lost'; $('#lost').replaceChildren(h('b', {}, t('The page could not start')), ` ${error.message}`); console.error(error); });
