"""Burn rates, thresholds and whom they look at: one moment, one rule, the reason it must give."""

import pytest

from alerts.board import retire, spent
from alerts.evaluate import Notice, State, Watch
from alerts.rules import ThresholdRule
from streams.floor.numbers import Counters
from streams.vocabulary.ids import Millis
from tests.alerts_moment import NOW, SITE, agent, beside, hit, kept, look, moment, quality, queue, rule

MINUTE = 60_000
PAGE = rule('kind = "burn"\n')
"""The fast page: target 85 %, so 2.5 times its budget is a service level of 62.5 %."""
DAY_AT_RISK = rule('kind = "burn"\ntier = "day_at_risk"\n')
WAIT = rule('metric = "longest_wait"\nfire = 120\nclear = 60\nhold_s = 0\nkeep_firing_s = 0\n')


def level(in_target: int, whole: int) -> Counters:
    return Counters(offered=whole, answered=whole, answered_in_target=in_target)


# --- burn ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("long", "short", "notice"),
    [
        (level(12, 24), level(3, 6), Notice.FIRED),  # 50 % twice: upper end 68.9 % at 12 of 24
        (level(15, 24), level(3, 6), Notice.FINE),  # 62.5 % burns exactly 2.5 times, but its upper end is 78.7 %
        (level(150, 240), level(3, 6), Notice.FIRED),  # the same share of ten times as many: upper end 68.4 %
        (level(151, 240), level(3, 6), Notice.FINE),  # 62.9 %
        (level(120, 240), level(4, 6), Notice.FINE),  # it was bad, and is over
        (level(7, 14), level(3, 6), Notice.BELOW_SAMPLE),
        (level(12, 24), level(0, 0), Notice.BELOW_SAMPLE),  # nobody in the last five minutes
    ],
)
def test_a_burn_needs_both_windows_a_sample_and_a_proof(long: Counters, short: Counters, notice: Notice) -> None:
    seen = moment(queue(windows={20: long, 5: short}))
    assert look(PAGE, seen)["queue:sales"].notice is notice


@pytest.mark.parametrize(("today", "notice"), [(level(840, 1000), Notice.FIRED), (level(850, 1000), Notice.FINE)])
def test_a_day_is_at_risk_only_below_its_own_target(today: Counters, notice: Notice) -> None:
    """50 % in the last half hour; the day stands at 84 % or at the 85 % that were promised."""
    seen = moment(queue(windows={30: level(50, 100), 5: level(5, 10)}, today=today))
    assert look(DAY_AT_RISK, seen)["queue:sales"].notice is notice


def test_a_queue_with_its_own_target_burns_by_that() -> None:
    """90 %: 2.5 times the budget is 75 %, which the queue at 85 % may have."""
    strict = rule('kind = "burn"\ntarget_by = { vip = 90 }\nbound_below = 0\n')
    seen = moment(queue("vip", window=level(70, 100)), queue("sales", window=level(70, 100)))
    changes = look(strict, seen)
    assert {scope: (change.notice, change.reading.threshold) for scope, change in changes.items()} == {
        "queue:vip": (Notice.FIRED, 75.0),
        "queue:sales": (Notice.FINE, 62.5),
    }


def test_a_burn_without_contacts_stays_while_somebody_waits_too_long() -> None:
    """Nobody is answered any more: no window has a sample, and nothing is well."""
    fired = kept(look(PAGE, moment(queue(window=level(30, 100)))))
    silent = moment(queue(window=level(0, 0), waiting=9, longest_wait_ms=600_000))
    assert look(PAGE, silent, fired)["queue:sales"].notice is Notice.STILL_FIRING


# --- thresholds ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "while_inactive", "while_firing"),
    [
        (120_000, Notice.FIRED, Notice.STILL_FIRING),
        (119_999, Notice.FINE, Notice.STILL_FIRING),
        (60_000, Notice.FINE, Notice.STILL_FIRING),
        (59_999, Notice.FINE, Notice.RESOLVED),
    ],
)
def test_where_high_is_bad_it_fires_from_its_threshold_on(
    value: int, while_inactive: Notice, while_firing: Notice
) -> None:
    """Fire from 120 s on, clear below 60 s."""
    firing = kept(look(WAIT, moment(queue(longest_wait_ms=120_000))))
    seen = moment(queue(longest_wait_ms=value))
    assert [look(WAIT, seen)["queue:sales"].notice, look(WAIT, seen, firing)["queue:sales"].notice] == [
        while_inactive,
        while_firing,
    ]


@pytest.mark.parametrize(("ready", "notice"), [(1, Notice.FIRED), (2, Notice.FINE)])
def test_where_low_is_bad_it_fires_below_its_threshold(ready: int, notice: Notice) -> None:
    few = rule('metric = "ready"\nfire = 2\nhold_s = 0\n')
    assert look(few, moment(queue(agents={"ready": ready})))["queue:sales"].notice is notice


@pytest.mark.parametrize(
    ("abandoned", "offered", "notice"),
    [(4, 20, Notice.FINE), (40, 200, Notice.FIRED), (15, 19, Notice.BELOW_SAMPLE)],
)
def test_a_bound_asks_for_a_proof(abandoned: int, offered: int, notice: Notice) -> None:
    """20 % of 20 may be 8 %; 20 % of 200 is at least 15 %. Fire from 10 % on."""
    text = 'metric = "abandon_percent"\nfire = 10\nbound = "wilson"\nmin_sample = 20\nhold_s = 0\n'
    seen = moment(queue(window=Counters(offered=offered, abandoned=abandoned)))
    assert look(rule(text), seen)["queue:sales"].notice is notice


LONG, SHORT = 120_000, 10_000
BOTH = '{ metric = "longest_wait", fire = 120 }, { metric = "waiting", fire = 5 }'


@pytest.mark.parametrize(
    ("mode", "wait_ms", "waiting", "notice"),
    [
        ("all", LONG, 5, Notice.FIRED),
        ("all", LONG, 4, Notice.FINE),
        ("all", SHORT, 5, Notice.FINE),
        ("any", LONG, 4, Notice.FIRED),
        ("any", SHORT, 5, Notice.FIRED),
        ("any", SHORT, 4, Notice.FINE),
    ],
)
def test_conditions_are_combined(mode: str, wait_ms: int, waiting: int, notice: Notice) -> None:
    both = rule(f"{mode} = [{BOTH}]\nhold_s = 0\n")
    seen = moment(queue(longest_wait_ms=wait_ms, waiting=waiting))
    assert look(both, seen)["queue:sales"].notice is notice


def test_the_value_told_is_of_the_condition_that_is_broken() -> None:
    both = rule(f"any = [{BOTH}]\nhold_s = 0\n")
    reading = look(both, moment(queue(longest_wait_ms=SHORT, waiting=7)))["queue:sales"].reading
    assert (reading.value, reading.threshold) == (7.0, 5.0)
    assert [one.metric for one in reading.measured] == ["waiting", "longest_wait"]


@pytest.mark.parametrize(
    ("mode", "waiting", "notice"),
    [
        ("all", 9, Notice.UNCERTAIN),  # the plan is not known: who knows whether both hold
        ("any", 9, Notice.FIRED),  # one is broken for certain, whatever the other is
        ("any", 1, Notice.UNCERTAIN),
    ],
)
def test_a_known_breach_of_any_counts_beside_what_is_not_known(mode: str, waiting: int, notice: Notice) -> None:
    text = '{ metric = "waiting", fire = 5 }, { metric = "staffed_against_plan", fire = 80 }'
    one = rule(f"{mode} = [{text}]\nhold_s = 0\n")
    assert look(one, moment(queue(waiting=waiting), told=beside()))["queue:sales"].notice is notice


def test_a_condition_on_the_whole_site_joins_any_other() -> None:
    """An agent's long break matters while ten wait."""
    text = '{ metric = "state_time", state = "not_ready", fire = "10m" }, { metric = "site_waiting", fire = 10 }'
    one = rule(f"all = [{text}]\n")
    told = beside(agents=[agent("1", "not_ready", minutes=11)])
    assert look(one, moment(queue(waiting=9), told=told)) == {}
    assert look(one, moment(queue(waiting=10), told=told))["agent:1"].notice is Notice.FIRED


def test_tiers_have_targets_of_their_own() -> None:
    one = rule('metric = "tier_service_level"\nfire = 80\nclear = 82\nfire_by = { VIP = 90 }\nhold_s = 0\n')
    tiers = {"VIP": level(85, 100), "normal": level(85, 100)}
    changes = look(one, moment(queue(tiers=tiers)))
    assert {scope: change.notice for scope, change in changes.items()} == {
        "tier:sales/VIP": Notice.FIRED,
        "tier:sales/normal": Notice.FINE,
    }
    assert isinstance(one, ThresholdRule)
    assert one.conditions[0].clear_of("sales/VIP") == 92


# --- whom it looks at ------------------------------------------------------------------------------------------------

LUNCH = 'metric = "state_time"\nstate = "not_ready"\nfire = "45m"\n'
BREAKS = [
    agent("1", "not_ready", minutes=46),
    agent("2", "not_ready", minutes=46, team="B02"),
    agent("3", "not_ready", minutes=46, queues=("vip",)),
    agent("4", "not_ready", minutes=44),
    agent("5", "ready", minutes=99),
]


@pytest.mark.parametrize(
    ("among", "scopes"),
    [
        ("", {"agent:1", "agent:2", "agent:3"}),
        ('teams = ["A01"]\n', {"agent:1", "agent:3"}),
        ('queues = ["sales"]\n', {"agent:1", "agent:2"}),
        ('agents = ["2", "4"]\n', {"agent:2"}),
    ],
)
def test_only_agents_in_breach_are_looked_at_one_by_one(among: str, scopes: set[str]) -> None:
    changes = look(rule(LUNCH + among), moment(told=beside(agents=BREAKS)))
    assert {scope for scope, change in changes.items() if change.notice is Notice.FIRED} == scopes == set(changes)


@pytest.mark.parametrize(
    ("then", "notice"),
    [
        (agent("1", "ready"), Notice.RESOLVED),
        (agent("1", "signed_out"), Notice.RESOLVED),
        (agent("1", "unknown", minutes=50), Notice.UNCERTAIN),
        (agent("1", "not_ready", minutes=50), Notice.STILL_FIRING),
        (None, Notice.RESOLVED),
    ],
    ids=["ready", "gone", "unknown", "still", "absent"],
)
def test_an_agent_who_does_something_else_is_well_and_a_lost_one_is_not(then: object, notice: Notice) -> None:
    one = rule(LUNCH)
    fired = kept(look(one, moment(told=beside(agents=[agent("1", "not_ready", minutes=46)]))))
    agents = [] if then is None else [then]
    assert look(one, moment(told=beside(agents=agents)), fired)["agent:1"].notice is notice  # type: ignore[arg-type]


def test_a_contact_whose_agent_is_lost_is_not_over() -> None:
    one = rule('metric = "contact_length"\nfire = "30m"\n')
    fired = look(one, moment(told=beside(agents=[agent("7", "on_contact", minutes=31)])))
    assert fired["contact:c7"].watch.who == "7"
    lost = moment(told=beside(agents=[agent("7", "unknown")]))
    over = moment(told=beside(agents=[agent("7", "ready")]))
    assert look(one, lost, kept(fired))["contact:c7"].notice is Notice.UNCERTAIN
    assert look(one, over, kept(fired))["contact:c7"].notice is Notice.RESOLVED


def test_a_storm_is_bounded_and_says_how_many_it_left_out() -> None:
    """Three may be in progress: the three longest, of five."""
    one = rule(LUNCH + "most_scopes = 3\n")
    agents = [agent(str(minutes), "not_ready", minutes=minutes) for minutes in (50, 90, 60, 80, 70)]
    changes = look(one, moment(told=beside(agents=agents)))
    fired = {scope for scope, change in changes.items() if change.notice is Notice.FIRED}
    assert fired == {"agent:90", "agent:80", "agent:70"}
    left_out = changes["agent:60"]
    assert (left_out.notice, left_out.reading.left_out, left_out.worth_telling) == (Notice.TOO_MANY, 2, False)


def test_a_phrase_is_told_once_for_each_contact_and_is_over_by_itself() -> None:
    one = rule('metric = "phrase_hit"\n')
    told = look(one, moment(told=beside(hits=[hit("c1")])))
    assert (told["contact:c1"].notice, told["contact:c1"].watch.who) == (Notice.FIRED, "1001")
    after = NOW + 2 * MINUTE
    over = look(one, moment(told=beside(at=after, hits=[hit("c1")]), at=after), kept(told))
    assert over["contact:c1"].notice is Notice.RESOLVED
    again = look(one, moment(told=beside(at=after, hits=[hit("c1", at=after), hit("c2", at=after)])), kept(over))
    assert set(again) == {"contact:c2"}


def test_nobody_scored_is_quiet_not_unknown() -> None:
    """The last low score is more than an hour old: the alert ends."""
    one = rule('metric = "score"\nfire = 60\nmin_sample = 3\nhold_s = 0\nkeep_firing_s = 0\n')
    low = beside(gauges={"quality_known": 1}, quality=[quality("sales", "", 3, 150)])
    fired = look(one, moment(told=low))
    assert fired["queue:sales"].notice is Notice.FIRED
    nobody, unknown = beside(gauges={"quality_known": 1}), beside()
    assert look(one, moment(told=nobody), kept(fired))["queue:sales"].notice is Notice.RESOLVED
    assert look(one, moment(told=unknown), kept(fired))["queue:sales"].notice is Notice.UNCERTAIN


# --- what it remembers -----------------------------------------------------------------------------------------------


def test_ended_watches_of_agents_and_contacts_are_forgotten_in_time() -> None:
    """A queue's never: there are few of them. A contact's after four hours, so that its event is told once."""
    scopes = ("agent:1", "contact:c1", "queue:sales")
    watches = {("r", scope): Watch(rule="r", scope=scope, since=NOW) for scope in scopes}
    watches["r", "agent:2"] = Watch(rule="r", scope="agent:2", since=NOW, state=State.FIRING)
    assert spent(watches, now=Millis(NOW + 599_999)) == []
    assert spent(watches, now=Millis(NOW + 600_000)) == [("r", "agent:1")]
    assert spent(watches, now=Millis(NOW + 240 * MINUTE)) == [("r", "agent:1"), ("r", "contact:c1")]


def test_a_rule_that_changed_what_it_is_about_ends_its_old_alerts() -> None:
    fired = kept(look(WAIT, moment(queue(longest_wait_ms=130_000))))
    gone = retire([rule(LUNCH)], fired, site=SITE, now=NOW)
    assert [(change.watch.scope, change.notice) for change in gone] == [("queue:sales", Notice.RULE_REMOVED)]
    assert retire([WAIT], fired, site=SITE, now=NOW) == []
