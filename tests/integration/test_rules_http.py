"""Schemes over HTTP on a real bus: drafts, versions, conflicts, roll back; every process follows, nothing is lost."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import msgspec
import pytest
from redis.asyncio import Redis
from yarl import URL

from monitor.scheme_desk import SchemeDesk
from monitor.scheme_store import VERSIONS, SchemeStore
from monitor.trial_wire import TrialLimits
from monitor.trials import Trials
from streams.vocabulary.facts import AuditFact
from streams.vocabulary.ids import QueueName, SiteId
from tests.browser.canned import CannedHistory
from tests.integration.bus_room import facts, in_own_room
from tests.push_web import now, parts_of, serving
from tests.rules_room import PACK, schemes_over
from tests.scheme_text import ENDLESS, LONG_TALK, SCHEME

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
OURS = {"X-Floorwatch": "1"}
AT = "/api/v1/rules"
QUIETER = SCHEME.replace('any = ["再见"]', 'any = ["再见", "拜拜"]')


@dataclass
class Ruled:
    client: aiohttp.ClientSession
    desk: SchemeDesk
    redis: Redis
    contacts: list[str]

    async def ask(self, method: str, path: str, *, headers: dict[str, str] = OURS, **told: Any) -> tuple[int, Any]:
        async with self.client.request(method, AT + path, headers=headers, **told) as answer:
            return answer.status, await answer.json() if answer.content_type == "application/json" else None

    async def publish(self, text: str, base: int, name: str = PACK, **more: Any) -> tuple[int, Any]:
        return await self.ask("POST", f"/{name}/publish", json={"base": base, "text": text, **more})


def ruled(url: str, body: Callable[[Ruled], Awaitable[None]]) -> None:
    async def room(redis: Redis) -> None:
        desk = schemes_over(redis)
        history = CannedHistory(now())
        async with (
            serving(replace(parts_of(None, None), schemes=desk, history=history)) as address,
            aiohttp.ClientSession(address) as web,
        ):
            await body(Ruled(web, desk, redis, sorted(history.details)))

    in_own_room(url, room, within_s=60)


def used(desk: SchemeDesk) -> list[tuple[str, int]]:
    return [(one.name, one.version) for one in desk.shelf.current(SiteId("hz"), QueueName("sales"))]


def test_a_published_scheme_is_scored_by_in_every_process(redis_url: str) -> None:
    """With its number; the packaged text stays as version 0, and history is told who did it."""

    async def body(web: Ruled) -> None:
        elsewhere = schemes_over(web.redis)
        assert used(elsewhere) == [(PACK, 1)]
        status, told = await web.publish(QUIETER, 0, note="拜拜也算")
        assert (status, told["version"], told["note"], told["items"]) == (200, 2, "拜拜也算", 4)
        await elsewhere.shelf.look()
        assert used(elsewhere) == [(PACK, 2)]
        _, listed = await web.ask("GET", f"/{PACK}/versions")
        assert [(one["version"], one["origin"]) for one in listed["versions"]] == [(2, "editor"), (0, "packaged")]
        _, text = await web.ask("GET", f"/{PACK}/versions/2")
        assert "version = 2" in text["text"]
        assert "# both orders" in text["text"]
        (fact,) = await facts(web.redis)
        assert isinstance(fact, AuditFact)
        assert (fact.action, fact.object) == ("scheme_editor", f"{PACK} 2")

    ruled(redis_url, body)


def test_going_back_is_a_version_of_its_own(valkey_url: str) -> None:
    """Nothing that was published is ever overwritten."""

    async def body(web: Ruled) -> None:
        await web.publish(QUIETER, 0)
        await web.publish(QUIETER.replace("points = 20", "points = 30"), 2)
        status, told = await web.ask("POST", f"/{PACK}/publish", json={"base": 3, "version": 2, "note": "back"})
        assert (status, told["version"], told["origin"], told["of"]) == (200, 4, "rolled_back", 2)
        _, old = await web.ask("GET", f"/{PACK}/versions/2")
        _, new = await web.ask("GET", f"/{PACK}/versions/4?against=2")
        assert new["text"].replace("version = 4", "version = 2") == old["text"].replace("version = 3", "version = 2")
        assert new["changes"]["parts"] == []
        assert [scheme.items[1].points for scheme in web.desk.shelf.in_use()] == [20.0]

    ruled(valkey_url, body)


def test_of_two_who_publish_the_second_hears_what_changed(redis_url: str) -> None:
    async def body(web: Ruled) -> None:
        texts = [SCHEME.replace("points = 20", f"points = {n}") for n in range(21, 25)]
        answers = await asyncio.gather(*(web.publish(text, 0) for text in texts))
        assert sorted(status for status, _ in answers) == [200, 409, 409, 409]
        refused = next(told for status, told in answers if status == 409)
        assert refused["reason"] == "newer_scheme"
        assert {"kind": "item", "id": "identity_check", "change": "changed", "keys": ["points"]} in refused["changes"][
            "parts"
        ]

    ruled(redis_url, body)


def test_of_two_who_save_a_draft_the_second_is_given_the_first_ones(redis_url: str) -> None:
    async def body(web: Ruled) -> None:
        mine = {"text": QUIETER, "revision": 0, "base": 0}
        assert (await web.ask("PUT", f"/{PACK}/draft", json=mine))[0] == 200
        status, told = await web.ask("PUT", f"/{PACK}/draft", json={**mine, "text": SCHEME})
        assert (status, told["reason"], told["revision"]) == (409, "newer_draft", 1)
        assert told["draft"]["text"] == QUIETER
        assert [one["id"] for one in told["changes"]["parts"]] == ["closing"]
        assert (await web.ask("PUT", f"/{PACK}/draft", json={**mine, "revision": 1, "text": SCHEME}))[0] == 200

    ruled(redis_url, body)


def test_a_draft_that_is_published_is_gone_and_cannot_be_saved_back_unawares(valkey_url: str) -> None:
    async def body(web: Ruled) -> None:
        draft = {"text": QUIETER, "revision": 0, "base": 0}
        await web.ask("PUT", f"/{PACK}/draft", json=draft)
        assert (await web.publish(QUIETER, 0, revision=1))[0] == 200
        _, told = await web.ask("GET", f"/{PACK}")
        assert (told["draft"], told["about"]["version"]) == (None, 2)
        status, late = await web.ask("PUT", f"/{PACK}/draft", json={**draft, "revision": 1})
        assert (status, late["draft"], late["revision"]) == (409, None, 2)

    ruled(valkey_url, body)


def test_a_faulty_scheme_is_not_published_and_every_fault_is_told(valkey_url: str) -> None:
    async def body(web: Ruled) -> None:
        bad = SCHEME.replace('kind = "earn"', 'kind = "gain"').replace('"bye"', '"Bye"')
        status, told = await web.publish(bad, 0)
        assert (status, told["reason"]) == (422, "faulty_scheme")
        assert len(told["faults"]) >= 4
        assert all(one["line"] > 1 and one["mend"] for one in told["faults"])
        status, other = await web.publish(SCHEME.replace("telecom-service.zh", "else.zh"), 0)
        assert (status, other["faults"][0]["line"]) == (422, 4)
        assert used(web.desk) == [(PACK, 1)]

    ruled(valkey_url, body)


def test_warnings_are_published_over_only_by_who_read_them(valkey_url: str) -> None:
    """A queue nobody has is no fault: it may come tomorrow."""

    async def body(web: Ruled) -> None:
        text = SCHEME.replace('id = "closing"\nversion = 1', 'id = "closing"\nversion = 1\nwhen = \'queue == "没有"\'')
        status, told = await web.publish(text, 0)
        assert (status, told["reason"], len(told["warnings"])) == (428, "warnings_not_confirmed", 1)
        assert (await web.publish(text, 0, confirmed=True))[0] == 200

    ruled(valkey_url, body)


def test_a_scheme_that_is_retired_scores_no_more_until_it_is_published_again(valkey_url: str) -> None:
    async def body(web: Ruled) -> None:
        status, told = await web.ask("POST", f"/{PACK}/publish", json={"base": 0, "retire": True})
        assert (status, told["origin"], used(web.desk)) == (200, "retired", [])
        assert (await web.ask("POST", f"/{PACK}/publish", json={"base": 2, "version": 0}))[0] == 200
        assert used(web.desk) == [(PACK, 3)]

    ruled(valkey_url, body)


def test_a_scheme_of_ones_own_is_scored_beside_the_others_where_it_is_meant(valkey_url: str) -> None:
    async def body(web: Ruled) -> None:
        own = SCHEME.replace("telecom-service.zh", "vip.zh").replace(
            "pass_percent", "applies = 'queue == \"vip\"'\npass_percent"
        )
        assert (await web.publish(own, 0, name="vip.zh", confirmed=True))[0] == 200
        assert used(web.desk) == [(PACK, 1)]
        both = web.desk.shelf.current(SiteId("hz"), QueueName("vip"))
        assert [scheme.name for scheme in both] == [PACK, "vip.zh"]

    ruled(valkey_url, body)


def test_a_stored_version_that_is_damaged_leaves_the_one_before(valkey_url: str) -> None:
    """And is told, with its reason."""

    async def body(web: Ruled) -> None:
        await web.publish(QUIETER, 0)
        await web.publish(SCHEME, 2)
        await web.redis.hset(VERSIONS, f"{PACK}/000003", b"\x00damaged")
        elsewhere = schemes_over(web.redis)
        await elsewhere.shelf.look()
        assert used(elsewhere) == [(PACK, 2)]
        assert [(one.name, one.version) for one in elsewhere.shelf.lost] == [(PACK, 3)]

    ruled(valkey_url, body)


def test_a_text_is_checked_edited_and_tried_without_being_kept(valkey_url: str) -> None:
    async def body(web: Ruled) -> None:
        edit = {"act": "set", "path": ["item", 0, "points"], "value": 99}
        status, told = await web.ask("POST", "/check", json={"text": SCHEME, "edits": [edit]})
        assert (status, told["faults"], told["values"]["item"][0]["points"]) == (200, [], 99)
        assert told["text"] == SCHEME.replace("points = 15", "points = 99", 1)
        assert told["lines"]["rule/0/condition/1"] == SCHEME[: SCHEME.index('id = "offer"')].count("\n")
        status, tried = await web.ask("POST", "/try", json={"text": SCHEME, "contact": web.contacts[-1]})
        assert (status, len(tried["items"])) == (200, 4)
        assert (await web.ask("POST", "/try", json={"text": SCHEME, "contact": "nobody"}))[0] == 404
        assert await web.redis.keys("schemes:*") == []

    ruled(valkey_url, body)


GOLDEN = """
[[dialogue]]
id = "polite"
lines = '''
A: 您好，很高兴为您服务
C: 我想查话费
A: [再见](closing)
'''
[dialogue.expect]
greeting = "hit"
closing = "hit"
"""


def test_golden_dialogues_are_run_on_a_text_that_nobody_published(valkey_url: str) -> None:
    async def body(web: Ruled) -> None:
        status, told = await web.ask("POST", "/test", json={"text": SCHEME, "name": PACK, "golden": GOLDEN})
        assert (status, told["dialogues"], told["passed"], told["words"], told["faults"]) == (200, 1, 1, 1, [])
        deaf = SCHEME.replace('any = ["再见"]', 'any = ["拜拜"]')
        _, told = await web.ask("POST", "/test", json={"text": deaf, "name": PACK, "golden": GOLDEN})
        assert {("outcome", "closing", "hit", "miss")} <= {
            (one["what"], one["item"], one["expected"], one["found"]) for one in told["others"]
        }
        _, none = await web.ask("POST", "/test", json={"text": SCHEME, "name": "other"})
        assert none["dialogues"] == 0

    ruled(valkey_url, body)


def test_dialogues_are_kept_with_the_version_and_run_before_it_is_published(valkey_url: str) -> None:
    """With one that fails it takes `anyway` and a note; the version says how many failed. An older version has its own
    dialogues."""

    async def body(web: Ruled) -> None:
        assert (await web.publish(QUIETER, 0, golden=GOLDEN))[1]["dialogues"] == 1
        deaf = SCHEME.replace('any = ["再见"]', 'any = ["拜拜"]')
        status, told = await web.publish(deaf, 2)
        assert (status, told["reason"], told["run"]["passed"]) == (428, "dialogues_fail", 0)
        assert (await web.publish(deaf, 2, anyway=True, note=" "))[1]["reason"] == "note_missing"
        status, told = await web.publish(deaf, 2, anyway=True, note="拜拜才算")
        assert (status, told["version"], told["dialogues"], told["failing"]) == (200, 3, 1, 1)
        status, told = await web.publish(deaf, 3, golden=GOLDEN.replace('"再见"', '"拜拜"').replace("再见", "拜拜"))
        assert (status, told["failing"]) == (200, 0)
        assert "再见" in (await web.ask("GET", f"/{PACK}/versions/2"))[1]["golden"]
        await web.ask("POST", f"/{PACK}/publish", json={"base": 4, "version": 2, "note": "back"})
        assert "再见" in (await web.ask("GET", f"/{PACK}"))[1]["golden"]

    ruled(valkey_url, body)


def test_a_draft_keeps_its_dialogues(valkey_url: str) -> None:
    async def body(web: Ruled) -> None:
        mine = {"text": SCHEME, "revision": 0, "base": 0, "golden": GOLDEN}
        assert (await web.ask("PUT", f"/{PACK}/draft", json=mine))[0] == 200
        _, told = await web.ask("GET", f"/{PACK}")
        assert (told["draft"]["golden"], told["golden"]) == (GOLDEN, "")

    ruled(valkey_url, body)


def test_a_tried_contact_becomes_a_golden_dialogue(valkey_url: str) -> None:
    """Behind those there are, with what a person expects of it; what differs from that is told at once."""

    async def body(web: Ruled) -> None:
        asked = {"text": SCHEME, "contact": web.contacts[-1], "golden": GOLDEN, "id": "mine", "about": "真实通话"}
        _, tried = await web.ask("POST", "/try", json={"text": SCHEME, "contact": web.contacts[-1]})
        expect = {one["id"]: one["outcome"] for one in tried["items"]}
        status, told = await web.ask("POST", "/dialogue", json={**asked, "expect": expect})
        assert (status, told["run"]["faults"], told["run"]["dialogues"]) == (200, [], 1)
        assert told["golden"].split("\n")[told["line"] - 1] == "[[dialogue]]"
        _, both = await web.ask("POST", "/test", json={"text": SCHEME, "name": PACK, "golden": told["golden"]})
        assert (both["dialogues"], both["passed"]) == (2, 1 + told["run"]["passed"])
        other = {"greeting": "miss" if expect["greeting"] == "hit" else "hit"}
        _, told = await web.ask("POST", "/dialogue", json={**asked, "expect": other})
        assert ("outcome", "greeting") in {(one["what"], one["item"]) for one in told["run"]["others"]}
        _, twice = await web.ask("POST", "/dialogue", json={**asked, "id": "all", "expect": {"nothing": "hit"}})
        assert all(one["message_zh"] for one in twice["run"]["faults"])

    ruled(valkey_url, body)


def test_a_text_that_takes_too_long_is_named_and_slows_nobody(valkey_url: str) -> None:
    async def body(web: Ruled) -> None:
        web.desk.trials = Trials(test_limits=TrialLimits(cpu_s=1))
        asked = msgspec.json.encode({"text": ENDLESS, "name": PACK, "golden": LONG_TALK})
        asking = web.ask("POST", "/test", data=io.BytesIO(asked))
        (status, told), (other, _) = await asyncio.gather(asking, web.ask("GET", ""))
        assert (status, told["reason"], told["rule"][:5]) == (422, "took_too_long", "like_")
        assert other == 200

    ruled(valkey_url, body)


DRAFT = b'{"text": "", "revision": 0, "base": 0}'
REFUSED = [
    ("POST", "/check", b"{", 400, "bad_body"),
    ("POST", "/check", b"x" * 10_000_001, 413, "body_too_large"),
    ("PUT", "/language/draft", DRAFT, 400, "bad_scheme_name"),
    ("PUT", "/..%2fx/draft", DRAFT, 400, "bad_scheme_name"),
    ("PUT", f"/{PACK}/draft", DRAFT.replace(b'""', b'"' + b"x" * 2_000_001 + b'"'), 413, "body_too_large"),
    ("PUT", f"/{PACK}/draft", DRAFT.replace(b'"base": 0', b'"base": 99999999999999999999'), 400, "bad_body"),
    ("POST", f"/{PACK}/publish", b'{"base": 0}', 400, "bad_body"),
    ("GET", "/nobody", b"", 404, "no_such_scheme"),
    ("GET", f"/{PACK}/versions/9", b"", 404, "no_such_scheme"),
    ("DELETE", f"/{PACK}/draft?revision=3", b"", 409, "newer_draft"),
]


def test_what_cannot_be_done_is_refused_by_name(valkey_url: str) -> None:
    async def body(web: Ruled) -> None:
        for method, path, told, status, reason in REFUSED:
            data = io.BytesIO(told) if told else None
            url = URL(AT + path, encoded=True)
            async with web.client.request(method, url, headers=OURS, data=data) as answer:
                assert (path, answer.status, (await answer.json())["reason"]) == (path, status, reason)

    ruled(valkey_url, body)


def test_a_foreign_page_changes_nothing(valkey_url: str) -> None:
    """The header that no form can send is missing."""

    async def body(web: Ruled) -> None:
        status, _ = await web.ask("POST", f"/{PACK}/publish", headers={}, json={"base": 0, "text": QUIETER})
        assert status == 403
        assert used(web.desk) == [(PACK, 1)]

    ruled(valkey_url, body)


def test_without_a_bus_what_was_read_stands_and_the_rest_is_said(valkey_url: str) -> None:
    async def body(web: Ruled) -> None:
        web.desk.store = SchemeStore(Redis.from_url("redis://127.0.0.1:1"))
        status, told = await web.ask("PUT", f"/{PACK}/draft", json={"text": SCHEME, "revision": 0, "base": 0})
        assert (status, told["reason"]) == (503, "bus_away")
        async with web.client.get(f"{AT}/{PACK}/versions") as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert used(web.desk) == [(PACK, 1)]

    ruled(valkey_url, body)
