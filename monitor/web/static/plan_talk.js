// The plan's conversation with the service. In: what to ask. Out: answers; what failed is an answer, too, never an exception.
import { here, t } from '/static/web/common.js';

async function ask(method, path, body, type = 'application/json') {
  const headers = { 'X-Floorwatch': '1' };
  if (body !== undefined) headers['Content-Type'] = type;
  try {
    const answer = await fetch(here(path), { method, headers, body: type === 'application/json' && body !== undefined ? JSON.stringify(body) : body });
    const told = await answer.json().catch(() => ({}));
    return { ok: answer.ok, status: answer.status, told };
  } catch {
    return { ok: false, status: 0, told: { reason: 'no_answer' } };
  }
}

export const talk = {
  plan: () => ask('GET', '/api/v1/plan'),
  version: (number, against) => ask('GET', `/api/v1/plan/versions/${number}${against === undefined ? '' : `?against=${against}`}`),
  publish: (body) => ask('POST', '/api/v1/plan', body),
  check: (plan) => ask('POST', '/api/v1/plan/check', plan),
  take: (file, type) => ask('POST', '/api/v1/plan/import', file, type),
  picture: (file) => ask('POST', '/api/v1/plan/picture', file, file.type || 'application/octet-stream'),
  pin: (seat, agent) => ask('PUT', `/api/v1/plan/seats/${encodeURIComponent(seat)}/agent`, { agent }),
  unpin: (seat) => ask('DELETE', `/api/v1/plan/seats/${encodeURIComponent(seat)}/agent`),
  people: () => ask('GET', '/api/v1/floor/people'),
};
export const pictureUrl = (name) => here(`/api/v1/plan/picture?name=${encodeURIComponent(name)}`);
export const why = ({ told, status }) => [t(`reason:${told.reason || status}`), told.detail].filter(Boolean).join(' · ');
