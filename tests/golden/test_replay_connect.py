"""Two hours of Amazon Connect, many lines thrice and all out of order, against the plan they were made of."""

import json
from functools import cache
from typing import Any

import pytest

from streams.collect.connect_replay import Replayed, play_connect
from streams.floor.report import report
from streams.vocabulary.facts import ContactLeg, StateInterval
from streams.vocabulary.ids import Millis, SiteId
from tests.golden.connect.make_day import FOLDER, truth

TRUTH = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))


@cache
def played() -> Replayed:
    replayed = play_connect(FOLDER / "day.ndjson.zst", site=SiteId("golden"))
    replayed.outputs += replayed.floor.advance(Millis(replayed.ended_at + 120_000))
    return replayed


@cache
def reported() -> dict[str, Any]:
    return report(played().floor, now=played().ended_at)


def test_the_truth_on_disk_is_the_plans() -> None:
    """Else: python -m tests.golden.connect.make_day."""
    assert json.loads(json.dumps(truth())) == TRUTH


def test_nothing_of_the_day_is_refused_or_odd() -> None:
    assert played().refused == {}
    assert set(reported()["anomalies"]) == {"duplicate"}


@pytest.mark.parametrize("queue", sorted(TRUTH["queues"]))
def test_every_queue_counts_what_was_planned(queue: str) -> None:
    told = reported()["queues"][queue]
    counts = {key: told[key] for key in ("offered", "answered", "abandoned", "overflowed")}
    sums = {key: told[key]["sum"] for key in ("wait_ms", "talk_ms", "hold_ms")}
    assert counts | sums == TRUTH["queues"][queue]
    assert told["transferred_out"] == TRUTH["transferred_out"][queue]
    assert (told["waiting"], told["talking"], told["lost"]) == (0, 0, 0)


def test_outbound_attempts_count_apart() -> None:
    wanted = TRUTH["outbound"]
    told = reported()["queues"][wanted["queue"]]["outbound"]
    assert (told["reached"], told["unreached"]) == (wanted["reached"], wanted["not_reached"])
    assert (told["open"], told["talk_ms"]["sum"]) == (0, wanted["talk_ms"])


@pytest.mark.parametrize("agent", sorted(TRUTH["agents"]))
def test_every_agent_ends_the_day_as_planned(agent: str) -> None:
    """Also who logged out while Available, though the heartbeats go on with that status."""
    told, wanted = reported()["agents"][agent], TRUTH["agents"][agent]
    assert {key: told[key] for key in ("name", "state", "reason")} == {
        key: wanted[key] for key in ("name", "state", "reason")
    }
    assert told["answered"] == wanted["inbound_answered"]


@pytest.mark.parametrize("stretch", TRUTH["states"], ids=lambda one: f"{one[0]} {one[1]} {one[2]}")
def test_states_begin_and_end_when_they_did(stretch: list[Any]) -> None:
    told = [
        [one.agent, one.state, one.reason, one.started_at, one.started_at + one.duration_ms]
        for one in played().outputs
        if isinstance(one, StateInterval)
    ]
    assert stretch in told


def test_two_chats_at_once_are_two_talks() -> None:
    legs = {one.contact: one for one in played().outputs if isinstance(one, ContactLeg) and one.queue == "Chat"}
    talks = sorted((leg.answered_at, leg.ended_at) for leg in legs.values() if leg.answered_at)
    assert len(talks) == 2
    assert talks[1][0] < talks[0][1]
    assert {leg.channel for leg in legs.values()} == {"chat"}


def test_a_transferred_contact_is_one_contact_with_two_visits() -> None:
    legs = {(one.contact, one.leg): one for one in played().outputs if isinstance(one, ContactLeg)}
    both = [leg for leg in legs.values() if sum(key[0] == leg.contact for key in legs) == 2]
    assert sorted((leg.queue, leg.ended_by) for leg in both) == [("Sales", "transfer"), ("Support", "customer")]
