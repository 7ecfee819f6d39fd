"""The truth readers, on samples small enough to count by hand, and on sums that must hold in every run."""

import pytest

from tests.golden.truth import (
    RUNS,
    EntrySeen,
    MemberSeen,
    QueueTruth,
    ShownQueue,
    TruthError,
    queue_log_of,
    queue_show_of,
    read_queue_log,
    read_queue_show,
    read_snapshots,
    snapshots_of,
)

ONE_OF_EACH = """\
100|NONE|NONE|NONE|QUEUESTART|
101|1.1|sales|NONE|ENTERQUEUE||4930|1|Zoë
101|1.2|sales|NONE|ENTERQUEUE||4931|2|Pipe|in|name
102|1.3|sales|NONE|ENTERQUEUE||4932|3|Key
102|1.4|sales|NONE|ENTERQUEUE||4933|4|Timeout
102|1.5|sales|NONE|ENTERQUEUE||4934|5|Empty
102|1.6|sales|NONE|ENTERQUEUE||4935|6|Withdrawn
105|1.1|sales|Ben Okafor|CONNECT|4|1.7|3
106|1.2|sales|NONE|ABANDON|1|2|5
107|1.3|sales|NONE|EXITWITHKEY|1|1|1|5
108|1.4|sales|NONE|EXITWITHTIMEOUT|1|4|6
109|1.5|sales|NONE|EXITEMPTY|1|5|7
110|1.6|sales|NONE|WITHDRAW|1|6|8|moved to chat
115|1.1|sales|Ben Okafor|COMPLETECALLER|4|10|1
"""


def test_each_way_out_of_a_queue_is_counted_by_its_own_name() -> None:
    """Six callers, six ends: one answered, one hung up, four overflowed for four reasons."""
    truth = read_queue_log(ONE_OF_EACH)
    assert truth == {
        "sales": QueueTruth(
            offered=6,
            answered=1,
            abandoned=1,
            overflowed={"key": 1, "timeout": 1, "empty": 1, "withdrawn": 1},
            completed=1,
            wait_s=4,
            max_wait_s=4,
            ring_s=3,
            talk_s=10,
            answered_by={"Ben Okafor": 1},
        )
    }


@pytest.mark.parametrize(
    "line",
    [
        "120|1.1|sales|Ben|BLINDTRANSFER|5002|internal|4|9|1",
        "120|1.1|sales|Ben|ATTENDEDTRANSFER|BRIDGE|4554ac90|4|9|1",
    ],
    ids=["blind", "attended"],
)
def test_a_transfer_completes_the_visit_and_leaves_the_queue_outwards(line: str) -> None:
    """The talk seconds stand in the fourth column of both kinds of transfer."""
    log = f"101|1.1|sales|NONE|ENTERQUEUE||4930|1|x\n105|1.1|sales|Ben|CONNECT|4|1.2|4\n{line}\n"
    truth = read_queue_log(log)["sales"]
    assert (truth.completed, truth.transferred_out, truth.talk_s) == (1, 1, 9)


def test_a_new_start_cuts_what_was_open() -> None:
    """After a crash nobody writes the closing lines, so the next QUEUESTART is the end of these visits."""
    log = (
        "101|1.1|sales|NONE|ENTERQUEUE||1|1|a\n101|1.2|sales|NONE|ENTERQUEUE||2|2|b\n"
        "105|1.1|sales|Ben|CONNECT|4|1.3|4\n110|NONE|NONE|NONE|QUEUESTART|\n111|2.1|sales|NONE|ENTERQUEUE||3|1|c\n"
    )
    truth = read_queue_log(log)["sales"]
    assert (truth.offered, truth.cut_talking, truth.cut_waiting, truth.waiting) == (3, 1, 1, 1)


def test_the_same_call_may_visit_two_queues_and_one_queue_twice() -> None:
    """Visits are told apart by queue and order, not by the call's id alone."""
    log = (
        "101|1.1|sales|NONE|ENTERQUEUE||1|1|a\n107|1.1|sales|NONE|EXITWITHTIMEOUT|1|1|6\n"
        "107|1.1|vip|NONE|ENTERQUEUE||1|1|a\n113|1.1|vip|NONE|EXITWITHTIMEOUT|1|1|6\n"
        "113|1.1|sales|NONE|ENTERQUEUE||1|1|a\n115|1.1|sales|NONE|ABANDON|1|1|2\n"
    )
    truth = read_queue_log(log)
    assert truth["sales"] == QueueTruth(offered=2, abandoned=1, overflowed={"timeout": 1})
    assert truth["vip"] == QueueTruth(offered=1, overflowed={"timeout": 1})


@pytest.mark.parametrize(
    ("log", "place"),
    [
        ("101|1.1|sales\n", 1),
        ("100|NONE|NONE|NONE|QUEUESTART|\n105|1.1|sales|Ben|CONNECT|4|1.2|4\n", 2),
        ("101|1.1|sales|NONE|ENTERQUEUE||1|1|a\n102|1.1|sales|Ben|COMPLETEAGENT|1|1|1\n", 2),
        ("101|1.1|sales|NONE|ENTERQUEUE||1|1|a\n102|1.1|sales|Ben|CONNECT|one|1.2|1\n", 2),
    ],
    ids=["short line", "queue never entered", "completed unanswered", "not a number"],
)
def test_a_line_that_does_not_follow_is_refused_with_its_place(log: str, place: int) -> None:
    """A truth that guesses would hide the very fault it is there to find."""
    with pytest.raises(TruthError) as caught:
        read_queue_log(log)
    assert caught.value.place == place


def test_the_head_line_of_queue_show_is_read_whole() -> None:
    """Weights, limits and strategies pass by; the counters stay."""
    text = (
        "support has 2 calls (max 6) in 'leastrecent' strategy (4s holdtime, 14s talktime), "
        "W:0, C:89, A:26, SL:94.4%, SL2:93.0% within 20s\n   Members: \n   No Callers\n"
    )
    assert read_queue_show(text) == {
        "support": ShownQueue(
            calls=2,
            holdtime_s=4,
            talktime_s=14,
            completed=89,
            abandoned=26,
            service_level_percent=94.4,
            service_level2_percent=93.0,
            target_s=20,
        )
    }


COMPLETE = r"Event: QueueStatusComplete\r\nActionID: s-1\r\nEventList: Complete\r\nListItems: 2\r\n\r\n"
MEMBER = (
    r"Event: QueueMember\r\nQueue: vip\r\nName: J\u00fcrgen Wei\u00df\r\nLocation: PJSIP/2003\r\nCallsTaken: 3\r\n"
    r"InCall: 1\r\nStatus: 2\r\nPaused: 1\r\nPausedReason: lunch: 12:30\r\n\r\n"
)
ENTRY = r"Event: QueueEntry\r\nQueue: vip\r\nPosition: 1\r\nChannel: PJSIP/trunk-1\r\nUniqueid: 9.1\r\nWait: 7\r\n\r\n"


def row(action: str, raw: str, *, ok: str = "true") -> str:
    return (
        f'{{"n": 1, "why": "periodic", "action": "{action}", "t_sent": 5, "t_done": 6, "ok": {ok}, "raw": "{raw}"}}\n'
    )


def test_a_queue_status_answer_gives_members_and_callers() -> None:
    """A reason may hold a colon; a name is UTF-8."""
    (snapshot,) = read_snapshots(row("QueueStatus", MEMBER + ENTRY + COMPLETE))
    assert (snapshot.t_sent, snapshot.t_done, snapshot.why) == (5, 6, "periodic")
    assert snapshot.members == (
        MemberSeen(
            queue="vip",
            location="PJSIP/2003",
            name="Jürgen Weiß",
            status=2,
            paused=True,
            paused_reason="lunch: 12:30",
            in_call=True,
            calls_taken=3,
        ),
    )
    assert snapshot.entries == (EntrySeen(queue="vip", unique_id="9.1", position=1, wait_s=7, channel="PJSIP/trunk-1"),)


@pytest.mark.parametrize(
    "line",
    [row("queue show", COMPLETE), row("QueueStatus", COMPLETE, ok="false"), row("QueueStatus", MEMBER)],
    ids=["another action", "failed", "cut off"],
)
def test_only_complete_queue_status_answers_count(line: str) -> None:
    """Half an answer would make a signed-in member look signed out."""
    assert read_snapshots(line) == []


@pytest.mark.parametrize("run", RUNS)
def test_in_every_run_each_offered_contact_has_one_end(run: str) -> None:
    """The identities of QueueTruth hold on the real logs."""
    for truth in queue_log_of(run).values():
        ended = truth.answered + truth.abandoned + sum(truth.overflowed.values())
        assert truth.offered == ended + truth.cut_waiting + truth.waiting
        assert truth.answered == truth.completed + truth.cut_talking + truth.talking


@pytest.mark.parametrize("run", ["dev", "dev_ringinuse"])
def test_asterisk_counts_timeouts_and_withdrawals_as_abandoned(run: str) -> None:
    """Its `Abandoned` is hang-ups plus every overflow but the key; queue_log alone tells them apart."""
    shown = queue_show_of(run)
    for queue, truth in queue_log_of(run).items():
        overflowed = sum(count for reason, count in truth.overflowed.items() if reason != "key")
        assert shown[queue].abandoned == truth.abandoned + overflowed


@pytest.mark.parametrize(
    ("run", "count"), [("dev", 107), ("dev_ringinuse", 105), ("mini_exits", 7), ("mini_restart", 8)]
)
def test_every_snapshot_of_a_run_is_found(run: str, count: int) -> None:
    """A reader that lost half of the answers would make the comparison easy."""
    assert len(snapshots_of(run)) == count
