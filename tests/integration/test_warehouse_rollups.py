"""Rollups hold what the floor counted, minute by minute, whatever was replayed or corrected. On both engines."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from streams.floor.fold import Floor
from streams.floor.legs import counted
from streams.floor.numbers import COUNTER_NAMES, FORMULAS, Counters
from streams.vocabulary import events as ev
from streams.vocabulary.facts import ContactLeg, StateInterval
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from streams.vocabulary.states import AgentState, Direction, EndedBy, Outcome
from streams.warehouse.engine import Warehouse
from streams.warehouse.ranges import agent_line, queue_line, service_levels, site_line, wait_quantiles
from streams.warehouse.rollup_sql import CONTACT_COUNTERS, STATES, TALLY_COUNTERS
from tests.integration.facts import HOUR, MINUTE, NOON, interval, leg, migrated
from tests.integration.warehouse_room import AGENTS, END, QUEUES, SOURCE, Rolled, a_morning, a_site, remembered

pytestmark = pytest.mark.servers

FEW = settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a seed does not get simpler by getting smaller
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def minutes_of(rows: list[Any]) -> dict[tuple[int, str], Counters]:
    return {(row.at // MINUTE, row.queue): row.counters for row in rows}


@FEW
@given(seed=st.integers(0, 2**32))
def test_rollups_equal_the_floors_own_minutes(warehouse: Warehouse, seed: int) -> None:
    """Offered in the minute of joining, answered in that of answering, talk at its end: every counter, every minute."""
    site = a_site()
    events = a_morning(site, random.Random(seed))
    floor = Floor(site, targets_ms=dict.fromkeys(map(QueueName, QUEUES), 20_000))
    outputs = [out for event in events for out in floor.apply(event)]
    outputs += floor.advance(END)
    rolled = Rolled(migrated(warehouse))
    rolled.write(remembered(outputs), events)
    rolled.roll()
    open_now: set[tuple[int, str]] = {(visit.queued_at // MINUTE, visit.queue) for visit in floor.state.visits.values()}
    open_now |= {(visit.answered_at // MINUTE, visit.queue) for visit in floor.state.visits.values()}
    on_the_floor: dict[tuple[int, str], Counters] = {
        (minute, name): counters
        for name, queue in floor.queues.items()
        for minute, counters in queue.minutes.items()
        if counters != Counters()
    }
    found = minutes_of(queue_line(warehouse, since=NOON, until=END, site=site, slot_minutes=1))
    # a visit that still runs is told to the store when it ends; the floor counts its beginning at once
    differing = {key for key in found.keys() | on_the_floor.keys() if found.get(key) != on_the_floor.get(key)}
    assert differing <= open_now
    assert minutes_of(queue_line(warehouse, since=NOON, until=END, site=site, slot_minutes=1, today=NOON)) == found


@FEW
@given(seed=st.integers(0, 2**32))
def test_replays_regroupings_and_corrections_leave_rollups_equal_to_the_base(warehouse: Warehouse, seed: int) -> None:
    """Versions in any order, rolls skipped or too early: after the last roll every table says what the base says."""
    chance, site = random.Random(seed), a_site()
    versions: list[ContactLeg | StateInterval] = []
    for number in range(40):
        key = chance.randrange(0, HOUR)
        versions += [_version(site, number, key, ver, chance) for ver in range(1, chance.randrange(2, 4))]
    versions += [
        _stretch(site, number, chance.choice([-21 * HOUR, -HOUR, 0]) + chance.randrange(HOUR), ver, chance)
        for number in range(30)
        for ver in range(1, chance.randrange(2, 4))
    ]
    told = [one for one in versions if isinstance(one, ContactLeg)]
    rolled = Rolled(migrated(warehouse))
    chance.shuffle(versions)
    while versions:
        size = chance.randrange(1, 60)
        batch, versions = versions[:size], versions[size:]
        rolled.write([*batch, *chance.sample(batch, len(batch) // 2)])
        rolled.write(chance.sample(batch, len(batch) // 3))
        if chance.random() < 0.4:
            rolled.roll()
    rolled.roll()
    since, until = NOON, Millis(NOON + 6 * HOUR)
    for slot_minutes in (0, 1, 15, 60):
        asked: Any = {"since": since, "until": until, "site": site, "slot_minutes": slot_minutes}
        assert queue_line(warehouse, **asked) == queue_line(warehouse, **asked, today=since)
        assert queue_line(warehouse, **asked) == queue_line(warehouse, **asked, today=Millis(NOON + 45 * MINUTE))
    for slot_minutes in (0, 5, 30):
        asked = {"since": since, "until": until, "site": site, "slot_minutes": slot_minutes}
        assert agent_line(warehouse, **asked) == agent_line(warehouse, **asked, today=since)
    whole = sum((row.counters for row in queue_line(warehouse, since=since, until=until, site=site)), Counters())
    newest = {one.contact: one for one in sorted(told, key=lambda one: one.ver)}
    assert whole == sum((counted(one, 5_000) for one in newest.values()), Counters())
    (all_queues,) = site_line(warehouse, since=since, until=until, site=site)
    assert all_queues.counters == whole


def _version(site: SiteId, number: int, key: int, ver: int, chance: random.Random) -> ContactLeg:
    """One leg as some version tells it: a later one may move every moment but its key."""
    wait, talk = chance.randrange(0, 8 * MINUTE), chance.randrange(0, 90 * MINUTE)
    outcome = chance.choice(list(Outcome))
    answered = outcome in (Outcome.ANSWERED, Outcome.TALKING)
    return ContactLeg(
        site=site,
        ver=ver,
        queued_at=Millis(NOON + key),
        contact=ContactId(f"c{number}"),
        leg=1,
        queue=QueueName(QUEUES[number % 3]),
        agent=AgentId(chance.choice(AGENTS) if answered else ""),
        answered_at=Millis(NOON + key + wait) if answered else Millis(0),
        ended_at=Millis(NOON + key + wait + talk),
        wait_ms=wait,
        ring_ms=wait // 3,
        accept_wait_ms=wait // 2,
        talk_ms=talk if answered else 0,
        wrap_up_ms=chance.randrange(0, MINUTE) if answered else 0,
        target_ms=20_000,
        outcome=outcome,
        reason=chance.choice(["timeout", "key", "full"]),
        tags=chance.choice(["", "", "answered_unseen", "consulted answered_unseen", "answered_unseen_not"]),
        direction=chance.choice([Direction.INBOUND, Direction.INBOUND, Direction.OUTBOUND]),
    )


def _stretch(site: SiteId, number: int, start: int, ver: int, chance: random.Random) -> StateInterval:
    return StateInterval(
        site=site,
        ver=ver,
        started_at=Millis(NOON + start),
        agent=AgentId(chance.choice(AGENTS) if ver == 0 else AGENTS[number % 3]),
        number=number,
        state=chance.choice(list(AgentState)),
        duration_ms=chance.choice([1, 299_999, 300_000, chance.randrange(1, 9 * HOUR), 150 * HOUR]),
    )


def test_formulas_over_a_range_give_the_documented_day(warehouse: Warehouse) -> None:
    """docs/metrics.md's one small day, out of the rollups: six formulas, asa, aht."""
    ends: dict[str, Any] = {"ended_by": EndedBy.AGENT, "agent": "8001"}
    rolled = Rolled(migrated(warehouse))
    rolled.write(
        [
            leg(1, wait_ms=8_000, talk_ms=100_000, hold_ms=20_000, wrap_up_ms=10_000, **ends),
            leg(2, wait_ms=20_000, talk_ms=50_000, wrap_up_ms=10_000, **ends),
            leg(3, wait_ms=32_000, talk_ms=60_000, hold_ms=10_000, wrap_up_ms=10_000, **ends),
            *[
                leg(number, outcome=Outcome.ABANDONED, wait_ms=wait, ended_at=NOON + wait)
                for number, wait in ((4, 3_000), (5, 12_000), (6, 45_000))
            ],
            leg(7, outcome=Outcome.OVERFLOWED, reason="timeout", wait_ms=60_000, ended_at=NOON + MINUTE),
            leg(8, outcome=Outcome.TURNED_AWAY, reason="full", ended_at=NOON),
            leg(9, outcome=Outcome.OVERFLOWED, reason="key", wait_ms=15_000, ended_at=NOON + 15_000),
        ],
        [
            ev.SwitchTallied(
                at=NOON, site=SiteId("hz"), source=SOURCE, seq=1, queue=QueueName("vip"),
                completed=2, completed_in_target=2, abandoned=4, abandoned_in_target=2,
            )
        ],
    )  # fmt: skip
    rolled.roll()
    day: Any = {"since": NOON, "until": Millis(NOON + HOUR)}
    found = {name: service_levels(warehouse, **day, formula=name)[0] for name in FORMULAS}
    assert {name: (level.part, level.whole) for name, level in found.items()} == {
        "asterisk": (2, 2),
        "asterisk2": (4, 6),
        "answered_abandoned": (2, 6),
        "answered_only": (2, 3),
        "without_short_abandons": (2, 5),
        "all_ways_out": (2, 8),
    }
    level = found["answered_only"]
    assert (level.asa_ms, level.aht_ms, level.abandoned, level.offered) == (20_000, 90_000, 3, 8)
    assert service_levels(warehouse, **day, formula="made_up") == []


def test_wait_quantiles_are_within_three_percent(warehouse: Warehouse) -> None:
    """Against the exact ones of 2,000 waits from half a second to half an hour."""
    chance = random.Random(7)
    waits = sorted(round(chance.lognormvariate(9.5, 1.1)) + 500 for _ in range(2_000))
    rolled = Rolled(migrated(warehouse))
    rolled.write([leg(number, after_ms=number * 400, wait_ms=wait) for number, wait in enumerate(waits)])
    rolled.write([leg(5_000, wait_ms=9_999_999, tags="answered_unseen")])
    rolled.roll()
    asked = (0.01, 0.1, 0.5, 0.8, 0.95, 0.999)
    (found,) = wait_quantiles(warehouse, since=NOON, until=Millis(NOON + 3 * HOUR), quantiles=asked)
    assert found.answered == 2_000
    for quantile, told in zip(asked, found.quantile_ms, strict=True):
        exact = waits[max(0, -(-int(quantile * 2_000_000) // 1_000) - 1)]
        assert told is not None
        assert abs(told - exact) <= 0.03 * exact + 5


def test_contact_that_changed_its_minute_leaves_the_old_one(warehouse: Warehouse) -> None:
    """A correction moves the answer from one slot to another; zeros stand where it was."""
    rolled = Rolled(migrated(warehouse))
    ends: dict[str, Any] = {"talk_ms": 1_000, "agent": "8001"}
    first = leg(1, wait_ms=10_000, answered_at=NOON + 10_000, ended_at=NOON + 11_000, **ends)
    rolled.write([first])
    rolled.roll()
    late = NOON + 40 * MINUTE
    rolled.write([leg(1, ver=2, wait_ms=40 * MINUTE, answered_at=late, ended_at=late + 1_000, **ends)])
    rolled.roll()
    rolled.write([first])
    rolled.roll()
    rows = queue_line(warehouse, since=NOON, until=Millis(NOON + HOUR), slot_minutes=15)
    assert [(row.at, row.counters.offered, row.counters.answered) for row in rows] == [
        (NOON, 1, 0),
        (NOON + 30 * MINUTE, 0, 1),
    ]
    (agent,) = agent_line(warehouse, since=NOON, until=Millis(NOON + HOUR), slot_minutes=5)
    assert (agent.at, agent.answered, agent.talk_ms) == (late, 1, 1_000)


def test_interval_begun_days_before_counts_inside_the_range(warehouse: Warehouse) -> None:
    """An agent unknown since the day before yesterday: rollups and base agree on today's part."""
    rolled = Rolled(migrated(warehouse))
    rolled.write(
        [
            interval(1, start_ms=-50 * HOUR, lasts_ms=50 * HOUR + 30 * MINUTE, state=AgentState.UNKNOWN),
            interval(2, start_ms=30 * MINUTE, lasts_ms=20 * MINUTE, state=AgentState.ON_CONTACT),
            interval(3, start_ms=50 * MINUTE, lasts_ms=40 * MINUTE, state=AgentState.READY),
            interval(4, start_ms=90 * MINUTE, lasts_ms=HOUR, state=AgentState.SIGNED_OUT),
        ]
    )
    rolled.roll()
    hour: Any = {"since": NOON, "until": Millis(NOON + HOUR)}
    (agent,) = agent_line(warehouse, **hour)
    assert agent.states_ms == {"unknown": 30 * MINUTE, "on_contact": 20 * MINUTE, "ready": 10 * MINUTE}
    assert agent.occupancy == 20 / 30
    assert agent_line(warehouse, **hour, today=NOON) == [agent]


def test_every_counter_of_the_floor_is_rolled() -> None:
    """A counter added to the floor must be added here, or history would show less than the wall."""
    assert set(COUNTER_NAMES) <= set(CONTACT_COUNTERS) | set(TALLY_COUNTERS)
    assert {*STATES, "signed_out"} == set(AgentState)
