// The kinds of page a wall can show. In: what the wall knows, a page's spec, the part asked for. Out: elements; how many parts.
// `has`: is there anything to show. May not know: rotation, sockets.
import { h, t, page, clockText } from '/static/web/common.js';
import { fit, pagesOf } from '/static/web/wallboard_fit.js';
import { queueTile, siteTile } from '/static/web/wallboard_tiles.js';
import { urgency } from '/static/dashboards/queue_table.js';
import { LOOK, hasClock, subject, why } from '/static/web/attention_words.js';

const QUEUE = { wide: 17, tall: 9.8 }, SITE = { wide: 15.2, tall: 7.4 }, WORST = 6, MANY = 12, LINE_TALL = 3.4;

// Tiles in equal boxes as big as the screen allows.
function tiles(main, rows, part, size, made) {
  const unit = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const room = fit(rows.length, main.clientWidth, main.clientHeight, { unit, ...size }), parts = pagesOf(rows.length, room.each), [from, to] = parts[Math.min(part, parts.length - 1)];
  main.className = 'w-tiles';
  main.style.fontSize = `${room.scale}rem`;
  main.style.gridTemplateColumns = `repeat(${room.columns}, minmax(0, 1fr))`;
  main.style.gridTemplateRows = `repeat(${room.rows}, minmax(0, 1fr))`;
  main.replaceChildren(...rows.slice(from, to).map(made));
  return parts.length;
}

function nothing(main, text) {
  main.className = 'w-nothing';
  main.style.fontSize = '';
  main.replaceChildren(h('p', {}, text));
  return 1;
}

const nameOf = (board, row) => (row.group ? (page.locale.startsWith('zh') ? row.label_zh : row.label_en) : board.labelOf(row.queue));
const lineOf = ({ data }, row) => {
  const lines = (row.group ? row.queues : [row.queue]).map((queue) => data.lines[queue]).filter(Boolean);
  if (!lines.length) return null;
  const length = Math.max(...lines.map(([parts]) => parts.length));
  return [0, 1].map((which) => Array.from({ length }, (_, k) => lines.reduce((sum, line) => sum + (line[which].at(k - length) || 0), 0)));
};
const chosen = (rows, names) => (names.length ? names.map((name) => rows.find((row) => row.queue === name)).filter(Boolean) : rows);

function queuePage(rowsOf) {
  return {
    has: (board, one) => rowsOf(board, one).length > 0,
    draw: (board, one, main, part) => {
      const rows = rowsOf(board, one);
      return rows.length ? tiles(main, rows, part, QUEUE, (row) => queueTile(row, nameOf(board, row), lineOf(board, row), board.labelOf)) : nothing(main, t('Nothing has been heard yet'));
    },
  };
}

// The seat's letter and colour, as on the map; a queue's own sign.
function lookOf(item, people) {
  const look = LOOK[item.kind];
  if (item.kind === 'source_silent') return h('em', { class: 'badge seat-unknown' }, '?');
  if (item.queue !== undefined && item.queue !== null) return h('em', { class: 'badge of-queue' }, t('letter:queue'));
  return h('em', { class: `badge ${look ? `seat-${look}` : 'of-queue'}` }, (item.rows?.length === 1 && people.letter(item.rows[0])) || (look ? t('letter:' + look) : '!'));
}

function attentionLine(item, people, now) {
  const [who, where] = subject(item, people), also = (item.also || []).map((other) => why(other.kind, other.values, item));
  return h('p', { class: `w-line ${item.severity}` }, h('i', { 'aria-hidden': 'true' }, item.severity === 'critical' ? '▲' : '◆'), lookOf(item, people), h('b', {}, who, where ? h('small', {}, ` ${where}`) : null),
    h('span', {}, [why(item.kind, item.values, item), ...also].join(' · ')), h('time', {}, hasClock(item) ? clockText(now - item.since) : ''));
}

const worst = queuePage(({ data }) => data.queues.map((row, place) => [urgency(row), place, row]).filter(([need]) => need < 5).sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, WORST).map(([, , row]) => row));

export const PAGES = {
  queues: queuePage(({ data }, one) => chosen(data.queues, one.queues)),
  groups: queuePage(({ data }, one) => chosen(data.groups, one.groups)),
  // Where all fit onto one screen nobody needs the worst apart.
  worst: { ...worst, has: (board, one) => board.data.queues.length > MANY && worst.has(board, one) },
  sites: {
    has: ({ data }) => (data.sites?.length || 0) > 1,
    draw: ({ data }, one, main, part) => (data.sites?.length > 1 ? tiles(main, data.sites.slice(1), part, SITE, siteTile) : nothing(main, t('Nothing has been heard yet'))),
  },
  attention: {
    has: ({ data, map }) => Boolean(map) && (data.attention?.items.length || 0) > 0,
    draw: ({ data, map }, one, main, part) => {
      const items = data.attention?.items || [];
      if (!map || !items.length) return nothing(main, data.attention ? t('Nothing needs attention now') : t('Nothing has been heard yet'));
      const unit = parseFloat(getComputedStyle(document.documentElement).fontSize), parts = pagesOf(items.length, Math.max(1, Math.floor(main.clientHeight / (LINE_TALL * unit)))), [from, to] = parts[Math.min(part, parts.length - 1)];
      main.className = 'w-list';
      main.style.fontSize = main.style.gridTemplateColumns = main.style.gridTemplateRows = '';
      main.replaceChildren(...items.slice(from, to).map((item) => attentionLine(item, map.people, data.now())));
      return parts.length;
    },
  },
  map: {
    has: ({ map }) => Boolean(map),
    draw: ({ map }, one) => { map?.show(one.room); return 1; },
  },
};
