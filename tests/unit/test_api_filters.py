"""A query string to a page of contacts, and a stored contact to its view."""

import pytest

from monitor.api.contacts import DAY_MS, FilterFault, read_filter
from monitor.web.contact_view import card, leg_view
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from streams.warehouse.contacts import LegRow, ScoreRow

NOW = Millis(1_795_291_649_000)


def leg(**more) -> LegRow:
    values = {
        "queued_at": Millis(1000),
        "site": SiteId("hz"),
        "contact": ContactId("1.0"),
        "leg": 1,
        "queue": QueueName("q"),
        "agent": AgentId("8001"),
        "channel": "voice",
        "direction": "inbound",
        "tier": "",
        "customer": "",
        "answered_at": Millis(3000),
        "ended_at": Millis(9000),
        "wait_ms": 2000,
        "ring_ms": 0,
        "talk_ms": 5000,
        "hold_ms": 1000,
        "wrap_up_ms": 2000,
        "target_ms": 20_000,
        "outcome": "answered",
        "reason": "",
        "ended_by": "agent",
        "recording": "",
    }
    return LegRow(**(values | more))


def test_no_filter_is_the_last_day():
    page = read_filter({}, NOW)
    assert (page.since, page.until) == (NOW + 1 - DAY_MS, NOW + 1)
    assert page.choose.queue is None


def test_a_filter_is_read_whole():
    page = read_filter({"queue": "客服", "agent": "8001", "outcome": "abandoned", "fatal": "1", "limit": "9999"}, NOW)
    assert (page.choose.queue, page.choose.agent, page.choose.outcome, page.choose.fatal) == (
        "客服",
        "8001",
        "abandoned",
        True,
    )
    assert page.limit == 500


@pytest.mark.parametrize("query", [{"from": "1e9"}, {"to": "-5"}, {"offset": "٣"}, {"outcome": "good"}])
def test_what_cannot_be_read_is_a_fault(query):
    with pytest.raises(FilterFault):
        read_filter(query, NOW)


def test_a_leg_s_parts_follow_each_other_and_fill_the_contact():
    parts = leg_view(leg(), 1000, 10_000).stretches
    assert [(part.kind, part.left, part.width) for part in parts] == [
        ("wait", 0, 20),
        ("talk", 20, 50),
        ("hold", 70, 10),
        ("wrap_up", 80, 20),
    ]


def test_a_score_whose_items_cannot_be_read_still_shows_its_points():
    score = ScoreRow(
        NOW, ContactId("1.0"), "s", 1, AgentId("a"), QueueName("q"), 80, 80, 80, 100, 1, 0, '{"not": "a list"}', NOW
    )
    shown = card(score)
    assert shown.items == ()
    assert "array" in shown.fault
