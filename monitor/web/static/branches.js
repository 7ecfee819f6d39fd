// A site above others: its branches' numbers by queue and by site. In: /api/v1/sites. Out: cards, one row per branch, a sum.
// Asks every two seconds (the server keeps an answer for one); without an answer the page goes grey like the wall.
import { $, h, t, page, ready, clockText, timeText, percent, typing } from '/static/web/common.js';
import { MARK } from '/static/dashboards/queue_card.js';
import { Tiles } from '/static/dashboards/tiles.js';

const EVERY_MS = 2000, LATE_MS = 4500, LOST_MS = 8000;
const SEATS = [['ready'], ['on_contact', 'on_hold'], ['wrap_up'], ['offered'], ['not_ready', 'trouble'], ['unknown']];
const root = document.documentElement;
let told = null, heard = -Infinity, skew = Date.now() - performance.now(), queue = null, view = new URLSearchParams(location.search).get('show') || 'table', tiles, known;

const labelOf = (name) => { const label = known.labels[name]; return (label && (page.locale.startsWith('zh') ? label.zh : label.en)) || name; };
// A television sets its clock hours after it has opened the page: time is counted by performance.now().
const now = () => performance.now() + skew;
const sum = (table, words) => words.reduce((total, word) => total + (table[word] || 0), 0);
const signedIn = (seats) => Object.entries(seats).reduce((total, [word, count]) => total + (word === 'signed_out' || word === 'unknown' ? 0 : count), 0);

async function ask() {
  try {
    const answer = await fetch(`/api/v1/sites?site=${encodeURIComponent(root.dataset.shown)}`);
    if (answer.status === 200) {
      told = await answer.json();
      heard = performance.now();
      skew = told.at - heard;
      show();
    }
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error; // the line is down, or a proxy answers for the server
  }
  setTimeout(ask, EVERY_MS * (0.9 + 0.2 * Math.random()));
}

function show() {
  const [site, ...below] = told.sites;
  tiles.show(site.total.queues);
  tiles.lines({ queues: Object.fromEntries(site.total.queues.filter((row) => row.line).map((row) => [row.queue, row.line])) });
  header(site.total);
  table(site, below);
}

function header(total) {
  const { seats } = total, doubts = sum(total.doubts, Object.keys(total.doubts));
  const shown = [['Service level', percent(total.level)], ['Waiting', total.waiting], ['Ready', seats.ready || 0], ['On contact', sum(seats, ['on_contact', 'on_hold'])], ['Signed in', signedIn(seats)]];
  if (seats.unknown) shown.unshift(['state:unknown', seats.unknown, true]);
  if (doubts) shown.unshift(['In doubt', doubts, true]);
  $('#kpis').replaceChildren(...shown.map(([word, value, doubt]) => h('span', doubt ? { class: 'doubt' } : {}, t(word), h('b', {}, String(value)))));
  $('#sites-note').textContent = total.missing.length ? t('Missing: {names}', { names: total.missing.join(t(', ')) }) : '';
}

// ---- the table and the tiles -------------------------------------------------------------------------------------------
// [word, the value rows are sorted by, from the smallest up first]
const COLUMNS = [
  ['Site', null, true],
  ['Service level', ({ level: [part, whole] }) => (whole ? part / whole : 2), true],
  ['Waiting', (shown) => shown.waiting, false],
  ['Longest', (shown) => (shown.waiting ? shown.longest_wait_ms : -1), false],
  ['Signed in', (shown) => signedIn(shown.seats), false],
  ...SEATS.map((words) => ['state:' + words[0], (shown) => sum(shown.seats, words), false]),
  ['In doubt', (shown, told) => sum(told.doubts, Object.keys(told.doubts)), false],
  ['Alerts', (shown, told) => told.alerts, false],
  ['Blind', (shown, told) => told.gaps_ms, false],
];
const sorted = { by: 'Site', up: true };

function table(site, below) {
  const asTiles = view === 'tiles';
  $('#sites .scroll').hidden = asTiles;
  $('#site-tiles').hidden = !asTiles;
  $('#sites-title').textContent = queue ? labelOf(queue) : t('{n} sites', { n: below.length });
  crumbs(site);
  if (asTiles) { keepFocus($('#site-tiles'), () => $('#site-tiles').replaceChildren(...order(below).map((one) => tile(one)))); return; }
  head(site);
  const rows = order(below).map((one) => row(one, one.total, addressOf(one)));
  if (site.fed) rows.unshift(row({ ...site, below: [] }, site.own, root.dataset.floor, `${site.name} · ${t('view:own')}`));
  keepFocus($('.sites'), () => {
    $('.sites tbody').replaceChildren(...rows);
    $('.sites tfoot').replaceChildren(row(site, site.total, null, t('All sites')));
  });
}

const addressOf = (site) => `/floor?site=${encodeURIComponent(site.site)}`;

function head(site) {
  $('.sites thead').replaceChildren(h('tr', {}, COLUMNS.map(([word, , up], k) => {
    const button = h('button', { type: 'button', 'data-sort': word }, t(word), sorted.by === word && k ? (sorted.up ? ' ↑' : ' ↓') : null);
    button.addEventListener('click', () => { sorted.up = sorted.by === word ? !sorted.up : up; sorted.by = word; show(); });
    return h('th', { scope: 'col', class: k ? 'n' : '', 'aria-sort': sorted.by === word ? (sorted.up ? 'ascending' : 'descending') : false }, button, word === 'Service level' ? h('small', {}, basis(site.total)) : null);
  })));
}

// As configured, or by a column; who tells nothing comes last but is never left out.
function order(below) {
  const value = COLUMNS.find(([word]) => word === sorted.by)[1], sign = sorted.up ? 1 : -1;
  if (!value) return sorted.up ? below : [...below].reverse();
  const keyed = below.map((one, place) => { const shown = numbersOf(one.total); return { one, place, key: isSilent(one) || !shown ? null : value(shown, one.total) }; });
  keyed.sort((a, b) => (a.key === null) - (b.key === null) || sign * ((a.key ?? 0) - (b.key ?? 0)) || a.place - b.place);
  return keyed.map(({ one }) => one);
}

// The rows are made anew every two seconds; whoever walks them with keys stays where they are.
function keepFocus(box, make) {
  const at = box.contains(document.activeElement) ? document.activeElement.closest('[data-site]')?.dataset.site : undefined;
  make();
  if (at !== undefined) box.querySelector(`[data-site="${CSS.escape(at)}"] a, a[data-site="${CSS.escape(at)}"]`)?.focus();
}

function crumbs(site) {
  const links = told.above.map((one) => h('li', {}, h('a', { href: one.site === told.above[0].site ? '/floor' : addressOf(one) }, one.name)));
  $('#crumbs').replaceChildren(...links, h('li', { 'aria-current': 'page' }, site.name));
}

const isSilent = (site) => site.total.missing.includes(site.name) && !site.below.length;

// One site as a tile: for a screen of thirty-one provinces.
function tile(site) {
  const { total } = site, shown = numbersOf(total), silent = isSilent(site);
  const standing = silent ? 'uncertain' : shown?.standing || 'empty';
  const fact = (word, value, look = '') => h('span', { class: look }, h('i', {}, t(word)), h('b', {}, value));
  const parts = silent ? [h('p', {}, t('This site has told nothing: its part is in no sum'))] : !shown ? [h('p', {}, t('This queue is not at this site'))] : [
    h('div', { class: 's-level' }, h('b', {}, percent(shown.level, 0)), bar(shown.level, shown.goal_percent)),
    h('div', { class: 's-facts' }, fact('Waiting', String(shown.waiting)), fact('Longest', shown.waiting ? clockText(shown.longest_wait_ms) : '–', lateness(total)), fact('Ready', String(shown.seats.ready || 0)), fact('Signed in', String(signedIn(shown.seats)))),
    h('small', {}, [total.missing.length ? `? ${t('Missing: {names}', { names: total.missing.join(t(', ')) })}` : '', total.blind.length ? `▨ ${total.blind.join(t(', '))}` : '', total.alerts ? `▲ ${total.alerts}` : ''].filter(Boolean).join(' · ')),
  ];
  return h('a', { class: 's-tile', href: addressOf(site), 'data-site': site.site, 'data-standing': standing },
    h('header', {}, h('b', {}, site.name), h('i', {}, `${MARK[standing]} ${t('standing:' + standing)}`)), ...parts);
}

const basis = ({ formulas, window_minutes }) => `${formulas.map((name) => t('formula:' + name)).join(' / ')} · ${t('{m} min', { m: window_minutes.join('/') })}`;

// With a chosen queue the numbers of that queue; people are counted by queue then.
function numbersOf(told) {
  if (!queue) return told;
  const found = told.queues.find((one) => one.queue === queue);
  if (!found) return null;
  return { ...told, waiting: found.waiting, longest_wait_ms: found.longest_wait_ms, level: found.level, standing: found.standing, goal_percent: found.goal_percent, seats: found.agents, certain: found.certain && told.certain, formulas: [found.formula], window_minutes: [found.window_minutes] };
}

function row(site, told, href, word = '') {
  const shown = numbersOf(told), name = word || site.name;
  const link = h('th', { scope: 'row' }, href ? h('a', { href }, name) : name, site.below.length && href ? h('small', {}, ` ${t('{n} sites below', { n: site.below.length })}`) : null);
  const cell = (text, look = '') => h('td', { class: `n ${look}` }, text);
  const made = h('tr', { 'data-site': site.site, class: href ? 'go' : '' }, link);
  if (told.missing.length && told.missing.includes(site.name) && !site.below.length) {
    made.append(h('td', { class: 'silent', colspan: COLUMNS.length - 1 }, `? ${t('This site has told nothing: its part is in no sum')}`));
  } else if (!shown) {
    made.append(h('td', { class: 'dim', colspan: COLUMNS.length - 1 }, t('This queue is not at this site')));
  } else {
    const { seats } = shown, late = lateness(told), doubts = sum(told.doubts, Object.keys(told.doubts));
    made.dataset.standing = shown.standing;
    made.append(
      h('td', { class: `n level ${shown.certain ? '' : 'uncertain'}` }, h('i', { class: 'mark', title: t('standing:' + shown.standing) }, MARK[shown.standing]), h('b', {}, percent(shown.level)), h('small', {}, ` ${shown.level[0]}/${shown.level[1]}`), bar(shown.level, shown.goal_percent)),
      cell(String(shown.waiting)), cell(shown.waiting ? clockText(shown.longest_wait_ms) : '–', late), cell(String(signedIn(seats))),
      ...SEATS.map((words) => cell(String(sum(seats, words)), words[0] === 'unknown' && seats.unknown ? 'warn' : '')),
      cell(doubts ? `≈ ${doubts}` : '0', doubts ? 'warn' : ''), cell(told.alerts ? `▲ ${told.alerts}` : '0', told.alerts ? 'bad' : ''), blind(told),
    );
  }
  if (href) made.addEventListener('click', (event) => { if (!event.target.closest('a') && !String(getSelection())) location.href = href; });
  return made;
}

// By each queue's own threshold, as on its card.
function lateness({ queues }) {
  const beyond = (times) => queues.some((one) => (!queue || one.queue === queue) && one.waiting && one.longest_wait_ms > times * one.threshold_ms);
  return beyond(3) ? 'bad' : beyond(1) ? 'warn' : '';
}

function bar([part, whole], goal) {
  const aim = goal === null || goal === undefined ? null : h('b', {}), track = h('i', { class: 'level-bar', 'aria-hidden': 'true' }, h('i', {}), aim);
  track.firstChild.style.width = `${whole ? (100 * part) / whole : 0}%`;
  if (aim) aim.style.left = `${goal}%`;
  return track;
}

function blind(told) {
  const now = told.blind.length ? h('b', {}, `▨ ${t('now')}: ${told.blind.join(t(', '))}`) : null;
  return h('td', { class: `n ${told.blind.length ? 'bad' : ''}` }, now, told.gaps ? ` ${t('{n} today, {time}', { n: told.gaps, time: clockText(told.gaps_ms) })}` : now ? '' : '–');
}

// ---- time ------------------------------------------------------------------------------------------------------------
function second() {
  const silence = performance.now() - heard, state = silence > LOST_MS ? 'lost' : silence > LATE_MS ? 'late' : 'ok';
  const words = { ok: t('Live'), late: t('{n} s late', { n: Math.round(silence / 1000) }), lost: t('Connection lost') };
  if (document.body.dataset.line !== state && state === 'lost' && told) $('#announce').textContent = words.lost;
  document.body.dataset.line = state;
  $('#live').textContent = words[state];
  $('#clock').textContent = timeText(now());
  tiles.age(now());
}

const wallMode = () => document.body.classList.toggle('wall');

function setView(wanted) {
  view = wanted;
  const to = new URL(location.href);
  if (view === 'tiles') to.searchParams.set('show', view); else to.searchParams.delete('show');
  history.replaceState(null, '', to);
  for (const button of document.querySelectorAll('[data-show]')) button.setAttribute('aria-pressed', String(button.dataset.show === view));
  if (told) show();
}

// Arrows walk the sites, Enter opens (it is a link), Backspace goes one site up.
function walk(event) {
  const links = [...document.querySelectorAll(view === 'tiles' ? '#site-tiles a' : '.sites tbody th a')], at = links.indexOf(document.activeElement);
  const across = view === 'tiles' ? Math.max(1, getComputedStyle($('#site-tiles')).gridTemplateColumns.split(' ').length) : 1;
  const step = { ArrowDown: across, ArrowUp: -across, ArrowRight: view === 'tiles' ? 1 : 0, ArrowLeft: view === 'tiles' ? -1 : 0 }[event.key];
  if (!step || !links.length) return false;
  event.preventDefault();
  links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))].focus();
  return true;
}

function key(event) {
  if (typing(event) || walk(event)) return;
  if (event.key === 'w' || event.key === 'W') wallMode();
  if (event.key === 'v' || event.key === 'V') setView(view === 'tiles' ? 'table' : 'tiles');
  if (event.key === 'Backspace' && told?.above.length) { event.preventDefault(); $('#crumbs li:nth-last-child(2) a').click(); }
  if (event.key === 'Escape' && queue) tiles.choose(null);
}

await ready;
known = JSON.parse($('#words-of-queues').textContent);
tiles = new Tiles($('#queues'), { h, t, labelOf, formulas: known.formulas, clockText, percent, onChoose: (name) => { queue = name; if (told) show(); } });
$('#wall-mode').addEventListener('click', wallMode);
for (const button of document.querySelectorAll('[data-show]')) button.addEventListener('click', () => setView(button.dataset.show));
addEventListener('keydown', key);
addEventListener('locale', () => { if (told) show(); second(); });
setView(view);
await ask();
second();
setInterval(second, 1000);
Object.assign(window, { floorwatch: { ready: true, get told() { return told; } } });
