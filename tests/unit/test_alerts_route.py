"""Who is told what and when, in virtual seconds: a row says what happens and all that may be heard of it."""

from dataclasses import replace
from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from alerts.digest import DAYS, Quiet
from alerts.escalation import Escalation, Step
from alerts.group import Manner
from alerts.inhibition import Inhibition
from alerts.labels import Match
from alerts.oncall import Person, Rota, Turn
from alerts.route import Live, plan
from alerts.routing import Route, Routing
from tests.alerts_play import Player, played, resolved

SHANGHAI = ZoneInfo("Asia/Shanghai")
PAGER = {"duty": Manner.INCIDENTS}
QUICK = Route(name="quick", group_wait_ms=0, group_interval_ms=10_000, repeat_ms=600_000)
HOURS = Quiet(name="night", start=time(4, 1), until=time(4, 10), days=DAYS, zone=SHANGHAI)
"""From the first to the tenth minute of every script."""
ROTA = Rota(
    name="duty",
    persons=(Person(name="li", channels=("lead",), mobile="138"), Person(name="wang", channels=("lead",))),
    turn=Turn.DAILY,
    starts=date(2026, 11, 22),
    at=time(4, 5),
    zone=SHANGHAI,
)

DEFAULT_WAY = {
    "one alert waits for its group and is told once": """
        0 fire note/queue:a
        5..5 duty: +note/queue:a""",
    "what comes within the wait goes along": """
        0 fire note/queue:a
        3 fire note/queue:b
        5..5 duty: +note/queue:a +note/queue:b""",
    "what comes after it waits for the interval": """
        0 fire note/queue:a
        7 fire note/queue:b
        8 fire note/queue:c
        5..5 duty: +note/queue:a
        65..65 duty: +note/queue:b +note/queue:c""",
    "another rule is another group": """
        0 fire note/queue:a hint/queue:a
        5..5 duty: +note/queue:a
        5..5 duty: +hint/queue:a""",
    "what resolves inside the wait is never told": """
        0 fire note/queue:a
        4 resolve note/queue:a
        200 fire note/queue:b
        205..205 duty: +note/queue:b""",
    "the end is told after the interval": """
        0 fire note/queue:a
        10 resolve note/queue:a
        5..5 duty: +note/queue:a
        65..65 duty: -note/queue:a""",
    "a late end only waits for its group": """
        0 fire note/queue:a
        300 resolve note/queue:a
        5..5 duty: +note/queue:a
        305..305 duty: -note/queue:a""",
    "flapping tells at most once in an interval": """
        0 fire note/queue:a
        10 resolve note/queue:a
        20 fire note/queue:a
        30 resolve note/queue:a
        40 fire note/queue:a
        5..5 duty: +note/queue:a
        65..65 duty: -note/queue:a +note/queue:a""",
    "it is told again after the repeat": """
        0 fire note/queue:a
        5..5 duty: +note/queue:a
        14405..14405 duty: again +note/queue:a""",
    "an acknowledged one is not repeated, its end is told": """
        0 fire note/queue:a
        9 acknowledge note/queue:a
        20000 resolve note/queue:a
        5..5 duty: +note/queue:a
        20005..20005 duty: -note/queue:a""",
    "one seen before it was told is not told": """
        0 fire note/queue:a
        3 acknowledge note/queue:a
        300 resolve note/queue:a""",
    "a storm is one message": """
        0 storm note/agent: 1000
        5..5 duty: +1000""",
    "a clock an hour ahead makes nothing due": """
        0 fire note/queue:a
        9 clock +18000
        200 clock -18000
        300 resolve note/queue:a
        5..5 duty: +note/queue:a
        305..305 duty: -note/queue:a""",
    "a clock set back delays nothing": """
        0 fire note/queue:a
        2 clock -3600
        5..6 duty: +note/queue:a""",
    "a critical alert speaks for its scope's warning": """
        0 fire page/queue:a note/queue:a note/queue:b
        5..5 duty: +page/queue:a
        5..5 duty: +note/queue:b""",
    "the warning is told when the critical one is over": """
        0 fire page/queue:a note/queue:a
        100 resolve page/queue:a
        5..5 duty: +page/queue:a
        105..105 duty: -page/queue:a
        105..105 duty: +note/queue:a""",
    "a silent source speaks for what rests on its queues": """
        0 blind a b
        1 fire note/queue:a note/queue:c note/agent:7 note/system:disk
        5..5 duty: +source_silent/site:gz
        6..6 duty: +note/queue:c +note/agent:7 +note/system:disk""",
    "a site that sends nothing speaks for all but the system": """
        0 blind
        1 fire note/queue:a note/agent:7 note/system:disk
        5..5 duty: +source_silent/site:gz
        6..6 duty: +note/system:disk""",
    "a silence holds back the firing, not the end": """
        0 fire note/queue:a
        9 silence note queue:* for 600
        20 fire note/queue:b
        300 resolve note/queue:a
        5..5 duty: +note/queue:a
        305..305 duty: -note/queue:a
        614..614 duty: +note/queue:b""",
    "a silence that is taken back holds nothing": """
        0 silence * queue:a for 6000
        1 fire note/queue:a
        60 unsilence
        65..65 duty: +note/queue:a""",
}


@pytest.mark.parametrize("case", DEFAULT_WAY)
def test_the_default_way(case: str) -> None:
    """No route is written: the rule's channels, by rule, 5 s, 60 s, 4 h."""
    played(DEFAULT_WAY[case], Routing(), until=40 if "storm" in case else 800)


def test_each_of_two_channels_is_told_once() -> None:
    script = """
        0 fire note/queue:a
        5..5 duty: +note/queue:a
        5..5 lead: +note/queue:a"""
    played(script, Routing(), channels=("duty", "lead"), until=300)


def test_the_first_route_that_fits_takes_the_alert_and_the_rest_go_the_default_way() -> None:
    routes = (
        replace(QUICK, name="vip", match=Match(queue=("vip*",)), channels=("lead",)),
        replace(QUICK, name="pages", match=Match(severity=("critical",)), channels=("boss",)),
    )
    script = """
        0 fire page/queue:vip1 page/queue:a note/queue:a2
        0..0 lead: +page/queue:vip1
        0..0 boss: +page/queue:a
        5..5 duty: +note/queue:a2"""
    played(script, Routing(routes=routes))


def test_a_route_that_goes_on_tells_its_siblings_too_and_nobody_twice() -> None:
    routes = (
        replace(QUICK, name="all", channels=("lead",), goes_on=True),
        replace(QUICK, name="both", channels=("lead", "boss")),
    )
    script = """
        0 fire page/queue:a
        60 resolve page/queue:a
        0..0 lead: +page/queue:a
        0..0 boss: +page/queue:a
        60..60 lead: -page/queue:a
        60..60 boss: -page/queue:a"""
    played(script, Routing(routes=routes), until=300)


def test_a_child_is_asked_before_its_parent() -> None:
    child = replace(QUICK, name="vip", match=Match(tier=("gold",)), channels=("boss",))
    routes = (replace(QUICK, name="all", channels=("lead",), children=(child,)),)
    script = """
        0 fire note/tier:sales/gold note/tier:sales/silver
        0..0 boss: +note/tier:sales/gold
        0..0 lead: +note/tier:sales/silver"""
    played(script, Routing(routes=routes))


def test_a_group_by_queue_is_told_queue_by_queue() -> None:
    routes = (replace(QUICK, group_by=("queue",)),)
    script = """
        0 fire page/queue:a hint/queue:a hint/queue:b
        0..0 duty: +page/queue:a +hint/queue:a
        0..0 duty: +hint/queue:b"""
    played(script, Routing(routes=routes))


def test_an_inhibition_of_ones_own() -> None:
    own = Inhibition(source=Match(rule=("page",)), target=Match(rule=("hint",)), equal=("site",))
    script = """
        0 fire page/queue:a hint/queue:b
        5..5 duty: +page/queue:a"""
    player = played(script, Routing(inhibitions=(own,)), until=100)
    ((second, withheld),) = player.withheld
    assert (second, withheld.reason, withheld.by) == (0, "inhibited", "page/queue:a/1")


NIGHT = {
    "quiet hours end with one digest of what came, stays and went": """
        0 fire note/queue:a
        70 fire note/queue:b hint/queue:b
        80 fire note/queue:c
        90 resolve note/queue:c note/queue:a
        0..0 duty: +note/queue:a
        600..600 duty: digest +note/queue:b +hint/queue:b -note/queue:a -note/queue:c""",
    "a night in which nothing happened ends without a word": """
        0 fire note/queue:a
        0..0 duty: +note/queue:a""",
}


@pytest.mark.parametrize("case", NIGHT)
def test_quiet_hours(case: str) -> None:
    routing = Routing(routes=(replace(QUICK, quiet=("night",), repeat_ms=36_000_000),), quiet={"night": HOURS})
    played(NIGHT[case], routing, until=900)


def test_beyond_the_cap_the_rest_of_the_hour_is_one_digest() -> None:
    """Two messages an hour: what came and went in between is named in the third, an hour after the first."""
    routing = Routing(routes=(replace(QUICK, max_per_hour=2, repeat_ms=36_000_000),))
    script = """
        0 fire note/queue:a
        20 fire note/queue:b
        40 fire note/queue:c
        50 resolve note/queue:b
        60 fire note/queue:d
        90 resolve note/queue:d
        70 fire hint/queue:a
        0..0 duty: +note/queue:a
        20..20 duty: +note/queue:b
        70..70 duty: +hint/queue:a
        3600..3600 duty: digest +note/queue:c -note/queue:b -note/queue:d"""
    played(script, routing, until=7000)


LADDER = Routing(
    routes=(replace(QUICK, escalation="ladder"),),
    escalations={"ladder": Escalation(name="ladder", steps=(Step(after_ms=60_000, channels=("lead",)),))},
)
STEPS = {
    "whom nobody answers is heard higher up, and both hear the end": """
        0 fire page/queue:a
        200 resolve page/queue:a
        0..0 duty: +page/queue:a
        60..60 lead: +page/queue:a
        200..200 duty: -page/queue:a
        200..200 lead: -page/queue:a""",
    "an acknowledgement stops it": """
        0 fire page/queue:a
        30 acknowledge page/queue:a
        200 resolve page/queue:a
        0..0 duty: +page/queue:a
        200..200 duty: -page/queue:a""",
    "a clock that leaps an hour does not": """
        0 fire page/queue:a
        10 clock +3600
        30 acknowledge page/queue:a
        0..0 duty: +page/queue:a""",
}


@pytest.mark.parametrize("case", STEPS)
def test_escalation(case: str) -> None:
    played(STEPS[case], LADDER, until=300)


def test_an_escalation_to_the_same_channel_is_told_there_and_its_end_once() -> None:
    steps = Escalation(name="ladder", steps=(Step(after_ms=60_000, channels=("duty",)),))
    script = """
        0 fire page/queue:a
        200 resolve page/queue:a
        0..0 duty: +page/queue:a
        60..60 duty: +page/queue:a
        200..200 duty: -page/queue:a"""
    player = played(script, replace(LADDER, escalations={"ladder": steps}), until=300)
    first, second, _ = (message.sending.notifications[0].id for message in player.messages)
    assert first != second  # or a receiver that drops known ids would never hear of it


def test_who_is_on_call_is_told_and_at_the_turn_the_next_one() -> None:
    """The turn changes at 04:05; who was told before hears of the end."""
    routing = Routing(routes=(replace(QUICK, channels=(), rotas=("duty",)),), rotas={"duty": ROTA})
    script = """
        0 fire page/queue:a
        400 resolve page/queue:a
        0..0 lead/wang: +page/queue:a
        300..300 lead/li: +page/queue:a
        400..400 lead/li: -page/queue:a
        400..400 lead/wang: -page/queue:a"""
    player = played(script, routing, until=500)
    assert [message.sending.receiver.mobile for message in player.messages[:2]] == ["", "138"]


def test_a_pager_gets_an_incident_for_each_alert_and_one_for_a_storm() -> None:
    """The storm's incident closes with its last alert."""
    script = """
        0 fire page/queue:a
        20 storm page/agent: 50
        40 resolve page/agent:0 page/queue:a
        60 calm page/agent:
        0..0 duty: +page/queue:a
        20..20 duty: storm +50
        40..40 duty: -page/queue:a
        60..60 duty: storm -49"""
    played(script, Routing(routes=(QUICK,)), manners=PAGER, until=300)


def test_a_plain_channel_gets_each_alert_by_itself() -> None:
    script = """
        0 fire page/queue:a page/queue:b
        0..0 duty: +page/queue:a
        0..0 duty: +page/queue:b"""
    played(script, Routing(routes=(QUICK,)), manners={}, until=50)


def test_routes_that_are_renamed_tell_nobody_again() -> None:
    player = Player(Routing(routes=(QUICK,)))
    player.fire("page/queue:a")
    player.look()
    player.routing = Routing(routes=(replace(QUICK, name="new", group_by=("queue",)),))
    for _ in range(100):
        player.second += 1
        player.look()
    player.resolve("page/queue:a")
    player.look()
    assert [(message.fires, message.over) for message in player.messages] == [
        (("page/queue:a",), ()),
        ((), ("page/queue:a",)),
    ]


def test_why_somebody_is_not_told_is_said_once_for_each_reason() -> None:
    script = """
        0 fire note/queue:a
        1 silence note * for 60
        70 fire note/queue:b
        66..66 duty: +note/queue:a
        126..126 duty: +note/queue:b"""
    player = played(script, Routing(), until=200)
    assert [(second, one.alert.rpartition("/")[0], one.reason) for second, one in player.withheld] == [
        (1, "note/queue:a", "silenced"),
        (70, "note/queue:b", "grouped"),
    ]


def test_between_two_looks_only_ends_are_told_and_nobodys_wait_begins_anew() -> None:
    """A person acknowledges, rules are swapped: of what else fires nothing is known just then."""
    player = Player(Routing(routes=(replace(QUICK, group_wait_ms=5_000, group_interval_ms=0),)))
    player.fire("note/queue:a")
    for second in range(7):
        player.second = second
        player.look()
    player.fire("note/queue:b")
    player.look()
    player.second += 4
    over = Live(notification=resolved(player.firing.pop("note/queue:a").notification), channels=())
    between = plan([over], player.routing, [], player.book, now=player.now, manners=player.manners, whole=False)
    assert between.sendings == ()
    player.book = between.book
    player.second += 1
    (told,) = player.look()
    assert (told.second, told.fires, told.over) == (11, ("note/queue:b",), ("note/queue:a",))


def test_an_alert_nobody_is_named_for_says_so() -> None:
    player = played("0 fire note/queue:a", Routing(), channels=(), until=100)
    assert [one.reason for _, one in player.withheld] == ["no_receiver"]


def test_the_book_forgets_what_is_over() -> None:
    player = played("0 storm note/agent: 30\n9 calm note/\n5..5 duty: +30\n65..65 duty: -30", Routing(), until=300)
    assert (player.book.alerts, player.book.told, player.book.spent) == ({}, {}, {})
