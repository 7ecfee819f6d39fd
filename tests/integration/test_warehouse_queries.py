"""The named queries on both engines, over small worlds whose numbers are worked by hand."""

import pytest

from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.vocabulary.states import AgentState, Outcome
from streams.warehouse import contacts, queries
from streams.warehouse.contacts import ContactFilter
from streams.warehouse.engine import Warehouse
from tests.integration.facts import (
    HOUR,
    MINUTE,
    NOON,
    alert,
    contact_id,
    interval,
    leg,
    migrated,
    recording,
    score,
    store,
    utterance,
)

pytestmark = pytest.mark.servers

HOUR_AFTER = Millis(NOON + HOUR)


def test_queue_day_adds_up(warehouse: Warehouse) -> None:
    """Every outcome once, two in target, one over; turned away is not offered."""
    store(
        migrated(warehouse),
        leg(1, wait_ms=20_000, talk_ms=60_000, hold_ms=5_000, wrap_up_ms=10_000),
        leg(2, wait_ms=20_001, talk_ms=30_000),
        leg(3, wait_ms=5_000, outcome=Outcome.TALKING),
        leg(4, wait_ms=3_000, outcome=Outcome.ABANDONED),
        leg(5, wait_ms=40_000, outcome=Outcome.ABANDONED),
        leg(6, wait_ms=30_000, outcome=Outcome.OVERFLOWED, reason="timeout"),
        leg(7, leg=0, outcome=Outcome.TURNED_AWAY, reason="full"),
        leg(8, outcome=Outcome.WAITING),
        leg(9, outcome=Outcome.LOST),
        leg(10, queue="other"),
    )
    other, vip = queries.queue_day(warehouse, since=NOON, until=HOUR_AFTER)
    assert other.queue == "other"
    assert vip == queries.QueueDay(
        queue=QueueName("vip"),
        offered=8,
        answered=3,
        answered_in_target=2,
        abandoned=2,
        abandoned_in_target=1,
        overflowed=1,
        turned_away=1,
        waiting=1,
        talking=1,
        lost=1,
        wait_ms=45_001,
        abandoned_wait_ms=43_000,
        wait_max_ms=40_000,
        talk_ms=90_000,
        hold_ms=5_000,
        wrap_up_ms=10_000,
    )
    assert vip.offered == vip.answered + vip.abandoned + vip.overflowed + vip.waiting + vip.lost
    exits = queries.queue_exits(warehouse, since=NOON, until=HOUR_AFTER, queue=QueueName("vip"))
    assert [(row.outcome, row.reason, row.contacts) for row in exits if row.reason] == [
        ("overflowed", "timeout", 1),
        ("turned_away", "full", 1),
    ]


def test_ranges_are_half_open_to_the_millisecond(warehouse: Warehouse) -> None:
    """The contact at the end of a range belongs to the next one."""
    store(migrated(warehouse), leg(1, after_ms=0), leg(2, after_ms=999), leg(3, after_ms=1_000), leg(4, after_ms=1_001))

    def offered(since: int, until: int) -> int:
        return sum(
            row.offered for row in queries.queue_day(warehouse, since=Millis(NOON + since), until=Millis(NOON + until))
        )

    assert [offered(0, 999), offered(0, 1_000), offered(1, 1_001), offered(1_001, 1_002), offered(5, 5)] == [
        1,
        2,
        2,
        1,
        0,
    ]
    assert queries.queue_day(warehouse, since=Millis(0), until=Millis(2**53))[0].offered == 4


def test_contact_turned_away_twice_in_one_second_counts_twice(warehouse: Warehouse) -> None:
    """Both have leg 0; the queue tells them apart."""
    away = {"leg": 0, "outcome": Outcome.TURNED_AWAY, "reason": "full"}
    store(migrated(warehouse), leg(1, queue="a", **away), leg(1, queue="b", **away))
    assert [row.turned_away for row in queries.queue_day(warehouse, since=NOON, until=HOUR_AFTER)] == [1, 1]


def test_service_level_line_sums_to_the_day(warehouse: Warehouse) -> None:
    """Minutes add up to the day, and slots of five minutes do too."""
    store(
        migrated(warehouse), *[leg(n, after_ms=n * 7_000, wait_ms=n * 1_000, accept_wait_ms=n * 900) for n in range(60)]
    )
    (day,) = queries.queue_day(warehouse, since=NOON, until=HOUR_AFTER)
    for slot_minutes in (1, 5):
        line = queries.service_level_line(warehouse, since=NOON, until=HOUR_AFTER, slot_minutes=slot_minutes)
        assert sum(slot.offered for slot in line) == day.offered == 60
        assert sum(slot.answered_in_target for slot in line) == day.answered_in_target == 21
        assert sum(slot.accepted_in_target for slot in line) == 23
        assert sum(slot.wait_ms for slot in line) == day.wait_ms
        assert all((slot.at - NOON) % (slot_minutes * MINUTE) == 0 for slot in line)
    assert [
        slot.offered for slot in queries.service_level_line(warehouse, since=NOON, until=Millis(NOON + 2 * MINUTE))
    ] == [9, 9]


def test_agent_day_cuts_states_to_the_range(warehouse: Warehouse) -> None:
    """An interval across noon counts only its afternoon; one that ended at noon does not count."""
    store(
        migrated(warehouse),
        interval(1, start_ms=-30 * MINUTE, lasts_ms=30 * MINUTE, state=AgentState.WRAP_UP),
        interval(2, start_ms=-10 * MINUTE, lasts_ms=20 * MINUTE, state=AgentState.READY),
        interval(3, start_ms=10 * MINUTE, lasts_ms=5 * MINUTE, state=AgentState.NOT_READY, reason="tea"),
        interval(4, start_ms=55 * MINUTE, lasts_ms=10 * MINUTE, state=AgentState.READY),
        interval(5, start_ms=60 * MINUTE, lasts_ms=10 * MINUTE, state=AgentState.READY),
        leg(1, agent="8001", talk_ms=60_000, hold_ms=1_000, wrap_up_ms=2_000),
        leg(2, agent="8002", talk_ms=30_000),
        leg(3, outcome=Outcome.ABANDONED),
    )
    first, second = queries.agent_day(warehouse, since=NOON, until=HOUR_AFTER)
    assert (first.agent, first.answered, first.talk_ms, first.hold_ms, first.wrap_up_ms) == (
        "8001",
        1,
        60_000,
        1_000,
        2_000,
    )
    assert first.state_ms("ready") == 15 * MINUTE
    assert first.state_ms("not_ready") == 5 * MINUTE
    assert first.state_ms("wrap_up") == 0
    assert (second.agent, second.answered, second.states) == ("8002", 1, ())
    line = queries.agent_intervals(warehouse, agent=AgentId("8001"), since=NOON, until=HOUR_AFTER)
    assert [(row.started_at - NOON, row.state, row.duration_ms) for row in line] == [
        (-10 * MINUTE, "ready", 20 * MINUTE),
        (10 * MINUTE, "not_ready", 5 * MINUTE),
        (55 * MINUTE, "ready", 10 * MINUTE),
    ]


def test_recordings_stand_where_their_last_step_put_them(warehouse: Warehouse) -> None:
    """Each recording is counted in one state, quarantined ones with their reason."""
    store(
        migrated(warehouse),
        *[recording(1, state, ver=ver) for ver, state in enumerate(("queued", "decoding", "recognising", "done"))],
        recording(2, "queued", ver=1),
        recording(3, "queued", ver=1),
        recording(3, "quarantined", ver=5, reason="not_audio", duration_ms=7, cpu_ms=9),
    )
    ledger = queries.recordings_ledger(warehouse, since=NOON, until=HOUR_AFTER)
    assert [(row.state, row.reason, row.recordings, row.duration_ms, row.cpu_ms) for row in ledger] == [
        ("done", "", 1, 0, 0),
        ("quarantined", "not_audio", 1, 7, 9),
        ("queued", "", 1, 0, 0),
    ]


def test_alerts_show_their_latest_state(warehouse: Warehouse) -> None:
    """pending, firing, resolved are one row; filters look at the last of them."""
    store(migrated(warehouse), alert("a", state="pending", ver=1), alert("b", state="firing", ver=1, scope="queue:it"))
    store(warehouse, alert("a", state="firing", ver=2), alert("a", state="resolved", ver=3, resolved_ms=20 * MINUTE))
    rows = queries.alerts_list(warehouse, since=NOON, until=HOUR_AFTER)
    assert [(row.alert, row.state, row.resolved_at) for row in rows] == [
        ("a", "resolved", NOON + 20 * MINUTE),
        ("b", "firing", 0),
    ]
    assert [row.alert for row in queries.alerts_list(warehouse, since=NOON, until=HOUR_AFTER, state="firing")] == ["b"]
    assert queries.alerts_list(warehouse, since=NOON, until=HOUR_AFTER, scope="queue:vip' OR 1=1 --") == []


def world(warehouse: Warehouse) -> Warehouse:
    """Six contacts: 1 scored fatal, 2 not passed, 3 said something, 4 during an alert, 5 on another queue, 6 twice."""
    store(
        migrated(warehouse),
        *[leg(number, after_ms=number * MINUTE, agent=f"800{number}") for number in (1, 2, 3)],
        leg(4, after_ms=15 * MINUTE, outcome=Outcome.ABANDONED),
        leg(5, after_ms=15 * MINUTE, queue="it"),
        leg(6, after_ms=30 * MINUTE, outcome=Outcome.OVERFLOWED),
        leg(6, after_ms=31 * MINUTE, leg=2, queue="it", agent="8006"),
        recording(3, "done", ver=4, duration_ms=61_000, channels=2),
        utterance(3, 1, "您好，请问要办理ＶＩＰ业务吗", start_ms=100),
        utterance(3, 1, "O'Neil 100% _", channel=1, start_ms=2_000),
        score(1, passed=False, fatal=True, points=0.0),
        score(2, passed=False, points=55.5),
        score(3, passed=True),
        score(3, passed=True, version=2, points=90.0),
        alert("a", state="resolved", ver=2, resolved_ms=20 * MINUTE),
    )
    return warehouse


@pytest.mark.parametrize(
    ("choose", "expected"),
    [
        (ContactFilter(), [6, 6, 4, 5, 3, 2, 1]),
        (ContactFilter(queue=QueueName("it")), [6, 5]),
        (ContactFilter(agent=AgentId("8002")), [2]),
        (ContactFilter(outcome="abandoned"), [4]),
        (ContactFilter(fatal=True), [1]),
        (ContactFilter(not_passed=True), [2, 1]),
        (ContactFilter(during_alert=True), [4]),
        (ContactFilter(during_alert=True, queue=QueueName("it")), []),
        (ContactFilter(text="办理vip"), [3]),
        (ContactFilter(text="o'neil"), [3]),
        (ContactFilter(text="%"), [3]),
        (ContactFilter(text="办理x"), []),
        (ContactFilter(text="' OR 1 = 1 --"), []),
        (ContactFilter(queue=QueueName("vip' OR '1'='1")), []),
    ],
)
def test_contacts_are_found_by(warehouse: Warehouse, choose: ContactFilter, expected: list[int]) -> None:
    """Newest first; the count agrees with the list."""
    world(warehouse)
    found = contacts.contact_list(warehouse, since=NOON, until=HOUR_AFTER, choose=choose)
    assert [int(row.leg.contact.split(".")[1]) for row in found] == expected
    assert contacts.contact_count(warehouse, since=NOON, until=HOUR_AFTER, choose=choose) == len(expected)


def test_pages_do_not_overlap(warehouse: Warehouse) -> None:
    """Limit and offset cut one stable order."""
    world(warehouse)
    whole = contacts.contact_list(warehouse, since=NOON, until=HOUR_AFTER)
    pages = [contacts.contact_list(warehouse, since=NOON, until=HOUR_AFTER, limit=3, offset=at) for at in (0, 3, 6, 9)]
    assert [row for page in pages for row in page] == whole
    assert [len(page) for page in pages] == [3, 3, 1, 0]


def test_listed_contact_brings_recording_and_scores(warehouse: Warehouse) -> None:
    """What the list shows beside the leg."""
    (row,) = contacts.contact_list(
        world(warehouse), since=NOON, until=HOUR_AFTER, choose=ContactFilter(agent=AgentId("8003"))
    )
    assert row.recording is not None
    assert (row.recording.state, row.recording.duration_ms) == ("done", 61_000)
    assert [(one.scheme_version, one.points, one.passed) for one in row.scores] == [(1, 80.0, 1), (2, 90.0, 1)]


def test_contact_detail_is_whole(warehouse: Warehouse) -> None:
    """Legs in order, utterances in order of speech with their words, scores; an unknown contact is an empty list."""
    world(warehouse)
    (detail,) = contacts.contact_detail(warehouse, contact=contact_id(3))
    assert [(one.role, one.text) for one in detail.utterances] == [
        ("agent", "您好，请问要办理ＶＩＰ业务吗"),
        ("customer", "O'Neil 100% _"),
    ]
    assert list(detail.utterances[1].words) == ["O", "'Neil 100% _"]
    assert list(detail.utterances[1].word_confidence) == [255, 17]
    assert len(detail.scores) == 2
    (twice,) = contacts.contact_detail(warehouse, contact=contact_id(6))
    assert [(one.leg, one.queue, one.outcome) for one in twice.legs] == [
        (1, "vip", "overflowed"),
        (2, "it", "answered"),
    ]
    assert contacts.contact_detail(warehouse, contact=ContactId("1795262400.77")) == []
    assert contacts.contact_detail(warehouse, contact=ContactId("x' OR 1=1 --")) == []


def test_contact_whose_id_tells_no_time_is_found(warehouse: Warehouse) -> None:
    """A foreign switch's id: slower, but found."""
    store(migrated(warehouse), leg(1, contact="b7c1-uuid"))
    assert len(contacts.contact_detail(warehouse, contact=ContactId("b7c1-uuid"))) == 1
    assert len(contacts.contact_list(warehouse, since=NOON, until=HOUR_AFTER)) == 1


def test_scores_are_listed(warehouse: Warehouse) -> None:
    """All, each by its scheme's newest version, and only those that did not pass."""
    world(warehouse)
    assert len(contacts.scores_list(warehouse, since=NOON, until=HOUR_AFTER)) == 3
    failed = contacts.scores_list(warehouse, since=NOON, until=HOUR_AFTER, not_passed=True)
    assert [(row.points, row.fatal) for row in failed] == [(0.0, 1), (55.5, 0)]
