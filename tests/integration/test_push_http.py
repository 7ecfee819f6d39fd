"""`POST /api/v1/events` over a real socket onto a real bus: every answer of the door, hostile bodies, a lost bus."""

import asyncio
import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from monitor.api.push import FIREHOSE_KEY, FIREHOSE_REQUEST
from monitor.api.push_words import DoorLimits
from tests.integration.bus_room import room_url, until
from tests.push_room import TOKEN, line, message
from tests.push_web import Pushed, pushed
from tests.servers import DebianRedis

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


def test_a_batch_is_on_the_bus_when_it_is_answered(redis_url: str):
    async def body(web: Pushed) -> None:
        status, answer = await web.post(line(1) + b"\n" + line(2) + b"\n")
        assert (status, answer) == (200, {"accepted": 2, "duplicates": 0, "refused": []})
        assert [event.seq for event in await web.events()] == [1, 2]
        assert await web.post(line(2) + b"\n" + line(3)) == (200, {"accepted": 1, "duplicates": 1, "refused": []})
        assert [event.seq for event in await web.events()] == [1, 2, 3]

    pushed(room_url(redis_url), body)


@pytest.mark.parametrize(
    ("told", "status", "reason"),
    [
        ({"Authorization": ""}, 401, "no_bearer"),
        ({"Authorization": "Basic YTpi"}, 401, "no_bearer"),
        ({"Authorization": "Bearer wrong"}, 403, "wrong_bearer"),
        ({"path": "/api/v1/events?source=other"}, 403, "wrong_source"),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415, "wrong_type"),
        ({"Content_Type": "text/plain"}, 415, "wrong_type"),
        ({"Content_Encoding": "rot13"}, 415, "wrong_encoding"),
        ({"Content_Encoding": "gzip"}, 422, "bad_compression"),
        ({"body": b""}, 422, "nothing_sent"),
        ({"body": b"[1"}, 422, "not_a_batch"),
        ({"body": b"{}"}, 422, "nothing_usable"),
        ({"body": b"x" * 5_000}, 413, "body_too_large"),
        ({"body": b"{}\n" * 51}, 413, "batch_too_long"),
    ],
)
def test_each_refusal_has_its_status_reason_and_mend(valkey_url: str, told: dict[str, Any], status: int, reason: str):
    async def body(web: Pushed) -> None:
        sent = told.pop("body", line(1))
        answer = await web.post(sent, **told)
        assert (answer[0], answer[1]["reason"]) == (status, reason)
        assert answer[1]["detail"]
        assert answer[1]["mend"]
        assert await web.events() == []
        assert sum(web.door.refused.values()) >= 1

    told = dict(told)
    pushed(room_url(valkey_url), body, limits=DoorLimits(body_bytes=4_096, lines=50))


@pytest.mark.parametrize(
    "hostile",
    [
        b"[" * 200_000,
        b'{"kind":' * 100_000,
        b'{"kind":"contact_queued","at":1e999}',
        b'{"kind":"contact_queued","at":' + b"9" * 100_000 + b"}",
        b"\xff\xfe\x00" * 1_000,
        b"\x00" * 1_000,
        line(1, contact="x\0y"),
        line(1, contact="X").replace(b"X", b"\\ud800"),
        line(1, queue="x" * 100_000),
        line(1, leg="one"),
        line(1, __proto__={}),
        line(1)[:-1] + b',"seq":2,"seq":[]}',
        b"\r\n\xe2\x80\xa8" * 10,
        b'null\ntrue\n7\n"x"\n[]',
    ],
    ids=range(14),
)
def test_a_hostile_body_is_an_answer_not_a_fault(valkey_url: str, hostile: bytes):
    async def body(web: Pushed) -> None:
        status, answer = await web.post(hostile)
        assert status == 422
        assert answer["reason"] in ("nothing_usable", "not_a_batch")
        assert len(json.dumps(answer)) < 5_000
        assert await web.post(line(9)) == (200, {"accepted": 1, "duplicates": 0, "refused": []})

    pushed(room_url(valkey_url), body)


def test_gzip_is_unpacked(valkey_url: str):
    async def body(web: Pushed) -> None:
        status, answer = await web.post(gzip.compress(line(1) + b"\n" + line(2)), Content_Encoding="gzip")
        assert (status, answer["accepted"]) == (200, 2)

    pushed(room_url(valkey_url), body)


@pytest.mark.parametrize("megabytes", [8, 400])
def test_a_bomb_costs_no_more_than_the_limit(valkey_url: str, megabytes: int):
    async def body(web: Pushed) -> None:
        status, answer = await web.post(bomb, Content_Encoding="gzip")
        assert (status, answer["reason"]) == (413, "body_too_large")
        assert memory_peak_kb() - before < 60_000

    bomb = gzip.compress(b"\n" * megabytes * 1_000_000)
    before = memory_peak_kb()
    pushed(room_url(valkey_url), body)


def memory_peak_kb() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def test_a_cut_gzip_is_refused_whole(valkey_url: str):
    async def body(web: Pushed) -> None:
        whole = gzip.compress(b"\n".join(line(n) for n in range(1, 201)))
        status, answer = await web.post(whole[: len(whole) // 2], Content_Encoding="gzip")
        assert (status, answer["reason"]) == (422, "bad_compression")
        assert await web.events() == []

    pushed(room_url(valkey_url), body)


def test_a_body_that_comes_too_slowly_is_ended(valkey_url: str):
    async def body(web: Pushed) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(web.url.rpartition(":")[2]))
        head = f"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n[".encode())
        told = await asyncio.wait_for(reader.readuntil(b"}"), 5)
        writer.close()
        assert b" 408 " in told
        assert b"body_too_slow" in told

    pushed(room_url(valkey_url), body, limits=DoorLimits(body_timeout_s=0.2))


def test_a_body_that_is_cut_off_takes_nothing(valkey_url: str):
    async def body(web: Pushed) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", int(web.url.rpartition(":")[2]))
        head = f"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 9999\r\n\r\n".encode() + line(1) + b"\n")
        await writer.drain()
        writer.close()
        async with asyncio.timeout(20):
            await until(lambda: bool(web.door.refused))
        assert {reason for _, reason in web.door.refused} == {"body_cut"}
        assert await web.events() == []
        assert (await web.post(line(1)))[0] == 200

    pushed(room_url(valkey_url), body)


def test_who_is_too_fast_is_told_when_to_come_again(valkey_url: str):
    async def body(web: Pushed) -> None:
        assert (await web.post(b"\n".join(line(n) for n in range(1, 41))))[0] == 200
        told = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        async with web.client.post("/api/v1/events", data=line(99), headers=told) as answer:
            assert (answer.status, (await answer.json())["reason"]) == (429, "too_many_events")
            assert 1 <= int(answer.headers["Retry-After"]) <= 4

    pushed(room_url(valkey_url), body, limits=DoorLimits(events_per_s=10, events_at_once=10))


def test_a_bus_that_is_away_acknowledges_nothing_and_the_retry_is_taken_once(tmp_path: Path):
    async def body(web: Pushed) -> None:
        batch = line(1) + b"\n" + line(2)
        server.stop()
        told = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        async with web.client.post("/api/v1/events", data=batch, headers=told) as answer:
            assert (answer.status, (await answer.json())["reason"]) == (503, "not_durable")
            assert answer.headers["Retry-After"] == "5"
        server.start()
        assert await web.post(batch) == (200, {"accepted": 2, "duplicates": 0, "refused": []})
        assert [event.seq for event in await web.events()] == [1, 2]

    server = DebianRedis(tmp_path).start()
    try:
        pushed(server.url, body)
    finally:
        server.stop()


def test_a_chat_is_on_the_bus_without_its_secrets(valkey_url: str):
    async def body(web: Pushed) -> None:
        await web.post(message(1, "请提供验证码", role="agent") + b"\n" + message(2, "8832，手机13800138000"))
        rows: Any = await web.redis.xrange("events:{hz}")
        assert all(b"13800138000" not in fields[b"b"] and b"8832" not in fields[b"b"] for _, fields in rows)
        assert [event.text for event in await web.events()] == ["请提供验证码", "●●●●，手机●●●●●●●●●●●"]

    pushed(room_url(valkey_url), body)


def test_firehose_is_answered_as_it_expects(valkey_url: str):
    """Its own header for the key; it repeats whatever is not 200, so a batch of refused lines is 200."""

    async def body(web: Pushed) -> None:
        key = {"Authorization": "", FIREHOSE_KEY: TOKEN, FIREHOSE_REQUEST: "r-1", "Content_Type": "application/json"}
        for sent in (line(1), b"{}"):
            status, answer = await web.post(sent, **key)
            assert (status, answer["requestId"], set(answer)) == (200, "r-1", {"requestId", "timestamp"})
        status, answer = await web.post(line(1), **{**key, FIREHOSE_KEY: "wrong"})
        assert (status, answer["errorMessage"].partition(":")[0]) == (403, "wrong_bearer")

    pushed(room_url(valkey_url), body)


def test_the_floor_is_served_while_a_large_batch_is_judged(valkey_url: str):
    async def body(web: Pushed) -> None:
        batch = b"\n".join(line(n) for n in range(1, 10_001))
        pushing = asyncio.create_task(web.post(batch))
        slowest, whole = 0.0, time.process_time()
        while not pushing.done():
            began = time.thread_time()
            await asyncio.sleep(0.005)
            slowest = max(slowest, time.thread_time() - began)
        assert (await pushing)[1]["accepted"] == 10_000
        # the loop's own work between two looks, which a busy machine does not lengthen
        assert slowest < (time.process_time() - whole) / 2

    pushed(room_url(valkey_url), body)
