// An alert in words: about what, what happened, what it rests on. In: rows of the word `alerts`. Out: texts.
// May not know: sockets, DOM.
import { t, page, clockText, dayText, timeText } from '/static/web/common.js';

const HAPPENING = 'phrase_hit'; // it happened: no limit was passed
const KNOWN = new Set(['agent', 'team', 'tier', 'system', 'contact']);

// `queue:billing` is the queue's name, `site:…` the whole centre, `tier:billing/VIP` the customers of a tier there.
export function subject(scope, labelOf, siteName = '') {
  const [kind, ...rest] = scope.split(':'), name = rest.length ? rest.join(':') : kind;
  if (kind === 'site') return siteName || document.documentElement.dataset.siteName;
  if (kind === 'tier') { const [queue, ...tier] = name.split('/'); return `${labelOf(queue)} · ${tier.join('/')}`; }
  if (kind === 'system') return page.words[`system:${name}`] || name;
  return KNOWN.has(kind) && rest.length ? `${t(`scope:${kind}`)} ${name}` : labelOf(name);
}

// Labels of rules by name, as alerts told them: lists that know only the name.
const labels = new Map();
export function remember(alerts) { for (const one of alerts) labels.set(one.rule, one.detail); }
export function ruleName(rule) {
  const known = labels.get(rule);
  return (known && (page.locale.startsWith('zh') ? known.label_zh : known.label_en)) || rule;
}
export const ruleLabel = ({ detail, rule }) => (page.locale.startsWith('zh') ? detail.label_zh : detail.label_en) || rule;

// A value in its own unit: percent, ms, count, score.
export function amount(value, unit) {
  if (value === null || value === undefined) return '–';
  if (unit === 'percent') return `${Number(value).toFixed(1).replace(/\.0$/, '')}%`;
  if (unit === 'ms') return clockText(value);
  return Number.isInteger(value) ? String(value) : Number(value).toFixed(Math.abs(value) < 10 ? 2 : 1);
}
export const unitOf = ({ detail }) => detail.unit || (detail.formula ? 'percent' : '');

// `billing · longest wait 02:10 ≥ 02:00`: every condition of a rule that has several, by its metric's own words.
export function conditionTexts({ detail }, metricWord) {
  const all = detail.measured || [];
  return (all.length > 1 ? all : []).map((one) => [metricWord(one.metric), one.value === null || one.value === undefined ? '–' : `${amount(one.value, one.unit)} ${one.value < one.threshold ? '<' : '≥'} ${amount(one.threshold, one.unit)}`, one.whole ? `${one.part}/${one.whole}` : '', one.window_minutes ? t('{m} min', { m: one.window_minutes }) : ''].filter(Boolean).join(' · '));
}

// `70.5% < 80%`: as it stands, so that a value that has recovered is not told as below.
export function valueText(alert) {
  const unit = unitOf(alert), { value, threshold } = alert;
  if (value === null || !unit || alert.detail.metric === HAPPENING) return '';
  const sign = value < threshold ? '<' : '≥';
  return unit === 'percent' ? `${value.toFixed(1)}% ${sign} ${threshold}%` : `${amount(value, unit)} ${sign} ${amount(threshold, unit)}`;
}

// What happened: the rule's label, the value against its threshold, what it rests on.
export function whatText(alert, labelOf) {
  return [ruleLabel(alert), valueText(alert), basisText(alert, labelOf), t('notice:' + alert.reason)].filter(Boolean).join(' · ');
}

// Parts, whole and window of the value; the queues of an alert without a formula.
export function basisText({ detail }, labelOf) {
  if (!detail.formula) return [detail.window_minutes ? t('{m} min', { m: detail.window_minutes }) : '', (detail.queues || []).map(labelOf).join(t(', '))].filter(Boolean).join(' · ');
  return `${detail.whole ? `${detail.part}/${detail.whole}` : t('standing:empty')} · ${t('{m} min', { m: detail.window_minutes })}`;
}

// `21:44`; on another day than today with its date: turns of a week and long silences end on some other morning.
export const untilText = (at, now) => (dayText(at) === dayText(now) ? '' : `${dayText(at).slice(5)} `) + timeText(at).slice(0, 5);

// What one alert is at now, apart from who took it: firing, recovering, no_data, suppressed, pending, resolved.
export function standing({ state, reason }) {
  if (state === 'resolved' || state === 'pending') return state;
  if (state === 'no_data' || reason === 'uncertain') return 'no_data';
  if (state === 'suppressed' || reason === 'suppressed') return 'suppressed';
  return state === 'recovering' || reason === 'recovering' ? 'recovering' : 'firing';
}
