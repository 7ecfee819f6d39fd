"""What a supervisor should look at now: each kind with its limit, in order, few, steady."""

import pytest

from alerts.rules import Severity
from dashboards.attention import Outlook, QueueKind, TierWaiting
from monitor.attention import attention, attention_word, item_row
from monitor.attention_desk import Misses
from monitor.attention_items import RANK, Attention, FloorKind, HitSeen, Known, Missed
from monitor.attention_limits import AttentionLimits
from seat_map.attention import SeatKind
from seat_map.limits import Limit, Limits
from streams.floor.certainty import Doubt
from streams.floor.numbers import Counters
from streams.floor.records import AgentRecord, Gap
from streams.vocabulary.ids import AgentId, Millis, QueueName, SourceId
from streams.vocabulary.states import AgentState
from tests.attention_room import NOW, QUEUE, agent, queue, scene

LIMITS = AttentionLimits()
MINUTE = 60_000


def look(agents: list[AgentRecord], *tiles, now: int = NOW, known: Known | None = None, **more) -> Attention:
    return attention(scene(agents, **more), tiles, LIMITS, Millis(now), known=known)


def kinds(found: Attention) -> list[str]:
    return [str(item.kind) for item in found.items]


# ---- seats -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "reason", "for_ms", "kind", "severity"),
    [
        (AgentState.WRAP_UP, "", 89_999, None, None),
        (AgentState.WRAP_UP, "", 90_000, SeatKind.WRAP_UP, Severity.WARNING),
        (AgentState.WRAP_UP, "", 180_000, SeatKind.WRAP_UP, Severity.CRITICAL),
        (AgentState.ON_HOLD, "", 120_000, SeatKind.HOLD, Severity.WARNING),
        (AgentState.ON_CONTACT, "", 20 * MINUTE, SeatKind.CONTACT, Severity.CRITICAL),
        (AgentState.OFFERED, "", 15_000, SeatKind.OFFERED, Severity.WARNING),
        (AgentState.NOT_READY, "小休", 16 * MINUTE, SeatKind.NOT_READY, Severity.WARNING),
        (AgentState.NOT_READY, "unreachable", 0, SeatKind.UNREACHABLE, Severity.WARNING),
        (AgentState.READY, "", 9 * 60 * MINUTE, None, None),
        (AgentState.SIGNED_OUT, "", 9 * 60 * MINUTE, None, None),
    ],
)
def test_a_state_that_lasts_beyond_its_limit_is_listed(state, reason, for_ms, kind, severity):
    items = look([agent(0, state, for_ms, reason=reason)]).items
    assert [(item.kind, item.severity) for item in items] == ([] if kind is None else [(kind, severity)])


def test_a_pause_has_the_limit_of_its_reason():
    """用餐 may take 45 minutes, 小休 fifteen."""
    limits = AttentionLimits(seats=Limits(by_reason={"用餐": Limit(45 * MINUTE, 60 * MINUTE)}))
    both = [agent(n, AgentState.NOT_READY, 30 * MINUTE, reason=why) for n, why in enumerate(("用餐", "小休"))]
    found = attention(scene(both), (), limits, NOW)
    assert [(item.rows, item.reason, item.values["limit_ms"]) for item in found.items] == [((1,), "小休", 20 * MINUTE)]


@pytest.mark.parametrize("doubt", [Doubt.SILENT, Doubt.MISSING_NUMBERS])
def test_a_stale_seat_is_not_listed_but_the_silence_is(doubt):
    late = agent(0, AgentState.WRAP_UP, 10 * MINUTE)
    (item,) = look([late], doubts={late.id: doubt}).items
    assert (item.kind, item.values["stale"]) == (FloorKind.SOURCE_SILENT, 1)


def test_a_contradictory_seat_is_listed():
    """Somebody should look."""
    late = agent(0, AgentState.WRAP_UP, 10 * MINUTE)
    assert kinds(look([late], doubts={late.id: Doubt.TALK_DIFFERS})) == ["wrap_up_long"]


def test_a_lost_source_is_one_line_that_names_it():
    agents = [agent(n, AgentState.WRAP_UP, 10 * MINUTE) for n in range(30)]
    for one in agents:
        one.lost_since = Millis(NOW - 5000)
    gap = Gap(source=SourceId("asterisk-1"), began=Millis(NOW - 5000), ended=None, reason="disconnected")
    (item,) = look(agents, queue(certain=False), known=Known(gaps=[gap])).items
    assert item.since == NOW - 5000
    assert dict(item.values) == {"unknown": 30, "stale": 0, "queues": 1, "sources": "asterisk-1"}


def test_offers_missed_in_a_row_are_listed_where_the_agent_may_miss_the_next():
    agents = [agent(0, AgentState.READY, 5000), agent(1, AgentState.ON_CONTACT, 5000), agent(2, AgentState.READY, 5000)]
    missed = {0: Missed(3, Millis(NOW - 200_000)), 1: Missed(3, Millis(NOW)), 2: Missed(1, Millis(NOW))}
    (item,) = look(agents, known=Known(missed=missed)).items
    assert (item.kind, item.rows, item.severity, item.values["missed"]) == ("misses", (0,), Severity.CRITICAL, 3)


def test_a_wrap_up_far_beyond_the_queue_s_usual_is_listed_before_its_limit():
    """Mean 15 s of 40 contacts: 45 s is three times that, 90 s the limit."""
    today = Counters(ended=40, wrap_up_ms=600_000)
    agents = [agent(0, AgentState.WRAP_UP, 50_000), agent(1, AgentState.WRAP_UP, 44_000)]
    known = Known(agents={one.id: one for one in agents})
    (item,) = look(agents, queue(today=today), known=known).items
    assert (item.kind, item.rows, item.values["usual_ms"]) == (SeatKind.WRAP_UP_UNUSUAL, (0,), 15_000)
    few = queue(today=Counters(ended=19, wrap_up_ms=285_000))
    assert look(agents, few, known=known).items == ()


# ---- queues ----------------------------------------------------------------------------------------------------------


def test_a_wait_is_listed_from_three_targets_on_and_red_from_six():
    found = [look([], queue(waiting=1, longest_wait_ms=wait)).items for wait in (59_999, 60_000, 120_000)]
    assert [[item.severity for item in items if item.kind is QueueKind.WAIT] for items in found] == [
        [],
        [Severity.WARNING],
        [Severity.CRITICAL],
    ]


def test_a_wait_at_its_limit_does_not_blink():
    """It came at 60 s; the next contact has waited 50 s: it stays, and leaves below 45 s."""
    first = look([], queue(waiting=2, longest_wait_ms=60_000))
    second = look([], queue(waiting=1, longest_wait_ms=50_000), known=Known(before=first.kept))
    third = look([], queue(waiting=1, longest_wait_ms=44_000), known=Known(before=second.kept))
    assert [kinds(one) for one in (first, second, third)] == [["wait_long"], ["wait_long"], []]
    assert second.items[0].at == first.items[0].at, "its place in the list does not change"
    assert kinds(look([], queue(waiting=1, longest_wait_ms=50_000))) == []


@pytest.mark.parametrize(
    ("states", "wait", "kind"),
    [
        ({"not_ready": 4, "signed_out": 2}, 1000, QueueKind.NOBODY_SERVES),
        ({"on_contact": 3, "not_ready": 2}, 20_000, QueueKind.NOBODY_READY),
        ({"on_contact": 3, "not_ready": 2}, 19_000, None),
        ({"on_contact": 3, "offered": 1}, 20_000, None),
        ({"not_ready": 4, "unknown": 1}, 20_000, None),
    ],
)
def test_contacts_wait_and_nobody_takes_them(states, wait, kind):
    """All busy within the target is a peak, not a fault; an unknown agent may be the one who takes it."""
    found = look([], queue(waiting=1, longest_wait_ms=wait, agents=states))
    assert kinds(found) == ([] if kind is None else [kind])


def test_a_low_service_level_needs_its_least_sample():
    low = Counters(answered=10, answered_in_target=5, abandoned=9)
    assert look([], queue(window=low)).items == ()
    (item,) = look([], queue(window=low + Counters(abandoned=1))).items
    assert (item.kind, item.severity) == (QueueKind.LEVEL, Severity.CRITICAL)
    assert (item.values["part"], item.values["whole"], item.values["goal"]) == (5, 20, 80.0)


def test_one_queue_is_one_line_led_by_its_worst():
    low = Counters(answered=79, answered_in_target=79, abandoned=21)
    (item,) = look([], queue(waiting=3, longest_wait_ms=130_000, window=low, agents={"on_contact": 5})).items
    assert (item.kind, [one.kind for one in item.also]) == (QueueKind.WAIT, [QueueKind.LEVEL, QueueKind.NOBODY_READY])


def test_rules_hit_in_one_contact_are_one_line_led_by_the_fatal_one():
    """At the agent's seat; of a contact that nobody took yet, at its queue; of queues that are not shown, none."""
    hits = [
        HitSeen(key="a", at=Millis(NOW - 9_000), fatal=False, contact="1", zh="保持过长", en="x", queue=QUEUE, row=0),
        HitSeen(key="b", at=Millis(NOW - 5_000), fatal=True, contact="1", zh="泄露信息", en="x", queue=QUEUE, row=0),
        HitSeen(key="c", at=Millis(NOW - 3_000), fatal=False, contact="2", zh="投诉", en="x", queue=QUEUE, row=None),
        HitSeen(
            key="d", at=Millis(NOW), fatal=False, contact="3", zh="投诉", en="x", queue=QueueName("other"), row=None
        ),
    ]
    first, second = look([agent(0, AgentState.ON_CONTACT, 1_000)], queue(), known=Known(hits=hits)).items
    assert (first.key, first.rows, first.values["zh"], first.severity) == ("b", (0,), "泄露信息", Severity.CRITICAL)
    assert [one["values"]["zh"] for one in item_row(first)["also"]] == ["保持过长"]
    assert (second.key, second.queue, second.rows, second.also) == ("c", QUEUE, (), ())


def test_a_waiting_customer_of_a_named_tier_is_a_line_of_its_own():
    tiers = [TierWaiting(QUEUE, "金卡", Millis(NOW - 12_000), 2), TierWaiting(QUEUE, "普通", Millis(NOW - 90_000), 1)]
    (item,) = look([], queue(waiting=3, longest_wait_ms=19_000), known=Known(tiers=tiers)).items
    assert (item.kind, item.values["tier"], item.values["waiting"]) == (QueueKind.TIER_WAITING, "金卡", 2)


def test_agents_ready_while_contacts_wait_are_named():
    """Who is paused in that queue, has only just become ready, or serves another queue is not."""
    agents = [agent(n, AgentState.READY, 30_000) for n in range(2)]
    agents += [agent(2, AgentState.READY, 5000), agent(3, AgentState.READY, 30_000, queues=("别的",))]
    agents[1].memberships[QUEUE].not_ready = True
    known = Known(agents={one.id: one for one in agents})
    (item,) = look(agents, queue(waiting=2, longest_wait_ms=25_000, agents={"ready": 3}), known=known).items
    assert (item.kind, item.rows, item.count) == (QueueKind.IDLE, (0,), 1)


def test_a_forecast_says_how_likely_and_how_many_are_short():
    outlook = Outlook(QUEUE, 0.87, 3, Millis(NOW + 600_000))
    (item,) = look([], queue(), known=Known(outlooks=[outlook])).items
    assert (item.kind, item.severity, item.values["miss"], item.values["short"]) == (
        QueueKind.FORECAST,
        Severity.CRITICAL,
        0.87,
        3,
    )


def test_a_queue_with_a_stale_agent_is_not_judged():
    """The source is silent for ninety seconds but not yet lost: its queue's numbers are of then."""
    one = agent(0, AgentState.READY, 30_000)
    late = queue(waiting=5, longest_wait_ms=300_000)
    assert kinds(look([one], late, doubts={one.id: Doubt.SILENT})) == ["source_silent"]


# ---- order, storms, bounds -------------------------------------------------------------------------------------------


def test_not_knowing_comes_first_then_red_then_by_rank_then_who_was_first():
    agents = [
        agent(0, AgentState.ON_CONTACT, 21 * MINUTE),
        agent(1, AgentState.ON_HOLD, 100_000),
        agent(2, AgentState.ON_HOLD, 400_000),
        agent(3, AgentState.ON_HOLD, 500_000),
        agent(4, AgentState.READY, 1000),
    ]
    agents[4].lost_since = Millis(NOW - 1000)
    found = look(agents, queue("别的", waiting=1, longest_wait_ms=70_000))
    assert [(str(item.kind), item.rows) for item in found.items] == [
        ("source_silent", ()),
        ("hold_long", (3,)),
        ("hold_long", (2,)),
        ("contact_long", (0,)),
        ("wait_long", ()),
        ("hold_long", (1,)),
    ]


def test_many_of_a_team_in_the_same_case_are_one_line():
    """Six make a storm; it falls apart below four, so that it does not come and go."""
    storm = [agent(n, AgentState.WRAP_UP, 100_000 + n) for n in range(6)]
    others = [agent(n, AgentState.WRAP_UP, 100_000) for n in range(6, 9)]
    found = look(storm + others, teams=[0] * 6 + [1] * 3)
    assert sorted((item.count, item.team) for item in found.items if item.count > 1) == [(6, "A")]
    assert len(found.items) == 4
    fewer = look(storm[:4], teams=[0] * 4, known=Known(before=found.kept))
    assert [(item.count, item.at) for item in fewer.items] == [(4, next(i.at for i in found.items if i.count == 6))]
    assert [item.count for item in look(storm[:3], teams=[0] * 3, known=Known(before=fewer.kept)).items] == [1, 1, 1]


def test_a_storm_in_many_teams_is_one_line_for_the_floor():
    agents = [agent(n, AgentState.NOT_READY, 16 * MINUTE, reason="会议") for n in range(31)]
    (item,) = look(agents, teams=[n // 6 for n in range(30)] + [9]).items
    assert (item.count, item.team, item.values["teams"], item.reason) == (31, None, 6, "会议")


def test_of_many_single_seats_the_first_are_named_and_the_rest_counted():
    agents = [agent(n, AgentState.ON_CONTACT, 11 * MINUTE + n) for n in range(14)]
    found = look(agents, teams=list(range(14)))
    assert [item.count for item in found.items] == [1] * 4 + [10]
    assert [item.rows[0] for item in found.items] == list(range(13, 8, -1))


def test_a_scope_sees_its_rows_only():
    agents = [agent(n, AgentState.WRAP_UP, 100_000) for n in range(4)]
    found = attention(scene(agents), (), LIMITS, NOW, rows=scene(agents).columns.code.nonzero()[0][1:3])
    assert [item.rows for item in found.items] == [(1,), (2,)]


def test_time_alone_does_not_change_the_word():
    """Clocks run in the browser: a second later the same bytes."""
    agents = [agent(n, AgentState.WRAP_UP, 100_000) for n in range(3)]
    first = look(agents, queue(waiting=1, longest_wait_ms=70_000))
    second = look(agents, queue(at=Millis(NOW + 1000), waiting=1, longest_wait_ms=71_000), now=NOW + 1000,
                  known=Known(before=first.kept))  # fmt: skip
    assert attention_word(first) == attention_word(second)


def test_an_item_tells_what_a_page_needs_and_nothing_empty():
    (item,) = look([agent(0, AgentState.NOT_READY, 16 * MINUTE, reason="小休")]).items
    assert item_row(item) == {
        "kind": "not_ready_long",
        "key": f"not_ready_long:0:{NOW - 16 * MINUTE}",
        "severity": "warning",
        "since": NOW - 16 * MINUTE,
        "values": {"limit_ms": 15 * MINUTE},
        "rows": (0,),
        "count": 1,
        "reason": "小休",
    }


def test_every_kind_has_a_rank():
    assert set(RANK) == {*SeatKind, *QueueKind, *FloorKind}


# ---- offers not taken ------------------------------------------------------------------------------------------------


def test_misses_in_a_row_are_counted_until_one_is_answered():
    misses, one = Misses(within_ms=15 * MINUTE), agent(0, AgentState.READY, 0)
    one.today.declined = 7
    agents, counted = {one.id: one}, []
    for second, (declined, answered) in enumerate([(7, 3), (8, 3), (8, 3), (9, 3), (9, 4), (10, 4)]):
        one.today.declined, one.today.answered = declined, answered
        told = misses.look(agents, Millis(NOW + 1000 * second))
        counted.append(told[one.id].count if one.id in told else 0)
    assert counted == [0, 1, 1, 2, 0, 1]


def test_old_misses_are_forgotten():
    misses, one = Misses(within_ms=15 * MINUTE), agent(0, AgentState.READY, 0)
    misses.look({one.id: one}, NOW)
    one.today.declined = 2
    assert misses.look({one.id: one}, Millis(NOW + 1000))[AgentId("8000")].count == 2
    assert misses.look({one.id: one}, Millis(NOW + 16 * MINUTE)) == {}


def test_a_queue_s_own_limit_counts():
    limits = LIMITS.queues.__class__(wait={QueueName("账单"): LIMITS.queues.tiers["VIP"]})
    found = attention(scene([]), [queue(waiting=1, longest_wait_ms=11_000)], AttentionLimits(queues=limits), NOW)
    assert kinds(found) == ["wait_long"]
