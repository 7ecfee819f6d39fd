// The floor page: wires socket, map, tiles, alert row, side panel. In: /api/v1/floor/*. Out: the page a supervisor keeps open.
import { $, h, t, page, ready, here, clockText, timeText, zoneOffset, percent, typing } from '/static/web/common.js';
import { WallSocket } from '/static/web/socket.js';
import { PastLine } from '/static/web/past.js';
import { AlertRow } from '/static/web/alert_row.js';
import { Side } from '/static/web/side.js';
import { QueuePanel, sums } from '/static/web/queue_panel.js';
import { Seats, WORDS, CODE, STALE, CONTRADICTORY } from '/static/seat_map/seats.js';
import { SeatMap } from '/static/seat_map/map.js';
import { Tiles } from '/static/dashboards/tiles.js';
import { LevelLine } from '/static/dashboards/line.js';

const PAST = Boolean(document.body.dataset.at); // the same page of a past instant: frames come by asking, not by themselves
const ORDER = ['on_contact', 'on_hold', 'wrap_up', 'offered', 'ready', 'not_ready', 'trouble', 'unknown', 'signed_out'];
const labelOf = (queue) => { const label = doc && doc.labels[queue]; return (label && (page.locale.startsWith('zh') ? label.zh : label.en)) || queue; };
const seats = new Seats(), alerts = new AlertRow(labelOf), line = new LevelLine({ zoneOffset });
const wall = { people: {}, reasons: [''], states: 0, doubts: new Set(), queue: null, revision: 0, total: null };
const DOUBTS = [STALE, CONTRADICTORY];
const MARKS = { [STALE]: '≈', [CONTRADICTORY]: '≠' };
let doc, map, tiles, side, socket, panel;

const names = {
  person: (i) => wall.people[i],
  queue: labelOf,
  name: (i) => (wall.people[i] ? wall.people[i].name || wall.people[i].id : names.seat(i)),
  seat: (i) => doc.seats[i] || `${t('Bench')} ${i - doc.seats.length + 1}`,
  reason: (i) => { const text = wall.reasons[seats.reason[i]] || ''; return page.words['reason:' + text] || text; },
  letter: (i) => {
    const code = seats.code[i], reason = wall.reasons[seats.reason[i]] || '';
    if (code === CODE.not_ready && page.locale.startsWith('zh')) {
      const text = names.reason(i);
      if (/^\p{Script=Han}/u.test(text)) return page.words['letter:' + text] || [...text][0];
    }
    return code === CODE.vacant || code === CODE.signed_out || (code === CODE.not_ready && !reason && !page.words['letter:not_ready']) ? '' : t('letter:' + WORDS[code]);
  },
};

async function boot() {
  await ready;
  doc = await (await fetch(here('/api/v1/floor/map'))).json();
  seats.doubts = doc.doubts;
  map = new SeatMap($('#map'), seats, { themes: doc.themes, sizes: doc.sizes, onHover: hover, onChoose: (i) => { side.choose(i); side.age(socket.now()); if (i >= 0) say(i); } });
  tiles = new Tiles($('#queues'), { h, t, labelOf, formulas: doc.formulas, clockText, percent, sums: PAST ? null : sums, onChoose: (queue) => { wall.queue = queue; panel.choose(queue); filter(); } });
  panel = new QueuePanel($('#queue'), { labelOf, formulas: doc.formulas, past: PAST });
  side = new Side({ seats, names, limits: doc.limits, onGo: (i) => map.go(i), at: () => (PAST ? socket.now() : null), now: () => socket.now() });
  await map.embed(doc.item);
  await line.embed(doc.line, 'level-line');
  map.describe = { get wide() { return page.locale.startsWith('zh'); }, letter: names.letter, name: names.name, timer: (i) => clockText(socket.now() - seats.since[i]) };
  socket = new (PAST ? PastLine : WallSocket)({ onFrame, onWord, onState });
  alerts.readOnly = PAST;
  themed();
  chips();
  roomLinks();
  side.draw();
  controls();
  wallFit();
  socket.connect();
  setInterval(second, 1000);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  map.fit();
  Object.assign(window, { floorwatch: { map, seats, socket, wall, names, line, ready: true } });
}

// ---- what comes in -------------------------------------------------------------------------------------------------
function onFrame(buffer) {
  const news = seats.take(buffer);
  if (news.gap) { socket.askSnapshot(); return; }
  if (seats.revision !== wall.revision) { wall.revision = seats.revision; people(); }
  if (seats.size > map.colour.length) { location.reload(); return; } // the bench grew: the drawing is too small
  if (news.whole) { map.repaint(); second(); if (PAST && side.row >= 0) { side.draw(); side.fetch(); } return; }
  map.changed(news.rows);
  if (side.row >= 0 && news.rows.includes(side.row)) { side.draw(); side.fetch(); }
}

function onWord(word) {
  if (word.t === 'people') { wall.people = word.people; wall.revision = word.revision; }
  if (word.t === 'reasons') wall.reasons = word.texts;
  if (word.t === 'alerts') alerts.show(word.alerts, alerts.certain);
  if (word.t === 'line') line.show({ ...word, now: socket.now() });
  if (word.t === 'lines') tiles.lines(word);
  if (word.t === 'groups') tiles.groups(word.groups);
  if (word.t === 'numbers') { wall.numbers = word; numbers(); }
}

function numbers() {
  const { queues, total, viewers } = wall.numbers;
  tiles.show(queues);
  panel.heard(queues);
  alerts.setCertain(total.certain && !seats.code.includes(CODE.unknown) && !seats.doubted()[STALE]);
  wall.viewers = viewers;
  $('#level-now').textContent = percent(total.level);
  kpis();
}

let fetching = false;
async function people() {
  if (fetching) return;
  fetching = true;
  const answer = await (await fetch(here('/api/v1/floor/people'))).json();
  fetching = false;
  wall.people = answer.people;
  map.kick(true);
  second();
  if (side.row >= 0) { side.draw(); side.fetch(); } // chosen before it was known who sits there
  if (answer.revision < wall.revision) setTimeout(people, 1000);
}

function onState(state, silence) {
  document.body.dataset.line = state;
  if (PAST) { $('#live').textContent = t('Past'); return; }
  const text = state === 'ok' ? t('Live') : state === 'late' ? t('{n} s late', { n: Math.round(silence / 1000) }) : t('Connection lost');
  $('#live').textContent = text;
  if (state === 'lost') $('#announce').textContent = t('Connection lost');
}

// ---- once a second: ages, limits, counts; no seat is repainted unless it crosses a limit ------------------------------
function second() {
  if (!map || !side) return;
  const now = socket.now(), outliers = side.outliers(now, map.passes);
  map.rings(outliers.filter((one) => one.level > 1 || seats.code[one.row] === CODE.trouble));
  side.list(outliers, now);
  side.age(now);
  tiles.age(now);
  alerts.age(now);
  counts();
  teams();
  kpis();
  tip();
  if (map.scale() >= 38) map.kick(true);
  $('#clock').textContent = timeText(now);
}

function teams() {
  const ready = new Array(doc.teams.length).fill(0), all = new Array(doc.teams.length).fill(0);
  for (let i = 0; i < seats.size; i++) {
    const team = doc.team_of[i];
    if (team === undefined || team < 0 || seats.code[i] === CODE.vacant || seats.code[i] === CODE.signed_out) continue;
    all[team]++;
    if (seats.code[i] === CODE.ready) ready[team]++;
  }
  map.teamsReady(all.map((count, k) => (count ? `${t('letter:ready')} ${ready[k]}/${count}` : '')));
}

function kpis() {
  const count = seats.counts(), total = wall.numbers && wall.numbers.total;
  const signed = seats.size - count[CODE.vacant] - count[CODE.signed_out] - count[CODE.unknown];
  // The first matter most: what does not fit on a narrow screen leaves from the end, whole.
  const shown = [['Service level', total ? percent(total.level) : '–'], ['Waiting', total ? total.waiting : '–'], ['Ready', count[CODE.ready]],
    ['On contact', count[CODE.on_contact] + count[CODE.on_hold]], ['Signed in', signed]];
  // Occupancy of the part we still hear is no occupancy: the unknown stand before everything.
  if (count[CODE.unknown]) shown.unshift(['state:unknown', count[CODE.unknown]]); else shown.push(['Occupancy', total ? percent(total.occupancy, 0) : '–']);
  const doubted = seats.doubted(), inDoubt = DOUBTS.reduce((sum, one) => sum + doubted[one], 0);
  if (inDoubt) shown.unshift(['In doubt', inDoubt]);
  const marked = ['state:unknown', 'In doubt'];
  $('#kpis').replaceChildren(...shown.map(([word, value]) => h('span', marked.includes(word) ? { class: 'doubt' } : {}, t(word), h('b', {}, String(value)))));
}

function chips() {
  const chip = (word, look, onClick) => {
    const made = h('button', { type: 'button', class: 'chip', 'data-word': word, 'aria-pressed': 'false' }, h('em', { class: `badge ${look}` }), h('span', {}), h('b', {}));
    made.addEventListener('click', onClick);
    return made;
  };
  $('#chips').replaceChildren(...ORDER.map((word) => chip(word, `seat-${word}`, () => toggle(CODE[word]))),
    ...DOUBTS.map((word) => chip(word, `mark-${word}`, () => { if (!wall.doubts.delete(word)) wall.doubts.add(word); filter(); })));
  $('#share').replaceChildren(...ORDER.map((word) => h('i', { class: `seat-${word}` })));
}

function counts() {
  const count = seats.counts();
  ORDER.forEach((word, k) => {
    const chip = $('#chips').children[k], code = CODE[word];
    chip.children[0].textContent = word === 'signed_out' ? '' : t('letter:' + word);
    chip.children[1].textContent = t('state:' + word);
    chip.children[2].textContent = count[code];
    chip.hidden = !count[code] && (word === 'unknown' || word === 'trouble');
    chip.setAttribute('aria-pressed', String(Boolean(wall.states & (1 << code))));
    $('#share').children[k].style.flexGrow = count[code];
    $('#share').children[k].hidden = !count[code];
  });
  const doubted = seats.doubted();
  DOUBTS.forEach((word, k) => {
    const chip = $('#chips').children[ORDER.length + k];
    chip.children[0].textContent = MARKS[word];
    chip.children[1].textContent = t('certainty:' + word);
    chip.children[2].textContent = doubted[word];
    chip.title = t('about:' + word);
    chip.hidden = !doubted[word] && !wall.doubts.has(word);
    chip.setAttribute('aria-pressed', String(wall.doubts.has(word)));
  });
}

// ---- what the viewer does ------------------------------------------------------------------------------------------
function filter() {
  const { states, queue, doubts } = wall;
  const serves = (i) => wall.people[i] && wall.people[i].queues.includes(queue);
  const looks = (i) => (!states && !doubts.size) || Boolean(states & (1 << seats.code[i])) || doubts.has(seats.certainty(i));
  map.setFilter(states || queue || doubts.size ? (i) => looks(i) && (!queue || serves(i)) : null);
  second();
}
function toggle(code) { wall.states ^= 1 << code; filter(); }

function find(text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return;
  const fits = (i) => [doc.seats[i] || '', names.person(i)?.id || '', names.person(i)?.name || '', names.person(i)?.extension || ''].some((one) => one.toLowerCase().includes(wanted));
  const start = map.selected + 1;
  for (let k = 0; k < seats.size; k++) { const i = (start + k) % seats.size; if (fits(i)) { map.go(i); return; } }
  say(-1);
}

function say(i) {
  $('#say').textContent = i < 0 ? t('Nothing found') : `${names.seat(i)} ${names.name(i)} ${side.stateText(i)} ${clockText(socket.now() - seats.since[i])}`;
}

let hovered = -1;
function hover(i, x, y) {
  hovered = i;
  const box = $('#tip');
  box.hidden = i < 0;
  if (i < 0) return;
  tip();
  const width = $('#map').clientWidth, height = $('#map').clientHeight;
  box.style.left = `${Math.max(4, Math.min(width - box.offsetWidth - 6, x + 14))}px`;
  box.style.top = `${y + 18 + box.offsetHeight > height ? y - box.offsetHeight - 10 : y + 18}px`;
}
function tip() {
  if (hovered < 0) return;
  const person = names.person(hovered);
  $('#tip').replaceChildren(h('b', {}, names.name(hovered)), h('small', {}, ` ${names.seat(hovered)}${person ? ' · ' + person.id : ''}`), h('div', {},
    side.stateText(hovered), ' ', seats.code[hovered] === CODE.vacant ? '' : h('b', {}, clockText(socket.now() - seats.since[hovered]))), ...side.doubtText(hovered, 'small'));
}

function roomLinks() {
  map.setBenchWord(t('Bench'));
  $('#rooms').hidden = doc.rooms.length < 2;
  $('#rooms').replaceChildren(...doc.rooms.map((name, k) => { const link = h('button', { type: 'button' }, name || t('Bench')); link.addEventListener('click', () => map.room(k)); return link; }));
}

function themed() { map.setTheme(page.theme); map.ringsShown = null; line.setTheme(getComputedStyle(document.documentElement)); }
function wallMode() { document.body.classList.toggle('wall'); wallFit(); }
function wallFit() { map.below = document.body.classList.contains('wall') ? 4 : 44; map.fitted = true; }

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
function key(event) {
  if (event.target.id === 'search') {
    if (event.key === 'Enter') find(event.target.value);
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  if (typing(event)) return;
  if (PAST && socket.key(event)) return;
  const onButton = ['BUTTON', 'A'].includes(document.activeElement.tagName);
  if (ARROWS[event.key]) { event.preventDefault(); say(map.step(...ARROWS[event.key])); }
  else if (event.key === 'Enter' && !onButton && map.cursor >= 0) map.choose(map.cursor);
  else if (event.key === 'Escape') { map.choose(-1); map.moveTo(-1, false); wall.states = 0; wall.doubts.clear(); if (wall.queue) tiles.choose(null); else filter(); }
  else if (event.key === '+' || event.key === '=') map.zoom(0.7);
  else if (event.key === '-') map.zoom(1.45);
  else if (event.key === '0') map.fit();
  else if (event.key >= '1' && event.key <= '9') toggle(CODE[ORDER[Number(event.key) - 1]]);
  else if (event.key === '/') { event.preventDefault(); $('#search').focus(); }
  else if (event.key === 'w' || event.key === 'W') wallMode();
  else if ((event.key === 'p' || event.key === 'P') && !PAST) location.href = $('#to-past').href;
}

function controls() {
  addEventListener('keydown', key);
  $('#search').addEventListener('change', (event) => find(event.target.value));
  $('#zoom-in').addEventListener('click', () => map.zoom(0.7));
  $('#zoom-out').addEventListener('click', () => map.zoom(1.45));
  $('#zoom-fit').addEventListener('click', () => map.fit());
  $('#wall-mode').addEventListener('click', wallMode);
  $('#letters').addEventListener('click', (event) => { map.allLetters = !map.allLetters; event.currentTarget.setAttribute('aria-pressed', String(map.allLetters)); map.kick(true); });
  addEventListener('theme', () => { themed(); second(); });
  addEventListener('locale', () => { roomLinks(); if (wall.numbers) numbers(); alerts.draw(); side.draw(); panel.draw(); onState(socket.state, 0); second(); map.kick(true); });
}

boot().catch((error) => { document.body.dataset.line = 'lost'; $('#live').textContent = t('The page could not start'); console.error(error); });
