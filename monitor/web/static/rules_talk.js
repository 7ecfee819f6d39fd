// The editor's conversation with the service. In: what to ask. Out: answers; what failed is an answer, too, never an exception.
import { here, page, t } from '/static/web/common.js';

export async function ask(method, path, body) {
  const headers = { 'X-Floorwatch': '1' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    const answer = await fetch(here(path), { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    return { ok: answer.ok, status: answer.status, told: await answer.json().catch(() => ({})) };
  } catch {
    return { ok: false, status: 0, told: { reason: 'no_answer' } };
  }
}

const of = (name, rest = '') => `/api/v1/rules/${encodeURIComponent(name)}${rest}`;
export const talk = {
  schemes: () => ask('GET', '/api/v1/rules'),
  language: () => ask('GET', '/api/v1/rules/language'),
  check: (body) => ask('POST', '/api/v1/rules/check', body),
  compare: (before, after) => ask('POST', '/api/v1/rules/compare', { before, after }),
  try: (text, contact) => ask('POST', '/api/v1/rules/try', { text, contact }),
  test: (text, name, golden) => ask('POST', '/api/v1/rules/test', { text, name, golden }),
  dialogue: (body) => ask('POST', '/api/v1/rules/dialogue', body),
  scheme: (name) => ask('GET', of(name)),
  save: (name, body) => ask('PUT', of(name, '/draft'), body),
  drop: (name, revision) => ask('DELETE', of(name, `/draft?revision=${revision}`)),
  versions: (name) => ask('GET', of(name, '/versions')),
  version: (name, number, against) => ask('GET', of(name, `/versions/${number}${against === undefined ? '' : `?against=${against}`}`)),
  publish: (name, body) => ask('POST', of(name, '/publish'), body),
  jobs: (kind, scheme) => ask('GET', `/api/v1/rules/${kind}?scheme=${encodeURIComponent(scheme)}`),
  job: (kind, id) => ask('GET', `/api/v1/rules/${kind}/${id}`),
  start: (kind, body) => ask('POST', `/api/v1/rules/${kind}`, body),
  stop: (kind, id) => ask('DELETE', `/api/v1/rules/${kind}/${id}`),
  undo: (id) => ask('POST', `/api/v1/rules/rescores/${id}/undo`),
  accuracy: (name) => ask('GET', of(name, '/accuracy')),
  contacts: () => ask('GET', '/api/v1/contacts?limit=40'),
};
// A fault in the reader's language; the parser's English where there are no words for it.
export const told = (one) => (page.locale.startsWith('zh') ? { ...one, message: one.message_zh || one.message, mend: one.mend_zh || one.mend } : one);
export const why = ({ told, status }) => [t(`reason:${told.reason || status}`), told.rule && t('rule {rule}', { rule: told.rule }), told.detail].filter(Boolean).join(' · ');
