// Thirty minutes of one queue on a small canvas. In: [parts, wholes] of closed minutes, a goal. Out: a drawing.
// Bars are contacts per minute, the curve is the level from the first minute on, dashes are the goal. No Bokeh: there may be 300.
const theme = { of: '', colours: {} };
const NAMES = { met: '--ok', watch: '--warn', missed: '--bad', empty: '--faint', uncertain: '--faint' };

function colours() {
  const root = document.documentElement;
  if (theme.of !== root.dataset.theme) {
    const style = getComputedStyle(root);
    theme.of = root.dataset.theme;
    theme.colours = Object.fromEntries(['--ok', '--warn', '--bad', '--faint', '--line', '--line-strong', '--mute'].map((name) => [name, style.getPropertyValue(name).trim()]));
  }
  return theme.colours;
}

// The level of all minutes so far at each minute's end; null until the first contact.
export function levels([parts, wholes]) {
  let part = 0, whole = 0;
  return parts.map((met, k) => { part += met; whole += wholes[k]; return whole ? part / whole : null; });
}

export function spark(canvas, line, { goal, standing }) {
  const ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (!width || !height) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const to = canvas.getContext('2d'), colour = colours();
  to.scale(ratio, ratio);
  const [parts, wholes] = line, step = width / Math.max(1, parts.length), most = Math.max(1, ...wholes);
  // From somewhat below the goal up, or lower if the level was: the bottom of a flat line says nothing.
  const shares = levels(line), low = Math.max(0, Math.min((goal ?? 80) / 100 - 0.3, ...shares.filter((share) => share !== null).map((share) => share - 0.05)));
  const y = (share) => height - 1.5 - ((share - low) / (1 - low)) * (height - 3);
  to.fillStyle = colour['--line-strong'];
  to.globalAlpha = 0.55;
  wholes.forEach((whole, k) => { const tall = (whole / most) * height * 0.45; if (whole) to.fillRect(k * step + 0.5, height - tall, Math.max(1, step - 1), tall); });
  to.globalAlpha = 1;
  if (goal !== null) {
    to.strokeStyle = colour['--mute'];
    to.setLineDash([3, 3]);
    to.beginPath();
    to.moveTo(0, y(goal / 100));
    to.lineTo(width, y(goal / 100));
    to.stroke();
    to.setLineDash(standing === 'uncertain' ? [2, 3] : []);
  }
  to.strokeStyle = colour[NAMES[standing] || '--ok'];
  to.lineWidth = 1.6;
  to.lineJoin = 'round';
  to.beginPath();
  let drawing = false;
  shares.forEach((share, k) => {
    if (share === null) { drawing = false; return; }
    to[drawing ? 'lineTo' : 'moveTo']((k + 1) * step - step / 2, y(share));
    drawing = true;
  });
  to.stroke();
}
