"""Every metric, worked by hand: one moment, what is read of it for each scope."""

from pathlib import Path

import pytest

from alerts.metric import RestsOn, Trait, Unit
from alerts.metrics import METRICS
from alerts.rules import Asked
from alerts.view import View
from streams.floor.numbers import Counters
from tests.alerts_moment import NOW, agent, beside, hit, moment, quality, queue

DAY = Counters(
    offered=50,
    answered=40,
    abandoned=10,
    answered_in_target=30,
    wait_ms=400_000,
    ended=20,
    talk_ms=2_000_000,
    hold_ms=200_000,
    wrap_up_ms=200_000,
    outbound_reached=3,
    outbound_unreached=1,
)
AGENTS = {"ready": 2, "offered": 1, "on_contact": 4, "on_hold": 1, "wrap_up": 1, "not_ready": 3, "signed_out": 5}
SALES = queue(window=DAY, agents=AGENTS, waiting=6, longest_wait_ms=45_000, tiers={"VIP": DAY})
VIP = queue("vip", window=Counters(), agents={}, waiting=1, longest_wait_ms=90_000)
TOLD = beside(
    agents=[
        agent("1", "not_ready", minutes=30, reason="lunch"),
        agent("2", "not_ready", minutes=5, reason="training"),
        agent("3", "on_contact", minutes=12),
        agent("4", "ready", team="B02"),
        agent("5", "on_hold", minutes=3, contact="c3"),
        agent("6", "signed_out"),
    ],
    gauges={"disk_free_percent": 7.5, "stream_lag_s": 75.0, "store_away": 0, "quality_known": 1}
    | dict.fromkeys(("recordings_missing", "recogniser_backlog", "sources_lost", "dead_letters", "rules_drifting"), 4),
    hits=[hit("c3"), hit("c3", seconds=59), hit("c4", seconds=60), hit("c5", rule="promise")],
    quality=[
        quality("sales", "", 4, 320, failed=1, fatal=1),
        quality("sales", "1", 2, 150),
        quality("vip", "1", 1, 90),
    ],
    planned={"sales": 12, "vip": 0},
)
TABLE: list[tuple[str, Asked, dict[str, float | None]]] = [
    ("service_level", Asked(window_minutes=15), {"sales": 60.0, "vip": None}),  # 30 / 50
    ("service_level", Asked(window_minutes=15, formula="answered_only"), {"sales": 75.0, "vip": None}),  # 30 / 40
    ("service_level_day", Asked(), {"sales": 60.0, "vip": None}),
    ("abandon_percent", Asked(window_minutes=60), {"sales": 20.0, "vip": None}),  # 10 / 50
    ("reach_rate", Asked(window_minutes=60), {"sales": 75.0, "vip": None}),  # 3 / 4
    ("asa", Asked(window_minutes=5), {"sales": 10_000.0, "vip": None}),  # 400 s / 40
    ("aht", Asked(window_minutes=5), {"sales": 120_000.0, "vip": None}),  # 2400 s / 20
    ("longest_wait", Asked(), {"sales": 45_000.0, "vip": 90_000.0}),
    ("waiting", Asked(), {"sales": 6.0, "vip": 1.0}),
    ("waiting_per_agent", Asked(), {"sales": 6 / 9, "vip": 1.0}),  # 9 are staffed; nobody counts as one
    ("occupancy", Asked(), {"sales": 75.0, "vip": None}),  # 6 handle, 2 are ready
    ("ready", Asked(), {"sales": 2.0, "vip": 0.0}),
    ("on_contact", Asked(), {"sales": 5.0, "vip": 0.0}),
    ("not_ready", Asked(), {"sales": 3.0, "vip": 0.0}),
    ("not_ready_percent", Asked(), {"sales": 25.0, "vip": None}),  # 3 / 12 signed in
    ("staffed", Asked(), {"sales": 9.0, "vip": 0.0}),
    ("staffed_against_plan", Asked(), {"sales": 75.0}),  # 9 / 12; vip has no plan
    ("score", Asked(), {"sales": 80.0}),
    ("failed_percent", Asked(), {"sales": 25.0}),
    ("fatal_scores", Asked(), {"sales": 1.0}),
    ("tier_service_level", Asked(), {"sales/VIP": 60.0}),
    ("site_service_level", Asked(window_minutes=30), {"gz": 60.0}),
    ("site_abandon_percent", Asked(window_minutes=30), {"gz": 20.0}),
    ("site_waiting", Asked(), {"gz": 7.0}),
    ("site_longest_wait", Asked(), {"gz": 90_000.0}),
    ("site_ready", Asked(), {"gz": 1.0}),
    ("site_staffed", Asked(), {"gz": 3.0}),
    ("team_ready", Asked(), {"A01": 0.0, "B02": 1.0}),
    ("team_not_ready", Asked(), {"A01": 2.0, "B02": 0.0}),
    ("team_not_ready_percent", Asked(), {"A01": 50.0, "B02": 0.0}),  # 2 of 4
    ("team_staffed", Asked(), {"A01": 2.0, "B02": 1.0}),
    ("state_time", Asked(state="not_ready"), {"1": 1_800_000.0, "2": 300_000.0}),
    ("state_time", Asked(state="not_ready", reason="lunch"), {"1": 1_800_000.0}),
    ("agent_score", Asked(), {"1": 80.0}),  # (150 + 90) / 3, over both queues
    ("agent_fatal_scores", Asked(), {"1": 0.0}),
    ("contact_length", Asked(), {"c3": 720_000.0}),  # of two agents in it, the first who came
    ("phrase_hit", Asked(), {"c3": 2.0, "c5": 1.0}),  # a minute ago is no news
    ("phrase_hit", Asked(phrase="promise"), {"c5": 1.0}),
    ("disk_free_percent", Asked(), {"disk_free_percent": 7.5}),
    ("stream_lag_s", Asked(), {"stream_lag_s": 75_000.0}),
    ("store_away", Asked(), {"store_away": 0.0}),
    ("recordings_missing", Asked(), {"recordings_missing": 4.0}),
    ("recogniser_backlog", Asked(), {"recogniser_backlog": 4.0}),
    ("sources_lost", Asked(), {"sources_lost": 4.0}),
    ("dead_letters", Asked(), {"dead_letters": 4.0}),
    ("rules_drifting", Asked(), {"rules_drifting": 4.0}),
]


@pytest.mark.parametrize(("name", "asked", "expected"), TABLE, ids=[f"{row[0]}-{at}" for at, row in enumerate(TABLE)])
def test_a_metric_is_what_its_formula_says(name: str, asked: Asked, expected: dict[str, float | None]) -> None:
    view = View(moment(SALES, VIP, told=TOLD), NOW)
    samples = METRICS[name].read(view, asked)
    assert {scope: sample.value for scope, sample in samples.items()} == pytest.approx(expected)


def test_every_metric_stands_in_the_table() -> None:
    assert {row[0] for row in TABLE} == set(METRICS)


@pytest.mark.parametrize("metric", [one for one in METRICS.values() if one.has(Trait.SHARE)], ids=lambda one: one.name)
def test_a_share_carries_the_counts_it_rests_on(metric: object) -> None:
    """100 * part / whole is the value: a bound and a message need both."""
    one = METRICS[getattr(metric, "name", "")]
    view = View(moment(SALES, VIP, told=TOLD), NOW)
    for sample in one.read(view, Asked(window_minutes=15)).values():
        assert sample.value is None or sample.value == pytest.approx(100 * sample.part / sample.whole)
    assert one.unit is Unit.PERCENT


@pytest.mark.parametrize("name", [one.name for one in METRICS.values() if one.rests_on is RestsOn.NUMBERS])
def test_a_queue_on_a_lost_source_is_given_as_not_known(name: str) -> None:
    lost = queue(window=DAY, agents=AGENTS, certain=False, tiers={"VIP": DAY})
    samples = METRICS[name].read(View(moment(lost), NOW), Asked(window_minutes=15))
    assert samples
    assert not any(sample.certain for sample in samples.values())


@pytest.mark.parametrize("name", [one.name for one in METRICS.values() if one.rests_on is not RestsOn.NUMBERS])
@pytest.mark.parametrize("age_s", [31, None])
def test_what_was_told_half_a_minute_ago_is_not_known_any_more(name: str, age_s: int | None) -> None:
    told = None if age_s is None else beside(at=NOW - 1000 * age_s, agents=TOLD.agents, gauges=TOLD.gauges)
    samples = METRICS[name].read(View(moment(SALES, told=told), NOW), Asked(state="not_ready"))
    assert not any(sample.certain for sample in samples.values())


def test_an_agent_whose_source_is_lost_makes_the_count_of_heads_unknown() -> None:
    """Neither ready nor gone."""
    view = View(moment(queue(agents={"ready": 3, "unknown": 1}), told=beside(agents=[agent("1", "unknown")])), NOW)
    names = ("ready", "staffed", "occupancy", "waiting_per_agent", "team_ready", "site_staffed")
    assert [sample.certain for name in names for sample in METRICS[name].read(view, Asked()).values()] == [False] * 6


def test_scores_are_not_known_before_the_store_was_asked() -> None:
    told = beside(quality=[quality("sales", "", 4, 320)])
    assert METRICS["score"].read(View(moment(SALES, told=told), NOW), Asked()) == {}


def test_every_metric_is_told_in_the_documents() -> None:
    """Name, unit and Chinese name in one row of docs/alerts.md."""
    text = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text("utf-8").splitlines()
    missing = [
        one.name
        for one in METRICS.values()
        if not any(row.startswith(f"| `{one.name}` | {one.scope} | {one.unit} | {one.zh} ") for row in text)
    ]
    assert missing == []
