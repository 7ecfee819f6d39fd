// One agent's day: a stretch under the pointer or the keys is told in words; Enter or a click shows the floor then.
import { $, $$, h, t, ready, here, clockText, timeText, typing } from '/static/web/common.js';

const band = $('#band'), say = $('#band-say'), stretches = $$('#band .s'), frame = $('#band .part-now');
let chosen = -1;

function tell(place) {
  chosen = place;
  const one = stretches[place], { since, until, open, queue, contact, at, look } = one.dataset;
  for (const name of ['x', 'width']) frame.setAttribute(name, one.getAttribute(name));
  stretches.forEach((other, k) => other.setAttribute('aria-selected', String(k === place)));
  const link = (href, word) => h('a', { href }, word);
  say.replaceChildren(h('em', { class: `badge seat-${look}` }, look === 'signed_out' || look === 'unknown' ? '·' : t('letter:' + look)), h('b', {}, one.getAttribute('aria-label')),
    h('span', {}, `${timeText(Number(since))}–${open ? t('now') : timeText(Number(until))}`), ...(queue ? [h('span', {}, queue)] : []),
    ...(contact ? [link(`/calls/${encodeURIComponent(contact)}`, t('Contact') + ' ' + contact)] : []), link(here(`/floor?at=${at}`), t('The floor of that moment')));
}

const open = () => { location.href = here(`/floor?at=${stretches[chosen].dataset.at}`); };

if (band && stretches.length) {
  await ready;
  band.addEventListener('pointermove', (event) => { const place = stretches.indexOf(event.target); if (place >= 0 && place !== chosen) tell(place); });
  band.addEventListener('click', (event) => { const place = stretches.indexOf(event.target); if (place >= 0) { tell(place); open(); } });
  band.addEventListener('keydown', (event) => {
    if (typing(event)) return;
    const last = stretches.length - 1;
    const next = { ArrowLeft: Math.max(0, chosen - 1), ArrowRight: Math.min(last, chosen + 1), Home: 0, End: last }[event.key];
    if (next !== undefined) { event.preventDefault(); tell(next); band.focus(); }
    if (event.key === 'Enter' && chosen >= 0) open();
  });
}
