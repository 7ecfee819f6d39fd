"""The fold over any events whatsoever: what must hold, however confused the switch is."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple, replace

from streams.floor.fold import Floor
from streams.floor.label import Label, derive
from streams.floor.numbers import Counters
from streams.floor.outputs import AgentChange, Output
from streams.floor.records import QueueRecord
from streams.vocabulary import events as ev
from streams.vocabulary.codec import decode_event, decode_event_json, encode, encode_json
from streams.vocabulary.facts import ContactLeg, StateInterval
from streams.vocabulary.ids import Millis, QueueName, SiteId
from streams.vocabulary.states import (
    DeclineReason,
    Device,
    EndedBy,
    GapReason,
    Outcome,
    OverflowReason,
    Role,
    TransferKind,
    TurnedAwayReason,
)

T0 = 1_795_294_790_000
"""Ten seconds before an hour's end, which is midnight at UTC+7: days, minutes and windows turn in every test."""
OFFSET = 7 * 3_600_000
TARGETS = {QueueName("sales"): 20_000}

AGENT = {"agent": st.sampled_from(["1", "2"])}
QUEUE = {"queue": st.sampled_from(["sales", "vip"])}
ANY_QUEUE = {"queue": st.sampled_from(["sales", "vip", "", ""])}
"""With "" for every queue at once: the whole agent."""
VISIT = QUEUE | {"contact": st.sampled_from(["c1", "c2", "c3"]), "leg": st.sampled_from([1, 2])}
MS = st.none() | st.integers(0, 100_000)
MOMENT = st.integers(T0 - 60_000, T0 + 200_000)
SEEN = {
    "device": st.sampled_from(Device),
    "not_ready": st.booleans(),
    "reason": st.sampled_from(["", "lunch"]),
}
SHAPES: dict[Any, dict[str, st.SearchStrategy[Any]]] = {
    ev.ContactQueued: VISIT
    | {"tier": st.sampled_from(["", "vip"]), "direction": st.sampled_from(["inbound", "inbound", "outbound"])},
    ev.ContactDialled: VISIT | AGENT | ANY_QUEUE,
    ev.ConsultationStarted: VISIT | AGENT,
    ev.ConferenceJoined: VISIT | AGENT | {"party": st.just("9")},
    ev.ContactMessage: VISIT | {"number": st.just(1), "role": st.sampled_from(Role), "text": st.just("好")},
    ev.ContactSurveyed: {"contact": VISIT["contact"], "value": st.floats(1, 5)},
    ev.ContactDescribed: {"contact": VISIT["contact"], "tags": st.just(["vip"])},
    ev.ContactCorrected: VISIT
    | AGENT
    | {
        "outcome": st.sampled_from([one for one in Outcome if one is not Outcome.TURNED_AWAY]),
        "queued_at": MOMENT,
        "answered_at": st.just(0) | MOMENT,
        "ended_at": st.just(0) | MOMENT,
        "wait_ms": MS,
        "talk_ms": MS,
        "reason": st.sampled_from(["", "timeout"]),
        "witness": st.sampled_from(["log", "correction"]),
        "tier": st.sampled_from(["", "vip"]),
    },
    ev.ContactTurnedAway: QUEUE | {"contact": VISIT["contact"], "reason": st.sampled_from(TurnedAwayReason)},
    ev.ContactOffered: VISIT | AGENT,
    ev.ContactAccepted: VISIT | AGENT,
    ev.ContactDeclined: VISIT | AGENT | {"reason": st.sampled_from(DeclineReason)},
    ev.ContactAnswered: VISIT | AGENT | {"wait_ms": MS, "ring_ms": MS},
    ev.ContactHeld: VISIT | AGENT,
    ev.ContactResumed: VISIT | AGENT,
    ev.ContactTransferred: VISIT | AGENT | {"transfer": st.sampled_from(TransferKind)},
    ev.ContactAbandoned: VISIT | {"wait_ms": MS},
    ev.ContactOverflowed: VISIT | {"reason": st.sampled_from(OverflowReason), "wait_ms": MS},
    ev.ContactEnded: VISIT | AGENT | {"ended_by": st.sampled_from(EndedBy), "talk_ms": MS},
    ev.ContactLost: VISIT,
    ev.RecordingReady: {"contact": VISIT["contact"], "path": st.just("/r/a.wav")},
    ev.AgentJoinedQueue: QUEUE | AGENT | SEEN,
    ev.AgentLeftQueue: QUEUE | AGENT,
    ev.AgentSignedIn: AGENT | {"not_ready": st.booleans(), "since": st.none() | MOMENT},
    ev.AgentSignedOut: AGENT,
    ev.AgentReserved: AGENT | {"state": st.sampled_from(["not_ready", "signed_out", "ready"])},
    ev.AgentSkills: AGENT | {"skills": st.dictionaries(st.sampled_from(["zh", "en"]), st.integers(1, 3))},
    ev.AgentNotReady: ANY_QUEUE | AGENT | {"until": st.none() | MOMENT, "reason": SEEN["reason"]},
    ev.AgentReady: ANY_QUEUE | AGENT,
    ev.AgentDevice: ANY_QUEUE | AGENT | {"device": SEEN["device"]},
    ev.WrapUpStarted: VISIT | AGENT | {"until": st.none() | st.integers(T0, T0 + 2_000_000)},
    ev.WrapUpEnded: AGENT,
    ev.SwitchTallied: QUEUE | {"completed": st.integers(0, 3)},
    ev.SwitchTallyReset: QUEUE,
    ev.QueueConfigured: QUEUE | {"target_ms": st.sampled_from([10_000, 20_000])},
    ev.SourceLost: {"reason": st.sampled_from(GapReason)},
    ev.SourceConnected: {},
    ev.ResyncBegan: {},
    ev.AgentSeen: ANY_QUEUE
    | AGENT
    | SEEN
    | {
        "not_ready_since": st.none() | st.integers(T0 - 10_000, T0 + 60_000),
        "signed_in": st.sampled_from([True, True, False]),
        "not_ready_until": st.none() | MOMENT,
        "wrap_up_until": st.none() | MOMENT,
        "in_contact": st.booleans(),
    },
    ev.ContactSeen: VISIT | {"wait_ms": st.integers(0, 100_000)},
    ev.TalkSeen: VISIT
    | AGENT
    | {"queued_at": st.none() | MOMENT, "answered_at": st.none() | MOMENT, "held": st.none() | st.booleans()},
    ev.ResyncEnded: {},
}
OFTEN = [
    *(ev.AgentJoinedQueue, ev.AgentNotReady, ev.AgentReady, ev.AgentSignedIn, ev.AgentSignedOut, ev.AgentDevice),
    *(ev.ContactQueued, ev.ContactOffered, ev.ContactAnswered, ev.ContactEnded, ev.ContactHeld, ev.WrapUpStarted),
]
"""What changes labels: stories in which they seldom changed once hid two stretches that overlapped."""


@st.composite
def one_event(draw: st.DrawFn) -> tuple[int, Any, str, dict[str, Any]]:
    kind = draw(st.sampled_from([*SHAPES, *OFTEN, *OFTEN]))
    after_ms = draw(st.sampled_from([0, 0, 1, 900, 5000, 61_000, 700_000]))
    return after_ms, kind, draw(st.sampled_from(["a", "a", "a", "b"])), draw(st.fixed_dictionaries(SHAPES[kind]))


@st.composite
def stories(draw: st.DrawFn) -> list[ev.Event]:
    """In order of time, from two sources."""
    at, told = T0, []
    for seq, (after_ms, kind, source, fields) in enumerate(draw(st.lists(one_event(), max_size=60)), start=1):
        at += after_ms
        event = kind(at=at, site="gz", source=source, seq=seq, **fields)
        told.append(decode_event(encode(event)))  # as it comes from the bus: words are members of their lists
    return told


def new_floor() -> Floor:
    return Floor(SiteId("gz"), targets_ms=TARGETS, utc_offset_ms=OFFSET)


def fold(floor: Floor, told: Sequence[ev.Event]) -> list[Output]:
    return [out for event in told for out in floor.apply(event)]


def facts(outputs: Sequence[Output]) -> list[Output]:
    return [one for one in outputs if isinstance(one, ContactLeg | StateInterval)]


@settings(max_examples=150, deadline=None)
@given(stories(), st.data())
def test_a_restart_at_any_moment_gives_the_same_as_no_restart(told: list[ev.Event], data: st.DataObject) -> None:
    """State, facts, changes: the snapshot holds everything that the rest of the day needs."""
    cut = data.draw(st.integers(0, len(told)))
    through = new_floor()
    expected = fold(through, told)
    first = new_floor()
    before = fold(first, told[:cut])
    second = Floor.restore(first.snapshot(), utc_offset_ms=OFFSET)
    assert before + fold(second, told[cut:]) == expected
    assert second.state == through.state


@settings(max_examples=100, deadline=None)
@given(stories())
def test_redelivery_changes_nothing(told: list[ev.Event]) -> None:
    """Each event twice, and the whole story once more at its end: only the count of duplicates grows."""
    once, again = new_floor(), new_floor()
    expected = facts(fold(once, told))
    outputs = [out for event in told for out in (*again.apply(event), *again.apply(event))]
    outputs += fold(again, told)
    assert facts(outputs) == expected
    again.state.anomalies.pop("duplicate", None)
    assert again.state == once.state


@settings(max_examples=100, deadline=None)
@given(stories(), st.lists(st.integers(0, 2_000_000), max_size=30))
def test_how_often_time_passes_never_matters(told: list[ev.Event], ticks: list[int]) -> None:
    """The live floor ticks ten times a second, a replay never: same facts, same day."""
    quiet, ticking = new_floor(), new_floor()
    expected = facts(fold(quiet, told))
    outputs: list[Output] = []
    pending = sorted(T0 + tick for tick in ticks)
    for event in told:
        while pending and pending[0] <= event.at:
            outputs += ticking.advance(Millis(pending.pop(0)))
        outputs += ticking.apply(event)
    end = Millis(max((event.at for event in told), default=T0) + 1)
    expected += facts(quiet.advance(end))
    outputs += ticking.advance(end)
    assert facts(outputs) == expected
    assert ticking.state == quiet.state


@settings(max_examples=100, deadline=None)
@given(stories())
def test_a_replay_writes_the_same_rows_with_the_same_versions(told: list[ev.Event]) -> None:
    assert facts(fold(new_floor(), told)) == facts(fold(new_floor(), told))


@settings(max_examples=150, deadline=None)
@given(stories())
def test_versions_of_a_row_grow_and_its_key_stands_for_one_visit(told: list[ev.Event]) -> None:
    newest: dict[Any, int] = {}
    for fact in facts(fold(new_floor(), told)):
        key: tuple[object, ...]
        if isinstance(fact, ContactLeg):
            key = ("leg", fact.queued_at, fact.contact, fact.leg, fact.queue if fact.leg == 0 else "")
            assert fact.ver >= newest.get(key, -1)
            newest[key] = fact.ver


@settings(max_examples=150, deadline=None)
@given(stories(), st.data())
def test_the_stretches_of_an_agent_never_overlap_and_leave_no_hole(told: list[ev.Event], data: st.DataObject) -> None:
    """Also where events come up to four seconds too late."""
    late = data.draw(st.lists(st.sampled_from([0, 0, 800, 4000]), min_size=len(told), max_size=len(told)))
    told = [replace(event, at=event.at - ms) for event, ms in zip(told, late, strict=True)]
    floor = new_floor()
    ended: dict[str, int] = {}
    for one in fold(floor, told):
        if isinstance(one, StateInterval):
            assert one.started_at == ended.get(one.agent, one.started_at)
            assert one.duration_ms > 0
            ended[one.agent] = one.started_at + one.duration_ms
    for agent in floor.agents.values():
        assert agent.since == ended.get(agent.id, agent.since)


@settings(max_examples=150, deadline=None)
@given(stories())
def test_nothing_is_ever_counted_into_thin_air(told: list[ev.Event]) -> None:
    """offered = answered + abandoned + overflowed + lost + waiting, and talking = answered - ended, in each queue."""
    floor = Floor(SiteId("gz"), targets_ms=TARGETS)
    for event in told:
        floor.apply(event)
        for queue in floor.queues.values():
            conserved(queue)


def conserved(queue: QueueRecord) -> None:
    today = queue.today
    left = today.answered + today.abandoned + sum(today.overflowed.values()) + today.lost
    assert today.offered == left + len(queue.waiting)
    assert queue.talking == today.answered - today.ended
    for part in (today.answered_in_target, today.accepted_in_target, today.answered_unseen):
        assert 0 <= part <= today.answered
    assert min(getattr(today, name) for name in Counters.__struct_fields__) >= 0


@settings(max_examples=150, deadline=None)
@given(stories())
def test_the_label_shown_is_always_the_one_derived(told: list[ev.Event]) -> None:
    """Whoever hears every change knows every agent, and no stale label survives an event."""
    floor = new_floor()
    shown: dict[str, tuple[object, ...]] = {}
    for event in told:
        for out in floor.apply(event):
            if isinstance(out, AgentChange):
                shown[out.agent] = (out.state, out.reason, out.queue, out.contact)
        for agent in floor.agents.values():
            label = derive(agent, floor.state.visits)
            assert Label(agent.state, agent.reason, agent.queue, agent.contact) == label
            assert shown.get(agent.id, astuple(label)) == astuple(label)


@settings(deadline=None)
@given(stories())
def test_events_survive_the_bus_and_the_door(told: list[ev.Event]) -> None:
    assert [decode_event(encode(event)) for event in told] == told
    assert [decode_event_json(encode_json(event)) for event in told] == told
