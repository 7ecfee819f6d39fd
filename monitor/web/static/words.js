// What the socket says in short, in full again. In: words as they come. Out: words as the page wants them: `numbers` and
// `groups` whole each second though only changes travel (`news`), `tiers` whole though only rows do (`tiered`), `attention`
// whole though only its items do (`attending`). The other half: monitor/api/wall_news.py. May not know: drawing, sockets.
const AGENT_STATES = ['signed_out', 'ready', 'offered', 'on_contact', 'on_hold', 'wrap_up', 'not_ready', 'unknown'];
const GONE = '-';

const thin = (row, at) => {
  const { longest_wait_ms: wait, ...rest } = row;
  return wait === undefined ? rest : { ...rest, longest_since: wait ? (row.at || at) - wait : 0 };
};
const full = (row, at) => {
  const { longest_since: since, ...rest } = row;
  const told = { at, ...rest };
  return since === undefined ? told : { ...told, longest_wait_ms: since ? Math.max(0, told.at - since) : 0 };
};
const named = (counts) => Object.fromEntries(AGENT_STATES.map((state, k) => [state, counts[k]]).filter(([, count]) => count));

function apply(row, change) {
  for (const key of change[GONE] || []) delete row[key];
  for (const [key, value] of Object.entries(change)) if (key !== GONE) row[key] = key === 'agents' && Array.isArray(value) ? named(value) : value;
}

// An item of the attention list with what changed in it; of its `values`, too.
function merged(item, change) {
  const row = { ...item };
  for (const key of change[GONE] || []) delete row[key];
  for (const [key, value] of Object.entries(change)) if (key !== GONE) row[key] = key === 'values' && item.values ? merged(item.values, value) : value;
  return row;
}

export class Words {
  constructor() {
    this.rows = { queues: new Map(), groups: new Map() };
    this.total = {};
    this.viewers = 0;
    this.tiers = new Map(); // row -> tier
    this.items = new Map(); // attention: key -> item, in order
    this.more = 0;
  }

  // The words the page is to hear instead of this one.
  take(word) {
    switch (word.t) {
      case 'numbers': this.keep('queues', word.queues, word.at); this.total = thin(word.total, word.at); this.viewers = word.viewers; return [word];
      case 'groups': this.keep('groups', word.groups, word.at); return [word];
      case 'news': return this.news(word);
      case 'tiers': this.tiers = new Map(Object.entries(word.rows).flatMap(([tier, rows]) => rows.map((row) => [row, tier]))); return [word];
      case 'tiered': return this.tiered(word);
      case 'attention': this.items = new Map(word.items.map((item) => [item.key, item])); this.more = word.more; return [word];
      case 'attending': return this.attending(word);
      default: return [word];
    }
  }

  keep(name, rows, at) { this.rows[name] = new Map(rows.map((row) => [row.queue, thin({ ...row, at: row.at === at ? undefined : row.at }, at)])); }

  news(word) {
    const { at } = word;
    for (const name of ['queues', 'groups']) {
      const rows = this.rows[name];
      for (const [queue, change] of Object.entries(word[name] || {})) {
        if (!rows.has(queue)) rows.set(queue, { queue });
        apply(rows.get(queue), change);
      }
      for (const queue of word[`${name}_gone`] || []) rows.delete(queue);
    }
    if (word.total) apply(this.total, word.total);
    if (word.viewers !== undefined) this.viewers = word.viewers;
    const { at: _, ...total } = full(this.total, at);
    const whole = (name) => [...this.rows[name].values()].map((row) => full({ ...row, at: row.at || at }, at));
    const told = [{ t: 'numbers', at, viewers: this.viewers, queues: whole('queues'), total }];
    if (this.rows.groups.size) told.push({ t: 'groups', at, groups: whole('groups') });
    return told;
  }

  tiered(word) {
    for (const [tier, rows] of Object.entries(word.rows)) for (const row of rows) { if (tier) this.tiers.set(row, tier); else this.tiers.delete(row); }
    const rows = {};
    for (const [row, tier] of [...this.tiers].sort((a, b) => a[0] - b[0])) (rows[tier] ||= []).push(row);
    return [{ t: 'tiers', rows }];
  }

  // `items`: new ones, `changed`: of each what differs, `order`: all keys where their order changed, `gone`: keys that are no more.
  attending(word) {
    for (const key of word.gone || []) this.items.delete(key);
    for (const [key, change] of Object.entries(word.changed || {})) this.items.set(key, merged(this.items.get(key), change));
    for (const item of word.items || []) this.items.set(item.key, item);
    if (word.order) { const keys = [...this.items.keys()]; this.items = new Map(word.order.map((k) => [keys[k], this.items.get(keys[k])])); }
    if (word.more !== undefined) this.more = word.more;
    return [{ t: 'attention', items: [...this.items.values()], more: this.more }];
  }
}
