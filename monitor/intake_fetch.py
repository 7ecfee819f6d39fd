"""A recording fetched by its address. In: a URL. Out: a file, or why not.

Only addresses that begin as configured, each redirect too; no private network that is not listed, whatever a name
resolves to; bounded in size and time. May not know: the ledger.
"""

import hashlib
import ipaddress
import os
import re
import socket
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from monitor.intake_files import ENDINGS

FETCH_S: Final = 300.0
CONNECT_S: Final = 10.0
MOST_REDIRECTS: Final = 3
CHUNK: Final = 256 * 1024
TYPES: Final = {
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/wave": ".wav",
    "audio/flac": ".flac",
    "audio/x-flac": ".flac",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "audio/amr": ".amr",
    "audio/mp4": ".m4a",
}


class FetchRefused(StrEnum):
    URL_NOT_LISTED = "url_not_listed"
    URL_PRIVATE = "url_private"
    """it leads to a private network that is not listed"""
    URL_TOO_LARGE = "url_too_large"
    URL_NOT_FOUND = "url_not_found"
    URL_FAILED = "url_failed"
    """after several tries"""


class NotFetched(Exception):
    """`final`: trying again would say the same."""

    def __init__(self, reason: FetchRefused, *, final: bool) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.final = final


def listed(url: str, prefixes: Sequence[str]) -> bool:
    """Scheme, host and port as listed, the path below the listed one; no dots, no credentials that could mislead."""
    try:
        asked = urlsplit(url)
        port = asked.port
    except ValueError:
        return False
    path = asked.path.lower()
    if asked.username is not None or any(bad in path for bad in ("/..", "%2e", "%2f", "%5c", "\\")):
        return False
    for prefix in prefixes:
        known = urlsplit(prefix)
        folder = known.path if known.path.endswith("/") else f"{known.path}/"
        if (asked.scheme, asked.hostname, port) == (known.scheme, known.hostname, known.port) and asked.path.startswith(
            folder
        ):
            return True
    return False


def allowed_address(address: str, networks: Sequence[str]) -> bool:
    """Public, or in a listed network."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if any(found in ipaddress.ip_network(network) for network in networks):
        return True
    return found.is_global and not found.is_multicast


class _Guarded(AbstractResolver):
    """Judges every address a name resolves to, at the moment it is connected to. Raises NotFetched."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks = networks
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(allowed_address(one["host"], self._networks) for one in found):
            raise NotFetched(FetchRefused.URL_PRIVATE, final=True)
        return found

    async def close(self) -> None:
        await self._inner.close()


class Fetcher:
    """One for a process. `fetch` may run several at a time."""

    def __init__(self, folder: Path, *, prefixes: Sequence[str], networks: Sequence[str], most_bytes: int) -> None:
        self._folder = folder
        self._prefixes = prefixes
        self._networks = networks
        self._most_bytes = most_bytes

    async def fetch(self, url: str) -> Path:
        """Where it lies now, named by its address: fetched twice it is one file. Raises NotFetched."""
        connector = aiohttp.TCPConnector(resolver=_Guarded(self._networks), limit=4, use_dns_cache=False)
        limits = aiohttp.ClientTimeout(total=FETCH_S, connect=CONNECT_S)
        try:
            async with aiohttp.ClientSession(connector=connector, timeout=limits, auto_decompress=False) as session:
                return await self._follow(session, url)
        except (aiohttp.ClientError, OSError, ValueError) as error:  # a timeout is an OSError
            raise NotFetched(FetchRefused.URL_FAILED, final=False) from error

    async def _follow(self, session: aiohttp.ClientSession, url: str) -> Path:
        place = url
        for _ in range(MOST_REDIRECTS + 1):
            self._judge(place)
            async with session.get(place, allow_redirects=False, headers={"Accept-Encoding": "identity"}) as answer:
                if answer.status in (301, 302, 303, 307, 308):
                    place = urljoin(place, answer.headers.get("Location", ""))
                    continue
                if answer.status in (404, 410, 401, 403):
                    raise NotFetched(FetchRefused.URL_NOT_FOUND, final=False)
                if answer.status != 200:
                    raise NotFetched(FetchRefused.URL_FAILED, final=False)
                return await self._write(answer, url)
        raise NotFetched(FetchRefused.URL_FAILED, final=True)

    def _judge(self, url: str) -> None:
        if not listed(url, self._prefixes):
            raise NotFetched(FetchRefused.URL_NOT_LISTED, final=True)
        host = urlsplit(url).hostname or ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            if re.search(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$", host):  # 127.1, 2130706433: addresses that pass for names
                raise NotFetched(FetchRefused.URL_PRIVATE, final=True) from None
            return  # a name: the resolver judges what it leads to
        if not allowed_address(host, self._networks):
            raise NotFetched(FetchRefused.URL_PRIVATE, final=True)

    async def _write(self, answer: aiohttp.ClientResponse, url: str) -> Path:
        if (answer.content_length or 0) > self._most_bytes:
            raise NotFetched(FetchRefused.URL_TOO_LARGE, final=True)
        ending = Path(urlsplit(url).path).suffix.lower()
        ending = ending if ending in ENDINGS else TYPES.get(answer.content_type, ".wav")
        digest = hashlib.sha256(url.encode()).hexdigest()
        path = self._folder / digest[:2] / f"{digest}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        size = 0
        try:
            with part.open("wb") as file:
                async for chunk in answer.content.iter_chunked(CHUNK):
                    size += len(chunk)
                    if size > self._most_bytes:
                        raise NotFetched(FetchRefused.URL_TOO_LARGE, final=True)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
        return path
