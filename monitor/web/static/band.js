// A band of stretches of time that is read with pointer or keys. In: an SVG, its stretches. Out: which one is meant, opened.
// Used by an agent's day and by the strip of the chosen seat. May not know: what a stretch is of.
export class Band {
  // `frame`: the rect around the chosen stretch; `tell(stretch, place)` says it, `open(stretch)` goes there.
  constructor(svg, { stretches, frame, tell, open }) {
    Object.assign(this, { svg, stretches, frame, tell, open, chosen: -1 });
    svg.addEventListener('pointermove', (event) => { const place = stretches.indexOf(event.target); if (place >= 0 && place !== this.chosen) this.choose(place); });
    svg.addEventListener('click', (event) => { const place = stretches.indexOf(event.target); if (place >= 0) { this.choose(place); open(stretches[place]); } });
    svg.addEventListener('keydown', (event) => this.key(event));
  }

  choose(place) {
    this.chosen = place;
    const one = this.stretches[place];
    for (const name of ['x', 'width']) this.frame.setAttribute(name, one.getAttribute(name));
    this.stretches.forEach((other, k) => other.setAttribute('aria-selected', String(k === place)));
    this.tell(one, place);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.stretches.length) return;
    const last = this.stretches.length - 1, none = this.chosen < 0;
    const next = { ArrowLeft: none ? last : Math.max(0, this.chosen - 1), ArrowRight: none ? 0 : Math.min(last, this.chosen + 1), Home: 0, End: last }[event.key];
    if (next !== undefined) { this.choose(next); this.svg.focus(); }
    else if (event.key === 'Enter' && !none) this.open(this.stretches[this.chosen]);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the floor's own arrow keys move over the map
  }
}
