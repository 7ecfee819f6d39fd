// What the wall knows of every seat. In: binary frames (seat_map/frames.py). Out: typed columns, one row per seat.
// A delta out of turn is refused: the caller asks for a snapshot. May not know: drawing, language.
export const WORDS = ['signed_out', 'ready', 'offered', 'on_contact', 'on_hold', 'wrap_up', 'not_ready', 'trouble', 'unknown', 'vacant'];
export const CODE = Object.freeze(Object.fromEntries(WORDS.map((word, code) => [word, code])));
export const UNCERTAIN = 1, RESERVED = 2;
const DOUBT_SHIFT = 4;
export const SURE = 'sure', STALE = 'stale', CONTRADICTORY = 'contradictory';
const HEADER = 24, VERSION = 1, SNAPSHOT = 1;
const padded = (bytes) => bytes + ((4 - (bytes % 4)) % 4);

export class Seats {
  constructor() {
    this.seq = null;
    this.revision = 0;
    this.at = 0;
    this.doubts = [['', SURE]]; // number -> [why, certainty], as the map document tells
    this.resize(0);
  }

  resize(size) {
    this.size = size;
    this.code = new Uint8Array(size).fill(CODE.vacant);
    this.flags = new Uint8Array(size);
    this.reason = new Uint16Array(size);
    this.since = new Float64Array(size);
  }

  // -> {gap: true} or {rows, whole}: the rows that changed; `whole` after a snapshot.
  take(buffer) {
    const head = new DataView(buffer);
    const kind = head.getUint8(0), rows = head.getUint32(4, true), seq = head.getUint32(8, true);
    if (head.getUint8(1) !== VERSION) throw new Error(`frame version ${head.getUint8(1)}: reload the page`);
    const whole = kind === SNAPSHOT;
    if (!whole && (this.seq === null || seq !== (this.seq + 1) >>> 0)) return { gap: true };
    let offset = HEADER;
    let index = null;
    if (whole) {
      this.resize(rows);
    } else {
      index = new Uint16Array(buffer, offset, rows);
      offset += padded(rows * 2);
    }
    const age = new Uint32Array(buffer, offset, rows);
    const reason = new Uint16Array(buffer, offset + rows * 4, rows);
    const codes = offset + rows * 4 + padded(rows * 2);
    const code = new Uint8Array(buffer, codes, rows), flags = new Uint8Array(buffer, codes + rows, rows);
    this.seq = seq;
    this.revision = head.getUint32(12, true);
    this.at = head.getFloat64(16, true);
    if (!whole && index.length && Math.max(...index) >= this.size) return { gap: true };
    for (let k = 0; k < rows; k++) {
      const i = whole ? k : index[k];
      this.code[i] = code[k];
      this.flags[i] = flags[k];
      this.reason[i] = reason[k];
      this.since[i] = this.at - age[k];
    }
    return { gap: false, whole, rows: index };
  }

  hatched(i) {
    return this.code[i] === CODE.unknown || (this.flags[i] & UNCERTAIN) !== 0;
  }

  // Why the label of a seat cannot be trusted; '' when it can.
  doubt(i) { return (this.doubts[this.flags[i] >> DOUBT_SHIFT] || this.doubts[0])[0]; }

  // The unknown say so by themselves: only a label that is shown can be in doubt.
  certainty(i) {
    const flags = this.flags[i];
    return flags >> DOUBT_SHIFT && this.code[i] !== CODE.unknown ? (this.doubts[flags >> DOUBT_SHIFT] || this.doubts[0])[1] : SURE;
  }

  doubted() {
    const found = { [STALE]: 0, [CONTRADICTORY]: 0 };
    for (let i = 0; i < this.size; i++) if (this.flags[i] >> DOUBT_SHIFT && this.code[i] !== CODE.unknown) found[this.certainty(i)]++;
    return found;
  }

  counts() {
    const counts = new Array(WORDS.length).fill(0);
    for (let i = 0; i < this.size; i++) counts[this.code[i]]++;
    return counts;
  }
}
