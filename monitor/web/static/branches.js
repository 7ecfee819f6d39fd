// A site above others: its branches' numbers by queue and by site. In: /api/v1/sites. Out: cards, one row per branch, a sum.
// Asks every two seconds (the server keeps an answer for one); without an answer the page goes grey like the wall.
import { $, h, t, page, ready, clockText, timeText, percent, typing } from '/static/web/common.js';
import { Tiles } from '/static/dashboards/tiles.js';

const EVERY_MS = 2000, LATE_MS = 4500, LOST_MS = 8000;
const SEATS = [['ready'], ['on_contact', 'on_hold'], ['wrap_up'], ['offered'], ['not_ready', 'trouble'], ['unknown']];
const root = document.documentElement;
let told = null, heard = 0, skew = 0, queue = null, tiles, known;

const labelOf = (name) => { const label = known.labels[name]; return (label && (page.locale.startsWith('zh') ? label.zh : label.en)) || name; };
const now = () => Date.now() + skew;
const sum = (table, words) => words.reduce((total, word) => total + (table[word] || 0), 0);
const signedIn = (seats) => Object.entries(seats).reduce((total, [word, count]) => total + (word === 'signed_out' || word === 'unknown' ? 0 : count), 0);

async function ask() {
  try {
    const answer = await fetch(`/api/v1/sites?site=${encodeURIComponent(root.dataset.shown)}`);
    if (answer.status === 200) {
      told = await answer.json();
      heard = Date.now();
      skew = told.at - heard;
      show();
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // a fetch that fails is a TypeError: the line is down
  }
  setTimeout(ask, EVERY_MS * (0.9 + 0.2 * Math.random()));
}

function show() {
  const [site, ...below] = told.sites;
  tiles.show(site.total.queues);
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

// ---- the table -------------------------------------------------------------------------------------------------------
const COLUMNS = ['Site', 'Service level', 'Waiting', 'Longest', 'Signed in', ...SEATS.map(([word]) => 'state:' + word), 'In doubt', 'Alerts', 'Blind'];

function table(site, below) {
  $('.sites thead').replaceChildren(h('tr', {}, COLUMNS.map((word, k) => h('th', { scope: 'col', class: k ? 'n' : '' }, t(word), word === 'Service level' ? h('small', {}, basis(site.total)) : null))));
  const rows = below.map((one) => row(one, one.total, `/floor?site=${encodeURIComponent(one.site)}`));
  if (site.fed) rows.unshift(row({ ...site, below: [] }, site.own, root.dataset.floor, `${site.name} · ${t('view:own')}`));
  $('.sites tbody').replaceChildren(...rows);
  $('.sites tfoot').replaceChildren(row(site, site.total, null, t('All sites')));
  $('#sites-title').textContent = queue ? `${site.name} · ${labelOf(queue)}` : site.name;
}

const basis = ({ formulas, window_minutes }) => `${formulas.map((name) => t('formula:' + name)).join(' / ')} · ${t('{m} min', { m: window_minutes.join('/') })}`;

// With a chosen queue the numbers of that queue; people are counted by queue then.
function numbersOf(told) {
  if (!queue) return told;
  const found = told.queues.find((one) => one.queue === queue);
  if (!found) return null;
  return { ...told, waiting: found.waiting, longest_wait_ms: found.longest_wait_ms, level: found.level, seats: found.agents, certain: found.certain && told.certain, formulas: [found.formula], window_minutes: [found.window_minutes] };
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
    made.append(
      h('td', { class: `n level ${shown.certain ? '' : 'uncertain'}` }, h('b', {}, percent(shown.level)), h('small', {}, ` ${shown.level[0]}/${shown.level[1]}`), bar(shown.level)),
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

function bar([part, whole]) {
  const track = h('i', { class: 'level-bar', 'aria-hidden': 'true' }, h('i', {}));
  track.firstChild.style.width = `${whole ? (100 * part) / whole : 0}%`;
  return track;
}

function blind(told) {
  const now = told.blind.length ? h('b', {}, `▨ ${t('now')}: ${told.blind.join(t(', '))}`) : null;
  return h('td', { class: `n ${told.blind.length ? 'bad' : ''}` }, now, told.gaps ? ` ${t('{n} today, {time}', { n: told.gaps, time: clockText(told.gaps_ms) })}` : now ? '' : '–');
}

// ---- time ------------------------------------------------------------------------------------------------------------
function second() {
  const silence = Date.now() - heard, state = silence > LOST_MS ? 'lost' : silence > LATE_MS ? 'late' : 'ok';
  const words = { ok: t('Live'), late: t('{n} s late', { n: Math.round(silence / 1000) }), lost: t('Connection lost') };
  if (document.body.dataset.line !== state && state === 'lost' && heard) $('#announce').textContent = words.lost;
  document.body.dataset.line = state;
  $('#live').textContent = words[state];
  $('#clock').textContent = timeText(now());
  tiles.age(now());
}

const wallMode = () => document.body.classList.toggle('wall');

await ready;
known = JSON.parse($('#words-of-queues').textContent);
tiles = new Tiles($('#queues'), { h, t, labelOf, formulas: known.formulas, clockText, percent, onChoose: (name) => { queue = name; if (told) show(); } });
$('#wall-mode').addEventListener('click', wallMode);
addEventListener('keydown', (event) => {
  if (typing(event)) return;
  if (event.key === 'w' || event.key === 'W') wallMode();
  if (event.key === 'Escape' && queue) tiles.choose(null);
});
addEventListener('locale', () => { if (told) show(); second(); });
await ask();
second();
setInterval(second, 1000);
Object.assign(window, { floorwatch: { ready: true, get told() { return told; } } });
