// The keyboard of the floor page. In: what each key does. Out: one listener. Not while typing, not while a dialog is open.
import { $, typing } from '/static/web/common.js';

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Keys {
  // `does`: {step(dx, dy), enter(), escape(), zoom(factor), fit(), state(n), letter: {w() …}}; `first(event)` may take a key away.
  constructor(does, { first = () => false } = {}) {
    Object.assign(this, { does, first });
    addEventListener('keydown', (event) => this.key(event));
  }

  key(event) {
    if (typing(event) || document.querySelector('dialog[open]') || this.first(event)) return;
    const { does } = this, focus = document.activeElement, inMenu = focus.closest('#filter-menu, #side, #queues');
    const onButton = ['BUTTON', 'A', 'SUMMARY'].includes(focus.tagName);
    if (ARROWS[event.key] && !inMenu) { event.preventDefault(); does.step(...ARROWS[event.key]); return; }
    if (event.key === 'Enter' && !onButton) { does.enter(); return; }
    if (event.key === '/') { event.preventDefault(); $('#search').focus(); return; }
    const run = { Escape: () => does.escape(), '+': () => does.zoom(1.5), '=': () => does.zoom(1.5), '-': () => does.zoom(1 / 1.5), 0: () => does.fit() }[event.key];
    if (run) run();
    else if (event.key >= '1' && event.key <= '9') does.state(Number(event.key) - 1);
    else does.letter[event.key.toLowerCase()]?.(event);
  }
}
