"""Recordings fetched from a real web server: only what is listed, no private network; nothing is left of a refusal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from monitor.intake_fetch import Fetcher, FetchRefused, NotFetched

pytestmark = pytest.mark.servers

LOOPBACK = ("127.0.0.0/8",)
MOST = 1_000


async def _audio(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"audio", content_type="audio/flac")


async def _large(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"x" * (MOST + 1))


async def _endless(request: web.Request) -> web.StreamResponse:
    """Says nothing of its length."""
    answer = web.StreamResponse()
    await answer.prepare(request)
    try:
        while True:
            await answer.write(b"x" * 500)
    except ConnectionError:
        return answer


async def _to(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(request.query["to"])


async def _broken(request: web.Request) -> web.StreamResponse:
    raise web.HTTPInternalServerError


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    app = web.Application()
    for path, handler in {
        "/r/a": _audio, "/r/b.wav": _audio, "/r/large.wav": _large, "/r/endless.wav": _endless, "/r/to": _to,
        "/r/broken.wav": _broken, "/secret/a.wav": _audio,
    }.items():  # fmt: skip
        app.router.add_get(path, handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def fetch(folder: Path, path: str, *, host: str = "127.0.0.1", networks: tuple[str, ...] = LOOPBACK) -> Path:
    """Raises NotFetched. `{port}` in the path is the server's."""

    async def run() -> Path:
        async with served() as port:
            prefixes = [f"http://{host}:{port}/r/"]
            fetcher = Fetcher(folder, prefixes=prefixes, networks=networks, most_bytes=MOST)
            return await fetcher.fetch(f"http://{host}:{port}{path.format(port=port)}")

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("path", "ending"),
    [("/r/a", ".flac"), ("/r/b.wav", ".wav"), ("/r/to?to=/r/b.wav", ".flac"), ("/r/to?to=b.wav", ".flac")],
)
def test_what_is_listed_is_fetched_also_over_a_redirect_that_is(tmp_path: Path, path: str, ending: str) -> None:
    """The ending is the address's, else the type's."""
    found = fetch(tmp_path, path)
    assert (found.read_bytes(), found.suffix) == (b"audio", ending)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [found]


@pytest.mark.parametrize(
    ("path", "reason", "final"),
    [
        ("/secret/a.wav", FetchRefused.URL_NOT_LISTED, True),
        ("/r/to?to=/secret/a.wav", FetchRefused.URL_NOT_LISTED, True),
        ("/r/to?to=http://localhost:{port}/r/b.wav", FetchRefused.URL_NOT_LISTED, True),
        ("/r/to?to=//192.0.2.1/r/b.wav", FetchRefused.URL_NOT_LISTED, True),
        ("/r/to?to=file:///etc/passwd", FetchRefused.URL_NOT_LISTED, True),
        ("/r/to?to=/r/to?to=/r/to", FetchRefused.URL_FAILED, False),
        ("/r/large.wav", FetchRefused.URL_TOO_LARGE, True),
        ("/r/endless.wav", FetchRefused.URL_TOO_LARGE, True),
        ("/r/gone.wav", FetchRefused.URL_NOT_FOUND, False),
        ("/r/broken.wav", FetchRefused.URL_FAILED, False),
    ],
)
def test_what_is_not_fetched_says_why_and_leaves_nothing(
    tmp_path: Path, path: str, reason: FetchRefused, *, final: bool
) -> None:
    with pytest.raises(NotFetched) as refused:
        fetch(tmp_path, path)
    assert (refused.value.reason, refused.value.final) == (reason, final)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_a_private_network_that_is_not_listed_is_never_reached(tmp_path: Path, host: str) -> None:
    """Also where the list of addresses would allow it, however the address is written."""
    with pytest.raises(NotFetched) as refused:
        fetch(tmp_path, "/r/b.wav", host=host, networks=())
    assert (refused.value.reason, refused.value.final) == (FetchRefused.URL_PRIVATE, True)
