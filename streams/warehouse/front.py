"""The way from asyncio to a store. In: functions of a Warehouse. Out: their results, in time or not at all.

The store lives in one thread of its own (its clients allow no other); calls wait in a bounded line there.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, Final, ParamSpec, TypeVar

from streams.warehouse.engine import Warehouse
from streams.warehouse.errors import StoreUnavailable

WAITING_CALLS: Final = 64
"""More than this wait for a store that does not get on: the next caller is told so at once."""

P = ParamSpec("P")
T = TypeVar("T")


class AsyncWarehouse:
    """Opens the store at its first call; `close` ends thread and store."""

    def __init__(self, open_store: Callable[[], Warehouse], *, timeout_s: float = 90.0, name: str = "store") -> None:
        """`timeout_s` bounds the waiting of callers; the engines' own limits (30 s, 60 s) end the work itself."""
        self._open_store = open_store
        self._timeout_s = timeout_s
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._store: Warehouse | None = None
        self.waiting = 0

    async def run(self, call: Callable[Concatenate[Warehouse, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """`await front.run(queries.queue_day, since=..., until=...)`. Raises what the call raises, StoreUnavailable."""
        if self.waiting >= WAITING_CALLS:
            raise StoreUnavailable(f"{self.waiting} questions are waiting already", mend="try again in a moment")
        self.waiting += 1
        future = asyncio.get_running_loop().run_in_executor(self._thread, lambda: call(self._opened(), *args, **kwargs))
        future.add_done_callback(self._one_less)
        try:
            # Shielded: the thread cannot be interrupted, and its result must still be collected.
            return await asyncio.wait_for(asyncio.shield(future), self._timeout_s)
        except TimeoutError:
            raise StoreUnavailable(
                f"no answer within {self._timeout_s:g} s", mend="narrow the question, or look at the store's load"
            ) from None

    def _one_less(self, future: "asyncio.Future[T]") -> None:
        self.waiting -= 1
        if not future.cancelled():
            future.exception()

    def _opened(self) -> Warehouse:
        if self._store is None:
            self._store = self._open_store()
        return self._store

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close_store)
        self._thread.shutdown(wait=False)

    def _close_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()
