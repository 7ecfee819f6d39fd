// The wall's one socket. In: callbacks. Out: frames, words, and the state of the line: ok, late, lost.
// Reconnects with jitter and a cap; the server's clock is the offset of the quickest of the last pings. Time is counted
// by performance.now(): a television sets its clock hours after it has opened the page. May not know: drawing.
import { here } from '/static/web/common.js';
import { Words } from '/static/web/words.js';
const LATE_MS = 2500, LOST_MS = 6000, PING_MS = 5000, RETRY_MS = 500, RETRY_MAX_MS = 15000;

export class WallSocket {
  constructor({ onFrame, onWord, onState }) {
    Object.assign(this, { onFrame, onWord, onState });
    this.offset = Date.now() - performance.now();
    this.words = new Words();
    this.pings = [];
    this.tries = 0;
    this.heard = -Infinity;
    this.state = '';
    setInterval(() => this.watch(), 250);
    setInterval(() => this.ping(), PING_MS);
  }

  now() { return performance.now() + this.offset; }

  connect() {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = this.socket = new WebSocket(`${scheme}://${location.host}${here('/ws/floor')}`);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => { this.tries = 0; this.pings = []; this.ping(); };
    socket.onclose = () => {
      const wait = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** this.tries++) * (0.7 + 0.6 * Math.random());
      setTimeout(() => this.connect(), wait);
      this.watch();
    };
    socket.onmessage = (event) => {
      const word = typeof event.data === 'string' ? JSON.parse(event.data) : null;
      if (word && word.t === 'pong') { this.pong(word); return; } // an answering socket is not yet a living floor
      this.heard = performance.now();
      if (!word) this.onFrame(event.data);
      else for (const one of this.words.take(word)) this.onWord(one);
    };
  }

  send(message) { if (this.socket && this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message)); }
  ping() { this.send({ t: 'ping', at: performance.now() }); }
  askSnapshot() { this.send({ t: 'snapshot' }); }

  pong(word) {
    const trip = performance.now() - word.at;
    this.pings = [...this.pings, [trip, word.server + trip / 2 - performance.now()]].slice(-8);
    this.offset = this.pings.reduce((best, ping) => (ping[0] < best[0] ? ping : best))[1];
  }

  watch() {
    const open = this.socket && this.socket.readyState === WebSocket.OPEN;
    const silence = performance.now() - this.heard;
    const state = !open || silence > LOST_MS ? 'lost' : silence > LATE_MS ? 'late' : 'ok';
    if (state !== this.state || state === 'late') { this.state = state; this.onState(state, silence); }
  }
}
