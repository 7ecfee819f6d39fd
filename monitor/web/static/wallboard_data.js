// What the wall knows now. In: the floor's socket, or /api/v1/sites of a site above others. Out: rows, and how old they are.
// Kept whole here, so that a page that comes up shows at once what there is. May not know: pages, drawing.
import { here } from '/static/web/common.js';
import { WallSocket } from '/static/web/socket.js';

const SITES_MS = 3000, LATE_MS = 5500, LOST_MS = 10_000;
const SHOWN = document.documentElement.dataset.shown;

export class WallData {
  // `view` "own": a floor with a socket; "branches": sites added up, without one.
  constructor({ view, sites, onState, onFrame = () => {}, onWord = () => {} }) {
    Object.assign(this, { view, onState, onFrame, onWordToo: onWord, queues: [], groups: [], lines: {}, alerts: [], attention: null, total: null, sites: null, heard: -Infinity, skew: Date.now() - performance.now(), state: '' });
    if (view === 'own') {
      this.socket = new WallSocket({ onFrame: (frame) => this.onFrame(frame), onWord: (word) => this.word(word), onState: (state, silence) => this.told(state, silence) });
      this.socket.connect();
    } else setInterval(() => this.watch(), 500);
    if (sites || view !== 'own') this.ask();
  }

  now() { return this.socket ? this.socket.now() : performance.now() + this.skew; }

  word(word) {
    switch (word.t) {
      case 'numbers': this.queues = word.queues; this.total = word.total; this.at = word.at; break;
      case 'groups': this.groups = word.groups; break;
      case 'lines': this.lines = word.queues; break;
      case 'alerts': this.alerts = word.alerts; break;
      case 'attention': this.attention = word; break;
      default: // other words are the map's
    }
    this.onWordToo(word);
  }

  told(state, silence) { this.state = state; this.onState(state, silence); }

  async ask() {
    try {
      const answer = await fetch(`/api/v1/sites?site=${encodeURIComponent(SHOWN)}`);
      if (answer.status === 200) this.takeSites(await answer.json());
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error; // the line is down, or a proxy answers for the server
    }
    setTimeout(() => this.ask(), SITES_MS * (0.9 + 0.2 * Math.random()));
  }

  takeSites(told) {
    this.sites = told.sites;
    if (this.view === 'own') return;
    const { total } = told.sites[0];
    this.heard = performance.now();
    this.skew = told.at - this.heard;
    Object.assign(this, { at: told.at, queues: total.queues, total, lines: Object.fromEntries(total.queues.filter((row) => row.line).map((row) => [row.queue, row.line])) });
  }

  watch() {
    const silence = performance.now() - this.heard, state = silence > LOST_MS ? 'lost' : silence > LATE_MS ? 'late' : 'ok';
    if (state !== this.state || state === 'late') this.told(state, silence);
  }
}

// The board as the server has it now; null while it does not answer.
export async function askBoard() {
  try {
    const answer = await fetch(here('/api/v1/wallboard'), { cache: 'no-store' });
    return answer.status === 200 ? await answer.json() : null;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return null;
  }
}
