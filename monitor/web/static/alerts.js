// The alerts page: acknowledge, and follow the board. In: /api/v1/alerts. Out: a reload when what is firing changed.
import { $$, post, ready, t } from '/static/web/common.js';

const EVERY_MS = 5000;
for (const button of $$('[data-acknowledge]')) {
  button.addEventListener('click', async () => {
    button.disabled = true;
    const answer = await post(`/api/v1/alerts/${encodeURIComponent(button.dataset.acknowledge)}/acknowledge`);
    if (answer.ok) location.reload(); else { button.disabled = false; button.textContent = t('Not taken: try again'); }
  });
}

const standing = (alerts) => alerts.filter((one) => one.state === 'firing').map((one) => `${one.alert} ${one.acknowledged_at} ${one.reason}`).sort().join('|');
let before = null;
async function follow() {
  const answer = await fetch('/api/v1/alerts');
  if (!answer.ok) return;
  const now = standing((await answer.json()).alerts);
  if (before !== null && now !== before) location.reload();
  before = now;
}
await ready;
await follow();
setInterval(() => follow().catch(() => { document.body.dataset.line = 'lost'; }), EVERY_MS);
