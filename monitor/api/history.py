"""The way to stored history. In: a question's name and parameters. Out: rows of the warehouse's own row types.

The port `History` speaks builtins (it crosses a process); `asked` turns them back into the dataclasses of
streams.warehouse. The live pages never wait for it: every question ends in rows or in `HistoryUnavailable`.
"""

from typing import Protocol, TypeVar

import msgspec

T = TypeVar("T")


class HistoryUnavailable(Exception):
    """Why there is no answer, in words an operator can act on."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class History(Protocol):
    async def ask(self, name: str, **params: object) -> list[dict[str, object]]: ...


async def asked(history: History, row: type[T], name: str, **params: object) -> list[T]:
    """Typed rows. A row of another shape is a version mismatch between two of our processes, and says so."""
    rows = await history.ask(name, **params)
    try:
        return msgspec.convert(rows, list[row], strict=False)  # type: ignore[valid-type]
    except msgspec.ValidationError as error:
        raise HistoryUnavailable(
            f"history answered {name} in another shape ({error}); restart both services"
        ) from error
