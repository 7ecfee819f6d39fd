// What this browser has seen and does not want to hear of for a while. In: keys, the time. Out: yes or no; undo.
// Kept per site in localStorage, so that a reload does not bring everything back. A worse case of the same is a new key.
export const SNOOZE_MS = 10 * 60_000;

export class Snoozed {
  constructor(site, storage = localStorage) {
    Object.assign(this, { storage, name: `floorwatch:seen:${site}`, done: [] });
    this.until = read(storage, this.name);
  }

  has(key, now) { return (this.until[key] || 0) > now; }

  add(key, now) {
    this.until = Object.fromEntries(Object.entries(this.until).filter(([, until]) => until > now));
    this.until[key] = now + SNOOZE_MS;
    this.done.push(key);
    this.keep();
  }

  // -> the key that is shown again, or undefined
  undo() {
    const key = this.done.pop();
    if (key !== undefined) { delete this.until[key]; this.keep(); }
    return key;
  }

  clear() { this.until = {}; this.done = []; this.keep(); }

  // A browser that keeps nothing (private window, full store) still hides it until it is closed.
  keep() {
    try { this.storage.setItem(this.name, JSON.stringify(this.until)); } catch (error) { if (!(error instanceof DOMException)) throw error; }
  }
}

function read(storage, name) {
  try {
    const kept = JSON.parse(storage.getItem(name) || '{}');
    return kept && typeof kept === 'object' && !Array.isArray(kept) ? kept : {};
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) return {};
    throw error;
  }
}
