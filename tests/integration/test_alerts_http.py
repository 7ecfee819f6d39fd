"""People acting on alerts over HTTP: a real bus keeps it, a real store remembers it, every process follows."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from alerts.senders.channel import Attempt, Outcome, Reply
from monitor.alert_notes import NoteBoard, follow_notes
from monitor.alert_rules_store import VERSIONS
from monitor.alert_silences import MOST, SilenceStore
from streams.vocabulary.facts import AlertFact, AlertNoteFact, AuditFact
from streams.vocabulary.ids import Millis
from tests.alert_acts_room import PLAN, RULES, SEEN, UNSEEN, Acts, acting, rules_over
from tests.browser.serve import alert
from tests.browser.synthetic import QUEUES
from tests.integration.bus_room import facts, until
from tests.push_web import now
from tests.servers import MakeRedis, Place

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
HOSTILE = '<img src=x onerror="alert(1)">\n客服'
QUIETER = RULES + "fire_below = 70\n"


@pytest.fixture(params=["valkey-chdb", "redis-clickhouse"])
def stands(request: pytest.FixtureRequest, fresh_name: str) -> tuple[str, Place]:
    """A bus and a store of each make, one pair after the other."""
    bus, store = str(request.param).split("-")
    url = request.getfixturevalue({"valkey": "valkey_url", "redis": "debian_redis_url"}[bus])
    return url, Place(str(request.getfixturevalue(f"{store}_url")), fresh_name)


def fires(web: Acts, *, queue: str = SEEN, **fields: Any) -> AlertFact:
    """On the board, as the engine told it."""
    at = Millis(now() - 60_000)
    fact = replace(alert(at, queue=queue), changed_at=Millis(at + 30_000), **fields)
    web.parts.alerts.update(fact)
    return fact


def at(fact: AlertFact, act: str) -> str:
    return f"/{quote(fact.alert, safe='')}/{act}"


def test_a_body_that_is_no_text_is_refused(redis_url: str) -> None:
    async def body(web: Acts) -> None:
        fact = fires(web)
        status, answer = await web.ask("POST", at(fact, "comment"), data=b'{"text": "\xff\xfe"}')
        assert (status, answer["reason"]) == (400, "bad_body")

    acting(redis_url, body)


def test_teams_of_a_rule_are_those_of_the_plan(redis_url: str) -> None:
    async def body(web: Acts) -> None:
        team = PLAN.teams[0].code
        for named, faults in ((team, []), (f"{team}x", [team])):
            text = f'[[rule]]\nkind = "threshold"\nname = "t"\nmetric = "team_ready"\nfire = 1\nteams = ["{named}"]\n'
            _, answer = await web.ask("POST", "/rules/check", json={"text": text})
            assert [team in one["mend"] for one in answer["faults"]] == [True] * len(faults)

    acting(redis_url, body)


def test_whoever_sees_a_part_tests_no_channel_of_everybodys(redis_url: str) -> None:
    async def body(web: Acts) -> None:
        status, answer = await web.ask("POST", "/channels/wecom/test?scope=one")
        assert (status, answer["reason"]) == (403, "out_of_scope")

    acting(redis_url, body)


def test_what_people_say_is_kept_and_shown_in_order(stands: tuple[str, Place]) -> None:
    """At once from the bus, later from history, each thing once; the audit log knows who said it."""

    async def body(web: Acts) -> None:
        fact = fires(web)
        for act, said in (
            ("comment", {"text": f"  {HOSTILE}  "}),
            ("assign", {"to": "李雷"}),
            ("useful", {"useful": False}),
            ("useful", {"useful": True}),
        ):
            status, _ = await web.ask("POST", at(fact, act), json=said)
            assert status == 200, act
        assert (await web.ask("POST", at(fact, "acknowledge")))[0] == 200
        _, listed = await web.ask("GET", "")
        (row,) = listed["alerts"]
        assert (row["assigned_to"], row["useful"], row["comments"]) == ("李雷", True, 1)
        assert row["acknowledged_by"] == listed["me"]
        await web.archive(fact)
        await web.archive(fact)
        _, told = await web.ask("GET", at(fact, "timeline"))
        kinds = [event["kind"] for event in told["events"]]
        assert kinds == ["changed", "changed", "comment", "assigned", "not_useful", "useful", "acknowledged"]
        assert told["events"][2]["text"] == HOSTILE
        assert told["unavailable"] == ""
        acts = [one.action for one in await facts(web.redis) if isinstance(one, AuditFact)]
        assert acts == [
            "alert_comment", "alert_assigned", "alert_not_useful", "alert_useful", "alert_acknowledged",
        ]  # fmt: skip
        elsewhere = NoteBoard()
        following = asyncio.create_task(follow_notes(web.redis, web.parts.id, elsewhere, web.desk.silences.counts))
        await until(lambda: len(elsewhere.of(fact.alert)) == 5)
        following.cancel()

    acting(stands[0], body, place=stands[1])


def test_alerts_that_are_over_are_found_marked_and_counted(stands: tuple[str, Place]) -> None:
    """Of history only: whoever comes back from a weekend says what was of use."""

    async def body(web: Acts) -> None:
        began = Millis(now() - 3_600_000)
        over = replace(
            alert(began, queue=SEEN, state="resolved", ver=4), reason="resolved", resolved_at=Millis(began + 60_000)
        )
        told = AlertNoteFact(
            site=over.site, ver=began, noted_at=began, alert=over.alert, note="try/1", kind="notified",  # type: ignore[arg-type]
            channel="wecom", outcome="delivered", to="韩梅梅",
        )  # fmt: skip
        await web.archive(over, replace(over, alert="other", state="pending", ver=1), told)
        assert (await web.ask("POST", at(over, "useful"), json={"useful": False}))[0] == 200
        await web.archive(over)
        _, listed = await web.ask("GET", f"/history?queue={quote(SEEN)}")
        (row,) = listed["alerts"]
        assert (row["alert"], row["useful"], row["marks"]) == (over.alert, False, {"useful": 0, "not_useful": 1})
        assert listed["more"] is False
        _, tired = await web.ask("GET", "/fatigue?days=1")
        assert tired["people"][0]["name"] == "韩梅梅"
        assert [(one["rule"], one["fired"], one["not_useful"]) for one in tired["rules"]] == [("sl-5m", 1, 1)]
        assert tired["rules"][0]["low"] == 0
        _, way = await web.ask("GET", at(over, "timeline"))
        said = [(event["kind"], event["text"]) for event in way["events"]]
        assert said == [("changed", "pending"), ("notified", ""), ("changed", "resolved"), ("not_useful", "")]
        assert (await web.ask("GET", "/history?since=5&until=4"))[0] == 422

    acting(stands[0], body, place=stands[1])


def test_attempts_show_before_history_has_them(redis_url: str) -> None:
    """The engine keeps them on the bus; without history the way of an alert is still told, and that it is not whole."""

    async def body(web: Acts) -> None:
        fact = fires(web)
        reply = Reply(outcome=Outcome.TIMED_OUT, status=0)
        told = f"{fact.alert}/firing"
        await web.desk._store.tried(Attempt(at=now(), channel="wecom", notification=told, number=1, reply=reply))
        status, way = await web.ask("GET", at(fact, "timeline"))
        assert status == 200
        assert "alert_notes" in way["unavailable"]
        (tried,) = (event for event in way["events"] if event["kind"] == "notified")
        assert (tried["channel"], tried["outcome"], tried["text"]) == ("wecom", "timed_out", "firing")
        assert (await web.ask("GET", "/history"))[0] == 503

    acting(redis_url, body)


UNKEPT: list[tuple[str, dict[str, Any], int, str]] = [
    ("comment", {"text": " \n "}, 422, "no_text"),
    ("comment", {"text": "x" * 2_001}, 422, "text_too_long"),
    ("comment", {"text": "x" * 100_000}, 413, "body_too_large"),
    ("comment", {"text": "a\0b"}, 422, "text_not_printable"),
    ("comment", {"text": "abc\u202egnp.exe"}, 422, "text_not_printable"),
    ("comment", {"text": "a", "by": "somebody else"}, 400, "bad_body"),
    ("assign", {"to": "y" * 201}, 422, "text_too_long"),
    ("useful", {"useful": "yes"}, 400, "bad_body"),
    ("useful", {}, 400, "bad_body"),
]


def test_what_cannot_be_kept_is_refused_by_name(valkey_url: str) -> None:
    async def body(web: Acts) -> None:
        fact = fires(web)
        for act, said, status, reason in UNKEPT:
            answer = await web.ask("POST", at(fact, act), json=said)
            assert (answer[0], answer[1]["reason"]) == (status, reason), said
        assert await facts(web.redis) == []

    acting(valkey_url, body)


def test_a_silence_holds_everywhere_until_somebody_ends_it(stands: tuple[str, Place]) -> None:
    async def body(web: Acts) -> None:
        fact, other = fires(web), fires(web, queue=UNSEEN)
        asked = {"rule": "sl-*", "scope": fact.scope, "severity": "", "why": HOSTILE, "minutes": 30}
        status, made = await web.ask("POST", "/silences", json=asked)
        assert (status, made["active"], made["covers"], made["why"]) == (201, True, 1, HOSTILE)
        elsewhere = SilenceStore(web.redis, site=web.parts.id, clock=now)
        (held,) = await elsewhere.all()
        assert held.covers(rule=fact.rule, scope=fact.scope, severity=fact.severity)
        assert not held.covers(rule=other.rule, scope=other.scope, severity=other.severity)
        _, listed = await web.ask("GET", "")
        until_then = {row["alert"]: row["silenced_until"] for row in listed["alerts"]}
        assert until_then == {fact.alert: made["until"], other.alert: None}
        ends = await asyncio.gather(*(web.ask("DELETE", f"/silences/{made['id']}") for _ in range(3)))
        assert sorted(status for status, _ in ends) == [200, 409, 409]
        _, lately = await web.ask("GET", "/silences")
        assert [(one["active"], one["ended_by"] != "") for one in lately["silences"]] == [(False, True)]
        await web.archive(fact)
        _, way = await web.ask("GET", at(fact, "timeline"))
        assert [event["kind"] for event in way["events"]][-2:] == ["silenced", "unsilenced"]
        acts = [one.action for one in await facts(web.redis) if isinstance(one, AuditFact)]
        assert acts == ["alert_silenced", "alert_unsilenced"]

    acting(stands[0], body, place=stands[1])


UNANSWERED: list[tuple[dict[str, Any], int, str]] = [
    ({"why": "x", "minutes": 5}, 422, "silence_of_everything"),
    ({"rule": "*", "scope": " ** ", "why": "x", "minutes": 5}, 422, "silence_of_everything"),
    ({"rule": "sl", "why": "x", "minutes": 7 * 24 * 60 + 1}, 422, "silence_too_long"),
    ({"rule": "sl", "why": "", "minutes": 5}, 422, "no_text"),
    ({"rule": "sl\x07", "why": "x", "minutes": 5}, 422, "text_not_printable"),
    ({"rule": "sl", "why": "x", "minutes": 0}, 400, "bad_body"),
    ({"rule": "sl", "why": "x", "minutes": 5, "by": "somebody else"}, 400, "bad_body"),
]


def test_a_silence_that_nobody_could_answer_for_is_refused(valkey_url: str) -> None:
    async def body(web: Acts) -> None:
        for asked, status, reason in UNANSWERED:
            answer = await web.ask("POST", "/silences", json=asked)
            assert (answer[0], answer[1]["reason"]) == (status, reason), asked
        assert (await web.ask("DELETE", "/silences/none"))[1]["reason"] == "no_such_silence"
        assert await web.desk.silences.all() == []

    acting(valkey_url, body)


def test_silences_have_a_bound_and_those_long_over_make_room(redis_url: str) -> None:
    async def body(web: Acts) -> None:
        asked = {"rule": "sl", "why": "x", "minutes": 5}
        _, made = await web.ask("POST", "/silences", json=asked)
        (one,) = await web.desk.silences.all()
        for number in range(MOST - 1):
            await web.desk.silences.add(replace(one, id=f"{number}"))
        assert (await web.ask("POST", "/silences", json=asked))[1]["reason"] == "too_many_silences"
        old = replace(one, until=Millis(1))
        await web.desk.silences.end(made["id"], by="x", at=Millis(2))
        later = replace(old, id="new", created_at=Millis(now() + 8 * 86_400_000), until=Millis(now() + 9 * 86_400_000))
        await web.desk.silences.add(later)
        assert [left.id for left in await web.desk.silences.all()] == ["new"]

    acting(redis_url, body)


def test_whoever_sees_a_part_sees_and_acts_on_that_part(valkey_url: str) -> None:
    """What is outside is not there: not to be read, marked, silenced or ended."""

    async def body(web: Acts) -> None:
        mine, theirs = fires(web), fires(web, queue=UNSEEN)
        _, listed = await web.ask("GET", "?scope=one")
        assert [row["alert"] for row in listed["alerts"]] == [mine.alert]
        for act in ("comment", "assign", "useful", "acknowledge", "timeline"):
            said = {"comment": {"text": "x"}, "assign": {"to": "x"}, "useful": {"useful": True}}.get(act)
            method = "GET" if act == "timeline" else "POST"
            status, told = await web.ask(method, at(theirs, act) + "?scope=one", json=said)
            assert (status, told["reason"]) == (404, "unknown_alert"), act
        assert web.parts.alerts.get(theirs.alert) == theirs
        asked = {"why": "x", "minutes": 5}
        for scope in ("", "queue:*", theirs.scope, "site:x"):
            status, told = await web.ask("POST", "/silences?scope=one", json={**asked, "scope": scope, "rule": "sl-5m"})
            assert (status, told["reason"]) == (403, "out_of_scope"), scope
        assert (await web.ask("POST", "/silences?scope=one", json={**asked, "scope": mine.scope}))[0] == 201
        _, wide = await web.ask("POST", "/silences", json={**asked, "rule": "sl-5m"})
        _, theirs_made = await web.ask("POST", "/silences", json={**asked, "scope": theirs.scope})
        _, seen = await web.ask("GET", "/silences?scope=one")
        assert {one["id"] for one in seen["silences"]} >= {wide["id"]}
        assert theirs_made["id"] not in {one["id"] for one in seen["silences"]}
        assert (await web.ask("DELETE", f"/silences/{wide['id']}?scope=one"))[1]["reason"] == "out_of_scope"
        assert (await web.ask("DELETE", f"/silences/{theirs_made['id']}?scope=one"))[1]["reason"] == "no_such_silence"
        narrow = {"base": 0, "text": QUIETER}
        assert (await web.ask("POST", "/rules/publish?scope=one", json=narrow))[1]["reason"] == "out_of_scope"
        assert (await web.ask("GET", "/fatigue?scope=one"))[1]["reason"] == "out_of_scope"

    acting(valkey_url, body)


def test_a_bus_that_is_away_is_said_and_the_page_stays(make_redis: MakeRedis) -> None:
    """Nothing is half done: whoever typed keeps what they typed, the list and the rules are still there."""
    server = make_redis()

    async def body(web: Acts) -> None:
        fact = fires(web)
        server.kill()
        for method, path, said in (
            ("POST", at(fact, "comment"), {"text": "x"}),
            ("POST", at(fact, "acknowledge"), None),
            ("POST", "/silences", {"rule": "sl", "why": "x", "minutes": 5}),
            ("GET", "/silences", None),
            ("POST", "/rules/publish", {"base": 0, "text": QUIETER}),
        ):
            status, told = await web.ask(method, path, json=said)
            assert (status, told["reason"]) == (503, "bus_away"), path
        _, listed = await web.ask("GET", "")
        assert [(row["alert"], row["acknowledged_at"]) for row in listed["alerts"]] == [(fact.alert, None)]
        assert (await web.ask("GET", "/rules"))[1]["text"] == RULES

    acting(server.url, body)


def test_without_our_header_nothing_is_done(valkey_url: str) -> None:
    async def body(web: Acts) -> None:
        fact = fires(web)
        for method, path in (("POST", at(fact, "comment")), ("POST", "/silences"), ("POST", "/rules/publish")):
            assert (await web.ask(method, path, headers={}, json={"text": "x"}))[0] == 403
        assert await facts(web.redis) == []

    acting(valkey_url, body)


def test_published_rules_hold_in_every_process(redis_url: str) -> None:
    """Version 0 is the configuration's and stays; whoever was overtaken hears what changed."""

    async def body(web: Acts) -> None:
        elsewhere = rules_over(web.redis).shelf
        _, first = await web.ask("GET", "/rules")
        assert (first["version"], first["origin"], first["text"], first["faults"]) == (0, "configured", RULES, [])
        assert "80" in first["rules"][0]["text_en"]
        assert {"longest_wait", "service_level"} <= {metric["name"] for metric in first["metrics"]}
        status, told = await web.ask("POST", "/rules/publish", json={"base": 0, "text": QUIETER, "note": " 安静些 "})
        assert (status, told["version"], told["note"], told["origin"]) == (200, 1, "安静些", "editor")
        await elsewhere.look()
        version, rules = elsewhere.current()
        assert (version, getattr(rules[0], "fire_below", None)) == (1, 70)
        status, told = await web.ask("POST", "/rules/publish", json={"base": 0, "text": RULES + "hold_s = 5\n"})
        assert (status, told["reason"], told["latest"]["version"]) == (409, "newer_alert_rules", 1)
        assert told["changes"]["parts"] == [{"kind": "rule", "id": "sl", "change": "changed", "keys": ["fire_below"]}]
        assert (await web.ask("POST", "/rules/publish", json={"base": 1, "text": QUIETER}))[1]["reason"] == (
            "alert_rules_unchanged"
        )
        status, back = await web.ask("POST", "/rules/publish", json={"base": 1, "version": 0, "note": "zurück"})
        assert (status, back["version"], back["origin"], back["of"]) == (200, 2, "rolled_back", 0)
        _, listed = await web.ask("GET", "/rules/versions")
        assert [one["version"] for one in listed["versions"]] == [2, 1, 0]
        _, text = await web.ask("GET", "/rules/versions/2?against=0")
        assert (text["text"], text["changes"]["rows"]) == (RULES, [])
        acts = [(one.action, one.object) for one in await facts(web.redis) if isinstance(one, AuditFact)]
        assert acts == [("alert_rules_editor", "alert rules 1"), ("alert_rules_rolled_back", "alert rules 2")]

    acting(redis_url, body)


def test_of_many_who_publish_at_once_one_does(redis_url: str) -> None:
    async def body(web: Acts) -> None:
        texts = [RULES + f"fire_below = {number}\n" for number in range(60, 64)]
        answers = await asyncio.gather(
            *(web.ask("POST", "/rules/publish", json={"base": 0, "text": text}) for text in texts)
        )
        assert sorted(status for status, _ in answers) == [200, 409, 409, 409]

    acting(redis_url, body)


def test_every_fault_of_a_text_is_told_with_its_line(valkey_url: str) -> None:
    """And nothing is published."""

    async def body(web: Acts) -> None:
        faulty = RULES + f'queues = ["{QUEUES[0][:-1]}"]\nfire_below = 500\nchannels = ["wecon"]\n'
        status, told = await web.ask("POST", "/rules/check", json={"text": faulty})
        assert status == 200
        by_line = {fault["line"]: fault for fault in told["faults"]}
        assert set(by_line) == {6, 7, 8}
        assert by_line[6]["key"].endswith("queues")
        assert QUEUES[0] in by_line[6]["mend"]
        assert "wecom" in by_line[8]["mend"]
        status, refused = await web.ask("POST", "/rules/publish", json={"base": 0, "text": faulty})
        assert (status, refused["reason"], refused["faults"]) == (422, "faulty_alert_rules", told["faults"])
        assert (await web.ask("POST", "/rules/check", json={"text": "[[rule"}))[1]["faults"]
        assert (await web.ask("POST", "/rules/check", json={"text": "#" * 300_000}))[1]["reason"] == "text_too_long"
        many = {"text": "[[rule]]\n" * 501}
        assert "501" in (await web.ask("POST", "/rules/check", json=many))[1]["faults"][0]["problem"]
        assert (await web.ask("POST", "/rules/publish", json={"base": 0}))[1]["reason"] == "bad_body"
        assert (await web.ask("GET", "/rules/versions/7"))[1]["reason"] == "no_such_version"
        assert (await web.ask("GET", "/rules/versions/x"))[0] == 404
        assert await web.redis.exists(VERSIONS) == 0

    acting(valkey_url, body)


def test_a_text_that_no_longer_fits_leaves_the_last_good_one(redis_url: str) -> None:
    """A channel was taken out of the configuration: the version before goes on, and the page and /ops say why."""

    async def body(web: Acts) -> None:
        await web.ask("POST", "/rules/publish", json={"base": 0, "text": QUIETER})
        told = RULES + 'channels = ["mail"]\n'
        assert (await web.ask("POST", "/rules/publish", json={"base": 1, "text": told}))[0] == 200
        without = rules_over(web.redis, channels=("wecom",))
        await without.shelf.look()
        standing = without.shelf.standing
        assert (standing.kept.about.version, standing.running) == (2, 1)
        assert "mail" in str(standing.faults[0])
        assert without.shelf.status()["rules_last_good"] == 1
        web.desk.rules = without
        _, shown = await web.ask("GET", "/rules")
        assert (shown["version"], shown["running"], shown["text"]) == (2, 1, told)
        assert shown["faults"][0]["line"] == 6

    acting(redis_url, body)


def test_a_version_that_cannot_be_read_stops_nobody(redis_url: str) -> None:
    """The bus gave back rubbish: the one before goes on, and the next one can be published."""

    async def body(web: Acts) -> None:
        await web.ask("POST", "/rules/publish", json={"base": 0, "text": QUIETER})
        await web.redis.hset(VERSIONS, mapping={"000002": b"rubbish", "@": "2"})
        _, shown = await web.ask("GET", "/rules")
        assert (shown["version"], shown["running"]) == (1, 1)
        assert "version 2" in shown["unreadable"]
        status, told = await web.ask("POST", "/rules/publish", json={"base": 1, "text": RULES})
        assert (status, told["version"]) == (200, 3)

    acting(redis_url, body)
