// Two short tones for a new alert, off until somebody switches them on in this browser. In: nothing. Out: a button.
// Made by the browser itself: no sound file. May not know: alerts.
import { h, t } from '/static/web/common.js';

const KEPT = 'floorwatch:sound', TONES = [[660, 0], [880, 0.16]], LENGTH_S = 0.14, LOUD = 0.18;

export class AlertSound {
  constructor(storage = localStorage) {
    this.storage = storage;
    try { this.on = storage.getItem(KEPT) === '1'; } catch (error) { if (!(error instanceof DOMException)) throw error; this.on = false; }
    this.context = null;
  }

  button() {
    const word = t(this.on ? 'Sound for new alerts is on' : 'Sound for new alerts is off');
    const made = h('button', { type: 'button', id: 'alert-sound', class: 'button icon', 'aria-pressed': String(this.on), title: word, 'aria-label': word }, this.on ? '♪' : '♪̸');
    made.addEventListener('click', () => { this.turn(); made.replaceWith(this.button()); document.getElementById('alert-sound').focus(); });
    return made;
  }

  turn() {
    this.on = !this.on;
    try { this.storage.setItem(KEPT, this.on ? '1' : '0'); } catch (error) { if (!(error instanceof DOMException)) throw error; }
    if (this.on) this.play(); // heard at once, so that everybody knows what it is
  }

  play() {
    if (!this.on) return;
    this.context ||= new AudioContext();
    for (const [pitch, after] of TONES) {
      const tone = this.context.createOscillator(), volume = this.context.createGain(), at = this.context.currentTime + after;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(LOUD, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + LENGTH_S);
      tone.connect(volume).connect(this.context.destination);
      tone.start(at);
      tone.stop(at + LENGTH_S);
    }
  }
}
