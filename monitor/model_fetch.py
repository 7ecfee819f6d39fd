"""A model from its official site, or from a file, into the folder of models. In: a wish. Out: `Fetched`, FetchFault.

Resumed where it broke off, its digest checked, unpacked beside the others and moved into place in one step, so a
half-made model is never found. May not know: configuration, terminals.
"""

import asyncio
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from asr.faults import ModelFault
from asr.models import ModelInfo, describe
from monitor.model_catalogue import BASE_URL, Offered
from monitor.model_record import Trust, judge_digest, read_records, write_record
from monitor.model_unpack import ARCHIVE_LIMITS, ArchiveLimits, FetchFault, FetchReason, unpack
from streams.vocabulary.ids import Millis

Progress = Callable[[int, int | None], None]
"""Bytes so far, and of how many (None: the site does not say)."""

_BLOCK: Final = 1 << 18
_TIMES: Final = aiohttp.ClientTimeout(total=None, sock_connect=20, sock_read=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    archive_bytes: int = 6_000_000_000
    attempts: int = 6
    """Each goes on where the one before broke off."""
    pause_s: float = 2.0
    """Before the second attempt; twice as long before each further one."""
    unpacked: ArchiveLimits = ARCHIVE_LIMITS


FETCH_LIMITS: Final = FetchLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    model: ModelInfo
    sha256: str
    trust: Trust
    archive_bytes: int


def nobody(done: int, whole: int | None) -> None:
    return None


async def fetch(
    wanted: Offered,
    folder: Path,
    *,
    now: Millis,
    base_url: str = BASE_URL,
    sha256: str = "",
    limits: FetchLimits = FETCH_LIMITS,
    progress: Progress = nobody,
) -> Fetched:
    """Raises FetchFault. What came so far stays in `folder` as `.NAME.zip.part` and is gone on with the next time."""
    await asyncio.to_thread(_prepare, folder, wanted.name)
    part = folder / f".{wanted.name}.zip.part"
    url = f"{base_url.rstrip('/')}/{wanted.name}.zip"
    await _download(url, part, limits, progress)
    try:
        return await asyncio.to_thread(_install, part, folder, wanted.name, url, sha256 or wanted.sha256, now, limits)
    finally:
        part.unlink(missing_ok=True)  # it was used up, or must not be gone on with


async def fetch_file(
    file: Path, folder: Path, *, now: Millis, sha256: str = "", limits: FetchLimits = FETCH_LIMITS
) -> Fetched:
    """From an archive that somebody brought; the model is named after the folder in it, else after the file."""
    await asyncio.to_thread(_prepare, folder, file.stem)
    return await asyncio.to_thread(_install, file, folder, file.stem, "", sha256, now, limits)


async def _download(url: str, part: Path, limits: FetchLimits, progress: Progress) -> None:
    pause_s = limits.pause_s
    async with aiohttp.ClientSession(timeout=_TIMES, trust_env=True) as session:
        for left in reversed(range(limits.attempts)):
            try:
                await _go_on(session, url, part, limits, progress)
                return
            except aiohttp.ClientConnectorError as error:
                raise _without_internet(url, str(error.os_error)) from error
            except (aiohttp.ClientError, TimeoutError) as error:
                if not left:
                    raise FetchFault(
                        FetchReason.BROKEN_OFF,
                        f"{url} broke off {limits.attempts} times, {_size(part)} bytes are here ({error})",
                        "run the same command again: it goes on from there",
                    ) from error
            await asyncio.sleep(pause_s)
            pause_s *= 2


async def _go_on(session: aiohttp.ClientSession, url: str, part: Path, limits: FetchLimits, progress: Progress) -> None:
    have, mark = _size(part), part.with_suffix(".etag")
    kept = mark.read_text(encoding="utf-8") if have and mark.is_file() else ""
    # Without a mark of what the bytes are of, they may be of another file: begin anew.
    headers = {"Range": f"bytes={have}-", "If-Range": kept} if kept else {}
    async with session.get(url, headers=headers) as response:
        if response.status == 416 or response.status >= 500:
            if response.status == 416:  # what is here is longer than the file
                await asyncio.to_thread(part.unlink, missing_ok=True)
            raise aiohttp.ClientPayloadError(f"the site answers {response.status}")
        if response.status not in (200, 206):
            raise FetchFault(FetchReason.REFUSED, f"{url}: the site answers {response.status}", _by_hand(url))
        if response.status == 200:
            have = 0
        whole = have + response.content_length if response.content_length is not None else None
        if (whole or have) > limits.archive_bytes:
            raise FetchFault(
                FetchReason.TOO_LARGE, f"{url} has {whole} bytes, over {limits.archive_bytes}", _by_hand(url)
            )
        tag = response.headers.get("ETag", "")
        with part.open("ab" if have else "wb") as out:
            mark.write_text("" if tag.startswith("W/") else tag, encoding="utf-8")  # a weak one promises no same bytes
            async for block in response.content.iter_chunked(_BLOCK):
                await asyncio.to_thread(out.write, block)
                have += len(block)
                progress(have, whole)
                if have > limits.archive_bytes:
                    raise FetchFault(FetchReason.TOO_LARGE, f"{url} never ends ({have} bytes)", _by_hand(url))
    mark.unlink(missing_ok=True)


def _prepare(folder: Path, name: str) -> None:
    if (folder / name).exists():
        raise FetchFault(
            FetchReason.ALREADY_THERE,
            f"{folder / name} is there already",
            f"use it (`floorwatch model check {name}`), or remove that folder first",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from error


def _install(
    archive: Path, folder: Path, name: str, url: str, sha256: str, now: Millis, limits: FetchLimits
) -> Fetched:
    """Digest, unpack, look, move, record. The archive is left alone."""
    if not archive.is_file():
        raise FetchFault(FetchReason.NOT_AN_ARCHIVE, f"{archive} is no file", "give the path of a model's zip archive")
    with archive.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    trust = judge_digest(digest, told=sha256, recorded=read_records(folder).get(name))
    work = Path(tempfile.mkdtemp(prefix=f".{name[:60]}.", dir=folder))
    try:
        found = unpack(archive, work, limits=limits.unpacked)
        try:
            describe(found)
        except ModelFault as fault:
            raise FetchFault(FetchReason.NO_MODEL_INSIDE, f"{archive.name}: {fault.problem}", fault.mend) from fault
        name = name if url or found == work else found.name
        if (folder / name).exists():
            raise FetchFault(FetchReason.ALREADY_THERE, f"{folder / name} is there already", "remove that folder first")
        found.rename(folder / name)
    except OSError as error:
        raise _unwritable(folder, error) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    size = archive.stat().st_size
    write_record(folder, name, sha256=digest, url=url, at=now, size=size, trust=trust)
    return Fetched(model=describe(folder / name), sha256=digest, trust=trust, archive_bytes=size)


def _size(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0


def _unwritable(folder: Path, error: OSError) -> FetchFault:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    mend = "free some space there" if full else "name a folder that you may write with --folder"
    return FetchFault(FetchReason.CANNOT_WRITE, f"{folder}: {os.strerror(error.errno or 0)}", mend)


def _without_internet(url: str, detail: str) -> FetchFault:
    return FetchFault(FetchReason.UNREACHABLE, f"{url} cannot be reached from here ({detail})", _by_hand(url))


def _by_hand(url: str) -> str:
    name = url.rsplit("/", 1)[-1]
    return (
        f"download {BASE_URL}/{name} on a machine with internet, bring the file here, and run "
        f"`floorwatch model fetch --from {name}`; behind a proxy, set HTTPS_PROXY"
    )
