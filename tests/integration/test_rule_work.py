"""A back-test and a re-scoring over a real store: equal to one contact after the other; undone, as if never done."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import msgspec
import pytest

from monitor.case_pages import cases_after
from monitor.case_stored import stored_case
from monitor.rule_work import Backtest, Rescore, Undo, Work, result_of
from scoring.case import Case
from scoring.effect import Effects
from scoring.library import load_scheme
from scoring.rules import Scheme
from scoring.service import to_fact
from streams.vocabulary.ids import Millis, QueueName
from streams.warehouse.case_pages import Place, Range
from streams.warehouse.contacts import ContactFilter, ScoreRow, contact_count, scores_list
from streams.warehouse.engine import Warehouse
from streams.warehouse.rows import fact_columns
from tests.integration.facts import migrated
from tests.rules_room import PACK
from tests.stored_centre import FIRST, SITE, fill, names, until

pytestmark = pytest.mark.servers
SHANGHAI = ZoneInfo("Asia/Shanghai")
CONTACTS = 100
FEW = 40
NOW = Millis(until(CONTACTS) + 2 * 3_600_000)
ALL = Range(site=SITE, since=FIRST, until=until(CONTACTS))
SOME = replace(ALL, until=until(FEW))


def before() -> Scheme:
    return load_scheme(PACK)


def after() -> Scheme:
    """Its next version: the first item is worth more, the last one is gone, more pass."""
    scheme = before()
    first = replace(scheme.items[0], points=scheme.items[0].points + 7)
    return replace(scheme, version=scheme.version + 1, items=(first, *scheme.items[1:-1]), pass_percent=60)


def one_by_one(warehouse: Warehouse, every: int) -> list[Case]:
    """Reading one alone takes a tenth of a second."""
    some = names(CONTACTS)[::every]
    found = [stored_case(warehouse, site=SITE, contact=one, zone=SHANGHAI, now=NOW) for one in some]
    assert None not in found
    return [case for case in found if case is not None]


def in_pages(warehouse: Warehouse) -> list[Case]:
    found: list[Case] = []
    place: Place | None = None
    while True:
        page = cases_after(warehouse, ALL, place, zone=SHANGHAI, now=NOW, size=17)
        if page.last is None:
            return found
        found += page.cases
        place = page.last


def run(work: Work, warehouse: Warehouse) -> None:
    while not work.ended:
        work.step(warehouse)


def effect_of(cases: Sequence[Case]) -> Effects:
    effects = Effects(before(), after())
    for case in cases:
        effects.add(case.transcript, result_of(case, before(), NOW), result_of(case, after(), NOW))
    return effects


def test_a_back_test_is_equal_to_scoring_each_stored_contact(warehouse: Warehouse) -> None:
    """Pages read many contacts at once; each is the very Case that it is when read alone: words, events, facts."""
    fill(migrated(warehouse), CONTACTS)
    cases = in_pages(warehouse)
    by_name = {case.transcript.contact: case for case in cases}
    assert sorted(by_name) == sorted(names(CONTACTS))
    alone = one_by_one(warehouse, every=10)
    assert [by_name[case.transcript.contact] for case in alone] == alone
    assert any(case.happenings for case in alone)
    assert any(case.happenings is None for case in alone)
    work = Backtest(before(), after(), ALL, zone=SHANGHAI, now=NOW, page=60)
    run(work, warehouse)
    told, expected = work.effect, effect_of(cases).told()
    assert counted_only(told) == counted_only(expected)
    assert (work.found, work.done, work.total) == (len(cases),) * 3
    assert told.changed > 50
    assert told.now_pass > 0


def counted_only(effect: object) -> object:
    """Pages give chats after recordings: which example of many is kept may differ."""
    told = msgspec.to_builtins(effect)
    for item in told["items"]:
        item["examples"] = len(item["examples"])
    return told | {"turned": len(told["turned"])}


def test_of_too_many_contacts_one_of_so_many_is_drawn(warehouse: Warehouse) -> None:
    """The same ones each time; the queues that were asked for only."""
    fill(migrated(warehouse), CONTACTS)
    drawn = Backtest(None, after(), ALL, zone=None, now=NOW, most=35)
    run(drawn, warehouse)
    assert (drawn.found, drawn.asked.draw) == (103, 3)
    assert 15 <= drawn.done <= 55
    again = Backtest(None, after(), ALL, zone=None, now=NOW, most=35, page=9)
    run(again, warehouse)
    assert again.effect.after == drawn.effect.after
    some = Backtest(None, after(), replace(ALL, queues=(QueueName("vip"),)), zone=None, now=NOW)
    run(some, warehouse)
    assert [one.name for one in some.effect.queues] == ["vip"]


def scores(warehouse: Warehouse) -> list[ScoreRow]:
    return scores_list(warehouse, since=FIRST, until=until(CONTACTS), limit=1_000)


def failed(warehouse: Warehouse) -> int:
    choose = ContactFilter(not_passed=True)
    return contact_count(warehouse, since=Millis(FIRST - 60_000), until=until(CONTACTS), choose=choose)


def test_a_re_scoring_stands_beside_what_was_and_can_be_undone(warehouse: Warehouse) -> None:
    """Old scores are never touched; what a scorer wrote by itself is passed by, and stays when the job is undone."""
    fill(migrated(warehouse), FEW)
    first = Rescore(before(), SOME, job="", zone=SHANGHAI, clock=lambda: Millis(NOW - 9), page=90)
    run(first, warehouse)
    was, failing = scores(warehouse), failed(warehouse)
    own = scored_by_itself(warehouse)
    job = Rescore(after(), SOME, job="j1", zone=SHANGHAI, clock=lambda: NOW, page=90)
    run(job, warehouse)
    assert (job.done, job.written) == (43, 42)
    killed = Rescore(after(), SOME, job="j1", zone=SHANGHAI, clock=lambda: NOW, page=90)
    run(killed, warehouse)
    assert (killed.done, killed.written) == (43, 42), "what it wrote before its process ended is its own"
    assert {row.scheme_version for row in scores(warehouse)} == {after().version}
    assert failed(warehouse) < failing
    again = Rescore(after(), SOME, job="j2", zone=SHANGHAI, clock=lambda: NOW)
    run(again, warehouse)
    assert again.written == 0
    undo = Undo(SOME, job="j1")
    run(undo, warehouse)
    assert undo.withdrawn == 42
    now = {row.contact: row for row in scores(warehouse)}
    assert now.pop(own).scheme_version == after().version
    assert list(now.values()) == [row for row in was if row.contact != own]
    once_more = Rescore(after(), SOME, job="j3", zone=SHANGHAI, clock=lambda: Millis(NOW + 5))
    run(once_more, warehouse)
    assert once_more.written == 42


def scored_by_itself(warehouse: Warehouse) -> str:
    """One contact that the scorer itself scored by the new version."""
    name = names(FEW)[10]
    case = stored_case(warehouse, site=SITE, contact=name, zone=SHANGHAI, now=NOW)
    assert case is not None
    result = result_of(case, after(), NOW)
    assert result is not None
    warehouse.insert("scores", fact_columns("scores", [to_fact(result, case.transcript)]))
    return name
