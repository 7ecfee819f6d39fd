// An alert in words: about what, what happened, what it rests on. In: rows of the word `alerts`. Out: texts.
// May not know: sockets, DOM.
import { t, page } from '/static/web/common.js';

// `queue:billing` is the queue's name, `site:…` the whole centre.
export function subject(scope, labelOf) {
  const [kind, ...name] = scope.split(':');
  return kind === 'site' ? document.documentElement.dataset.siteName : labelOf(name.length ? name.join(':') : kind);
}

// What happened: the rule's label, the value against its threshold, what it rests on.
export function whatText(alert, labelOf) {
  const { detail } = alert, label = (page.locale.startsWith('zh') ? detail.label_zh : detail.label_en) || alert.rule;
  // A value that has recovered is not below its threshold any more, though the alert still stands.
  const value = alert.value === null || !detail.formula ? '' : `${alert.value.toFixed(1)}% ${alert.value < alert.threshold ? '<' : '≥'} ${alert.threshold}%`;
  return [label, value, basisText(alert, labelOf), t('notice:' + alert.reason)].filter(Boolean).join(' · ');
}

// Parts, whole and window of the value; the queues of an alert without a formula.
export function basisText({ detail }, labelOf) {
  if (!detail.formula) return (detail.queues || []).map(labelOf).join(t(', '));
  return `${detail.whole ? `${detail.part}/${detail.whole}` : t('standing:empty')} · ${t('{m} min', { m: detail.window_minutes })}`;
}
