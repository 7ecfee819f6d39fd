// What every page shares: words, time, theme, language, safe DOM building. Text is always a text node, never markup.
const root = document.documentElement;
export const $ = (selector, from = document) => from.querySelector(selector);
export const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
export const page = { locale: root.lang, theme: root.dataset.theme, words: {} };
const ZONE = root.dataset.zone || 'UTC';
const SITE = root.dataset.site || '';
export const HOME = root.dataset.floor; // the floor of this site, now

// An address of this site's and of the part of it one looks at: nothing to add for the whole of the first site.
export const SCOPE = new URLSearchParams(location.search).get('scope') || '';
const asked = new URLSearchParams([['site', SITE], ['scope', SCOPE]].filter(([, value]) => value)).toString();
export const here = (path) => (asked ? `${path}${path.includes('?') ? '&' : '?'}${asked}` : path);

// h('div', {class: 'x'}, 'text', node): attributes are set as strings, children appended as nodes or text.
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export function t(text, values = {}) {
  const word = page.words[text] || text.replace(/^[a-z_]+:/, '');
  return word.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

export async function loadWords(locale) {
  const answer = await fetch(`/api/v1/words/${locale}`);
  page.words = await answer.json();
  page.locale = locale;
}

const twoDigits = (value) => String(value).padStart(2, '0');
export function clockText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000)), hours = Math.floor(seconds / 3600);
  const rest = `${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}
export const percent = ([part, whole], digits = 1) => (whole ? `${((100 * part) / whole).toFixed(digits)}%` : '–');
// Times are the site's, wherever the viewer sits.
const TIME = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', second: '2-digit' });
export const timeText = (at) => (at ? TIME.format(at) : '–');
const DAY = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' });
export const dayText = (at) => DAY.format(at);
const PARTS = new Intl.DateTimeFormat('en-US', { timeZone: ZONE, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
// Milliseconds between the site's clock and UTC at a moment: for axes that print UTC.
export function zoneOffset(at) {
  const part = Object.fromEntries(PARTS.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - Math.floor(at / 1000) * 1000;
}

export function remember(name, value) {
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; SameSite=Lax`;
}

export async function post(url, body = {}) {
  return fetch(url, { method: 'POST', headers: { 'X-Floorwatch': '1', 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
}

// Puts the words of the viewer's language where the server left their keys.
export function dress(from = document) {
  for (const node of $$('[data-t]', from)) node.textContent = t(node.dataset.t);
  for (const node of $$('[data-t-title]', from)) { node.title = t(node.dataset.tTitle); node.setAttribute('aria-label', node.title); }
  for (const node of $$('[data-t-hint]', from)) { node.placeholder = t(node.dataset.tHint); node.setAttribute('aria-label', node.placeholder); }
}

export function setTheme(theme) {
  page.theme = root.dataset.theme = theme;
  remember('theme', theme);
  dispatchEvent(new CustomEvent('theme', { detail: theme }));
}

export async function setLocale(locale) {
  remember('lang', locale);
  if (!document.body.dataset.live) { location.reload(); return; }
  await loadWords(locale);
  root.lang = locale;
  dress();
  dispatchEvent(new CustomEvent('locale', { detail: locale }));
}

export const toggleTheme = () => setTheme(page.theme === 'dark' ? 'light' : 'dark');
export const toggleLocale = () => setLocale(page.locale.startsWith('zh') ? 'en' : 'zh-CN');

export const typing = (event) => ['INPUT', 'SELECT', 'TEXTAREA'].includes(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey;

$('#theme').addEventListener('click', toggleTheme);
$('#locale').addEventListener('click', toggleLocale);
$('#site')?.addEventListener('change', (event) => { location.href = event.target.value; });
addEventListener('keydown', (event) => {
  if (typing(event) || document.querySelector('dialog[open]')) return;
  if (event.key === 'd' || event.key === 'D') toggleTheme();
  if (event.key === 'l' || event.key === 'L') toggleLocale();
});
$('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }); // a telephone shows half of the pages
export const ready = loadWords(page.locale).then(() => dress());
