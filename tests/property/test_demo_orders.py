"""The simulated switch against what is certain of a real one (orders, conservation), over seeds."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.demo.switch.ami_bytes import render_all
from monitor.demo.switch.centre import build
from monitor.demo.switch.floor import DemoCall
from monitor.demo.switch.sim import Sim, SimOptions
from streams.vocabulary.ids import Millis

START = Millis(1_795_312_800_000)
Told = dict[str, str]
seeds = st.integers(0, 11)
"""Few, so that the properties share their runs (`story`)."""
CALLS = (DemoCall(file="/demo/a.flac", duration_ms=40_000), DemoCall(file="/demo/b.flac", duration_ms=35_000))


def run(seed: int, *, agents: int = 40, minutes: float = 6, speed: float = 4, noise: float = 0) -> tuple[Sim, bytes]:
    options = SimOptions(
        seed=seed, noise=noise, keep_log=True, calls=CALLS, recordings_folder="/srv/monitor", recording_every_s=3
    )
    sim = Sim(build(agents, seed=seed, speed=speed), options, start=START)
    return sim, render_all(sim.step(Millis(START + round(minutes * 60_000))))


@cache
def story(seed: int) -> tuple[Sim, list[Told]]:
    sim, raw = run(seed, agents=60, minutes=7)
    return sim, parse(raw)


def parse(raw: bytes) -> list[Told]:
    """A trivial reader that fails on anything odd."""
    told = []
    assert raw.endswith(b"\r\n\r\n")
    for block in raw.removesuffix(b"\r\n\r\n").split(b"\r\n\r\n"):
        fields: Told = {}
        for line in block.decode("utf-8").split("\r\n"):
            key, colon, value = line.partition(": ")
            assert colon, line
            assert key not in fields, (key, block)
            assert "\n" not in value
            fields[key] = value
        assert "Event" in fields
        told.append(fields)
    return told


def by(told: list[Told], field: str) -> dict[str, list[Told]]:
    groups: dict[str, list[Told]] = defaultdict(list)
    for event in told:
        if field in event:
            groups[event[field]].append(event)
    return groups


def visits(events: list[Told]) -> Iterator[list[Told]]:
    """A caller's events, cut at each QueueCallerJoin."""
    current: list[Told] = []
    for event in events:
        if event["Event"] == "QueueCallerJoin" and current:
            yield current
            current = []
        current.append(event)
    yield current


def names(events: list[Told]) -> list[str]:
    return [event["Event"] for event in events]


def in_order(told: list[str], *wanted: str) -> bool:
    """`wanted` is a subsequence."""
    rest = iter(told)
    return all(name in rest for name in wanted)


@settings(max_examples=6, deadline=None)
@given(seeds)
def test_an_offer_is_channel_then_called_then_dialled_then_ringing(seed: int) -> None:
    """Newchannel < AgentCalled < DialBegin for every offer, and a ringing member only after that."""
    told = story(seed)[1]
    seen: dict[str, str] = {}
    ringing_after: set[str] = set()
    for event in told:
        if event["Event"] == "Newchannel":
            seen[event["Uniqueid"]] = "channel"
        elif event["Event"] == "AgentCalled":
            assert seen[event["DestUniqueid"]] == "channel"
            seen[event["DestUniqueid"]] = "called"
            ringing_after.add(event["Interface"])
        elif event["Event"] == "DialBegin" and "@" not in event["DialString"]:
            assert seen[event["DestUniqueid"]] == "called"
        elif event["Event"] == "QueueMemberStatus" and event["Status"] == "6":
            assert event["Interface"] in ringing_after


@settings(max_examples=6, deadline=None)
@given(seeds)
def test_an_answer_is_told_in_the_one_certain_order(seed: int) -> None:
    """DialEnd ANSWER < MusicOnHoldStop < QueueCallerLeave < AgentConnect < BridgeEnter agent < BridgeEnter caller."""
    told = story(seed)[1]
    connects = [(index, event) for index, event in enumerate(told) if event["Event"] == "AgentConnect"]
    assert len(connects) > 20
    visit: dict[str, list[str]] = defaultdict(list)
    orders = {}
    for index, event in enumerate(told):
        caller = event.get("Uniqueid", "")
        if event["Event"] == "QueueCallerJoin":
            visit[caller] = []
        visit[caller].append(event["Event"] + event.get("DialStatus", ""))
        if event["Event"] == "AgentConnect":
            orders[index] = list(visit[caller])
    for index, connect in connects:
        caller, agent = connect["Uniqueid"], connect["DestUniqueid"]
        before = orders[index]
        assert in_order(before, "QueueCallerJoin", "DialEndANSWER", "MusicOnHoldStop", "QueueCallerLeave")
        bridged = [event["Uniqueid"] for event in told[index : index + 12] if event["Event"] == "BridgeEnter"]
        assert bridged[:2] == [agent, caller]


@settings(max_examples=6, deadline=None)
@given(seeds)
def test_leaving_without_an_agent_is_abandon_leave_status_hangup(seed: int) -> None:
    """A hang-up has no QUEUESTATUS unless an agent had accepted; a key press has only QueueCallerLeave."""
    told = story(seed)[1]
    for events in by(told, "Uniqueid").values():
        for visit in visits(events):
            order = names(visit)
            if "QueueCallerAbandon" in order:
                assert order.index("QueueCallerAbandon") < order.index("QueueCallerLeave")
                assert "AgentConnect" not in order
                if "Hangup" in order:
                    assert order.index("QueueCallerLeave") < order.index("Hangup")
                status = [place for place, event in enumerate(visit) if event.get("Variable") == "QUEUESTATUS"]
                assert all(order.index("QueueCallerLeave") < place for place in status)
            elif "QueueCallerLeave" in order and "AgentConnect" not in order:
                assert not [event for event in visit if event.get("Variable") == "QUEUESTATUS"]


@settings(max_examples=6, deadline=None)
@given(seeds)
def test_a_declined_offer_tells_its_reason_by_the_hangup_cause(seed: int) -> None:
    """Ring-out: AgentRingNoAnswer < DialEnd NOANSWER < CANCEL < Hangup 0; busy, rejected: DialEnd first, 17 or 21."""
    told = story(seed)[1]
    legs = defaultdict(list)
    for event in told:
        leg = event.get("DestUniqueid") if event["Event"] in ("AgentRingNoAnswer", "DialEnd") else event.get("Uniqueid")
        if leg and event["Event"] in ("AgentRingNoAnswer", "DialEnd", "Hangup"):
            legs[leg].append(event["Event"] + event.get("DialStatus", "") + event.get("Cause", ""))
    declined = [order for order in legs.values() if "AgentRingNoAnswer" in order]
    assert declined
    for order in declined:
        assert order in (
            ["AgentRingNoAnswer", "DialEndNOANSWER", "DialEndCANCEL", "Hangup0"],
            ["DialEndNOANSWER", "AgentRingNoAnswer", "Hangup17"],
            ["DialEndNOANSWER", "AgentRingNoAnswer", "Hangup21"],
            ["AgentRingNoAnswer", "DialEndNOANSWER", "DialEndCANCEL"],
        )


@settings(max_examples=6, deadline=None)
@given(seeds)
def test_agent_complete_comes_once_per_connect_from_wherever_it_likes(seed: int) -> None:
    """Before BridgeLeave, after Hangup, with and without Dest*: but once, and each talk is matched."""
    sim, told = story(seed)
    completes = [event for event in told if event["Event"] == "AgentComplete"]
    talking = sum(truth.talking for truth in sim.truth().values())
    assert len([event for event in told if event["Event"] == "AgentConnect"]) == len(completes) + talking
    assert {"caller", "agent", "transfer"} == {event["Reason"] for event in completes}
    assert any("DestChannel" not in event for event in completes)


@settings(max_examples=6, deadline=None)
@given(seeds)
def test_a_blind_transfer_rejoins_with_the_same_uniqueid(seed: int) -> None:
    """The next QueueCallerJoin of that caller is in another queue, at the moment of the transfer."""
    told = story(seed)[1]
    moved = [(index, event) for index, event in enumerate(told) if event["Event"] == "BlindTransfer"]
    assert moved
    for index, event in moved:
        caller = event["TransfereeUniqueid"]
        join = next(one for one in told[index:] if one["Event"] == "QueueCallerJoin" and one["Uniqueid"] == caller)
        done = next(one for one in told[index:] if one["Event"] == "AgentComplete" and one.get("Uniqueid") == caller)
        assert join["Queue"] != done["Queue"]
        assert float(join["Timestamp"]) - float(event["Timestamp"]) < 0.1


@settings(max_examples=6, deadline=None)
@given(seeds)
def test_the_file_name_is_told_just_before_mix_monitor_starts(seed: int) -> None:
    """And the recording is due at the contact's end, never before."""
    sim, told = story(seed)
    starts = [index for index, event in enumerate(told) if event["Event"] == "MixMonitorStart"]
    assert starts
    for index in starts:
        name = told[index - 1]
        assert name["Variable"] == "MIXMONITOR_FILENAME"
        assert name["Value"].startswith("/srv/monitor/")
        assert name["Value"].endswith(f"-{told[index]['Uniqueid']}.flac")
    assert len(sim.take_recordings()) <= len(starts)


@settings(max_examples=6, deadline=None)
@given(seeds, st.sampled_from([0.0, 0.5, 1.0]))
def test_no_contact_is_lost_and_the_events_count_the_same(seed: int, noise: float) -> None:
    """offered = answered + abandoned + overflowed + waiting, in the ledger and in the bytes alike."""
    sim, raw = run(seed, noise=noise, minutes=5)
    told = parse(raw)
    for queue, truth in sim.truth().items():
        assert truth.offered == truth.answered + truth.abandoned + sum(truth.overflowed.values()) + truth.waiting
        assert truth.answered == truth.completed + truth.talking
        mine = [event["Event"] for event in told if event.get("Queue") == queue]
        assert mine.count("QueueCallerJoin") == truth.offered
        assert mine.count("AgentConnect") == truth.answered
        assert mine.count("QueueCallerLeave") == truth.offered - truth.waiting
        assert mine.count("AgentRingNoAnswer") == truth.declined


@settings(max_examples=3, deadline=None)
@given(seeds)
def test_the_same_seed_tells_the_same_bytes_however_it_is_stepped(seed: int) -> None:
    """One step of two minutes, or many uneven ones."""
    whole = run(seed, minutes=2, noise=0.4)[1]
    options = SimOptions(
        seed=seed, noise=0.4, keep_log=True, calls=CALLS, recordings_folder="/srv/monitor", recording_every_s=3
    )
    sim = Sim(build(40, seed=seed, speed=4), options, start=START)
    parts = b""
    at = 0
    while at < 120_000:
        at = min(120_000, at + 7 + at % 977)
        parts += render_all(sim.step(Millis(START + at)))
    assert parts == whole


@settings(max_examples=3, deadline=None)
@given(seeds)
def test_noise_changes_nothing_that_happens(seed: int) -> None:
    """The queue_log is the same with all of it and with none."""
    quiet, _ = run(seed, minutes=4, noise=0)
    loud, raw = run(seed, minutes=4, noise=1)
    assert quiet.queue_log() == loud.queue_log()
    assert {"Newexten", "VarSet", "RTCPSent", "Cdr", "Newstate"} <= set(names(parse(raw)))


@pytest.mark.parametrize("seed", [7, 8])
def test_the_usual_floor_is_busy_and_keeps_its_service_level(seed: int) -> None:
    """Occupancy 75-87 %, service level 85-97 % over half an hour, a dip to under 60 % included."""
    sim = Sim(build(200, seed=seed), SimOptions(seed=seed, noise=0), start=START)
    busy = []
    worst = 1.0
    done = (0, 0)
    for minute in range(1, 31):
        sim.step(Millis(START + minute * 60_000))
        busy.append(sim.occupancy() or 0)
        billing = sim.truth()["billing"]
        now = (billing.answered_in_target, billing.answered + billing.abandoned)
        if now[1] - done[1] >= 5:
            worst = min(worst, (now[0] - done[0]) / (now[1] - done[1]))
        done = now
    truths = sim.truth().values()
    level = sum(one.answered_in_target for one in truths) / sum(one.answered + one.abandoned for one in truths)
    assert 0.75 <= sum(busy) / len(busy) <= 0.87
    assert 0.85 <= level <= 0.97
    assert worst < 0.6
