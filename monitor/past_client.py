"""The web's way to the past floor in the history process. In: a question. Out: the answer's bytes, untouched.

A connection pool of its own: who scrubs through the past does not keep pages waiting. May not know: what is answered.
"""

from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from monitor.api.history import HistoryUnavailable
from monitor.api.past_door import PastAnswer, PastQuestion
from monitor.history_client import HistoryLine, HistoryNotRunning

TIMEOUT_S: Final = 30.0
CONNECTIONS: Final = 4
"""The desk folds one question at a time; more would only wait there."""


class PastClient:
    """monitor.api.past_door.PastDoor. Close it when the service stops."""

    def __init__(self, socket: Path, *, timeout_s: float = TIMEOUT_S) -> None:
        self._line = HistoryLine(socket, connections=CONNECTIONS, unpacked=False)
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)

    async def ask(self, question: PastQuestion) -> PastAnswer:
        """Raises HistoryUnavailable; HistoryNotRunning where nobody listens."""
        session = self._line.session()
        try:
            async with session.post(
                "http://history/past", data=msgspec.json.encode(question), timeout=self._timeout
            ) as answer:
                return PastAnswer(
                    status=answer.status,
                    media=answer.content_type,
                    encoding=answer.headers.get("Content-Encoding", ""),
                    body=await answer.read(),
                )
        except TimeoutError as error:
            raise HistoryUnavailable("no answer from history in time; try a moment nearer to now, or later") from error
        except (aiohttp.ClientError, OSError) as error:
            raise HistoryNotRunning(
                f"the history process does not answer ({type(error).__name__}); is its role running?"
            ) from error

    async def close(self) -> None:
        await self._line.close()
