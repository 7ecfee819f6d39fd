// The alerts page's conversation with the service. In: what to ask. Out: answers; what failed is an answer, too.
// An alert's id names its site, but its questions say so: two sites may have rules of one name.
import { ask } from '/static/web/rules_talk.js';

const BASE = '/api/v1/alerts', id = encodeURIComponent;
const query = (values) => {
  const asked = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== '')).toString();
  return asked ? `?${asked}` : '';
};
const of = ({ alert, site }, rest) => `${BASE}/${id(alert)}/${rest}${query({ site })}`;

export const talk = {
  now: () => ask('GET', `${BASE}${new URLSearchParams(location.search).get('site') ? '' : '?all=1'}`),
  history: (values) => ask('GET', `${BASE}/history${query(values)}`),
  timeline: (alert) => ask('GET', of(alert, 'timeline')),
  acknowledge: (alert) => ask('POST', of(alert, 'acknowledge'), {}),
  comment: (alert, text) => ask('POST', of(alert, 'comment'), { text }),
  assign: (alert, to) => ask('POST', of(alert, 'assign'), { to }),
  useful: (alert, useful) => ask('POST', of(alert, 'useful'), { useful }),
  silences: (site) => ask('GET', `${BASE}/silences${query({ site })}`),
  silence: (body, site) => ask('POST', `${BASE}/silences${query({ site })}`, body),
  unsilence: (one) => ask('DELETE', `${BASE}/silences/${id(one.id)}${query({ site: one.site })}`),
  rules: () => ask('GET', `${BASE}/rules`),
  language: () => ask('GET', `${BASE}/rules/language`),
  check: (text) => ask('POST', `${BASE}/rules/check`, { text }),
  edit: (text, edits) => ask('POST', `${BASE}/rules/edit`, { text, edits }),
  compare: (before, after) => ask('POST', `${BASE}/rules/compare`, { before, after }),
  publish: (body) => ask('POST', `${BASE}/rules/publish`, body),
  versions: () => ask('GET', `${BASE}/rules/versions`),
  version: (number, against) => ask('GET', `${BASE}/rules/versions/${number}${query({ against })}`),
  fatigue: (days) => ask('GET', `${BASE}/fatigue${query({ days })}`),
  onCall: () => ask('GET', `${BASE}/on-call`),
  channels: () => ask('GET', `${BASE}/channels`),
  test: (name) => ask('POST', `${BASE}/channels/${id(name)}/test`, {}),
  jobs: () => ask('GET', `${BASE}/backtest`),
  backtest: (body) => ask('POST', `${BASE}/backtest`, body),
  job: (job) => ask('GET', `${BASE}/backtest/${id(job)}`),
  stop: (job) => ask('DELETE', `${BASE}/backtest/${id(job)}`),
};
