"""Dead letters over HTTP on real servers: listed, sent back, discarded; foreign names and hostile blobs."""

import asyncio
import json
from collections import Counter
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from streams.bus import names
from streams.bus.publish import Publisher
from streams.collect.samples import RefusedSamples
from tests.integration.bus_room import blobs, room_url
from tests.integration.test_bus import consumer
from tests.push_room import line
from tests.push_web import Pushed, now, parts_of, pushed, serving

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
EVENTS = "events:{hz}"
OURS = {"X-Floorwatch": "1"}


async def bury(web: Pushed, stream: str, blob: bytes, *, reason: str = "not_decodable") -> None:
    reader = await consumer(web.redis, stream)
    await Publisher(web.redis).publish(stream, [blob])
    for entry in await reader.read(10, 0):
        await reader.bury(entry, reason=reason, detail="为什么")


async def get(web: Pushed, path: str) -> tuple[int, Any]:
    async with web.client.get(path) as answer:
        return answer.status, await answer.json()


async def change(web: Pushed, stream: str, rest: str, **headers: str) -> tuple[int, Any]:
    async with web.client.post(f"/api/v1/dead/{quote(stream, safe='')}/{rest}", headers=headers or OURS) as answer:
        return answer.status, await answer.json() if answer.content_type == "application/json" else await answer.text()


def test_letters_are_counted_and_listed_by_stream_and_reason(redis_url: str):
    async def body(web: Pushed) -> None:
        await bury(web, EVENTS, b"\x81\xa1a\x01")
        await bury(web, names.FACTS, b"one", reason="does_not_fit")
        await bury(web, names.FACTS, b"two")
        _, counts = await get(web, "/api/v1/dead")
        assert {one["stream"]: one["reasons"] for one in counts["streams"]} == {
            EVENTS: {"not_decodable": 1},
            names.FACTS: {"does_not_fit": 1, "not_decodable": 1},
            "push": {},
        }
        status, page = await get(web, "/api/v1/dead?stream=facts&limit=1")
        assert (status, page["letters"], [row["preview"] for row in page["rows"]]) == (200, 2, ["two"])
        _, rest = await get(web, f"/api/v1/dead?stream=facts&limit=1&before={page['next']}")
        assert [(row["preview"], row["reason"], row["detail"]) for row in rest["rows"]] == [
            ("one", "does_not_fit", "为什么")
        ]
        assert rest["next"] == ""
        _, chosen = await get(web, "/api/v1/dead?stream=facts&reason=does_not_fit")
        assert [row["preview"] for row in chosen["rows"]] == ["one"]
        _, events = await get(web, f"/api/v1/dead?stream={quote(EVENTS)}")
        assert events["rows"][0]["preview"] == '{"a":1}'

    pushed(room_url(redis_url), body)


def test_a_letter_goes_back_once_and_another_is_discarded(redis_url: str):
    async def body(web: Pushed) -> None:
        await bury(web, EVENTS, b"one")
        await bury(web, EVENTS, b"two")
        _, page = await get(web, f"/api/v1/dead?stream={quote(EVENTS)}")
        newer, older = (row["id"] for row in page["rows"])
        assert await change(web, EVENTS, f"{older}/redrive") == (200, {"done": "redriven", "letters": 1})
        assert (await blobs(web.redis, EVENTS))[-1] == b"one"
        status, again = await change(web, EVENTS, f"{older}/redrive")
        assert (status, again["reason"]) == (404, "no_letter")
        assert await change(web, EVENTS, f"{newer}/discard") == (200, {"done": "discarded", "letters": 1})
        assert (await get(web, f"/api/v1/dead?stream={quote(EVENTS)}"))[1]["letters"] == 0
        assert web.desk.counts == {"redriven": 1, "discarded": 1}

    pushed(room_url(redis_url), body)


def test_all_letters_of_a_reason_go_back(valkey_url: str):
    async def body(web: Pushed) -> None:
        for number in range(3):
            await bury(web, names.FACTS, b"%d" % number, reason="does_not_fit")
        answer = await change(web, names.FACTS, "redrive?reason=does_not_fit")
        assert answer == (200, {"done": "redriven", "letters": 3})
        assert (await blobs(web.redis, names.FACTS))[-3:] == [b"0", b"1", b"2"]

    pushed(room_url(valkey_url), body)


def test_a_change_needs_our_header(valkey_url: str):
    async def body(web: Pushed) -> None:
        await bury(web, EVENTS, b"one")
        _, page = await get(web, f"/api/v1/dead?stream={quote(EVENTS)}")
        status, _ = await change(web, EVENTS, f"{page['rows'][0]['id']}/discard", Origin="https://evil.example")
        assert status == 403
        assert (await get(web, f"/api/v1/dead?stream={quote(EVENTS)}"))[1]["letters"] == 1

    pushed(room_url(valkey_url), body)


@pytest.mark.parametrize(
    ("stream", "rest", "status"),
    [
        ("floor:{hz}:snapshot", "1-1/discard", 404),
        ("dead:{facts}", "1-1/redrive", 404),
        ("facts", "1-1/redrive", 404),
        ("facts", "*/discard", 404),
        ("facts", "0/redrive", 404),
        ("facts", "redrive", 400),
        ("nowhere", "redrive?reason=x", 404),
    ],
)
def test_only_letters_of_our_streams_can_be_named(valkey_url: str, stream: str, rest: str, status: int):
    async def body(web: Pushed) -> None:
        await web.redis.set("floor:{hz}:snapshot", "kept")
        assert (await change(web, stream, rest))[0] == status
        assert await web.redis.get("floor:{hz}:snapshot") == b"kept"

    pushed(room_url(valkey_url), body)


@pytest.mark.parametrize("query", ["stream=facts&before=x", "stream=facts&limit=0", "stream=facts&limit=9999"])
def test_a_page_that_cannot_be_read_is_refused(valkey_url: str, query: str):
    async def body(web: Pushed) -> None:
        assert (await get(web, f"/api/v1/dead?{query}"))[0] == 400

    pushed(room_url(valkey_url), body)


def test_a_refused_push_is_kept_and_taken_when_the_cause_is_mended(valkey_url: str):
    """The pusher's clock ran two days ahead; ours is not changed, so it is refused again until the time has come."""

    async def body(web: Pushed) -> None:
        await web.post(line(1, at=now() + 2 * 86_400_000) + b"\n{\n" + line(2, at=now()))
        _, page = await get(web, "/api/v1/dead?stream=push")
        assert {(row["reason"], row["source"], row["again"]) for row in page["rows"]} == {
            ("not_json", "crm-1", False),
            ("time_absurd", "crm-1", True),
        }
        late = next(row["id"] for row in page["rows"] if row["again"])
        status, refused = await change(web, "push", f"{late}/redrive")
        assert (status, refused["reason"]) == (409, "refused_again")
        assert "time_absurd" in refused["detail"]
        torn = next(row["id"] for row in page["rows"] if not row["again"])
        assert (await change(web, "push", f"{torn}/redrive"))[1]["reason"] == "not_again"
        kept = web.door._clock
        web.door._clock = lambda: type(now())(now() + 2 * 86_400_000)
        assert await change(web, "push", "redrive?reason=time_absurd") == (200, {"done": "redriven", "letters": 1})
        web.door._clock = kept
        assert sorted(event.seq for event in await web.events()) == [1, 2]
        assert [row["id"] for row in (await get(web, "/api/v1/dead?stream=push"))[1]["rows"]] == [torn]

    pushed(room_url(valkey_url), body)


@pytest.mark.parametrize("path", ["/ops", "/ops/dead?stream=facts", "/ops/dead?stream=facts&reason=%3Cb%3E"])
def test_a_hostile_letter_is_text_on_the_page(valkey_url: str, path: str):
    async def body(web: Pushed) -> None:
        hostile = json.dumps({"name": "<script>alert(1)</script>\u202egnp.exe\x00"}, ensure_ascii=False).encode()
        await bury(web, names.FACTS, hostile, reason="<b>")
        async with web.client.get(path) as answer:
            text = await answer.text()
            assert answer.status == 200
        assert "<script>alert(1)" not in text
        assert "&lt;script&gt;alert(1)" in text
        assert "\u202e" not in text
        assert "\\u202e" in text
        assert "<b></b>" not in text

    pushed(room_url(valkey_url), body)


def test_a_foreign_stream_has_no_page(valkey_url: str):
    async def body(web: Pushed) -> None:
        async with web.client.get("/ops/dead?stream=nowhere") as answer:
            assert answer.status == 404

    pushed(room_url(valkey_url), body)


def test_what_a_source_said_that_was_refused_is_shown_as_text():
    """The newest of each reason; a long number may be a customer's and is hidden, and digits beside it, too."""
    samples = RefusedSamples()
    samples.note(Counter(not_json=1), "<script>x</script> 13800138000 \u202e", now())
    parts = replace(parts_of(None, None), samples=lambda: {"cti-1": samples.newest_first()})

    async def body() -> str:
        async with serving(parts) as url, aiohttp.ClientSession() as session, session.get(f"{url}/ops") as answer:
            return await answer.text()

    text = asyncio.run(body())
    assert "&lt;script&gt;x&lt;/script&gt; ●●●●●●●●●●● \\u" in text
    assert "\u202e" not in text, "what would turn the line around is spelt out"
    assert "cti-1" in text
