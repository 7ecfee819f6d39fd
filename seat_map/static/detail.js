// How much a seat says at a zoom. In: a SeatMap with `describe`. Out: letters, timers and names of the seats on screen.
// Below `letters` px per metre colour and size speak alone; text exists only for what is visible. May not know: sockets.
import { CODE, RESERVED, STALE, SURE } from './seats.js';

const LETTERS_WIDE = 15.5, LETTERS_NARROW = 12.5, LETTERS_ALWAYS = 9, TIMER = 38, NAME = 56, DETAIL_MAX = 700;

export function drawDetail(map) {
  const { seats, parts, theme, describe } = map;
  if (!describe || !theme) return;
  const scale = map.scale();
  const threshold = map.allLetters ? LETTERS_ALWAYS : describe.wide ? LETTERS_WIDE : LETTERS_NARROW;
  const rows = scale < 7 ? [] : visible(map, (i) => scale >= threshold || seats.code[i] === CODE.trouble);
  const timer = scale >= TIMER && rows.length <= DETAIL_MAX, name = timer && scale >= NAME;
  const letters = { x: [], y: [], text: [], color: [] }, details = { x: [], y: [], text: [], color: [] }, signs = { x: [], y: [], text: [], color: [] };
  for (const i of rows) {
    const code = seats.code[i];
    if (code === CODE.vacant || (map.passes && !map.passes(i))) continue;
    const ink = theme.ink[code];
    const letter = describe.letter(i);
    if (letter) push(letters, map, i, 0, timer ? 0.2 : 0, letter, ink);
    if (seats.flags[i] & RESERVED) push(letters, map, i, 0.34, 0.34, '•', ink); // in the corner: the letter keeps its seat
    const certainty = seats.certainty(i); // in the other corner: ≈ was so when last heard, ≠ two witnesses differ
    const corner = Math.max(0.2, map.sizes[code] / 2 - 0.15);
    if (certainty !== SURE) push(signs, map, i, -corner, corner, certainty === STALE ? '≈' : '≠', ink);
    if (timer && code !== CODE.signed_out) push(details, map, i, 0, -0.22, (name ? describe.name(i) + '\n' : '') + describe.timer(i), ink);
  }
  font(parts.letter_text, Math.min(26, scale * (timer ? 0.3 : 0.6)));
  font(parts.detail_text, Math.min(15, scale * (name ? 0.19 : 0.24)));
  if (letters.x.length || parts.letters.data.x.length) parts.letters.data = letters;
  font(parts.sign_text, Math.min(18, scale * 0.32));
  if (signs.x.length || parts.signs.data.x.length) parts.signs.data = signs;
  if (details.x.length || parts.details.data.x.length) parts.details.data = details;
  const labels = scale >= 6.2;
  for (const text of [parts.team_text, parts.team_ready]) {
    if (text.visible !== labels) text.visible = labels;
    font(text, Math.max(9, Math.min(13, scale * 0.8)));
  }
  const alpha = rows.length && scale >= threshold ? 0.3 : 0.85; // where a seat speaks, its texture steps back
  const crossed = parts.contradictory_rects.glyph;
  if (crossed.hatch_alpha.value !== alpha) crossed.hatch_alpha = { value: alpha };
  for (const bars of [parts.stale_above, parts.stale_below]) if (bars.glyph.fill_alpha.value !== alpha + 0.1) bars.glyph.fill_alpha = { value: alpha + 0.1 };
  const edges = scale >= LETTERS_ALWAYS; // dashes of thousands of small seats cost more than they tell
  if (parts.stale_rects.visible !== edges) parts.stale_rects.visible = edges;
  const hatch = Math.round(Math.max(4, Math.min(10, scale * 0.4)));
  if (parts.hatch_rects.glyph.hatch_scale.value !== hatch) parts.hatch_rects.glyph.hatch_scale = { value: hatch };
}

function visible(map, wanted) {
  const { x_range: xr, y_range: yr } = map.figure, { x, y } = map.geometry, rows = [];
  for (let i = 0; i < Math.min(map.seats.size, x.length); i++) {
    if (x[i] > xr.start - 0.5 && x[i] < xr.end + 0.5 && y[i] > yr.start - 0.5 && y[i] < yr.end + 0.5 && wanted(i)) rows.push(i);
  }
  return rows;
}

function push(data, map, i, dx, dy, text, color) {
  data.x.push(map.geometry.x[i] + dx);
  data.y.push(map.geometry.y[i] + dy);
  data.text.push(text);
  data.color.push(color);
}

function font(renderer, pixels) {
  const size = `${Math.round(pixels)}px`;
  if (renderer.glyph.text_font_size.value !== size) renderer.glyph.text_font_size = { value: size };
}
