"""Amazon Connect's stream in any order, repeated, with pieces missing or senseless: the floor comes to the same."""

import json
import random
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.floor.fold import Floor
from streams.floor.report import report
from streams.translate.amazon_connect import ConnectTranslator
from streams.vocabulary.codec import decode_event, encode
from streams.vocabulary.ids import Millis, SiteId, SourceId
from tests.golden.connect.make_day import plan, truth
from tests.golden.connect.stage import millis
from tests.property.test_floor_fold import conserved

NOW = Millis(millis("12:00"))
LATE_MS = 20_000


@cache
def lines() -> tuple[tuple[int, str], ...]:
    return tuple(sorted((millis(when), text) for when, text in plan()))


def floor_after(texts: list[str]) -> tuple[Floor, ConnectTranslator]:
    here = ConnectTranslator(site=SiteId("s"), source=SourceId("connect"))
    floor = Floor(SiteId("s"))
    for event in here.connected(Millis(millis("8:58"))):
        floor.apply(event)
    for text in texts:
        for event in here.translate(text.encode("utf-8", "surrogatepass"), NOW):
            floor.apply(decode_event(encode(event)))
    floor.advance(Millis(millis("11:10")))
    return floor, here


def told(texts: list[str]) -> dict[str, Any]:
    floor, _ = floor_after(texts)
    whole = report(floor, now=Millis(millis("11:10")))
    del whole["anomalies"]
    return whole


@cache
def in_order() -> dict[str, Any]:
    return told([text for _, text in lines()])


@settings(max_examples=8, deadline=None)
@given(st.integers(min_value=0, max_value=2**32))
def test_lines_late_by_seconds_and_told_again_change_nothing(seed: int) -> None:
    chance = random.Random(seed)
    arriving = [
        (at + chance.uniform(0, LATE_MS), text) for at, text in lines() for _ in range(chance.choice((1, 1, 2, 3)))
    ]
    assert told([text for _, text in sorted(arriving)]) == in_order()


@settings(max_examples=8, deadline=None)
@given(st.integers(min_value=0, max_value=2**32))
def test_records_make_up_for_agent_events_that_never_came(seed: int) -> None:
    """Whatever part of the agents' stream is lost, every queue's counts are those of the contact records."""
    chance = random.Random(seed)
    share = chance.random()
    texts = [text for _, text in lines() if "EventType" not in text or chance.random() < share]
    queues = told(texts)["queues"]
    for queue, wanted in truth()["queues"].items():
        assert {key: queues[queue][key] for key in ("offered", "answered", "abandoned", "overflowed")} == {
            key: wanted[key] for key in ("offered", "answered", "abandoned", "overflowed")
        }


SENSELESS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(10**30), max_value=10**30),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "CONNECTED", "OFFLINE", "", "x" * 1000]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)


def broken(told: Any, chance: random.Random, senseless: list[Any]) -> Any:
    """One value somewhere in a message is another one."""
    if isinstance(told, dict) and told and chance.random() < 0.95:
        key = chance.choice(sorted(told))
        return told | {key: broken(told[key], chance, senseless)}
    if isinstance(told, list) and told and chance.random() < 0.9:
        at = chance.randrange(len(told))
        return [*told[:at], broken(told[at], chance, senseless), *told[at + 1 :]]
    return chance.choice(senseless)


@settings(max_examples=15, deadline=None)
@given(st.integers(min_value=0, max_value=2**32), st.lists(SENSELESS, min_size=1, max_size=10))
def test_senseless_values_never_end_the_reader_and_the_sums_hold(seed: int, senseless: list[Any]) -> None:
    chance = random.Random(seed)
    texts = []
    for _, text in lines():
        message = json.loads(text)
        for _ in range(chance.choice((0, 0, 1, 3))):
            message = broken(message, chance, senseless)
        texts.append(json.dumps(message))
    floor, here = floor_after(texts)
    for queue in floor.queues.values():
        conserved(queue)
    assert here.records == len(texts)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_record_or_a_refusal(data: bytes) -> None:
    here = ConnectTranslator(site=SiteId("s"), source=SourceId("connect"))
    assert here.translate(data, NOW) == []
    assert here.refused.total() == 1
