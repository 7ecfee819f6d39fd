// What a wall shows of one queue, group or site, to be read from six metres. In: rows. Out: elements, made anew each second.
// Shape and word beside every colour; formula and threshold in small below. Names are text. May not know: rotation, sockets.
import { h, t, clockText, percent } from '/static/web/common.js';
import { AGENTS, MARK, digits, lateness, sumOf } from '/static/dashboards/queue_card.js';
import { spark } from '/static/dashboards/spark.js';

const SITE_STATES = [['ready', ['ready']], ['on_contact', ['on_contact', 'on_hold']], ['wrap_up', ['wrap_up']], ['not_ready', ['not_ready', 'trouble']]];

function bar([part, whole], goal) {
  const made = h('i', { class: 'w-bar', 'aria-hidden': 'true' }, h('i'), goal === null || goal === undefined ? null : h('b'));
  made.firstChild.style.width = `${whole ? (100 * part) / whole : 0}%`;
  if (goal !== null && goal !== undefined) made.lastChild.style.left = `${goal}%`;
  return made;
}

const agents = (counts, states) => h('span', { class: 'w-agents' }, states.map(([state, words]) => h('span', {}, h('em', { class: `badge seat-${state}` }, t('letter:' + state) === 'not_ready' ? '' : t('letter:' + state)), h('b', {}, String(sumOf(counts, words))))));
const figure = (word, value, look = '') => h('span', { class: `w-figure ${look}` }, h('i', {}, t(word)), h('b', value.length > 5 ? { class: 'full' } : {}, value));
const level = (text) => h('div', { class: 'w-level' }, h('b', text.length > 4 ? { class: 'full' } : {}, text)); // long ones smaller, never cut
const standingText = (row) => `${row.need === 'nobody' || row.need === 'overdue' ? '▲' : MARK[row.standing]} ${t(row.need === 'nobody' || row.need === 'overdue' ? 'need:' + row.need : 'standing:' + row.standing)}`;

export function queueTile(row, name, line, labelOf) {
  const canvas = h('canvas', { class: 'w-spark' });
  const sides = (row.levels || []).map((one) => h('span', { class: `w-side level-${one.level_standing}` }, h('b', {}, percent(one.level, 0)), ` ${t('≤{s} s · {m} min', { s: one.threshold_ms / 1000, m: one.window_minutes })}`));
  const note = [row.differs?.length ? `${t('Not added:')} ${row.differs.map((one) => t('differs:' + one)).join(t(', '))}` : '', row.missing?.length ? t('Missing: {names}', { names: row.missing.map(labelOf).join(t(', ')) }) : ''].filter(Boolean).join(' · ');
  const made = h('article', { class: 'w-tile', 'data-standing': row.standing, 'data-need': row.need },
    h('header', {}, h('b', {}, name), h('i', {}, standingText(row))),
    h('div', { class: 'w-main' },
      sides.length ? h('div', { class: 'w-sides' }, sides) : level(percent(row.level, digits(row.level, row.goal_percent))),
      h('div', { class: 'w-waits' }, figure('short:waiting', String(row.waiting), row.need === 'nobody' ? 'bad' : ''), figure('short:longest', row.waiting ? clockText(row.longest_wait_ms) : '–', lateness(row)))),
    sides.length ? null : bar(row.level, row.goal_percent),
    agents(row.agents, AGENTS), canvas,
    h('small', { class: note ? 'warn' : '' }, note || [t('≤{s} s · {m} min', { s: row.threshold_ms / 1000, m: row.window_minutes }), row.formula ? t('formula:' + row.formula) : ''].filter(Boolean).join(' · ')));
  if (line) requestAnimationFrame(() => spark(canvas, line, { goal: row.goal_percent, standing: row.standing }));
  return made;
}

// A site with all below it. One that told nothing says so, and is in no sum.
export function siteTile(site) {
  const { total } = site, silent = total.missing.includes(site.name) && !site.below.length;
  const tags = [total.blind.length ? `▨ ${t('Blind')} ${total.blind.length}` : '', total.alerts ? `▲ ${t('Alerts')} ${total.alerts}` : '', !silent && total.missing.length ? t('Missing: {names}', { names: total.missing.join(t(', ')) }) : ''].filter(Boolean);
  const standing = silent || !total.certain ? 'uncertain' : total.standing || 'met';
  return h('article', { class: 'w-tile w-site', 'data-site': site.site, 'data-standing': standing },
    h('header', {}, h('b', {}, site.name), h('i', {}, silent ? `? ${t('standing:uncertain')}` : `${MARK[standing]} ${t('standing:' + standing)}`)),
    silent ? h('p', { class: 'w-silent' }, t('This site has told nothing: its part is in no sum')) : h('div', { class: 'w-main' },
      level(percent(total.level, 0)),
      h('div', { class: 'w-waits' }, figure('short:waiting', String(total.waiting)), figure('short:longest', total.waiting ? clockText(total.longest_wait_ms) : '–'))),
    silent ? null : bar(total.level, null),
    silent ? null : agents(total.seats, SITE_STATES),
    h('small', { class: tags.length ? 'warn' : '' }, tags.join(' · ')));
}
