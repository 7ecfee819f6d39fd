"""Routing as people write it, and what they are told when they slip."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.digest import DAYS
from alerts.labels import Match
from alerts.oncall import Turn
from alerts.routing import Routing
from alerts.routing_parse import read_routing
from streams.toml_lines import read_toml
from streams.toml_table import Table

SHANGHAI = ZoneInfo("Asia/Shanghai")
WHOLE = """
[[route]]
name = "pages"
match = { severity = "critical", queue = ["vip*", "billing"] }
channels = ["duty"]
rotas = ["managers"]
group_by = ["rule", "queue"]
group_wait_s = 1
group_interval_s = 30
repeat_s = 3600
max_per_hour = 6
escalation = "ladder"
continue = true

[[route.route]]
match = { tier = "gold" }
quiet = ["night"]

[[route]]
channels = []

[[inhibit]]
source = { rule = "power*" }
target = { scope = "agent:*" }
equal = ["site"]

[[quiet]]
name = "night"
from = "22:30"
until = "06:45"
days = ["mon", "tue"]

[[rota]]
name = "managers"
turn = "daily"
starts = "2026-11-23"
at = "08:30"
zone = "Asia/Urumqi"

[[rota.person]]
name = "李雷"
channels = ["duty", "mail"]
mobile = "13800000000"

[[rota.person]]
name = "韩梅梅"
channels = ["mail"]

[[rota.override]]
person = "韩梅梅"
from = "2026-12-01 09:00"
until = "2026-12-02 09:00"

[[escalation]]
name = "ladder"

[[escalation.step]]
after_s = 600
rotas = ["managers"]

[[escalation.step]]
after_s = 1800
channels = ["mail"]
"""


def read(text: str) -> tuple[Routing, list[str]]:
    toml = read_toml(text, file="a.toml")
    table = Table(toml, file="a.toml", faults=list(toml.faults))
    routing = read_routing(table, channels=("duty", "mail"), zone=SHANGHAI)
    table.close()
    return routing, [str(fault).removeprefix("a.toml:").replace("\n    mend: ", "; ") for fault in sorted(table.faults)]


def test_nothing_written_is_the_default_way() -> None:
    assert read("") == (Routing(), [])


def test_everything_there_is_to_write_is_read() -> None:
    routing, faults = read(WHOLE)
    assert faults == []
    pages, rest = routing.routes
    assert pages.match == Match(severity=("critical",), queue=("vip*", "billing"))
    assert (pages.channels, pages.rotas, pages.group_by) == (("duty",), ("managers",), ("rule", "queue"))
    assert (pages.group_wait_ms, pages.group_interval_ms, pages.repeat_ms) == (1_000, 30_000, 3_600_000)
    assert (pages.max_per_hour, pages.escalation, pages.goes_on) == (6, "ladder", True)
    assert (rest.channels, rest.group_wait_ms, rest.group_by, rest.repeat_ms) == ((), 5_000, ("rule",), 14_400_000)
    (own,) = routing.inhibitions
    assert (own.source, own.target, own.equal) == (Match(rule=("power*",)), Match(scope=("agent:*",)), ("site",))
    assert routing.quiet["night"].days == ("mon", "tue")
    assert [step.after_ms for step in routing.escalations["ladder"].steps] == [600_000, 1_800_000]


def test_a_child_inherits_what_it_does_not_write() -> None:
    (child,) = read(WHOLE)[0].routes[0].children
    assert (child.name, child.quiet, child.match) == ("pages-1", ("night",), Match(tier=("gold",)))
    assert (child.rotas, child.max_per_hour, child.escalation, child.goes_on) == (("managers",), 6, "ladder", False)


def test_a_rota_knows_its_people_its_turn_and_its_own_zone() -> None:
    rota = read(WHOLE)[0].rotas["managers"]
    assert (rota.turn, rota.starts.isoformat(), rota.at.isoformat(), str(rota.zone)) == (
        Turn.DAILY,
        "2026-11-23",
        "08:30:00",
        "Asia/Urumqi",
    )
    assert [(person.name, person.channels, person.mobile) for person in rota.persons] == [
        ("李雷", ("duty", "mail"), "13800000000"),
        ("韩梅梅", ("mail",), ""),
    ]
    assert rota.overrides[0].until - rota.overrides[0].start == 86_400_000


def test_quiet_hours_hold_every_night_in_the_sites_zone_if_no_more_is_written() -> None:
    quiet = read('[[quiet]]\nname = "night"\n')[0].quiet["night"]
    assert (quiet.start.hour, quiet.until.hour, quiet.days, quiet.zone) == (22, 7, DAYS, SHANGHAI)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ('[[route]]\nchannels = ["dutty"]', ["2: route[0].channels: unknown channel 'dutty'; did you mean 'duty'?"]),
        (
            '[[route]]\nmatch = { severity = "critcal" }',
            ["2: route[0].match.severity: unknown severity 'critcal'; did you mean 'critical'?"],
        ),
        (
            '[[route]]\nmatch = { queu = "a" }',
            ["2: route[0].match.queu: unknown key; did you mean 'queue'?"],
        ),
        ('[[route]]\ngroup_by = ["quue"]', ["2: route[0].group_by: unknown word 'quue'; did you mean 'queue'?"]),
        ('[[route]]\nquiet = ["night"]', ["2: route[0].quiet: unknown quiet 'night'; known here: nothing"]),
        ('[[route]]\nrotas = ["a"]', ["2: route[0].rotas: unknown rota 'a'; known here: nothing"]),
        (
            '[[route]]\nescalation = "a"',
            ["2: route[0].escalation: unknown escalation 'a'; known here: nothing"],
        ),
        (
            "[[route]]\ngroup_interval_s = 7200\nrepeat_s = 3600",
            [
                "3: route[0].repeat_s: is shorter than group_interval_s, before which nothing is told; "
                "write at least 7200"
            ],
        ),
        (
            '[[route]]\nname = "all"\n[[route]]\nmatch = { queue = "a" }',
            [
                "3: route[1]: is never asked: 'all' above it takes every alert; "
                "give the one above a match, or continue = true, or move it to the end"
            ],
        ),
        (
            '[[route]]\nname = "a"\ncontinue = true\n[[route]]\nname = "a"',
            ["1: route: 'a' names two routes; give each route its own name, or none"],
        ),
        (
            '[[route]]\nname = "a b"',
            ["2: route[0].name: 'a b' has characters a name cannot carry; use letters, digits, - _ . only"],
        ),
        (
            '[[inhibit]]\nsource = { rule = "a" }',
            ['1: inhibit[0]: target fits every alert; write target = { rule = "…" }'],
        ),
        (
            '[[quiet]]\nname = "n"\nfrom = "25:00"\ndays = ["monday"]',
            [
                "3: quiet[0].from: '25:00' is no time of day; write from = \"22:00\"",
                "4: quiet[0].days: unknown day 'monday'; write days from mon, tue, wed, thu, fri, sat, sun",
            ],
        ),
        (
            '[[rota]]\nname = "r"',
            ["1: rota[0]: nobody takes turns in it; write [[alerts.rota.person]] with name and channels below it"],
        ),
        (
            '[[rota]]\nname = "r"\nstarts = "Monday"\n[[rota.person]]\nname = "li"\nmobile = "+86-1"',
            [
                "3: rota[0].starts: 'Monday' is no day; write starts = \"2026-11-23\"",
                "4: rota[0].person[0]: 'li' can be told nothing; write channels = [\"…\"]",
                '6: rota[0].person[0].mobile: is no number; write digits only: mobile = "13800000000"',
            ],
        ),
        (
            '[[rota]]\nname = "r"\n[[rota.person]]\nname = "li"\nchannels = ["duty"]\n'
            '[[rota.override]]\nperson = "lii"\nfrom = "2026-12-01 09:00"\nuntil = "2026-12-01 08:00"',
            [
                "7: rota[0].override[0].person: 'lii' is not in this rota; did you mean 'li'?",
                "9: rota[0].override[0].until: is not after from; write the time at which it ends",
            ],
        ),
        (
            '[[escalation]]\nname = "e"\n[[escalation.step]]\nafter_s = 60\nchannels = ["duty"]\n'
            "[[escalation.step]]\nafter_s = 60",
            [
                '6: escalation[0].step[1]: tells nobody; write channels = ["…"] or rotas = ["…"]',
                "7: escalation[0].step[1].after_s: is not after the step above; write more than 60, or move it up",
            ],
        ),
    ],
)
def test_a_slip_is_told_with_its_line_and_its_mend(text: str, faults: list[str]) -> None:
    assert read(text)[1] == faults


def test_the_documents_example_is_in_order() -> None:
    """What docs/alert-routing.md shows can be copied."""
    text = (Path(__file__).parents[2] / "docs" / "alert-routing.md").read_text(encoding="utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    toml = read_toml(example, file="docs/alert-routing.md")
    table = Table(toml, file="docs/alert-routing.md", faults=list(toml.faults)).table("alerts")
    assert table is not None
    routing = read_routing(table, channels=("duty-room", "duty-sms", "duty-mail"), zone=SHANGHAI)
    table.close()
    assert (table.faults, [route.name for route in routing.routes]) == ([], ["pages", "notes"])
