// An item of the attention list in words. In: items of the word `attention` (monitor/attention.py), names. Out: who, why, a
// sentence. The same words serve the list, the wallboard and screen readers. May not know: sockets, DOM.
import { t, page, clockText } from '/static/web/common.js';

const SEATS = new Set(['unreachable', 'offered_long', 'hold_long', 'contact_long', 'wrap_up_long', 'not_ready_long', 'wrap_up_unusual', 'misses']);
export const LOOK = { unreachable: 'trouble', offered_long: 'offered', hold_long: 'on_hold', contact_long: 'on_contact', wrap_up_long: 'wrap_up', not_ready_long: 'not_ready', wrap_up_unusual: 'wrap_up' };

export const aboutSeats = (item) => SEATS.has(item.kind);
// The seat that a line is about, if it is about one: that of a rule's hit is its agent's.
export const seatOf = (item) => (!isStorm(item) && (aboutSeats(item) || item.kind === 'rule_hit') ? item.rows?.[0] ?? null : null);
export const isStorm = (item) => aboutSeats(item) && item.count > 1;

const reasonText = (reason) => (reason ? page.words['reason:' + reason] || reason : t('state:not_ready'));

// Who or what it is about, and a smaller second word for where.
export function subject(item, names) {
  const { count, values } = item;
  if (item.kind === 'source_silent') return [t('Not everything is known'), ''];
  if (item.kind === 'rule_hit' && item.rows?.length) return [names.name(item.rows[0]), names.seat(item.rows[0])];
  if (item.queue !== undefined && item.queue !== null) return [item.kind === 'tier_waiting' ? `${values.tier} · ${names.queue(item.queue)}` : names.queue(item.queue), ''];
  if (!isStorm(item)) return [names.name(item.rows[0]), names.seat(item.rows[0])];
  if (values.further) return [t('{n} others', { n: count }), ''];
  if (item.team) return [t('{n} of team {team}', { n: count, team: item.team }), ''];
  return [values.teams > 1 ? t('{n} people in {teams} teams', { n: count, teams: values.teams }) : t('{n} people', { n: count }), ''];
}

// Why, without its clock.
export function why(kind, values, item) {
  const limit = clockText(values.limit_ms || 0);
  switch (kind) {
    case 'not_ready_long': return t('attention:not_ready_long', { reason: reasonText(item.reason), limit });
    case 'wrap_up_unusual': return t('attention:wrap_up_unusual', { usual: clockText(values.usual_ms) });
    case 'misses': return t('attention:misses', { n: values.missed });
    case 'tier_waiting': case 'wait_long': return t('attention:' + kind, { n: values.waiting, limit });
    case 'ready_while_waiting': return t('attention:ready_while_waiting', { n: values.waiting, m: item.count });
    case 'nobody_serves': case 'nobody_ready': return t('attention:' + kind, { n: values.waiting, busy: values.busy, paused: values.not_ready });
    case 'level_below': return t('attention:level_below', { percent: ((100 * values.part) / values.whole).toFixed(1), goal: values.goal, part: values.part, whole: values.whole, m: values.window_minutes, s: values.threshold_ms / 1000 });
    case 'forecast_miss': return [t('attention:forecast_miss', { p: Math.min(99, Math.round(100 * values.miss)) }), values.short ? t('attention:short', { n: values.short }) : ''].filter(Boolean).join(t(', '));
    case 'source_silent': return silent(values);
    case 'rule_hit': return t('attention:rule_hit', { item: document.documentElement.lang.startsWith('zh') ? values.zh : values.en });
    default: return t('attention:' + kind, { limit });
  }
}

function silent(values) {
  const parts = [];
  if (values.unknown) parts.push(t('{n} seats unknown', { n: values.unknown }));
  if (values.stale) parts.push(t('{n} seats as last heard', { n: values.stale }));
  if (values.queues) parts.push(t('{n} queues not certain', { n: values.queues }));
  return (values.sources ? `${t('{sources} is silent', { sources: values.sources })}${t(': ')}` : '') + parts.join(t(', '));
}

// A level and a forecast are no stretch of time: no clock runs beside them.
export const hasClock = (item) => item.kind !== 'level_below' && item.kind !== 'forecast_miss';

// Everything in one sentence, for screen readers, titles and the wallboard.
export function sentence(item, names, now) {
  const [who, where] = subject(item, names), also = (item.also || []).map((one) => why(one.kind, one.values, item));
  const clock = hasClock(item) ? clockText(now - item.since) : '';
  return [[who, where].filter(Boolean).join(' '), [why(item.kind, item.values, item), clock].filter(Boolean).join(' '), ...also].filter(Boolean).join(t(', '));
}
