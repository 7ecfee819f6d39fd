// Signs that no font is sure to have. In: a name. Out: an SVG in the colour of its text.
const SVG = 'http://www.w3.org/2000/svg';
const BELL = 'M8 2a4 4 0 0 0-4 4v2.6L2.8 11h10.4L12 8.6V6a4 4 0 0 0-4-4zM6.5 12.5a1.5 1.5 0 0 0 3 0z';
const PATHS = { bell: [BELL], quiet: [BELL, 'M2 14 14 2'] };

export function icon(name) {
  const node = document.createElementNS(SVG, 'svg');
  for (const [key, value] of Object.entries({ viewBox: '0 0 16 16', width: 14, height: 14, class: 'icon-of', 'aria-hidden': 'true', focusable: 'false' })) node.setAttribute(key, value);
  for (const d of PATHS[name]) { const path = document.createElementNS(SVG, 'path'); path.setAttribute('d', d); node.append(path); }
  return node;
}

// An element of a drawing, with a title that a pointer shows.
export function draw(tag, attributes, title) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) node.setAttribute(name, value);
  if (title) { const words = document.createElementNS(SVG, 'title'); words.textContent = title; node.append(words); }
  return node;
}
