"""Metrics of agents, teams, contacts and their quality. In: a View with a fresh SiteMoment. Out: Samples by scope.

Without one nothing is given, so nothing is known. An agent whose source is lost is given as not known: neither idle
nor gone. May not know: rules.
"""

from collections.abc import Callable, Mapping, Sequence

from alerts.moment import QualityNow
from alerts.rules import Asked
from alerts.view import UNKNOWN, Heads, Sample, View
from streams.floor.numbers import Ratio
from streams.vocabulary.states import AgentState

HIT_MS = 60_000
"""A hit is news for this long; then its alert resolves by itself."""


def state_time(view: View, asked: Asked) -> Mapping[str, Sample]:
    """How long each agent in that state (and for that reason) has been in it."""
    if view.beside is None:
        return {}
    at, state, reason = view.beside.at, asked.state, asked.reason
    return {
        one.agent: Sample(float(max(0, at - one.since)))
        for one in view.beside.agents
        if one.state == state and (not reason or one.reason == reason)
    }


def contact_length(view: View, asked: Asked) -> Mapping[str, Sample]:
    """Since the talk began; of several agents in one contact, the first who came to it."""
    if view.beside is None:
        return {}
    at = view.beside.at
    lasting: dict[str, Sample] = {}
    for one in view.beside.agents:
        if one.contact and one.contact_since and one.state != AgentState.UNKNOWN:
            length = float(max(0, at - one.contact_since))
            known = lasting.get(one.contact)
            if known is None or (known.value or 0.0) < length:
                lasting[one.contact] = Sample(length, who=one.agent)
    return lasting


def phrase_hit(view: View, asked: Asked) -> Mapping[str, Sample]:
    """Hits of the last minute in each contact."""
    if view.beside is None:
        return {}
    since = view.beside.at - HIT_MS
    found: dict[str, Sample] = {}
    for hit in view.beside.hits:
        if hit.at > since and (not asked.phrase or hit.rule == asked.phrase):
            before = found.get(hit.contact)
            count = (before.value or 0.0) + 1 if before is not None else 1.0
            found[hit.contact] = Sample(count, who=hit.agent, label_zh=hit.label_zh, label_en=hit.label_en)
    return found


def team_heads(count: Callable[[Heads], int]) -> Callable[[View, Asked], Mapping[str, Sample]]:
    def read(view: View, asked: Asked) -> Mapping[str, Sample]:
        return {
            team: Sample(float(count(heads)), whole=heads.signed_in) if heads.known else UNKNOWN
            for team, heads in view.teams.items()
        }

    return read


def team_not_ready_percent(view: View, asked: Asked) -> Mapping[str, Sample]:
    return {
        team: _percent(Ratio(heads.of(AgentState.NOT_READY), heads.signed_in)) if heads.known else UNKNOWN
        for team, heads in view.teams.items()
    }


def site_heads(count: Callable[[Heads], int]) -> Callable[[View, Asked], Mapping[str, Sample]]:
    """Each agent once."""

    def read(view: View, asked: Asked) -> Mapping[str, Sample]:
        heads = view.everyone
        known = view.beside is not None and heads.known
        return {view.moment.site: Sample(float(count(heads)), whole=heads.signed_in) if known else UNKNOWN}

    return read


Measured = Callable[[Sequence[QualityNow]], Sample]


def queue_quality(measured: Measured) -> Callable[[View, Asked], Mapping[str, Sample]]:
    def read(view: View, asked: Asked) -> Mapping[str, Sample]:
        return {row.queue: measured((row,)) for row in _quality(view) if not row.agent}

    return read


def agent_quality(measured: Measured) -> Callable[[View, Asked], Mapping[str, Sample]]:
    """Over all queues of each agent."""

    def read(view: View, asked: Asked) -> Mapping[str, Sample]:
        rows: dict[str, list[QualityNow]] = {}
        for row in _quality(view):
            if row.agent:
                rows.setdefault(row.agent, []).append(row)
        return {agent: measured(of_agent) for agent, of_agent in rows.items()}

    return read


def quality_known(view: View) -> bool:
    """The store was asked since the process that counts scores began."""
    return view.beside is not None and bool(view.beside.gauges.get("quality_known"))


def mean_points(rows: Sequence[QualityNow]) -> Sample:
    scored = sum(row.scored for row in rows)
    return Sample(sum(row.points_sum for row in rows) / scored if scored else None, whole=scored)


def failed_percent(rows: Sequence[QualityNow]) -> Sample:
    return _percent(Ratio(sum(row.failed for row in rows), sum(row.scored for row in rows)))


def fatal(rows: Sequence[QualityNow]) -> Sample:
    return Sample(float(sum(row.fatal for row in rows)), whole=sum(row.scored for row in rows))


def _quality(view: View) -> Sequence[QualityNow]:
    return view.beside.quality if view.beside is not None and quality_known(view) else ()


def _percent(ratio: Ratio) -> Sample:
    return Sample(ratio.percent, ratio.part, ratio.whole)
