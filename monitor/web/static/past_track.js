// The day as a strip to move on. In: marks of a day, an instant. Out: a drawing with what came in, gaps and alerts; a range
// input over it that any hand or reader can use. Two scales: the day, the hour. May not know: frames, seats.
import { $, $$, h, t, timeText } from '/static/web/common.js';

const SVG = 'http://www.w3.org/2000/svg', HOUR = 3600000, MINUTE = 60000, HEIGHT = 34, BARS = 240;
const SHORT = 3 * HOUR; // a day with less than this in it opens at the scale of an hour

function draw(tag, attributes, title) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (title) { const words = document.createElementNS(SVG, 'title'); words.textContent = title; node.append(words); }
  return node;
}

export class Track {
  constructor(box, { onGo }) {
    this.box = box;
    this.range = $('input', box);
    this.drawing = $('svg', box);
    this.ticks = $('.past-ticks', box);
    this.span = null;
    this.day = null;
    this.range.addEventListener('input', () => onGo(Number(this.range.value)));
    this.range.addEventListener('keydown', (event) => { if (this.own && this.own(event)) event.preventDefault(); });
    new ResizeObserver(() => this.paint()).observe(box);
    addEventListener('locale', () => this.paint());
  }

  show(day, at, latest) {
    this.day = day;
    if (this.span === null) {
      const first = Math.max(day.since, day.first || day.since), last = Math.min(day.until, day.last || day.until);
      this.span = last - first < SHORT ? 'hour' : 'day';
    }
    this.pressed();
    this.frame(at);
    this.paint();
    this.place(at, latest);
  }

  zoom(span) { this.span = span; this.pressed(); this.frame(this.at); this.paint(); this.place(this.at, this.latest); }
  pressed() { for (const button of $$('[data-span]')) button.setAttribute('aria-pressed', String(button.dataset.span === this.span)); }

  frame(at) {
    if (!this.day) return;
    const { since, until } = this.day, begin = since + Math.floor((at - since) / HOUR) * HOUR;
    [this.from, this.to] = this.span === 'day' ? [since, until] : [begin, Math.min(until, begin + HOUR)];
  }

  place(at, latest) {
    Object.assign(this, { at, latest });
    if (!this.day) return;
    if (at < this.from || at >= this.to) { this.frame(at); this.paint(); }
    this.range.min = this.from;
    this.range.max = Math.min(this.to, Math.max(latest, this.from)) ;
    this.range.step = 1000;
    this.range.value = at;
    this.range.style.width = `${100 * Math.max(0.001, (this.range.max - this.from) / (this.to - this.from))}%`;
    this.range.setAttribute('aria-valuetext', timeText(at));
    const share = (at - this.from) / (this.to - this.from);
    $('.past-needle', this.box).style.left = `${100 * share}%`;
  }

  paint() {
    const { day, drawing } = this, width = this.box.clientWidth;
    if (!day || !width) return;
    drawing.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
    const x = (at) => (width * (Math.min(Math.max(at, this.from), this.to) - this.from)) / (this.to - this.from);
    const inside = (since, until) => until > this.from && since < this.to;
    const nodes = [];
    if (day.first > this.from) nodes.push(draw('rect', { class: 'nothing', x: 0, y: 0, width: x(day.first), height: HEIGHT }, t('Nothing is stored of this time')));
    nodes.push(...this.bars(x));
    for (const gap of day.gaps) {
      const until = gap.to ?? day.until;
      if (inside(gap.from, until)) nodes.push(draw('rect', { class: 'gap', x: x(gap.from), y: 0, width: Math.max(3, x(until) - x(gap.from)), height: HEIGHT }, `${t('Blind')} ${timeText(gap.from)}–${gap.to ? timeText(gap.to) : ''} ${gap.source} ${t('gap:' + gap.reason)}`));
    }
    for (const alert of day.alerts) {
      const until = alert.resolved_at || day.until;
      if (inside(alert.raised_at, until)) nodes.push(draw('rect', { class: `fired ${alert.severity}`, x: x(alert.raised_at), y: 0, width: Math.max(3, x(until) - x(alert.raised_at)), height: 5, rx: 2 }, `${t('Alert')} ${timeText(alert.raised_at)} ${alert.scope}`));
    }
    $('.past-marks', drawing).replaceChildren(...nodes);
    this.hours(width);
  }

  // Offered upwards, what of it was abandoned in another colour; as many bars as can be told apart.
  bars(x) {
    const { day } = this, width = this.box.clientWidth;
    const wide = Math.max(1, Math.ceil((this.to - this.from) / MINUTE / Math.min(BARS, width / 4))) * MINUTE, sums = new Map();
    for (const [at, offered, abandoned] of day.slots) {
      if (at < this.from || at >= this.to) continue;
      const slot = this.from + Math.floor((at - this.from) / wide) * wide, sum = sums.get(slot) || [0, 0];
      sums.set(slot, [sum[0] + offered, sum[1] + abandoned]);
    }
    const most = Math.max(1, ...[...sums.values()].map(([offered]) => offered)), room = HEIGHT - 8;
    return [...sums].flatMap(([at, [offered, abandoned]]) => {
      const left = x(at) + 0.5, w = Math.max(1, x(at + wide) - x(at) - 1), height = (room * offered) / most, lost = (room * abandoned) / most;
      const title = `${timeText(at)} ${t('Offered')} ${offered}, ${t('Abandoned')} ${abandoned}`;
      return [draw('rect', { class: 'offered', x: left, y: HEIGHT - height, width: w, height }, title), draw('rect', { class: 'abandoned', x: left, y: HEIGHT - lost, width: w, height: lost }, title)];
    });
  }

  hours(width) {
    const length = this.to - this.from, fits = Math.max(2, Math.floor(width / 62));
    const every = (length > 2 * HOUR ? [1, 2, 3, 4, 6, 12].map((n) => n * HOUR) : [5, 10, 15, 20, 30].map((n) => n * MINUTE)).find((one) => length / one <= fits) || length;
    const marks = [];
    for (let at = this.from; at <= this.to; at += every) {
      const share = (at - this.from) / length;
      const tick = h('span', { class: share < 0.02 ? 'left' : share > 0.98 ? 'right' : '' }, at === this.to && length > 2 * HOUR ? '24:00' : timeText(at).slice(0, 5));
      tick.style.left = `${100 * share}%`;
      marks.push(tick);
    }
    this.ticks.replaceChildren(...marks);
  }
}
