// What differs between two texts. In: the service's changes. Out: a list by rule, and lines.
import { h, t } from '/static/web/common.js';

const SIGN = { added: '＋', removed: '−', changed: '≠' };

export function partsList(changes) {
  if (!changes.parts.length) return h('p', { class: 'dim' }, changes.rows.length || changes.cut ? t('Only comments, versions or order differ.') : t('Nothing differs.'));
  return h('ul', { class: 'rules-parts' }, ...changes.parts.map((one) => h('li', { class: one.change }, h('b', {}, `${SIGN[one.change]} ${t(`part:${one.kind}`)} ${one.id}`), h('span', {}, one.keys.length ? one.keys.slice(0, 8).join(', ') + (one.keys.length > 8 ? ' …' : '') : t(`change:${one.change}`)))));
}

export function linesTable(changes) {
  if (!changes.rows.length) return changes.cut ? h('p', { class: 'dim' }, t('Too long to compare line by line.')) : '';
  const rows = changes.rows.map(([before, after, text]) => {
    if (!before && !after) return h('tr', { class: 'gap' }, h('td', { colspan: 3 }, '⋯'));
    const kind = !after ? 'removed' : !before ? 'added' : '';
    return h('tr', { class: kind }, h('td', {}, before ? String(before) : ''), h('td', {}, after ? String(after) : ''), h('td', {}, `${kind === 'removed' ? '−' : kind === 'added' ? '+' : ' '} ${text}`));
  });
  return h('div', { class: 'rules-diff' }, h('table', {}, h('tbody', {}, ...rows)), changes.cut ? h('p', { class: 'dim' }, t('More lines differ.')) : '');
}
