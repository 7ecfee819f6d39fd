"""The web's way to the history process. In: a question. Out: its rows, or HistoryUnavailable with the mend.

May not know: SQL, which store answers.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec

from monitor.api.history import HistoryUnavailable

TIMEOUT_S: Final = 30.0
SQL_TIMEOUT_S: Final = 100.0
"""Longer than the store's own limit, so that its words arrive and not our impatience."""

LINE_TIMEOUT_S: Final = 300.0

LONGEST_STATEMENT: Final = 100_000


class HistoryNotRunning(HistoryUnavailable):
    """Nobody answers on the socket; it may be left over from a process that was killed."""


class HistoryLine:
    """Connections to the history process, opened by the first question. Mutable; its owner closes it. Who asks later is
    refused: nobody would close what that question opened."""

    def __init__(self, socket: Path, *, connections: int = 100, unpacked: bool = True) -> None:
        """`unpacked`: what comes compressed is handed on unpacked."""
        self._socket, self._connections, self._unpacked = socket, connections, unpacked
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    def session(self) -> aiohttp.ClientSession:
        if self._closed:
            raise HistoryUnavailable("the service is stopping")
        if self._session is None:
            connector = aiohttp.UnixConnector(str(self._socket), limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector, auto_decompress=self._unpacked)
        return self._session

    async def close(self) -> None:
        self._closed = True
        if self._session is not None:
            await self._session.close()


class HistoryClient:
    """monitor.api.history.History. Close it when the service stops."""

    def __init__(self, socket: Path, *, timeout_s: float = TIMEOUT_S) -> None:
        self._line = HistoryLine(socket)
        self._timeout_s = timeout_s

    async def ask(self, name: str, **params: object) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = await self._request(
            "POST", "/ask", msgspec.json.encode({"name": name, "params": params}), timeout_s=self._timeout_s
        )
        return rows

    async def sql(self, statement: str) -> dict[str, Any]:
        if len(statement) > LONGEST_STATEMENT:
            raise HistoryUnavailable(f"the statement has {len(statement)} characters; {LONGEST_STATEMENT} are allowed")
        answer: dict[str, Any] = await self._request(
            "POST", "/sql", statement.encode(errors="replace"), timeout_s=SQL_TIMEOUT_S
        )
        return answer

    async def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = await self._request("GET", "/status", None, timeout_s=self._timeout_s)
        return answer

    async def lines(self, path: str, body: bytes) -> AsyncIterator[dict[str, Any]]:
        """A long answer as it comes, one JSON object a line; between two of them a minute may pass."""
        session = self._line.session()
        limit = aiohttp.ClientTimeout(total=None, sock_read=LINE_TIMEOUT_S)
        try:
            async with session.post(f"http://history{path}", data=body, timeout=limit) as response:
                async for line in response.content:
                    yield msgspec.json.decode(line)
        except TimeoutError as error:
            raise HistoryUnavailable(f"no word from history for {LINE_TIMEOUT_S:g} s; see its log") from error
        except (aiohttp.ClientError, OSError) as error:
            raise HistoryNotRunning(
                f"the history process does not answer ({type(error).__name__}); is its role running?"
            ) from error

    async def close(self) -> None:
        await self._line.close()

    async def _request(self, method: str, path: str, body: bytes | None, *, timeout_s: float) -> Any:
        session = self._line.session()
        limit = aiohttp.ClientTimeout(total=timeout_s)
        try:
            async with session.request(method, f"http://history{path}", data=body, timeout=limit) as response:
                status, text = response.status, await response.read()
        except TimeoutError as error:
            raise HistoryUnavailable(
                f"no answer from history within {timeout_s:g} s; ask for less, or later"
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise HistoryNotRunning(
                f"the history process does not answer ({type(error).__name__}); is its role running?"
            ) from error
        return _answer(status, text)


def _answer(status: int, text: bytes) -> Any:
    try:
        answer = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise HistoryUnavailable(f"history failed on this question (HTTP {status}); see its log") from error
    if status != 200:
        raise HistoryUnavailable(str(answer.get("fault", status)))
    return answer
