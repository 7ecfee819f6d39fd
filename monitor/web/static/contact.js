// One contact: audio, loudness of both channels, transcript that follows, evidence that jumps. In: the page, /peaks.
import { $, $$, page, ready, t, clockText, typing } from '/static/web/common.js';

const main = $('main'), audio = $('#audio'), canvas = $('#wave');
const turns = $$('.turn').map((node) => ({ node, start: +node.dataset.start, end: +node.dataset.end }));
const words = $$('.word').map((node) => ({ node, start: +node.dataset.seek, end: +node.dataset.end })).sort((a, b) => a.start - b.start);
const head = $('#lanes')?.appendChild(Object.assign(document.createElement('i'), { className: 'lanes-head' })) || null;
let until = 0, peaks = [], hits = [], lastTurn = null, lastWord = null;

const duration = () => (audio && Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration * 1000 : +main.dataset.duration || 1);

function seek(ms, play = true) {
  if (!audio) return;
  audio.currentTime = ms / 1000;
  if (play) audio.play().catch(() => {});
  follow();
}

function follow() {
  const at = audio.currentTime * 1000;
  if (until && at >= until) { until = 0; audio.pause(); } // only the seconds that decide
  $('#position').textContent = `${clockText(at)} / ${clockText(duration())}`;
  const turn = turns.find((one) => at >= one.start && at < one.end) || null;
  if (turn !== lastTurn) {
    lastTurn?.node.classList.remove('now');
    turn?.node.classList.add('now');
    if (turn && !audio.paused) turn.node.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
    lastTurn = turn;
  }
  const word = words.find((one) => at >= one.start && at < one.end) || null;
  if (word !== lastWord) { lastWord?.node.classList.remove('now'); word?.node.classList.add('now'); lastWord = word; }
  if (head) head.style.left = `${64 + (at / duration()) * (head.parentNode.clientWidth - 64)}px`;
  draw();
}

// Up and down go from utterance to utterance: before the first one there is the beginning.
function step(by) {
  const at = audio.currentTime * 1000, before = turns.filter((one) => one.start < at - (by < 0 ? 700 : -1)).length;
  const next = by > 0 ? turns[before] : turns[before - 1];
  if (next || by < 0) seek(next ? next.start : 0, !audio.paused);
}

function draw() {
  const width = canvas.clientWidth, height = canvas.clientHeight, ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio)) { canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio); }
  const pen = canvas.getContext('2d'), style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(name).trim();
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  const at = (audio.currentTime * 1000) / duration(), lane = height / Math.max(1, peaks.length);
  const faces = ['--agent', '--customer'];
  peaks.forEach((channel, k) => {
    const middle = lane * (k + 0.5), step = width / channel.length;
    for (let i = 0; i < channel.length; i++) {
      pen.fillStyle = colour(faces[k] || '--mute');
      pen.globalAlpha = i / channel.length <= at ? 1 : 0.38;
      const half = Math.max(0.5, (channel[i] / 255) * lane * 0.47);
      pen.fillRect(i * step, middle - half, Math.max(1, step - 0.6), 2 * half);
    }
  });
  pen.globalAlpha = 1;
  pen.fillStyle = colour('--warn');
  for (const ms of hits) pen.fillRect((ms / duration()) * width - 1, 0, 2, 6);
  pen.fillStyle = colour('--ink');
  pen.fillRect(at * width - 0.5, 0, 1.5, height);
}

const reasonText = (reason) => (page.words['audio:' + reason] ? t('audio:' + reason) : t('reason:' + reason));

async function loadPeaks() {
  const answer = await fetch(`/api/v1/contacts/${encodeURIComponent(main.dataset.contact)}/peaks`);
  if (!answer.ok) {
    const fault = $('#wave-fault');
    fault.hidden = false;
    canvas.hidden = true;
    fault.textContent = `${t('The recording cannot be played')}${t(': ')}${reasonText((await answer.json().catch(() => ({}))).reason || String(answer.status))}`;
    return;
  }
  const channels = (await answer.json()).channels;
  // Telephone audio is quiet: the loudest moment of the contact fills the lane; both channels keep one scale.
  const loudest = Math.max(48, ...channels.flat());
  peaks = channels.map((channel) => channel.map((value) => (255 * value) / loudest));
  draw();
}

// Until transcript and score are there, look now and then; who is listening is not interrupted.
const EVERY_MS = 3000;
async function follows(before) {
  const answer = await fetch(`/api/v1/contacts/${encodeURIComponent(main.dataset.contact)}`);
  if (!answer.ok) return before;
  const { recording, utterances, scores } = await answer.json(), now = [recording?.state, recording?.attempts, utterances.length, scores.length].join();
  if (before && now !== before && (!audio || audio.paused)) location.reload();
  return before || now;
}
if (main.dataset.pending) {
  let before = '';
  const look = () => follows(before).then((seen) => { before = seen; }, () => {}); // history comes back by itself
  look();
  setInterval(look, EVERY_MS);
}

document.addEventListener('click', (event) => {
  const target = event.target.closest('[data-seek]');
  if (!target) return;
  until = +target.dataset.until || 0;
  seek(+target.dataset.seek);
});

if (audio) {
  hits = $$('.evidence,.hear').map((node) => +node.dataset.seek);
  const toggle = () => (audio.paused ? audio.play().catch(() => {}) : audio.pause());
  $('#play').addEventListener('click', toggle);
  $('#speed').addEventListener('change', (event) => { audio.playbackRate = Number(event.target.value); });
  for (const kind of ['play', 'pause', 'ended']) audio.addEventListener(kind, () => { $('#play').textContent = audio.paused ? '▶' : '❚❚'; });
  for (const kind of ['timeupdate', 'loadedmetadata', 'seeked']) audio.addEventListener(kind, follow);
  canvas.addEventListener('click', (event) => seek((event.offsetX / canvas.clientWidth) * duration(), !audio.paused));
  addEventListener('keydown', (event) => {
    if (typing(event) || event.target.tagName === 'BUTTON') return;
    if (event.key === ' ') { event.preventDefault(); toggle(); }
    if (event.key === 'ArrowLeft') seek(Math.max(0, audio.currentTime * 1000 - 5000), false);
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown') { event.preventDefault(); step(event.key === 'ArrowDown' ? 1 : -1); }
    if (event.key === 'ArrowRight') seek(audio.currentTime * 1000 + 5000, false);
  });
  new ResizeObserver(draw).observe(canvas);
  addEventListener('theme', draw);
  await ready;
  const asked = new URLSearchParams(location.search).get('t'); // the second a link points at
  if (/^\d{1,9}$/.test(asked || '')) seek(Number(asked), false); else follow();
  await loadPeaks();
}
