"""Mapping files: every slip with its line; messages to events, and by what name the others are refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.translate.mapping import MappedTranslator
from streams.translate.mapping_parse import MappingFaults, parse_mapping
from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import Device, Order

NOW = Millis(1_795_291_200_000)
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

FEED = """
[feed]
at = { path = "ts", as = "epoch_s" }

[map.device]
FREE = "idle"
TALK = "in_use"

[[rule]]
event = "contact_queued"
when = { type = "queued" }
[rule.fields]
contact = { path = "call.id" }
queue = { path = "call.queue", as = "lower" }
customer = { path = "call.from", after = ":", before = ["@", ";"] }
tier = { path = "call.tier", default = "normal" }

[[rule]]
event = "contact_answered"
while = "waiting"
when = { type = ["answered", "picked"] }
[rule.fields]
contact = { path = "call.id" }
agent = { path = "agents.0.no" }
wait_ms = { path = "call.waited", as = "seconds" }

[[rule]]
event = "contact_ended"
while = "talking"
when = { type = "ended" }
[rule.fields]
contact = { path = "call.id" }

[[rule]]
event = "wrap_up_started"
when = { type = "ended", acw = true }
[rule.fields]
contact = { path = "call.id" }

[[rule]]
event = "agent_device"
when = { type = "device", "/dev.name" = { starts = "tel-" } }
[rule.fields]
agent = { path = "/dev.name", after = "tel-" }
queue = ""
device = { path = "state", map = "device", default = "unknown" }
"""


def translator(text: str = FEED) -> MappedTranslator:
    return MappedTranslator(parse_mapping(text, file="feed.toml"), site=SiteId("s"), source=SourceId("cti"))


def told(here: MappedTranslator, *messages: Any) -> list[ev.Event]:
    return [event for one in messages for event in here.translate(json.dumps(one), NOW)]


CALL = {"id": "c1", "queue": "SALES", "from": "sip:138@host", "waited": "2.5"}
QUEUED = {"type": "queued", "ts": 1_795_291_199, "call": CALL}
PICKED = {"type": "picked", "ts": 1_795_291_199.5, "call": CALL, "agents": [{"no": 1001}]}
ENDED = {"type": "ended", "call": CALL, "acw": True}


def test_fields_are_cut_converted_and_looked_up() -> None:
    [queued] = told(translator(), QUEUED)
    assert isinstance(queued, ev.ContactQueued)
    assert (queued.at, queued.contact, queued.leg, queued.queue) == (1_795_291_199_000, "c1", 1, "sales")
    assert (queued.customer, queued.tier) == ("138", "normal")


def test_what_an_earlier_message_said_of_a_contact_need_not_be_said_again() -> None:
    events = told(translator(), QUEUED, PICKED, ENDED)
    answered, ended, wrap_up = events[1:]
    assert isinstance(answered, ev.ContactAnswered)
    assert (answered.queue, answered.agent, answered.wait_ms, answered.leg) == ("sales", "1001", 2500, 1)
    assert isinstance(ended, ev.ContactEnded)
    assert (ended.queue, ended.agent) == ("sales", "1001")
    assert isinstance(wrap_up, ev.WrapUpStarted)
    assert (wrap_up.contact, wrap_up.agent) == ("c1", "1001")


def test_each_time_in_a_queue_is_the_next_visit() -> None:
    events = told(translator(), QUEUED, PICKED, ENDED, QUEUED)
    assert isinstance(events[-1], ev.ContactQueued)
    assert events[-1].leg == 2


FOUND = "\n".join(
    "wait_ms = 0" if line.startswith("customer") else line.replace("contact_queued", "contact_seen")
    for line in FEED.split("\n")
    if not line.startswith("tier")
)


@pytest.mark.parametrize(("queue", "leg"), [("sales", 1), ("support", 2)], ids=["where he waited", "in another queue"])
def test_a_collector_that_was_killed_is_followed_by_one_that_knows_its_legs(queue: str, leg: int) -> None:
    """Found waiting in the queue he was in: the same visit; in another one: the next."""
    before = told(translator(), QUEUED)
    after = translator(FOUND)
    after.recall(before)
    after.started(NOW)
    after.connected(NOW)
    (seen,) = told(after, {**QUEUED, "call": {**CALL, "queue": queue}})
    assert isinstance(seen, ev.ContactSeen)
    assert (seen.contact, seen.leg, seen.queue) == ("c1", leg, queue)
    assert seen.seq > max(one.seq for one in before)


def test_a_rule_for_contacts_that_stand_otherwise_says_nothing() -> None:
    here = translator()
    assert [type(one).__name__ for one in told(here, QUEUED, PICKED, PICKED)] == ["ContactQueued", "ContactAnswered"]
    assert not here.refused


def test_a_key_with_a_dot_is_reached_by_a_pointer_and_an_unknown_word_has_its_default() -> None:
    here = translator()
    events = told(here, *({"type": "device", "dev.name": "tel-1001", "state": word} for word in ("TALK", "ZZZ")))
    assert [event.device for event in events if isinstance(event, ev.AgentDevice)] == [Device.IN_USE, Device.UNKNOWN]
    assert told(here, {"type": "device", "dev.name": "lamp-1", "state": "TALK"}) == []
    assert here.unmatched == 1


def test_a_list_is_its_messages() -> None:
    assert len(told(translator(), [QUEUED, PICKED])) == 2


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"type": "ended", "acw": True, "call": {"id": "never heard of"}}, "unknown_contact"),
        ({"type": "queued", "call": {"queue": "a"}}, "field_missing"),
        ({"type": "queued", "call": {"id": {"a": 1}, "queue": "a"}}, "value_unusable"),
        ({"type": "queued", "call": {"id": "x", "queue": "q" * 200}}, "text_too_long"),
        ({"type": "queued", "ts": "tomorrow", "call": CALL}, "time_unreadable"),
        ({"type": "queued", "ts": 9e15, "call": CALL}, "time_absurd"),
        ({"type": "queued", "ts": -1, "call": CALL}, "time_unreadable"),
    ],
)
def test_what_cannot_be_told_is_refused_by_name(message: Any, reason: str) -> None:
    here = translator()
    assert [event for event in told(here, message) if not isinstance(event, ev.WrapUpStarted)] == []
    assert here.refused[reason] == 1


def test_true_is_not_one() -> None:
    here = translator(FEED.replace('type = "ended", acw = true', 'type = "ended", acw = 1'))
    assert len(told(here, QUEUED, PICKED, ENDED)) == 3


def test_a_timed_feed_numbers_by_what_it_calls_its_messages() -> None:
    text = FEED.replace("[feed]", '[feed]\norder = "timed"\nid = { path = "no" }')
    first, again, other = (told(translator(text), QUEUED | {"no": no})[0].seq for no in (7, 7, 8))
    assert first == again != other
    connected = translator(text).connected(NOW)[0]
    assert isinstance(connected, ev.SourceConnected)
    assert connected.order is Order.TIMED


def test_a_picture_ends_some_seconds_after_connecting() -> None:
    here = translator()
    here.started(NOW)
    kinds = [type(one).__name__ for one in here.connected(NOW)]
    assert kinds == ["SourceConnected", "ResyncBegan"]
    assert here.advance(Millis(NOW + 9_999)) == []
    assert [type(one).__name__ for one in here.advance(Millis(NOW + 10_000))] == ["ResyncEnded"]
    assert here.advance(Millis(NOW + 20_000)) == []


FAULTY = """\
[feed]
at = { path = "ts", as = "isoo" }
order = "numbered"
colour = "red"

[map.device]
FREE = "idel"
LONG = 1.5

[[rule]]
event = "contact_qeued"
when = { type = "a" }

[[rule]]
event = "contact_queued"
[rule.fields]
contact = { path = "id", befor = ["x"] }
queue = 7
surprise = { path = "x" }
seq = { path = "x" }

[[rule]]
event = "agent_device"
while = "waiting"
when = { type.deep = "a" }
[rule.fields]
agent = {}
queue = ""
device = { path = "state", map = "device" }
"""


def test_every_fault_of_a_file_comes_at_once_with_its_line_and_mend() -> None:
    with pytest.raises(MappingFaults) as caught:
        parse_mapping(FAULTY, file="feed.toml")
    faults = caught.value.faults
    assert all(fault.mend and fault.path == "feed.toml" for fault in faults)
    found = {(fault.line, fault.message.partition(":")[0]) for fault in faults}
    assert {
        (2, "feed.at.as"),
        (3, "feed.order"),
        (4, "feed.colour"),
        (8, "map.device.LONG"),
        (11, "rule[0].event"),
        (14, "rule[1]"),
        (17, "rule[1].fields.contact.befor"),
        (18, "rule[1].fields.queue"),
        (19, "rule[1].fields.surprise"),
        (20, "rule[1].fields.seq"),
        (24, "rule[2].while"),
        (25, "rule[2].when.type"),
        (27, "rule[2].fields.agent"),
        (29, "rule[2].fields.device"),
    } <= found


@pytest.mark.parametrize(
    "text", ["", "[feed]\n", "rule = 3\n", "[[rule]]\n", "[[rule]]\nevent = 'source_lost'\nwhen = {a=1}\n"]
)
def test_a_file_without_a_usable_rule_says_so(text: str) -> None:
    with pytest.raises(MappingFaults):
        parse_mapping(text, file="feed.toml")


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.mapping.toml")), ids=lambda file: file.name)
def test_the_examples_are_without_fault(file: Path) -> None:
    assert parse_mapping(file.read_text(encoding="utf-8"), file=file.name).rules


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["queued", "ended"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["queued", "answered", "ended", "device"])},
            optional={
                "call": JSON | st.just(CALL),
                "ts": JSON,
                "agents": JSON,
                "dev.name": JSON,
                "state": JSON,
                "acw": JSON,
            },
        ),
        max_size=6,
    )
)
def test_no_message_ends_the_reader(messages: list[Any]) -> None:
    here = translator()
    for event in told(here, *messages):
        assert event.source == "cti"
    assert here.messages == len(messages)
