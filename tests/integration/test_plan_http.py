"""A plan over HTTP: published, compared, rolled back, imported, exported; nothing is lost by anybody's mistake."""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from monitor.plan_pictures import BYTES_MAX
from seat_map.parse import parse
from seat_map.plan_csv import read_csv
from tests.plan_room import OURS, Planned, desk_at, planned

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
TABLE = "seat,team,extension\nA1,T,8001\nA2,T,8002\nA3,T,8001\n"


def png(width: int = 40, height: int = 20) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(b"".join(b"\x00" + b"\xff" * width for _ in range(height)))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def renamed(doc: dict[str, Any], seat: int, name: str) -> dict[str, Any]:
    seats = [dict(one) for one in doc["seats"]]
    seats[seat]["id"] = name
    return {**doc, "seats": seats}


def test_what_is_published_is_on_the_wall_at_once(tmp_path: Path):
    async def body(web: Planned) -> None:
        status, told = await web.publish(renamed(await web.doc(), 0, "班长"), 0, "new desk")
        assert (status, told["version"], told["parent"], told["note"]) == (200, 1, 0, "new desk")
        assert told["author"].startswith("anonymous@")
        assert "班长" in web.seats()

    planned(tmp_path, body)


def test_the_first_version_is_kept_too_and_going_back_to_it_is_a_version_of_its_own(tmp_path: Path):
    async def body(web: Planned) -> None:
        before = web.seats()
        await web.publish(renamed(await web.doc(), 0, "X"), 0)
        status, told = await web.ask("POST", "/api/v1/plan", json={"base_version": 1, "version": 0, "note": "back"})
        assert (status, told["version"], told["origin"], told["of"]) == (200, 2, "rolled_back", 0)
        assert web.seats() == before
        _, plan = await web.ask("GET", "/api/v1/plan")
        assert [one["version"] for one in plan["versions"]] == [2, 1, 0]

    planned(tmp_path, body)


def test_of_two_editors_the_second_hears_who_changed_what(tmp_path: Path):
    async def body(web: Planned) -> None:
        doc = await web.doc()
        await web.publish(renamed(doc, 0, "mine"), 0, "first")
        status, told = await web.publish(renamed(doc, 1, "theirs"), 0)
        assert (status, told["reason"]) == (409, "newer_version")
        assert (told["latest"]["version"], told["latest"]["note"]) == (1, "first")
        assert told["changes"]["renamed"] == [{"before": "A01-01", "after": "mine"}]
        assert "theirs" not in web.seats()

    planned(tmp_path, body)


def test_two_that_publish_at_the_same_moment_are_told_apart(tmp_path: Path):
    async def body(web: Planned) -> None:
        doc = await web.doc()
        answers = await asyncio.gather(*(web.publish(renamed(doc, 0, f"s{n}"), 0) for n in range(5)))
        assert sorted(status for status, _ in answers) == [200, 409, 409, 409, 409]

    planned(tmp_path, body)


def test_a_faulty_plan_is_refused_with_every_fault_and_nothing_changes(tmp_path: Path):
    async def body(web: Planned) -> None:
        before, doc = web.seats(), await web.doc()
        faulty = renamed(renamed(doc, 0, "A01-02"), 3, "bad\u202ename")
        status, told = await web.publish(faulty, 0)
        assert (status, told["reason"]) == (422, "faulty_plan")
        assert {fault["kind"] for fault in told["faults"]} == {"seat_twice", "unprintable", "missing"}
        assert all(fault["mend"] for fault in told["faults"])
        assert web.seats() == before

    planned(tmp_path, body)


def test_what_another_process_publishes_is_noticed(tmp_path: Path):
    async def body(web: Planned) -> None:
        other = desk_at(tmp_path)
        doc = renamed(await web.doc(), 0, "elsewhere")
        await web.publish(doc, 0)
        assert "elsewhere" not in [seat.id for seat in other.plan.seats]
        await other.look()
        assert "elsewhere" in [seat.id for seat in other.plan.seats]

    planned(tmp_path, body)


def test_an_import_is_looked_at_with_its_faults_and_publishes_nothing(tmp_path: Path):
    async def body(web: Planned) -> None:
        headers = {"Content-Type": "text/csv"}
        status, told = await web.ask("POST", "/api/v1/plan/import", data=TABLE.encode("gb18030"), headers=headers)
        assert (status, told["seats"]) == (200, 2)
        assert [(one["kind"], one["line"], one["seat"]) for one in told["faults"]] == [("extension_twice", 4, "A3")]
        assert [seat["id"] for seat in told["plan"]["seats"]] == ["A1", "A2"]
        assert "A1" not in web.seats()

    planned(tmp_path, body)


@pytest.mark.parametrize(("kind", "read"), [("toml", parse), ("csv", read_csv)])
def test_an_exported_plan_is_the_plan(tmp_path: Path, kind: str, read: Any):
    async def body(web: Planned) -> None:
        async with web.client.get(f"/api/v1/plan/export.{kind}") as answer:
            assert "attachment" in answer.headers["Content-Disposition"]
            text = (await answer.read()).decode("utf-8-sig")
        assert read(text).plan == web.desk.standing.plan

    planned(tmp_path, body)


def test_an_agent_seated_by_hand_sits_there_until_it_is_taken_back(tmp_path: Path):
    async def body(web: Planned) -> None:
        status, told = await web.ask("PUT", "/api/v1/plan/seats/A01-07/agent", json={"agent": "8003"})
        assert (status, told["done"]["before"], [pin["seat"] for pin in told["pins"]]) == (200, "", ["A01-07"])
        web.hub.tick(web.hub._clock())
        seating = web.hub.picture.seating
        assert seating.plan.seats[seating.places[next(a for a in seating.places if a == "8003")].index].id == "A01-07"
        await web.ask("PUT", "/api/v1/plan/seats/A01-09/agent", json={"agent": "8003"})
        status, told = await web.ask("DELETE", "/api/v1/plan/seats/A01-09/agent")
        assert (status, told["pins"], told["done"]["before"]) == (200, [], "8003")
        status, _ = await web.ask("DELETE", "/api/v1/plan/seats/A01-09/agent")
        assert status == 404

    planned(tmp_path, body)


@pytest.mark.parametrize(("seat", "agent", "status"), [("nowhere", "8003", 404), ("A01-01", " ", 422)])
def test_a_seat_or_an_agent_that_is_none_is_refused(tmp_path: Path, seat: str, agent: str, status: int):
    async def body(web: Planned) -> None:
        answered, told = await web.ask("PUT", f"/api/v1/plan/seats/{seat}/agent", json={"agent": agent})
        assert answered == status
        assert told["reason"]

    planned(tmp_path, body)


def test_a_picture_is_what_its_bytes_say_and_stays_while_a_version_shows_it(tmp_path: Path):
    async def body(web: Planned) -> None:
        headers = {"Content-Type": "image/svg+xml"}
        status, told = await web.ask("POST", "/api/v1/plan/picture", data=png(), headers=headers)
        assert (status, told["width"], told["height"]) == (200, 40, 20)
        name = told["picture"]
        async with web.client.get(f"/api/v1/plan/picture?name={name}") as answer:
            assert (answer.status, answer.content_type) == (200, "image/png")
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        doc = await web.doc()
        backdrop = {"picture": name, "left": 0.0, "top": 0.0, "width": 40.0, "height": 20.0, "fade": 0.5}
        status, _ = await web.publish({**doc, "floors": [{"name": "1", "backdrop": backdrop}]}, 0)
        assert status == 200
        assert (await web.ask("DELETE", f"/api/v1/plan/picture?name={name}"))[0] == 409

    planned(tmp_path, body)


@pytest.mark.parametrize(
    ("blob", "status", "reason"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "not_png_or_jpeg"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), 415, "not_png_or_jpeg"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", 415, "not_png_or_jpeg"),
        (png(1, 1)[:16] + b"\x00\x01\x00\x00" + png(1, 1)[20:], 415, "picture_too_wide"),
        (bytes(BYTES_MAX + 1), 413, "body_too_large"),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, blob: bytes, status: int, reason: str):
    async def body(web: Planned) -> None:
        answered, told = await web.ask("POST", "/api/v1/plan/picture", data=blob)
        assert (answered, told["reason"]) == (status, reason)
        assert not list((tmp_path / "pictures").glob("*"))

    planned(tmp_path, body)


@pytest.mark.parametrize("name", ["../000000.json", "..%2f000000.json", "x.png", ""])
def test_no_other_file_is_served_as_a_picture(tmp_path: Path, name: str):
    async def body(web: Planned) -> None:
        assert (await web.ask("GET", f"/api/v1/plan/picture?name={name}"))[0] == 404

    planned(tmp_path, body)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/v1/plan"), ("PUT", "/api/v1/plan/seats/A01-01/agent"), ("DELETE", "/api/v1/plan/picture?name=x")],
)
def test_a_foreign_page_can_change_nothing(tmp_path: Path, method: str, path: str):
    """It cannot send our header."""

    async def body(web: Planned) -> None:
        async with web.client.request(method, path, data=b"{}") as answer:
            assert answer.status == 403

    planned(tmp_path, body)


@pytest.mark.parametrize("blob", [b"", b"[]", b'{"base_version":0}', b'{"base_version":0,"plan":{"seats":[{"x":1}]}}'])
def test_a_body_that_is_no_plan_is_refused_by_name(tmp_path: Path, blob: bytes):
    async def body(web: Planned) -> None:
        status, told = await web.ask("POST", "/api/v1/plan", data=blob)
        assert (status, told["reason"]) == (400, "bad_body")

    planned(tmp_path, body)


def test_five_thousand_seats_are_published_although_other_bodies_are_small(tmp_path: Path):
    async def body(web: Planned) -> None:
        doc = await web.doc()
        assert (await web.publish({**doc, "name": "大厅"}, 0))[0] == 200
        assert len(web.seats()) == 5000

    planned(tmp_path, body, seats=5000)


def test_a_disk_that_takes_nothing_is_said_and_the_plan_stands(tmp_path: Path):
    """Here a file stands where the folder should be."""
    (tmp_path / "plans").write_bytes(b"")

    async def body(web: Planned) -> None:
        before = web.seats()
        status, told = await web.publish(renamed(await web.doc(), 0, "X"), 0)
        assert (status, told["reason"]) == (507, "plan_not_written")
        assert told["detail"]
        assert (await web.ask("POST", "/api/v1/plan/picture", data=png()))[0] == 507
        assert (await web.ask("PUT", "/api/v1/plan/seats/A01-01/agent", json={"agent": "8001"}))[0] == 507
        assert web.seats() == before

    planned(tmp_path / "plans" / "gz", body)


def test_few_plans_are_read_at_once_and_the_next_one_is_told_to_come_again(tmp_path: Path) -> None:
    """Whoever sends slowly holds a place, never a thread."""

    async def body(room: Planned) -> None:
        async def slowly() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.sleep(1)
            yield b"}"

        async def sent() -> int:
            async with room.client.post("/api/v1/plan/check", data=slowly(), headers=OURS) as answer:
                return answer.status

        sending = [asyncio.create_task(sent()) for _ in range(5)]
        await asyncio.sleep(0.3)
        status, told = await room.ask("POST", "/api/v1/plan/check", json={})
        assert (status, told["reason"]) == (503, "too_many_plans_at_once")
        assert await asyncio.gather(*sending) == [200] * 5
        assert (await room.ask("POST", "/api/v1/plan/check", json={}))[0] == 200

    planned(tmp_path, body)
