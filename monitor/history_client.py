"""The web's way to the history process. In: a question. Out: its rows, or HistoryUnavailable with the mend.

May not know: SQL, which store answers.
"""

from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec

from monitor.api.history import HistoryUnavailable

TIMEOUT_S: Final = 30.0


class HistoryNotRunning(HistoryUnavailable):
    """Nobody answers on the socket; it may be left over from a process that was killed."""


class HistoryClient:
    """monitor.api.history.History. Close it when the service stops."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, name: str, **params: object) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = await self._post("/ask", msgspec.json.encode({"name": name, "params": params}))
        return rows

    async def sql(self, statement: str) -> dict[str, Any]:
        answer: dict[str, Any] = await self._post("/sql", statement.encode())
        return answer

    async def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = await self._request("GET", "/status", None)
        return answer

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _post(self, path: str, body: bytes) -> Any:
        return await self._request("POST", path, body)

    async def _request(self, method: str, path: str, body: bytes | None) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(str(self._socket)), timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)
            )
        try:
            async with self._session.request(method, f"http://history{path}", data=body) as response:
                answer = msgspec.json.decode(await response.read())
        except (TimeoutError, aiohttp.ClientError, OSError, msgspec.DecodeError) as error:
            raise HistoryNotRunning(
                f"the history process does not answer ({type(error).__name__}); is its role running?"
            ) from error
        if response.status != 200:
            raise HistoryUnavailable(str(answer.get("fault", response.status)))
        return answer
