"""Every metric a rule may name: one table. In: nothing. Out: METRICS.

To add one: a reader in alerts/metrics_*.py, its words in metric_words.py, a line here; docs/alerts.md is held to this
table by a test. May not know: rules' thresholds.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from alerts import metrics_people as people
from alerts import metrics_queues as queues
from alerts.metric import Metric, Read, RestsOn, ScopeKind, Sense, Trait, Unit
from alerts.metric_words import WORDS
from alerts.rules import Asked
from alerts.view import Sample, View

_QUEUE, _TIER, _TEAM, _SITE = ScopeKind.QUEUE, ScopeKind.TIER, ScopeKind.TEAM, ScopeKind.SITE
_AGENT, _CONTACT, _SYSTEM = ScopeKind.AGENT, ScopeKind.CONTACT, ScopeKind.SYSTEM
_PERCENT, _MS, _COUNT, _SCORE = Unit.PERCENT, Unit.MS, Unit.COUNT, Unit.SCORE
_HIGH, _LOW = Sense.HIGH_IS_BAD, Sense.LOW_IS_BAD
_NUMBERS, _PLAN, _AGENTS = RestsOn.NUMBERS, RestsOn.PLAN, RestsOn.AGENTS
_QUALITY, _HITS, _GAUGES = RestsOn.QUALITY, RestsOn.HITS, RestsOn.GAUGES
_NONE, _SAMPLED = Trait.NONE, Trait.SAMPLED
_SHARE = Trait.SAMPLED | Trait.SHARE
_WINDOW_SHARE, _WINDOW_MEAN = Trait.WINDOWED | _SHARE, Trait.WINDOWED | Trait.SAMPLED
_DAY_LEVEL, _LEVEL = _SHARE | Trait.NAMED_FORMULA, _WINDOW_SHARE | Trait.NAMED_FORMULA


def _gauge(name: str, *, scale: float = 1.0) -> Read:
    """Of the system itself; a name that is not told is not known."""

    def read(view: View, asked: Asked) -> Mapping[str, Sample]:
        value = view.beside.gauges.get(name) if view.beside is not None else None
        return {} if value is None else {name: Sample(value * scale)}

    return read


_heads, _team, _site = queues.heads_of, people.team_heads, people.site_heads
_queue, _window, _site_window = queues.of_queue, queues.of_window, queues.of_site_window

_TABLE: Final[tuple[tuple[str, ScopeKind, Unit, Sense, RestsOn, Trait, Read], ...]] = (
    ("service_level", _QUEUE, _PERCENT, _LOW, _NUMBERS, _LEVEL, _window(queues.service_level)),
    ("service_level_day", _QUEUE, _PERCENT, _LOW, _NUMBERS, _DAY_LEVEL, _queue(queues.service_level_day)),
    ("abandon_percent", _QUEUE, _PERCENT, _HIGH, _NUMBERS, _WINDOW_SHARE, _window(queues.abandoned)),
    ("reach_rate", _QUEUE, _PERCENT, _LOW, _NUMBERS, _WINDOW_SHARE, _window(queues.reached)),
    ("asa", _QUEUE, _MS, _HIGH, _NUMBERS, _WINDOW_MEAN, _window(queues.asa)),
    ("aht", _QUEUE, _MS, _HIGH, _NUMBERS, _WINDOW_MEAN, _window(queues.aht)),
    ("longest_wait", _QUEUE, _MS, _HIGH, _NUMBERS, _NONE, _queue(queues.longest_wait)),
    ("waiting", _QUEUE, _COUNT, _HIGH, _NUMBERS, _NONE, _queue(queues.waiting)),
    ("waiting_per_agent", _QUEUE, _COUNT, _HIGH, _NUMBERS, _NONE, _queue(queues.waiting_per_agent)),
    ("occupancy", _QUEUE, _PERCENT, _HIGH, _NUMBERS, _SHARE, _queue(queues.occupancy)),
    ("ready", _QUEUE, _COUNT, _LOW, _NUMBERS, _NONE, _queue(_heads(queues.ready))),
    ("on_contact", _QUEUE, _COUNT, _HIGH, _NUMBERS, _NONE, _queue(_heads(queues.on_contact))),
    ("not_ready", _QUEUE, _COUNT, _HIGH, _NUMBERS, _NONE, _queue(_heads(queues.not_ready))),
    ("not_ready_percent", _QUEUE, _PERCENT, _HIGH, _NUMBERS, _SHARE, _queue(queues.not_ready_share)),
    ("staffed", _QUEUE, _COUNT, _LOW, _NUMBERS, _NONE, _queue(_heads(queues.staffed))),
    ("staffed_against_plan", _QUEUE, _PERCENT, _LOW, _PLAN, _SAMPLED, queues.against_plan),
    ("score", _QUEUE, _SCORE, _LOW, _QUALITY, _SAMPLED, people.queue_quality(people.mean_points)),
    ("failed_percent", _QUEUE, _PERCENT, _HIGH, _QUALITY, _SHARE, people.queue_quality(people.failed_percent)),
    ("fatal_scores", _QUEUE, _COUNT, _HIGH, _QUALITY, _NONE, people.queue_quality(people.fatal)),
    ("tier_service_level", _TIER, _PERCENT, _LOW, _NUMBERS, _DAY_LEVEL, queues.tier_service_level),
    ("site_service_level", _SITE, _PERCENT, _LOW, _NUMBERS, _LEVEL, _site_window(queues.service_level)),
    ("site_abandon_percent", _SITE, _PERCENT, _HIGH, _NUMBERS, _WINDOW_SHARE, _site_window(queues.abandoned)),
    ("site_waiting", _SITE, _COUNT, _HIGH, _NUMBERS, _NONE, queues.of_site(queues.all_waiting)),
    ("site_longest_wait", _SITE, _MS, _HIGH, _NUMBERS, _NONE, queues.of_site(queues.longest_of_all)),
    ("site_ready", _SITE, _COUNT, _LOW, _AGENTS, _NONE, _site(queues.ready)),
    ("site_staffed", _SITE, _COUNT, _LOW, _AGENTS, _NONE, _site(queues.staffed)),
    ("team_ready", _TEAM, _COUNT, _LOW, _AGENTS, _NONE, _team(queues.ready)),
    ("team_not_ready", _TEAM, _COUNT, _HIGH, _AGENTS, _NONE, _team(queues.not_ready)),
    ("team_not_ready_percent", _TEAM, _PERCENT, _HIGH, _AGENTS, _SHARE, people.team_not_ready_percent),
    ("team_staffed", _TEAM, _COUNT, _LOW, _AGENTS, _NONE, _team(queues.staffed)),
    ("state_time", _AGENT, _MS, _HIGH, _AGENTS, _NONE, people.state_time),
    ("agent_score", _AGENT, _SCORE, _LOW, _QUALITY, _SAMPLED, people.agent_quality(people.mean_points)),
    ("agent_fatal_scores", _AGENT, _COUNT, _HIGH, _QUALITY, _NONE, people.agent_quality(people.fatal)),
    ("contact_length", _CONTACT, _MS, _HIGH, _AGENTS, _NONE, people.contact_length),
    ("phrase_hit", _CONTACT, _COUNT, _HIGH, _HITS, Trait.EVENT, people.phrase_hit),
    ("recordings_missing", _SYSTEM, _COUNT, _HIGH, _GAUGES, _NONE, _gauge("recordings_missing")),
    ("recogniser_backlog", _SYSTEM, _COUNT, _HIGH, _GAUGES, _NONE, _gauge("recogniser_backlog")),
    ("sources_lost", _SYSTEM, _COUNT, _HIGH, _GAUGES, _NONE, _gauge("sources_lost")),
    ("disk_free_percent", _SYSTEM, _PERCENT, _LOW, _GAUGES, _NONE, _gauge("disk_free_percent")),
    ("stream_lag_s", _SYSTEM, _MS, _HIGH, _GAUGES, _NONE, _gauge("stream_lag_s", scale=1000)),
    ("dead_letters", _SYSTEM, _COUNT, _HIGH, _GAUGES, _NONE, _gauge("dead_letters")),
    ("store_away", _SYSTEM, _COUNT, _HIGH, _GAUGES, _NONE, _gauge("store_away")),
    ("rules_drifting", _SYSTEM, _COUNT, _HIGH, _GAUGES, _NONE, _gauge("rules_drifting")),
)

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        name: Metric(
            name=name,
            scope=scope,
            unit=unit,
            sense=sense,
            rests_on=rests_on,
            traits=traits,
            read=read,
            zh=WORDS[name].zh,
            en=WORDS[name].en,
            formula=WORDS[name].formula,
        )
        for name, scope, unit, sense, rests_on, traits, read in _TABLE
    }
)
