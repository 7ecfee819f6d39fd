"""The API over a real socket: headers, recordings, filters, acknowledgements."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from monitor.api.recordings import RecordingRefused, resolve
from monitor.api.security import CSP
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis, SiteId
from tests.integration.test_hub_sockets import Served, served

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
PAGES = ("/floor", "/calls", "/quality", "/alerts", "/ops", "/static/web/app.css", "/api/v1/queues", "/nowhere")


def over_http(body: Callable[[Served, aiohttp.ClientSession], Awaitable[Any]]) -> None:
    async def run() -> None:
        async with served() as web_, aiohttp.ClientSession(web_.url) as client:
            await body(web_, client)

    asyncio.run(run())


def alert() -> AlertFact:
    return AlertFact(
        site=SiteId("hz"),
        ver=2,
        raised_at=Millis(1000),
        alert="sl-5m/queue:投诉 专席/1000",
        rule="sl-5m",
        scope="queue:投诉 专席",
        severity="warning",
        state="firing",
        reason="fired",
        value=70.0,
        threshold=80,
    )


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_guard_rails(path: str):
    async def body(_: Served, client: aiohttp.ClientSession) -> None:
        async with client.get(path) as answer:
            assert answer.headers["Content-Security-Policy"] == CSP
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"

    over_http(body)


def test_a_recording_is_served_in_ranges_as_audio():
    async def body(web_: Served, client: aiohttp.ClientSession) -> None:
        contact = next(iter(web_.history.details))
        async with client.get(f"/api/v1/contacts/{contact}/recording", headers={"Range": "bytes=0-3"}) as answer:
            assert (answer.status, answer.content_type, await answer.read()) == (206, "audio/flac", b"fLaC")

    over_http(body)


def test_hidden_places_are_a_tone_also_in_ranges():
    """The sound is rendered once; no byte of the file itself is given out."""

    async def body(web_: Served, client: aiohttp.ClientSession) -> None:
        (contact,) = [name for name, detail in web_.history.details.items() if detail.analysis]
        path = f"/api/v1/contacts/{contact}/recording"
        async with client.get(path) as answer:
            assert (answer.status, answer.content_type) == (200, "audio/wav")
            whole = await answer.read()
        # 14 s to 17 s are hidden; 16 bit, two channels, 8 kHz behind a head of 44 bytes
        first = 44 + 15 * 8_000 * 4
        async with client.get(path, headers={"Range": f"bytes={first}-{first + 31}"}) as answer:
            assert (answer.status, await answer.read()) == (206, whole[first : first + 32])
        tone = [round(3_932 * sin) for sin in (0, 0.7071, 1, 0.7071, 0, -0.7071, -1, -0.7071)]
        heard = struct.unpack("<16h", whole[first : first + 32])
        assert max(abs(one - wanted) for one, wanted in zip(heard[::2], tone, strict=True)) <= 2
        assert heard[::2] == heard[1::2]

    over_http(body)


def test_a_recording_that_was_not_transcribed_is_not_played():
    """Nobody knows what would have to be hidden in it."""

    async def body(web_: Served, client: aiohttp.ClientSession) -> None:
        states = {name: detail.recording.state for name, detail in web_.history.details.items() if detail.recording}
        contact = next(name for name, state in states.items() if state == "quarantined")
        async with client.get(f"/api/v1/contacts/{contact}/recording") as answer:
            assert (answer.status, await answer.json()) == (409, {"reason": "not_transcribed_yet"})

    over_http(body)


def test_peaks_are_one_list_per_channel():
    async def body(web_: Served, client: aiohttp.ClientSession) -> None:
        contact = next(iter(web_.history.details))
        async with client.get(f"/api/v1/contacts/{contact}/peaks") as answer:
            channels = (await answer.json())["channels"]
            assert len(channels) == 2
            assert all(0 <= value <= 255 for channel in channels for value in channel)

    over_http(body)


def test_history_that_does_not_answer_is_503_with_its_reason():
    async def body(web_: Served, client: aiohttp.ClientSession) -> None:
        web_.history.unavailable = "no answer within 5 s"
        async with client.get("/api/v1/contacts") as answer:
            assert (answer.status, await answer.json()) == (503, {"reason": "no answer within 5 s"})
        async with client.get("/api/v1/queues") as answer:
            assert answer.status == 200

    over_http(body)


@pytest.mark.parametrize("query", ["from=abc", "outcome=nice", "from=5&to=4", "limit=-1"])
def test_a_filter_that_cannot_be_read_is_refused_by_name(query: str):
    async def body(_: Served, client: aiohttp.ClientSession) -> None:
        async with client.get(f"/api/v1/contacts?{query}") as answer:
            assert answer.status == 400
            assert query.split("=")[0] in (await answer.json())["reason"]

    over_http(body)


def test_an_acknowledgement_needs_our_header_and_is_taken_once():
    async def body(web_: Served, client: aiohttp.ClientSession) -> None:
        web_.board.update(alert())
        path = "/api/v1/alerts/sl-5m%2Fqueue:%E6%8A%95%E8%AF%89%20%E4%B8%93%E5%B8%AD%2F1000/acknowledge"
        async with client.post(path) as answer:
            assert answer.status == 403
        async with client.post(path, headers={"X-Floorwatch": "1"}) as answer:
            assert answer.status == 200
        async with client.post(path, headers={"X-Floorwatch": "1"}) as answer:
            assert (answer.status, await answer.json()) == (409, {"reason": "already_acknowledged"})

    over_http(body)


def test_metrics_name_queues_and_states_but_no_person():
    async def body(web_: Served, client: aiohttp.ClientSession) -> None:
        await asyncio.sleep(0.2)
        async with client.get("/metrics") as answer:
            text = await answer.text()
        assert 'floorwatch_queue_waiting{queue="技术支持",site="上海中心"}' in text
        assert 'floorwatch_agents{site="上海中心",state="ready"}' in text
        assert not any(agent.name in text for agent in web_.floor.agents.values())

    over_http(body)


def test_the_api_describes_itself():
    async def body(_: Served, client: aiohttp.ClientSession) -> None:
        async with client.get("/api/v1/openapi.json") as answer:
            document = await answer.json()
        assert document["openapi"] == "3.1.0"
        assert "ContactDetail" in document["components"]["schemas"]

    over_http(body)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("../secret.wav", RecordingRefused.OUTSIDE),
        ("/etc/passwd", RecordingRefused.OUTSIDE),
        ("link.wav", RecordingRefused.OUTSIDE),
        ("notes.txt", RecordingRefused.NOT_AUDIO),
        ("gone.wav", RecordingRefused.MISSING),
        ("", RecordingRefused.NONE),
        ("a\0b.wav", RecordingRefused.NONE),
    ],
)
def test_a_path_from_a_switch_is_hostile(tmp_path: Path, told: str, expected: RecordingRefused):
    folder = tmp_path / "recordings"
    folder.mkdir()
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    (folder / "link.wav").symlink_to(tmp_path / "secret.wav")
    (folder / "notes.txt").write_text("x")
    assert resolve(folder, told) is expected


def test_a_path_below_the_folder_is_served(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b.wav").write_bytes(b"RIFF")
    assert resolve(tmp_path, "a/../a/b.wav") == tmp_path / "a/b.wav"
    assert resolve(tmp_path, str(tmp_path / "a/b.wav")) == tmp_path / "a/b.wav"
