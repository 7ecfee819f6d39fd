"""What a pushed batch may say: each refusal with its reason, no line costing another."""

import json
from typing import Any, get_args

import pytest

from streams.translate.push import LINE_BYTES, MOST_LINES, Judged, judge
from streams.vocabulary.codec import decode_event, encode
from streams.vocabulary.events import AgentReady, ContactQueued, Event
from streams.vocabulary.ids import Millis, SiteId, SourceId

NOW = Millis(1_795_291_200_000)
SITE = SiteId("north")
CRM = SourceId("crm")


def line(**fields: Any) -> dict[str, Any]:
    base = {"kind": "contact_queued", "at": NOW, "site": "north", "source": "crm", "seq": 1}
    if fields.get("kind", "contact_queued") == "contact_queued":
        base |= {"contact": "c1", "leg": 1, "queue": "sales"}
    return base | fields


def judged(*lines: Any) -> Judged:
    body = b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines)
    return judge(body, site=SITE, sources=frozenset({CRM}), now=NOW)


def test_a_batch_gives_its_events_in_order() -> None:
    """Blank lines, a byte order mark and Windows line ends are no faults."""
    body = b"\xef\xbb\xbf" + json.dumps(line(seq=7)).encode() + b"\r\n\r\n" + json.dumps(line(seq=3)).encode() + b"\n"
    told = judge(body, site=SITE, sources=frozenset({CRM}), now=NOW)
    assert [event.seq for event in told.events] == [7, 3]
    assert told.refused == ()
    assert told.lines == 2


REFUSED: list[tuple[str, Any]] = [
    ("not_json", b"{"),
    ("not_json", b'{"kind":"source_heard","at":1,"site":"north","source":"\xff","seq":1}'),
    ("not_json", b'{"a":' * 10_000),
    ("wrong_shape", b"[]"),
    ("wrong_shape", line(kind="nonsense")),
    ("wrong_shape", line(surprise=1)),
    ("wrong_shape", line(at="yesterday")),
    ("wrong_shape", {"kind": "contact_queued"}),
    ("line_too_long", line(customer="x" * LINE_BYTES)),
    ("site_not_allowed", line(site="south")),
    ("source_not_allowed", line(source="asterisk-1")),
    ("reason_not_yours", line(kind="source_lost", reason="spool_full")),
    ("time_absurd", line(at=NOW + 3_600_001)),
    ("time_absurd", line(at=0)),
    ("time_absurd", line(at=int("9" * 4000))),
    ("time_absurd", line(kind="agent_not_ready", agent="a", until=NOW + 8 * 86_400_000)),
    ("time_absurd", line(kind="talk_seen", contact="c", leg=1, queue="q", agent="a", queued_at=5)),
    ("number_absurd", line(seq=-1)),
    ("number_absurd", line(seq=2**63)),
    ("number_absurd", line(seq=2**63 - 1)),
    ("number_absurd", line(seq=0)),
    ("number_absurd", line(leg=0)),
    ("number_absurd", line(kind="contact_abandoned", contact="c", leg=1, queue="q", wait_ms=-1)),
    ("number_absurd", line(kind="agent_skills", agent="a", skills={str(n): 1 for n in range(201)})),
    ("text_too_long", line(customer="x" * 257)),
    ("text_too_long", line(contact="x" * 129)),
    ("text_unreadable", line(contact="a\nb")),
    ("text_unreadable", line(customer="a\0b")),
    ("id_empty", line(queue="")),
    ("id_empty", line(kind="agent_skills", agent="a", skills={"": 1})),
    ("number_absurd", line(kind="contact_surveyed", contact="c", value=1e300)),
    ("number_absurd", line(kind="contact_described", contact="c", fields={str(n): "x" for n in range(101)})),
    ("text_too_long", line(kind="contact_described", contact="c", fields={"note": "x" * 257})),
    ("id_empty", line(kind="contact_described", contact="c", tags=[""])),
]


@pytest.mark.parametrize(("reason", "bad"), REFUSED)
def test_a_bad_line_is_refused_by_name_and_the_others_stand(reason: str, bad: Any) -> None:
    told = judged(line(seq=1), bad, line(seq=2))
    assert [event.seq for event in told.events] == [1, 2]
    [refusal] = told.refused
    assert (refusal.line, refusal.reason) == (2, reason)
    assert refusal.mend
    assert len(refusal.detail) <= 200


def test_queue_may_be_empty_where_that_means_the_whole_agent() -> None:
    told = judged(
        line(kind="agent_ready", agent="a"),
        line(kind="agent_seen", agent="a", queue=""),
        line(kind="agent_device", agent="a", queue="", device="idle"),
    )
    assert told.refused == ()
    assert isinstance(told.events[0], AgentReady)


def test_a_batch_of_too_many_lines_says_where_it_was_cut() -> None:
    text = json.dumps(line()).encode()
    told = judge(b"\n".join([text] * (MOST_LINES + 5)), site=SITE, sources=frozenset({CRM}), now=NOW)
    assert len(told.events) == MOST_LINES
    assert [(one.line, one.reason) for one in told.refused] == [(MOST_LINES + 1, "too_many_lines")]


def test_a_customer_is_not_repeated_in_a_refusal() -> None:
    [refusal] = judged(line(customer="13800138000" * 30)).refused
    assert "138" not in refusal.detail + refusal.mend


def test_every_kind_of_event_has_its_bounds() -> None:
    """A kind added to the vocabulary is judged without a line of code here."""
    from streams.translate.bounds import _CHECKS

    assert set(_CHECKS) == set(get_args(Event))
    assert all({name for name, _ in checks} >= {"at", "site", "source", "seq"} for checks in _CHECKS.values())


def test_what_is_taken_can_be_put_on_the_bus() -> None:
    [event] = judged(line(customer="王小姐", seq=2**63 - 2)).events
    assert isinstance(event, ContactQueued)
    assert decode_event(encode(event)) == event
