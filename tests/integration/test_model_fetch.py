"""Models from a real HTTP server on loopback: whole, broken off, changed meanwhile, wrong, hostile, unreachable."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from monitor.model_catalogue import Offered
from monitor.model_fetch import FETCH_LIMITS, Fetched, FetchLimits, fetch, fetch_file
from monitor.model_record import Trust, read_records
from monitor.model_unpack import FetchFault, FetchReason
from streams.vocabulary.ids import Millis
from tests.servers import free_port
from tests.unit.model_folders import zipped

pytestmark = pytest.mark.servers
NAME = "vosk-model-small-cn-0.22"
WANTED = Offered(name=NAME, language="zh", megabytes=1, large=False)
NOW = Millis(1_795_291_649_000)
LIMITS = replace(FETCH_LIMITS, pause_s=0.0)


class Site:
    """Serves one archive; breaks off after `break_after` bytes as often as told. Mutable; owned by the test."""

    def __init__(self, body: bytes, *, tag: str = '"one"') -> None:
        self.body = body
        self.tag = tag
        self.break_after: list[int] = []
        self.asked: list[str] = []
        self.status = 200

    async def answer(self, request: web.Request) -> web.StreamResponse:
        asked = request.headers.get("Range", "")
        self.asked.append(asked)
        if self.status != 200:
            return web.Response(status=self.status)
        start = 0
        if asked and request.headers.get("If-Range") == self.tag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        response = web.StreamResponse(status=206 if start else 200, headers={"ETag": self.tag})
        response.content_length = len(self.body) - start
        await response.prepare(request)
        if self.break_after:
            await response.write(self.body[start : start + self.break_after.pop(0)])
            assert request.transport is not None
            await asyncio.sleep(0.05)  # what was written goes out before the line is cut
            request.transport.abort()
            return response
        await response.write(self.body[start:])
        await response.write_eof()
        return response


@asynccontextmanager
async def served(site: Site) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/models/{name}", site.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/models"
    finally:
        await runner.cleanup()


async def fetched(site: Site, folder: Path, *, sha256: str = "", limits: FetchLimits = LIMITS) -> Fetched:
    async with served(site) as url:
        return await fetch(WANTED, folder, now=NOW, base_url=url, sha256=sha256, limits=limits)


def body(tmp_path: Path, *, size: int = 300_000) -> bytes:
    return zipped(tmp_path / "source.zip", size=size).read_bytes()


def left_behind(folder: Path) -> list[str]:
    """Everything but models and the record of them."""
    return sorted(path.name for path in folder.iterdir() if path.name not in (NAME, "fetched.json"))


def test_a_model_is_fetched_unpacked_and_recorded(tmp_path: Path) -> None:
    """Nobody told its digest: trusted on first use, and said so."""
    content = body(tmp_path)
    got = asyncio.run(fetched(Site(content), tmp_path / "models"))
    assert (got.model.name, got.model.path) == (NAME, tmp_path / "models" / NAME)
    assert (got.trust, got.sha256) == (Trust.FIRST_USE, hashlib.sha256(content).hexdigest())
    assert read_records(tmp_path / "models")[NAME].sha256 == got.sha256
    assert left_behind(tmp_path / "models") == []


def test_a_download_broken_off_twice_goes_on_where_it_was(tmp_path: Path) -> None:
    """Each byte is asked for once."""
    site = Site(body(tmp_path))
    site.break_after = [100_000, 150_000]
    got = asyncio.run(fetched(site, tmp_path / "models"))
    assert site.asked == ["", "bytes=100000-", "bytes=250000-"]
    assert got.sha256 == hashlib.sha256(site.body).hexdigest()


def test_what_came_before_a_stop_is_gone_on_with_by_the_next_command(tmp_path: Path) -> None:
    """The first gave up; nothing of it is found as a model meanwhile."""
    site = Site(body(tmp_path))
    site.break_after = [100_000]
    with pytest.raises(FetchFault, match="run the same command again") as fault:
        asyncio.run(fetched(site, tmp_path / "models", limits=replace(LIMITS, attempts=1)))
    assert fault.value.reason is FetchReason.BROKEN_OFF
    assert not (tmp_path / "models" / NAME).exists()
    asyncio.run(fetched(site, tmp_path / "models"))
    assert site.asked == ["", "bytes=100000-"]


def test_a_file_that_changed_meanwhile_is_begun_anew(tmp_path: Path) -> None:
    """Two halves of different archives are no archive."""
    site = Site(body(tmp_path))
    site.break_after = [100_000]
    with pytest.raises(FetchFault):
        asyncio.run(fetched(site, tmp_path / "models", limits=replace(LIMITS, attempts=1)))
    site.body, site.tag = body(tmp_path, size=200_000), '"two"'
    got = asyncio.run(fetched(site, tmp_path / "models"))
    assert got.sha256 == hashlib.sha256(site.body).hexdigest()


def told_wrong(folder: Path, content: bytes) -> None:
    asyncio.run(fetched(Site(content), folder, sha256="0" * 64))


def changed_since(folder: Path, content: bytes) -> None:
    asyncio.run(fetched(Site(content), folder))
    (folder / NAME).rename(folder / "old")
    asyncio.run(fetched(Site(content + b" "), folder))


@pytest.mark.parametrize("wrong", [told_wrong, changed_since])
def test_another_digest_than_expected_is_refused_and_nothing_kept(
    tmp_path: Path, wrong: Callable[[Path, bytes], None]
) -> None:
    """Told with --sha256, or recorded at the first fetch of this name."""
    with pytest.raises(FetchFault, match="SHA-256") as fault:
        wrong(tmp_path / "models", body(tmp_path))
    assert fault.value.reason is FetchReason.WRONG_DIGEST
    assert left_behind(tmp_path / "models") in ([], ["old"])


@pytest.mark.parametrize(
    ("content", "reason"), [(b"<html>not found</html>", FetchReason.NOT_AN_ARCHIVE), (b"", FetchReason.NOT_AN_ARCHIVE)]
)
def test_what_is_no_archive_leaves_nothing(tmp_path: Path, content: bytes, reason: FetchReason) -> None:
    """A captive portal answers 200 with a page."""
    with pytest.raises(FetchFault) as fault:
        asyncio.run(fetched(Site(content), tmp_path / "models"))
    assert fault.value.reason is reason
    assert left_behind(tmp_path / "models") == []


@pytest.mark.parametrize(
    ("status", "reason"), [(404, FetchReason.REFUSED), (403, FetchReason.REFUSED), (503, FetchReason.BROKEN_OFF)]
)
def test_a_site_that_refuses_is_said_with_the_way_round_it(tmp_path: Path, status: int, reason: FetchReason) -> None:
    """A passing fault of the site is tried again first."""
    site = Site(b"")
    site.status = status
    with pytest.raises(FetchFault) as fault:
        asyncio.run(fetched(site, tmp_path / "models", limits=replace(LIMITS, attempts=2)))
    assert fault.value.reason is reason
    assert len(site.asked) == (2 if status == 503 else 1)


def test_more_bytes_than_a_model_has_are_not_waited_for(tmp_path: Path) -> None:
    """The disk is others' too."""
    with pytest.raises(FetchFault) as fault:
        asyncio.run(fetched(Site(body(tmp_path)), tmp_path / "models", limits=replace(LIMITS, archive_bytes=1_000)))
    assert fault.value.reason is FetchReason.TOO_LARGE


def test_without_internet_it_says_how_to_bring_the_file(tmp_path: Path) -> None:
    """Nothing answers there; the sentence names the address and the command."""
    with pytest.raises(FetchFault, match=rf"--from {NAME}\.zip") as fault:
        asyncio.run(fetch(WANTED, tmp_path, now=NOW, base_url=f"http://127.0.0.1:{free_port()}", limits=LIMITS))
    assert fault.value.reason is FetchReason.UNREACHABLE
    assert f"https://alphacephei.com/vosk/models/{NAME}.zip" in fault.value.mend


def test_a_file_that_was_brought_is_installed_like_a_fetched_one(tmp_path: Path) -> None:
    """Named after the folder inside; a second time it is there already; the file is left alone."""
    file = zipped(tmp_path / "brought.zip", top="vosk-model-cn-0.22")
    got = asyncio.run(fetch_file(file, tmp_path / "models", now=NOW))
    assert got.model.name == "vosk-model-cn-0.22"
    with pytest.raises(FetchFault) as fault:
        asyncio.run(fetch_file(file, tmp_path / "models", now=NOW))
    assert fault.value.reason is FetchReason.ALREADY_THERE
    assert file.is_file()
