"""Whatever is pushed: every line is accepted, known already, or refused by name; what is sent again changes nothing."""

import asyncio
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.api.push_chat import hide
from monitor.api.push_door import PushDoor
from monitor.api.push_words import BatchAnswer, BatchRefused, RefusedEvent
from tests.push_room import SOURCE, Kept, door_of, line, message

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["kind", "at", "site", "source", "seq", "contact", "leg", "queue", "extra"])
MARK = b"\xef\xbb\xbf"
GOOD = st.builds(line, st.integers(0, 5)) | st.builds(
    message, st.integers(6, 9), st.text(max_size=20).filter(str.isprintable)
)
BENT = st.builds(lambda seq, field, value: line(seq, **{field: value}), st.integers(0, 5), FIELDS, JSON)
SOUP = st.binary(max_size=60).map(lambda blob: blob.replace(b"\n", b"").replace(b"\r", b"").strip()).filter(bool)
LINES = st.lists(GOOD | BENT | SOUP | JSON.map(lambda told: json.dumps(told).encode()), min_size=1, max_size=12)


def push(door: PushDoor, body: bytes) -> tuple[int, int, tuple[RefusedEvent, ...]]:
    answer = asyncio.run(door.take(door.sources[SOURCE], body))
    if isinstance(answer, BatchAnswer):
        return answer.accepted, answer.duplicates, answer.refused
    assert isinstance(answer, BatchRefused)
    return 0, 0, answer.refused


@given(LINES)
@settings(max_examples=300, deadline=None)
def test_every_line_is_accepted_known_or_refused_by_name(lines: list[bytes]) -> None:
    kept = Kept()
    body = b"\n".join(lines)
    if body.removeprefix(MARK).lstrip().startswith(b"["):  # that would be one array
        body = b"\n" + line(0) + b"\n" + body
    accepted, duplicates, refused = push(door_of(kept), body)
    told = sum(1 for one in body.removeprefix(MARK).split(b"\n") if one.strip())
    assert accepted + duplicates + len(refused) == told
    assert len({one.line for one in refused}) == len(refused)
    assert accepted == len(kept.events) == len({event.id for event in kept.events})
    assert all(one.reason and one.mend for one in refused)


@given(LINES, st.integers(1, 3))
@settings(max_examples=100, deadline=None)
def test_a_batch_sent_again_adds_nothing(lines: list[bytes], times: int) -> None:
    kept = Kept()
    door = door_of(kept)
    body = b"\n".join([line(0), *lines])
    accepted, _, refused = push(door, body)
    for _ in range(times):
        again, known, still = push(door, body)
        assert (again, len(still)) == (0, len(refused))
        assert known >= accepted
    assert len(kept.events) == accepted


@given(LINES, st.integers(0, 12))
@settings(max_examples=100, deadline=None)
def test_how_a_batch_is_cut_never_matters(lines: list[bytes], cut: int) -> None:
    whole, parts = Kept(), Kept()
    push(door_of(whole), b"\n".join([line(0), *lines]))
    door = door_of(parts)
    push(door, b"\n".join([line(0), *lines[:cut]]))
    push(door, b"\n".join([line(0), *lines[cut:]]))
    assert [event.id for event in parts.events] == [event.id for event in whole.events]


@given(st.text(max_size=60), st.integers(10**10, 10**18))
@settings(max_examples=200, deadline=None)
def test_a_long_number_in_any_text_is_hidden(text: str, number: int) -> None:
    shown = hide(f"{text} x {number} y {text}")
    assert str(number) not in shown
    assert len(shown) == len(f"{text} x {number} y {text}")
