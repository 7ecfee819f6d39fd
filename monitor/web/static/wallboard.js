// The wallboard: full-screen pages in turn on a television nobody touches. In: its spec, WallData. Out: one page at a time.
// Never scrolls (what does not fit comes on further pages), never looks calm when the line is down, loads itself anew with a
// new version. Keys: space, arrows, F, A, D, L.
import { $, h, t, page, ready, clockText, timeText, percent, setTheme, typing } from '/static/web/common.js';
import { WallData, askBoard } from '/static/web/wallboard_data.js';
import { BoardMap } from '/static/web/wallboard_map.js';
import { PAGES } from '/static/web/wallboard_pages.js';

const BOARD_MS = 30_000, QUIET_MS = 3000, DAY_HOURS = [7, 19];
const spec = JSON.parse($('#board-spec').textContent);
const asked = new URLSearchParams(location.search);
const state = { at: 0, part: 0, began: 0, left: 0, paused: asked.has('paused'), parts: 1 };
const board = { data: null, map: null, labelOf: (queue) => { const label = spec.labels[queue]; return (label && (page.locale.startsWith('zh') ? label.zh : label.en)) || queue; } };

const shown = () => spec.board.pages[state.at];
const pageOf = (one) => PAGES[one.kind];
const has = (one) => pageOf(one) && (one.always || pageOf(one).has(board, one));

// ---- in turn ---------------------------------------------------------------------------------------------------------
function go(step) {
  const { pages } = spec.board;
  state.part += step;
  if (state.part < 0 || state.part >= state.parts) {
    for (let tries = 0; tries < pages.length; tries++) {
      state.at = (state.at + step + pages.length) % pages.length;
      if (has(pages[state.at])) break;
    }
    state.part = step < 0 ? Infinity : 0; // going back one comes to the last part of the page before
  }
  state.began = performance.now();
  draw();
}

function draw() {
  const one = shown(), kind = pageOf(one), main = $('#board');
  const isMap = one.kind === 'map';
  $('#board-map').classList.toggle('away', !isMap); // not `hidden`: Bokeh draws only where it is laid out
  main.classList.toggle('away', isMap);
  if (!isMap) board.map?.hide();
  const parts = kind.draw(board, one, main, state.part);
  state.parts = Math.max(1, parts);
  if (state.part >= state.parts) { state.part = state.parts - 1; kind.draw(board, one, main, state.part); }
  const title = (page.locale.startsWith('zh') ? one.title_zh : one.title_en) || t('page:' + one.kind);
  $('#board-title').textContent = state.parts > 1 ? `${title} ${state.part + 1}/${state.parts}` : title;
  const dots = spec.board.pages.filter(has);
  $('#board-dots').replaceChildren(...(dots.length > 1 ? dots.map((other) => h('li', { class: other === one ? 'on' : '' })) : []));
}

function turn() {
  const { seconds } = shown(), stopped = state.paused || document.body.dataset.line === 'lost';
  const alone = spec.board.pages.filter(has).length < 2 && state.parts < 2;
  if (stopped) state.began += performance.now() - (state.last || performance.now());
  state.last = performance.now();
  const gone = (performance.now() - state.began) / (1000 * seconds);
  $('#progress i').style.transform = `scaleX(${alone ? 0 : Math.min(1, gone)})`;
  if (gone >= 1 && !stopped) { if (alone) state.began = performance.now(); else go(1); }
}

// ---- once a second ---------------------------------------------------------------------------------------------------
function second() {
  const { data } = board, now = data.now();
  if (!has(shown()) && data.at) go(1);
  draw();
  $('#clock').textContent = timeText(now).slice(0, 5);
  const { total } = data;
  const words = total ? [['Service level', percent(total.level)], ['Waiting', total.waiting], ['Longest', total.waiting ? clockText(total.longest_wait_ms) : '–']] : [];
  $('#kpis').replaceChildren(...words.map(([word, value]) => h('span', {}, t(word), h('b', {}, String(value)))));
  alertRow(now);
  themeByHour(now);
}

function alertRow(now) {
  const { data } = board, alert = data.alerts.find((one) => !one.acknowledged_at) || data.alerts[0], row = $('#board-alert');
  row.hidden = !alert;
  if (!alert) return;
  const { detail } = alert, [kind, ...name] = alert.scope.split(':'), open = data.alerts.filter((one) => !one.acknowledged_at).length;
  row.dataset.level = alert.acknowledged_at ? 'taken' : alert.severity === 'critical' ? 'bad' : 'warn';
  const who = kind === 'site' ? document.documentElement.dataset.siteName : board.labelOf(name.join(':'));
  const value = alert.value === null || !detail.formula ? '' : `${alert.value.toFixed(1)}% ${alert.value < alert.threshold ? '<' : '≥'} ${alert.threshold}%`;
  row.replaceChildren(h('b', {}, '! ', who), h('span', {}, [(page.locale.startsWith('zh') ? detail.label_zh : detail.label_en) || alert.rule, value].filter(Boolean).join(' · ')),
    h('time', {}, clockText(now - alert.raised_at)), ...(open > 1 ? [h('i', {}, t('{n} more', { n: open - 1 }))] : []));
}

function onState(line, silence) {
  const { data } = board;
  document.body.dataset.line = line;
  $('#live').textContent = line === 'ok' ? t('Live') : line === 'late' ? t('{n} s late', { n: Math.round(silence / 1000) }) : t('Connection lost');
  $('#board-lost-at').textContent = data?.at ? t('The picture stands at {time}', { time: timeText(data.at) }) : t('Nothing has been heard yet');
  if (line === 'ok') { if (state.was) newest(); state.was = false; }
  if (line === 'lost' && state.line === 'ok') state.was = true; // not before the first time
  if (line !== 'late') state.line = line;
}

// A new version, or other pages: load anew, but only from a server that answers.
async function newest() {
  const told = await askBoard();
  if (told && ordered(told) !== ordered(spec.board)) location.reload();
}

// The same whatever the order of its keys: the page's own spec has them sorted, the answer has not.
const ordered = (value) => JSON.stringify(value, (_, one) => (one?.constructor === Object ? Object.fromEntries(Object.entries(one).sort()) : one));

// ---- what somebody in front of it may do -----------------------------------------------------------------------------
function pause() {
  state.paused = !state.paused;
  $('#board-pause').setAttribute('aria-pressed', String(state.paused));
  document.body.classList.toggle('paused', state.paused);
}

async function full() {
  if (document.fullscreenElement) await document.exitFullscreen(); else await document.documentElement.requestFullscreen();
}

let byHour = asked.get('theme') === 'auto';
function themeByHour(now) {
  if (!byHour) return;
  const hour = Number(timeText(now).slice(0, 2)), theme = hour >= DAY_HOURS[0] && hour < DAY_HOURS[1] ? 'light' : 'dark';
  if (theme !== page.theme) setTheme(theme);
}
function nextTheme() {
  if (byHour) { byHour = false; setTheme('dark'); } else if (page.theme === 'dark') setTheme('light'); else { byHour = true; themeByHour(board.data.now()); }
  const to = new URL(location.href);
  to.searchParams.set('theme', byHour ? 'auto' : page.theme);
  history.replaceState(null, '', to);
}

// The screen of a wall must not go dark; where the browser has no say in it, the television's settings have.
async function stayAwake() {
  if (!navigator.wakeLock || document.hidden) return;
  try { await navigator.wakeLock.request('screen'); } catch (error) { if (error.name !== 'NotAllowedError') throw error; }
}

function key(event) {
  if (typing(event)) return;
  const does = { ' ': pause, ArrowRight: () => go(1), ArrowDown: () => go(1), ArrowLeft: () => go(-1), ArrowUp: () => go(-1), f: full, F: full, a: nextTheme, A: nextTheme }[event.key];
  if (!does || (event.key === ' ' && document.activeElement?.tagName === 'BUTTON')) return;
  event.preventDefault();
  does();
}

let quiet;
function stir() {
  document.body.classList.add('stirred');
  clearTimeout(quiet);
  quiet = setTimeout(() => document.body.classList.remove('stirred'), QUIET_MS);
}

await ready;
$('#board-back').addEventListener('click', () => go(-1));
$('#board-next').addEventListener('click', () => go(1));
$('#board-pause').addEventListener('click', pause);
$('#board-full').addEventListener('click', full);
for (const name of ['pointermove', 'pointerdown', 'focusin']) addEventListener(name, stir);
addEventListener('keydown', key);
addEventListener('locale', () => { second(); onState(document.body.dataset.line, 0); });
addEventListener('theme', () => requestAnimationFrame(draw));
addEventListener('resize', draw);
document.addEventListener('visibilitychange', stayAwake);
if (state.paused) { state.paused = false; pause(); }

const { view } = document.body.dataset, { pages } = spec.board;
if (view === 'own' && pages.some((one) => one.kind === 'map')) board.map = new BoardMap({ now: () => board.data.now() });
board.data = new WallData({ view, sites: pages.some((one) => one.kind === 'sites'), onState,
  onFrame: (frame) => { if (board.map?.frame(frame)) board.data.socket.askSnapshot(); }, onWord: (word) => board.map?.word(word) });
board.map?.start().then(draw);
const wanted = pages.findIndex((one) => one.kind === asked.get('page'));
state.at = wanted < 0 ? 0 : wanted;
state.began = performance.now();
second();
setInterval(second, 1000);
setInterval(turn, 100);
setInterval(newest, BOARD_MS);
stayAwake();
Object.assign(window, { floorwatch: { ready: true, board, state, spec, go } });
