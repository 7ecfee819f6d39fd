"""The embedded bus as a child: its data outlives every way to end, its folder has one server, it never outlives us."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.bus.connection import connect
from streams.bus.embedded import EmbeddedBus, embedded_bus, socket_path, url_of
from streams.bus.errors import BusRefused
from streams.bus.publish import Publisher

pytestmark = pytest.mark.servers


async def length(url: str, stream: str) -> int:
    redis = await connect(url)
    try:
        return int(await redis.xlen(stream))
    finally:
        await redis.aclose()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def until_gone(pid: int) -> bool:
    deadline = time.monotonic() + 60
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


async def until(true: Callable[[], bool]) -> None:
    for _ in range(3_000):
        if true():
            return
        await asyncio.sleep(0.02)
    pytest.fail("not within 60 s")


def test_entries_survive_an_orderly_restart(tmp_path: Path) -> None:
    """Stop and start on the same folder: everything is there."""

    async def body() -> None:
        async with embedded_bus(tmp_path / "bus") as bus:
            redis = await connect(bus.url)
            await Publisher(redis).publish("s", [b"x"] * 1_000)
            await redis.aclose()
        assert bus.exit_code() == 0
        async with embedded_bus(tmp_path / "bus") as bus:
            assert await length(bus.url, "s") == 1_000

    asyncio.run(body())


def test_kill_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """kill -9 of the server in mid-stream, three times: every batch that was acknowledged is there afterwards.

    A disk whose fsync takes long may hold the server's writing up by two seconds: then it is waited for, and what a
    server loses all the same its feeds tell again (test_feed_faults).
    """

    async def body() -> None:
        acknowledged = 0
        for _ in range(3):
            bus = await EmbeddedBus.start(tmp_path / "bus")
            redis = await connect(bus.url)
            publisher = Publisher(redis)
            assert await redis.xlen("s") == acknowledged
            for _ in range(20):
                acknowledged += len(await publisher.publish("s", [b"x" * 100] * 500))
            while (await redis.info("persistence"))["aof_buffer_length"]:  # noqa: ASYNC110 - it is the server's
                await asyncio.sleep(0.02)
            os.kill(bus.pid, signal.SIGKILL)
            await redis.aclose()
            await bus.stop()
        async with embedded_bus(tmp_path / "bus") as bus:
            assert await length(bus.url, "s") == acknowledged == 30_000

    asyncio.run(body())


def test_torn_end_of_the_file_is_repaired(tmp_path: Path) -> None:
    """A power cut tears the last entry: the server starts and keeps what was before it."""

    async def body() -> None:
        async with embedded_bus(tmp_path / "bus") as bus:
            redis = await connect(bus.url)
            for _ in range(10):
                await Publisher(redis).publish("s", [b"x" * 100])
            await redis.aclose()
        (log,) = (tmp_path / "bus" / "appendonlydir").glob("*.incr.aof")
        os.truncate(log, log.stat().st_size - 7)
        async with embedded_bus(tmp_path / "bus") as bus:
            assert await length(bus.url, "s") == 9

    asyncio.run(body())


PARENT = """
import asyncio, sys
from pathlib import Path
from streams.bus.connection import connect
from streams.bus.embedded import EmbeddedBus
from streams.bus.publish import Publisher

async def main():
    bus = await EmbeddedBus.start(Path(sys.argv[1]))
    redis = await connect(bus.url)
    await Publisher(redis).publish("s", [b"x"] * 500)
    print(bus.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def test_server_ends_with_a_killed_parent_and_the_folder_is_free_again(tmp_path: Path) -> None:
    """kill -9 of the service: its server does not linger, and the next start needs no hand, stale socket or not."""
    folder = tmp_path / "bus"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    async def body() -> None:
        async with embedded_bus(folder) as bus:
            assert bus.pid != pid
            assert await length(bus.url, "s") == 500

    asyncio.run(body())
    assert until_gone(pid)


def test_second_server_on_a_folder_is_refused(tmp_path: Path) -> None:
    """Two servers on one append-only file would ruin it."""

    async def body() -> None:
        async with embedded_bus(tmp_path / "bus"):
            with pytest.raises(BusRefused, match="choose another data folder"):
                await EmbeddedBus.start(tmp_path / "bus", timeout_s=0.2)

    asyncio.run(body())


def test_deep_and_odd_folder_works(tmp_path: Path) -> None:
    """Socket paths end at 108 bytes: a deep folder gets a private short place; quotes and blanks do no harm."""
    folder = tmp_path / ("d" * 120) / 'it\'s "odd" \\ 数据'

    async def body() -> None:
        async with embedded_bus(folder) as bus:
            assert bus.url == url_of(folder)
            redis = await connect(bus.url)
            await Publisher(redis).publish("s", [b"x"])
            await redis.aclose()
        place = socket_path(folder).parent
        assert place != folder.resolve()
        assert place.stat().st_mode & 0o777 == 0o700
        place.rmdir()

    asyncio.run(body())


def test_socket_place_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """In a public folder another user could have put a socket there first."""
    folder = tmp_path / ("e" * 120)
    place = socket_path(folder).parent
    place.mkdir(mode=0o777)
    place.chmod(0o777)
    try:
        with pytest.raises(BusRefused, match="private"):
            asyncio.run(EmbeddedBus.start(folder))
    finally:
        place.rmdir()


def test_server_listens_on_no_port(tmp_path: Path) -> None:
    """Nothing but this user's processes can reach it."""

    async def body() -> None:
        async with embedded_bus(tmp_path / "bus") as bus:
            redis = await connect(bus.url)
            settings = await redis.config_get("port", "maxmemory-policy", "appendfsync")
            await redis.aclose()
            assert settings == {
                "port": "0",
                "maxmemory-policy": "noeviction",
                "appendfsync": "everysec",
            }
            assert socket_path(bus.folder).stat().st_mode & 0o777 == 0o700

    asyncio.run(body())


def test_a_killed_server_is_started_again_on_the_same_folder(tmp_path: Path) -> None:
    """kill -9 of the child alone: within seconds the same URL answers, with everything that was acknowledged."""

    async def body() -> None:
        async with embedded_bus(tmp_path / "bus") as bus:
            redis = await connect(bus.url)
            await Publisher(redis).publish("s", [b"x"] * 1_000)
            await redis.aclose()
            for restarts in (1, 2):
                first = bus.pid
                os.kill(first, signal.SIGKILL)
                await until(lambda least=restarts: bus.restarts >= least)
                assert bus.pid != first
                assert await length(bus.url, "s") == 1_000
            last = bus.pid
        assert until_gone(last)

    asyncio.run(body())


def test_a_server_that_cannot_start_again_is_tried_until_it_can(tmp_path: Path) -> None:
    """Its configuration is made unreadable for it (a folder in the socket's place); when mended, it comes back."""

    async def body() -> None:
        folder = tmp_path / "bus"
        async with embedded_bus(folder) as bus:
            os.kill(bus.pid, signal.SIGKILL)
            socket = socket_path(folder)
            socket.unlink()
            socket.mkdir()
            await until(lambda: bus.failed_starts > 0)
            socket.rmdir()
            await until(lambda: bus.restarts > 0)
            assert await length(bus.url, "s") == 0

    asyncio.run(body())
