// Lines over the last thirty minutes on one canvas. In: moments, series with holes. Out: a drawing with its own scale.
// A hole stays a hole: what was not heard is not zero. May not know: sockets, words.
export function trend(canvas, at, series, { now, span = 1_800_000, most = null, goal = null }) {
  const ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (!width || !height) return 0;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const to = canvas.getContext('2d'), style = getComputedStyle(canvas), colour = (name) => style.getPropertyValue(name).trim();
  to.scale(ratio, ratio);
  const top = most ?? Math.max(1, ...series.flatMap(({ values }) => values.filter((value) => value !== null)));
  const x = (moment) => width * (1 - (now - moment) / span), y = (value) => height - 2 - (value / top) * (height - 6);
  to.strokeStyle = colour('--line');
  for (let minute = 10; minute < 30; minute += 10) { to.beginPath(); to.moveTo(x(now - minute * 60_000), 0); to.lineTo(x(now - minute * 60_000), height); to.stroke(); }
  if (goal !== null) {
    to.strokeStyle = colour('--mute');
    to.setLineDash([4, 3]);
    to.beginPath(); to.moveTo(0, y(goal)); to.lineTo(width, y(goal)); to.stroke();
    to.setLineDash([]);
  }
  for (const { values, name, fill } of series) stroke(to, at, values, { x, y, colour: colour(name), fill, height });
  return top;
}

function stroke(to, at, values, { x, y, colour, fill, height }) {
  to.strokeStyle = to.fillStyle = colour;
  to.lineWidth = 1.7;
  to.lineJoin = 'round';
  let begun = -1;
  const end = (k) => {
    if (begun < 0) return;
    to.stroke();
    if (k - begun === 1) to.fillRect(x(at[begun]) - 1, y(values[begun]) - 1, 2, 2); // a single sample is a dot
    if (fill) { to.lineTo(x(at[k - 1]), height); to.lineTo(x(at[begun]), height); to.globalAlpha = 0.2; to.fill(); to.globalAlpha = 1; }
    begun = -1;
  };
  values.forEach((value, k) => {
    if (value === null) { end(k); return; }
    if (begun < 0) { begun = k; to.beginPath(); to.moveTo(x(at[k]), y(value)); } else to.lineTo(x(at[k]), y(value));
  });
  end(values.length);
}
