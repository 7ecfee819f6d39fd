"""The door for pushed events: who may come in, what is taken once, what is refused and kept to be looked at."""

import asyncio
import gzip
import json

import pytest

from monitor.api.push_door import PushDoor
from monitor.api.push_lines import NotABatch, NotGzip, TooLarge, body_lines, event_id, gunzip, kept_object, kept_text
from monitor.api.push_words import BatchAnswer, BatchRefused, DoorLimits, DoorReason, DoorSource
from streams.vocabulary.ids import Millis, SourceId
from tests.push_room import NOW, SOURCE, TOKEN, Clock, Kept, door_of, line, message, source_of


def push(door: PushDoor, body: bytes) -> BatchAnswer | BatchRefused:
    return asyncio.run(door.take(door.sources[SOURCE], body))


# ---- who ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "named", "answer"),
    [
        (TOKEN, "", "crm-1"),
        (TOKEN, "crm-1", "crm-1"),
        ("", "", DoorReason.NO_BEARER),
        ("token-of-nobody", "", DoorReason.WRONG_BEARER),
        (TOKEN[:-1], "", DoorReason.WRONG_BEARER),
        (TOKEN, "crm-2", DoorReason.WRONG_SOURCE),
        (TOKEN, "nowhere", DoorReason.WRONG_SOURCE),
        ("shared", "", DoorReason.SOURCE_NOT_NAMED),
        ("shared", "erp-2", "erp-2"),
        ("\udcff密", "", DoorReason.WRONG_BEARER),
    ],
)
def test_a_token_speaks_for_its_source(token, named, answer):
    kept = Kept()
    sources = [
        source_of(kept),
        source_of(kept, name=SourceId("crm-2"), token="other"),
        source_of(kept, name=SourceId("erp-1"), token="shared"),
        source_of(kept, name=SourceId("erp-2"), token="shared"),
        source_of(kept, name=SourceId("without"), token=""),
    ]
    door = PushDoor(sources, clock=Clock())
    found = door.admit(token, named)
    assert (found.id if isinstance(found, DoorSource) else found.reason) == answer


def test_without_sources_nobody_pushes():
    found = PushDoor([], clock=Clock()).admit(TOKEN, "")
    assert isinstance(found, BatchRefused)
    assert found.reason is DoorReason.NOBODY_PUSHES


def test_no_repr_shows_a_token():
    assert TOKEN not in repr(source_of(Kept()))


# ---- what ---------------------------------------------------------------------------------------------------------


def test_good_lines_are_taken_and_each_bad_one_is_named():
    kept = Kept()
    door = door_of(kept)
    bad = [b"{", line(3, queue=7), line(4, site="sh"), line(5, at=1)]
    answer = push(door, b"\n".join([line(1), *bad, line(2)]))
    assert isinstance(answer, BatchAnswer)
    assert (answer.accepted, answer.duplicates) == (2, 0)
    told = [(one.line, one.id, one.reason) for one in answer.refused]
    assert told == [
        (2, "", "not_json"),
        (3, "hz/crm-1/3", "wrong_shape"),
        (4, "sh/crm-1/4", "site_not_allowed"),
        (5, "hz/crm-1/5", "time_absurd"),
    ]
    assert all(one.detail and one.mend for one in answer.refused)
    assert [event.seq for event in kept.events] == [1, 2]
    assert door.refused == {(SOURCE, one.reason): 1 for one in answer.refused}


@pytest.mark.parametrize("body", [b"[%s,\n %s]", b" \n[%s,%s]", b"\xef\xbb\xbf[%s, %s]", b"%s\n\n%s\r\n", b"%s\n%s"])
def test_an_array_and_lines_are_the_same_batch(body):
    kept = Kept()
    answer = push(door_of(kept), body % (line(1), line(2)))
    assert answer == BatchAnswer(accepted=2, duplicates=0, refused=())
    assert [event.seq for event in kept.events] == [1, 2]


def test_an_array_printed_over_many_lines_is_read():
    rows = [json.loads(line(1)), 7, json.loads(line(2, queue=3))]
    answer = push(door_of(Kept()), json.dumps(rows, indent=2).encode())
    assert isinstance(answer, BatchAnswer)
    assert (answer.accepted, [(one.line, one.reason) for one in answer.refused]) == (
        1,
        [(2, "wrong_shape"), (3, "wrong_shape")],
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", DoorReason.NOTHING_SENT),
        (b"\n \r\n", DoorReason.NOTHING_SENT),
        (b"[]", DoorReason.NOTHING_SENT),
        (b"[", DoorReason.NOT_A_BATCH),
        (b"[" * 100_000, DoorReason.NOT_A_BATCH),
        (b"[1,]", DoorReason.NOT_A_BATCH),
        (b"{}\n" * 11, DoorReason.BATCH_TOO_LONG),
        (b"[" + b"1," * 10 + b"1]", DoorReason.BATCH_TOO_LONG),
        (b"null", DoorReason.NOTHING_USABLE),
        (b'{"a":' * 50_000, DoorReason.NOTHING_USABLE),
        (b"\xff\xfe", DoorReason.NOTHING_USABLE),
        (b"\x00", DoorReason.NOTHING_USABLE),
        (line(1, contact="a\0b"), DoorReason.NOTHING_USABLE),
        (line(2**70), DoorReason.NOTHING_USABLE),
    ],
)
def test_a_batch_of_which_nothing_can_be_used_says_why(body, reason):
    kept = Kept()
    answer = push(door_of(kept, limits=DoorLimits(lines=10)), body)
    assert isinstance(answer, BatchRefused)
    assert answer.reason is reason
    assert answer.detail
    assert answer.mend
    assert kept.events == []


# ---- once ---------------------------------------------------------------------------------------------------------


def test_a_batch_sent_again_counts_as_duplicates():
    kept = Kept()
    door = door_of(kept)
    body = b"\n".join([line(1), line(2)])
    assert push(door, body) == BatchAnswer(accepted=2, duplicates=0, refused=())
    assert push(door, body + b"\n" + line(3)) == BatchAnswer(accepted=1, duplicates=2, refused=())
    assert [event.seq for event in kept.events] == [1, 2, 3]


def test_one_number_for_two_events_is_a_fault_not_a_duplicate():
    kept = Kept()
    answer = push(door_of(kept), b"\n".join([line(1), line(1, queue="账单")]))
    assert isinstance(answer, BatchAnswer)
    assert [(one.line, one.id, one.reason) for one in answer.refused] == [(2, "hz/crm-1/1", "id_reused")]
    assert len(kept.events) == 1


def test_what_is_remembered_of_ids_is_bounded():
    kept = Kept()
    door = door_of(kept, limits=DoorLimits(recent_ids=3))
    push(door, b"\n".join(line(n) for n in range(1, 9)))
    assert push(door, line(1)) == BatchAnswer(accepted=1, duplicates=0, refused=())
    assert push(door, line(8)) == BatchAnswer(accepted=0, duplicates=1, refused=())


# ---- durable ------------------------------------------------------------------------------------------------------


def test_when_nobody_keeps_events_nothing_is_acknowledged_and_the_retry_counts_as_new():
    kept = Kept()
    door = door_of(kept)
    kept.away = "the spool is full"
    answer = push(door, line(1))
    assert isinstance(answer, BatchRefused)
    assert (answer.reason, answer.retry_after_s) == (DoorReason.NOT_DURABLE, 5)
    assert "the spool is full" in answer.detail
    kept.away = ""
    assert push(door, line(1)) == BatchAnswer(accepted=1, duplicates=0, refused=())


def test_nobody_waits_for_ever_for_what_is_not_kept():
    async def never(events: object) -> None:
        await asyncio.Event().wait()

    kept = Kept()
    source = DoorSource(id=SOURCE, site="hz", token=TOKEN, judge=source_of(kept).judge, accept=never)
    answer = push(PushDoor([source], clock=Clock(), limits=DoorLimits(accept_timeout_s=0.02)), line(1))
    assert isinstance(answer, BatchRefused)
    assert answer.reason is DoorReason.NOT_DURABLE


def test_chat_is_redacted_before_it_is_kept():
    kept = Kept()
    push(door_of(kept), message(1, "手机13800138000"))
    assert [event.text for event in kept.events] == ["手机●●●●●●●●●●●"]


# ---- how fast -----------------------------------------------------------------------------------------------------


def test_a_source_in_debt_waits_and_then_may_go_on():
    clock = Clock()
    door = door_of(Kept(), limits=DoorLimits(events_per_s=10, events_at_once=10), clock=clock)
    source = door.sources[SOURCE]
    assert door.enter(source) is None
    asyncio.run(door.take(source, b"\n".join(line(n) for n in range(30))))
    door.leave(source)
    fault = door.enter(source)
    assert fault is not None
    assert (fault.reason, fault.retry_after_s) == (DoorReason.TOO_MANY_EVENTS, 3)
    clock.now = Millis(NOW + 3_000)
    assert door.enter(source) is None


def test_lines_that_are_refused_count_too():
    door = door_of(Kept(), limits=DoorLimits(events_per_s=1, events_at_once=5))
    push(door, b"{}\n" * 6)
    assert door.enter(door.sources[SOURCE]) is not None


def test_batches_and_sockets_at_once_are_bounded():
    door = door_of(Kept(), limits=DoorLimits(batches_at_once=2, sockets=1))
    source = door.sources[SOURCE]
    batches = [door.enter(source) for _ in range(3)]
    sockets = [door.open_socket(source) for _ in range(2)]
    assert [one and one.reason for one in batches] == [None, None, DoorReason.TOO_MANY_BATCHES]
    assert [one and one.reason for one in sockets] == [None, DoorReason.TOO_MANY_SOCKETS]
    door.leave(source)
    assert door.enter(source) is None


# ---- what is kept of the refused ----------------------------------------------------------------------------------


def test_a_refused_line_is_kept_without_what_must_not_be_stored():
    kept = Kept()
    push(door_of(kept), message(1, "手机13800138000", role="nobody") + b"\n" + b'{"text": "13800138000')
    assert [(one.reason, one.again) for one in kept.samples] == [("wrong_shape", True), ("not_json", False)]
    assert all(b"13800138000" not in one.blob for one in kept.samples)
    assert json.loads(kept.samples[0].blob)["seq"] == 1


def test_a_flood_of_bad_lines_keeps_a_few():
    kept, clock = Kept(), Clock()
    door = door_of(kept, limits=DoorLimits(samples_per_minute=4), clock=clock)
    push(door, b"{}\n" * 100)
    assert len(kept.samples) == 4
    clock.now = Millis(NOW + 60_000)
    push(door, b"{}\n" * 100)
    assert len(kept.samples) == 8


def test_a_refused_line_can_be_tried_again():
    kept, clock = Kept(), Clock()
    door = door_of(kept, clock=clock)
    early = line(1, at=NOW + 2 * 3_600_000)
    push(door, early)
    source = door.sources[SOURCE]
    again = asyncio.run(door.again(source, kept.samples[0].blob))
    assert isinstance(again, BatchRefused)
    assert again.refused[0].reason == "time_absurd"
    clock.now = Millis(NOW + 2 * 3_600_000)
    assert asyncio.run(door.again(source, kept.samples[0].blob)) == BatchAnswer(accepted=1, duplicates=0, refused=())
    assert [event.seq for event in kept.events] == [1]


# ---- lines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("members", [[b"whole"], [b"in ", b"two"], [b""], [b"x" * 1000]])
def test_gzip_members_are_unpacked_one_after_the_other(members):
    assert gunzip(b"".join(gzip.compress(part) for part in members), most=1000) == b"".join(members)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", NotGzip),
        (b"plain", NotGzip),
        (gzip.compress(b"x" * 999)[:-1], NotGzip),
        (gzip.compress(b"x") + b"rest", NotGzip),
        (gzip.compress(b"x" * 1001), TooLarge),
        (gzip.compress(b"x" * 600) * 2, TooLarge),
        (gzip.compress(b"") * 65, NotGzip),
    ],
)
def test_gzip_that_is_cut_mixed_or_too_large_is_refused(body, fault):
    with pytest.raises(fault):
        gunzip(body, most=1000)


def test_a_body_that_only_begins_like_an_array_is_named():
    with pytest.raises(NotABatch, match="array"):
        body_lines(b'[{"a":1}')


@pytest.mark.parametrize(
    ("text", "named"),
    [(line(7), "hz/crm-1/7"), (b"{}", ""), (b'{"site":"a","source":"b","seq":"c"}', ""), (b"[" * 9999, ""), (b"", "")],
)
def test_a_refused_line_says_its_id_where_it_can(text, named):
    assert event_id(text) == named


@pytest.mark.parametrize(
    "text", [b"", b"7", b"null", b'{"a":', b"\xff", b'{"a":' * 5_000, b'{"a":' + b"[" * 900 + b"]" * 900 + b"}"]
)
def test_what_is_no_object_cannot_be_tried_again(text):
    assert kept_object(text) is None
    assert len(kept_text(text).decode()) <= 300


def test_texts_nobody_knows_are_hidden_at_any_depth():
    told = {
        "kind": "x",
        "contact": "17950000001234",
        "queue": {"text": "13800138000"},
        "note": {"a": ["13800138000"]},
        "text": "13800138000",
    }
    kept = json.loads(kept_object(json.dumps(told).encode()) or b"")
    hidden = "●" * 11
    assert kept == {
        "kind": "x",
        "contact": "17950000001234",
        "queue": {"text": hidden},
        "note": {"a": [hidden]},
        "text": hidden,
    }
