// How many tiles go onto one screen, and how big. In: counts, pixels. Out: columns, rows, a scale; what does not fit pages on.
// Pure. A wall never scrolls: nobody stands there to do it.

// `unit`: pixels of one em at scale 1; `wide`, `tall`: the smallest tile in em; scale 1 is the smallest that is read from afar.
export function fit(count, width, height, { unit, wide, tall, gap = 0.6, most = 2.4 }) {
  const scaleOf = (columns, rows) => Math.min((width / unit + gap) / (columns * (wide + gap)), (height / unit + gap) / (rows * (tall + gap)));
  let best = { columns: 1, rows: 1, scale: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(Math.max(1, count) / columns), scale = scaleOf(columns, rows);
    // Of equal sizes the one that leaves fewer holes.
    if (scale > best.scale + 1e-9) best = { columns, rows, scale };
  }
  if (best.scale >= 1) return { ...best, scale: Math.min(most, best.scale), each: Math.max(1, count) };
  const columns = Math.max(1, Math.floor((width / unit + gap) / (wide + gap))), rows = Math.max(1, Math.floor((height / unit + gap) / (tall + gap)));
  const pages = Math.ceil(count / (columns * rows)), each = Math.ceil(count / pages);
  const shown = pages > 1 ? fit(each, width, height, { unit, wide: Math.min(wide, width / unit), tall: Math.min(tall, height / unit), gap, most }) : { columns, rows, scale: scaleOf(columns, rows) };
  return { columns: shown.columns, rows: shown.rows, scale: Math.min(most, shown.scale), each };
}

// Rows of a list: [from, to) of each page.
export function pagesOf(count, each) {
  const pages = [];
  for (let from = 0; from < count; from += each) pages.push([from, Math.min(count, from + each)]);
  return pages.length ? pages : [[0, 0]];
}
