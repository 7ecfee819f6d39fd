"""A real Asterisk's bytes against the same Asterisk's own books: queue_log, `queue show`, QueueStatus every 5 s."""

from functools import cache
from typing import Any

import pytest

from streams.collect.capture import Played, events_of, open_capture, play
from streams.floor.fold import Floor
from streams.floor.report import report
from streams.translate.asterisk import AsteriskTranslator
from streams.translate.asterisk_words import DEVICES, agent_id_of
from streams.vocabulary.ids import QueueName, SiteId, SourceId
from tests.golden.truth import GOLDEN, RUNS, QueueTruth, queue_log_of, queue_show_of, snapshots_of

SITE = SiteId("golden")


@cache
def played(run: str) -> Played:
    return play(open_capture(GOLDEN / run), site=SITE)


@cache
def reported(run: str) -> dict[str, Any]:
    return report(played(run).floor, now=played(run).ended_at)


def truths() -> list[tuple[str, str, QueueTruth]]:
    return [(run, queue, truth) for run in RUNS for queue, truth in sorted(queue_log_of(run).items())]


@pytest.mark.parametrize(("run", "queue", "truth"), truths())
def test_every_way_through_a_queue_equals_its_queue_log(run: str, queue: str, truth: QueueTruth) -> None:
    """queue_log is Asterisk's truth per call; the events must tell the same without it."""
    told = reported(run)["queues"][queue]
    assert {
        "offered": told["offered"],
        "answered": told["answered"],
        "abandoned": told["abandoned"],
        "overflowed": told["overflowed"],
        "transferred_out": told["transferred_out"],
        "waiting": told["waiting"],
        "talking": told["talking"],
        "lost": told["lost"],
    } == {
        "offered": truth.offered,
        "answered": truth.answered,
        "abandoned": truth.abandoned,
        "overflowed": dict(truth.overflowed),
        "transferred_out": truth.transferred_out,
        "waiting": truth.waiting,
        "talking": truth.talking,
        "lost": truth.cut_waiting,  # waiting when the switch was killed: nobody saw how they left
    }


@pytest.mark.parametrize(("run", "queue", "truth"), truths())
def test_waits_and_talks_equal_queue_log_to_its_whole_seconds(run: str, queue: str, truth: QueueTruth) -> None:
    """queue_log subtracts two whole-second clocks: each call may be off by up to a second either way."""
    told = reported(run)["queues"][queue]
    assert abs(told["wait_ms"]["sum"] - truth.wait_s * 1000) <= 1000 * max(1, truth.answered)
    assert abs(told["wait_ms"]["max"] - truth.max_wait_s * 1000) <= 1000
    if not truth.cut_talking:  # a talk cut by kill -9 has no line in queue_log
        handled_ms = told["talk_ms"]["sum"] + told["hold_ms"]["sum"]
        assert abs(handled_ms - truth.talk_s * 1000) <= 1000 * max(1, truth.completed)


# The one difference that remains, by name: in dev_ringinuse one call of `sales` lies on a whole-second edge of the
# service level; a recomputation from the same events (traces README, "Counters") gives 61 of 92 as well.
EDGE_OF_A_SECOND = {("dev_ringinuse", "sales")}


@pytest.mark.parametrize("run", ["dev", "dev_ringinuse"])
def test_asterisks_own_counters_equal_queue_show(run: str) -> None:
    """Completed, Abandoned and both service levels as `queue show` printed them at the end."""
    for queue, shown in queue_show_of(run).items():
        levels = reported(run)["queues"][queue]["service_level"]
        first, second = levels["asterisk"], levels["asterisk2"]
        assert (first["denominator"], second["denominator"]) == (shown.completed, shown.completed + shown.abandoned)
        edge = 100 / shown.completed if (run, queue) in EDGE_OF_A_SECOND else 0.05
        assert first["percent"] == pytest.approx(shown.service_level_percent, abs=edge + 0.05)
        assert second["percent"] == pytest.approx(shown.service_level2_percent, abs=edge + 0.05)


def differences(run: str) -> tuple[int, list[str]]:
    """Every member of every QueueStatus poll against the floor after the events up to that poll."""
    capture = open_capture(GOLDEN / run)
    translator = AsteriskTranslator(site=SITE, source=SourceId("asterisk"), settings=capture.settings)
    floor = Floor(SITE)
    events = iter(events_of(capture, translator))
    waiting = next(events, None)
    compared, found = 0, []
    for snapshot in snapshots_of(run):
        while waiting is not None and waiting.at <= snapshot.t_done:
            floor.apply(waiting)
            waiting = next(events, None)
        if floor.state.blind or not floor.agents:
            continue
        members = {(agent_id_of(one.location), QueueName(one.queue)): one for one in snapshot.members}
        held = {(agent.id, queue) for agent in floor.agents.values() for queue in agent.memberships}
        found += [f"{snapshot.number}: {key} only in one" for key in held ^ set(members)]
        for (agent, queue), seen in members.items():
            if (agent, queue) in held:
                compared += 1
                membership = floor.agents[agent].memberships[queue]
                ours = (membership.device, membership.not_ready, membership.reason)
                theirs = (DEVICES[str(seen.status)], seen.paused, seen.paused_reason if seen.paused else "")
                if ours != theirs:
                    found.append(f"{snapshot.number}: {agent} in {queue}: {ours} is {theirs}")
    return compared, found


@pytest.mark.parametrize(
    ("run", "least"), [("dev", 2000), ("dev_ringinuse", 2000), ("mini_exits", 100), ("mini_restart", 100)]
)
def test_members_pauses_and_reasons_equal_every_poll(run: str, least: int) -> None:
    """Status, Paused and PausedReason from events alone equal what another session polled, each time."""
    compared, found = differences(run)
    assert compared >= least
    assert found == []


def test_a_restart_is_two_named_gaps() -> None:
    """`core restart now` says Shutdown, kill -9 says nothing; both end with the next full picture."""
    assert [gap["reason"] for gap in reported("mini_restart")["gaps"]] == ["restarted", "disconnected"]
    assert all(gap["to"] is not None for gap in reported("mini_restart")["gaps"])


@pytest.mark.parametrize("run", ["dev", "dev_ringinuse", "mini_exits"])
def test_an_unbroken_capture_holds_nothing_odd(run: str) -> None:
    """No anomaly, no refusal, no gap: what is counted as odd is never the switch's normal behaviour."""
    assert (reported(run)["anomalies"], dict(played(run).refused), reported(run)["gaps"]) == ({}, {}, [])
