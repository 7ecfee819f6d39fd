// One agent's day: a stretch under the pointer or the keys is told in words; Enter or a click shows the floor then.
import { $, $$, h, t, ready, here, timeText } from '/static/web/common.js';
import { Band } from '/static/web/band.js';
import { lookBadge } from '/static/web/seat_words.js';

const svg = $('#band'), say = $('#band-say'), stretches = $$('#band .s');

function tell(one) {
  const { since, until, open, queue, contact, at, look } = one.dataset;
  const link = (href, word) => h('a', { href }, word);
  say.replaceChildren(lookBadge(look), h('b', {}, one.getAttribute('aria-label')),
    h('span', {}, `${timeText(Number(since))}–${open ? t('now') : timeText(Number(until))}`), ...(queue ? [h('span', {}, queue)] : []),
    ...(contact ? [link(`/calls/${encodeURIComponent(contact)}`, t('Contact') + ' ' + contact)] : []), link(here(`/floor?at=${at}`), t('The floor of that moment')));
}

if (svg && stretches.length) {
  await ready;
  new Band(svg, { stretches, frame: $('#band .part-now'), tell, open: (one) => { location.href = here(`/floor?at=${one.dataset.at}`); } });
}
