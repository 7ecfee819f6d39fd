// Right or wrong: what an inspector says of an item's answer. In: the score card. Out: verdicts, kept by the service.
import { $$, h, here, ready, t } from '/static/web/common.js';

const main = document.querySelector('main'), at = `/api/v1/contacts/${encodeURIComponent(main.dataset.contact)}/verdicts`;

async function ask(method, body) {
  try {
    const answer = await fetch(here(at), { method, headers: { 'X-Floorwatch': '1', 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
    return { ok: answer.ok, told: await answer.json().catch(() => ({})) };
  } catch { return { ok: false, told: { reason: 'no_answer' } }; }
}

class Judged {
  constructor(node) {
    this.node = node;
    this.key = { scheme: node.dataset.scheme, version: Number(node.dataset.version), item: node.dataset.item };
    this.mine = null;
    this.others = [];
  }

  fits = (one) => one.scheme === this.key.scheme && one.version === this.key.version && one.item === this.key.item;

  show(fault = '') {
    const choice = (agreed, mark, word) => {
      const on = this.mine !== null && this.mine.agreed === agreed, node = h('button', { type: 'button', class: 'verdict', 'aria-pressed': String(on), title: t(word), 'aria-label': t(word) }, mark);
      node.addEventListener('click', () => this.say(on ? null : agreed));
      return node;
    };
    const comment = this.mine && h('input', { type: 'text', maxlength: 500, value: this.mine.comment, placeholder: t('Why?'), 'aria-label': t('Why?') });
    comment?.addEventListener('change', () => this.say(this.mine.agreed, comment.value));
    const said = this.others.map((one) => h('small', { class: 'dim' }, `${one.by}: ${one.agreed ? '✓' : '✕'} ${one.comment}`));
    this.node.replaceChildren(choice(true, '✓', 'The answer is right'), choice(false, '✕', 'The answer is wrong'), comment || '', ...said, fault ? h('small', { class: 'bad', role: 'alert' }, fault) : '');
  }

  async say(agreed, comment = this.mine?.comment || '') {
    const answer = await ask('POST', { ...this.key, agreed, comment });
    if (answer.ok) this.mine = agreed === null ? null : answer.told;
    this.show(answer.ok ? '' : t(`reason:${answer.told.reason || 'no_answer'}`));
  }
}

await ready;
const all = $$('.verdicts').map((node) => new Judged(node));
const before = all.length ? await ask('GET') : null;
for (const one of all) {
  const found = before.ok ? before.told.verdicts.filter(one.fits) : [];
  one.mine = found.find((said) => said.by === before.told.me) || null;
  one.others = found.filter((said) => said.by !== before.told.me);
  one.show();
}
