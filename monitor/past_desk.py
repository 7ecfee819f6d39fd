"""POST /past on the private socket: the floor of any past second. In: questions of the web. Out: packed frames, JSON.

Folds run in a thread with a store connection of its own: questions about rows never wait for them. One at a time,
each bounded; who comes while too many wait is told so. May not know: browsers, SQL.
"""

import asyncio
import gc
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from gzip import compress
from typing import Any, Final

import msgspec
from aiohttp import web

from dashboards.columns import Goals
from monitor.api.agent_row import agent_row
from monitor.api.past_door import UNKNOWN_SEATING, PastAnswer, PastDay, PastQuestion, PastRefused
from monitor.past_answers import Refused, Seen, Span, Underway
from monitor.past_picture import Seats, packed, underway_word
from monitor.past_store import StoredPast, day_marks
from monitor.time_travel import Traveller
from streams.floor.fold import Floor
from streams.floor.report import report
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.ids import AgentId, Millis, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.errors import StoreError
from streams.warehouse.front import AsyncWarehouse

JSON: Final = "application/json"
FRAMES: Final = "application/octet-stream"
MOST_WAITING: Final = 8
SEATINGS_KEPT: Final = 8
ZIPPED_FROM: Final = 4_096

encode = msgspec.json.Encoder(order="deterministic").encode
decode = msgspec.json.Decoder(PastQuestion).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSite:
    """How floors of one site are made: `restore` raises msgspec.ValidationError."""

    day_of: Callable[[Millis], Span]
    new_floor: Callable[[], Floor]
    restore: Callable[[bytes], Floor]


class PastDesk:
    """Mutable; `answer` and what it keeps belong to the store's thread, the counters to the event loop."""

    def __init__(
        self,
        store: AsyncWarehouse,
        *,
        past: "Past",
        clock: Callable[[], Millis],
    ) -> None:
        self._store = store
        self._clock = clock
        self._past = past
        self._preparing: asyncio.Future[None] | None = None
        self.counts: Counter[str] = Counter()

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/past", self._answer)]

    def status(self) -> dict[str, Any]:
        return {**self.counts, **self._past.kept}

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            question = decode(await request.read())
        except UNREADABLE as error:
            self.counts["refused"] += 1
            return _response(_refused(400, "not_a_question", str(error)))
        if self._store.waiting >= MOST_WAITING:
            self.counts["busy"] += 1
            return _response(_refused(503, "busy", f"{MOST_WAITING} viewers of the past wait"))
        try:
            answer = await self._store.run(self._past.answer, question, self._clock())
        except StoreError as error:
            self.counts["store_faults"] += 1
            return _response(_refused(503, "store", str(error)))
        self.counts[f"{question.kind} {answer.status}"] += 1
        if not self._store.waiting:
            self._preparing = asyncio.ensure_future(self._prepare())
        return _response(answer)

    async def _prepare(self) -> None:
        try:
            await self._store.run(lambda warehouse: self._past.prepare())
        except StoreError:
            self.counts["not_prepared"] += 1  # the next question waits a little longer, that is all


@contextmanager
def collector_paused() -> Iterator[None]:
    """A floor of 5,000 seats is 100,000 objects without a cycle: looking for one meanwhile took eight times as long."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _response(answer: PastAnswer) -> web.Response:
    response = web.Response(body=answer.body, status=answer.status, content_type=answer.media)
    if answer.encoding:
        response.headers["Content-Encoding"] = answer.encoding
    return response


class Past:
    """Questions to answers, in the thread that owns the warehouse. Also `floorwatch replay warehouse` asks it."""

    def __init__(self, *, sites: Mapping[SiteId, PastSite], goals: Goals) -> None:
        self._sites = sites
        self._goals = goals
        self._travellers: dict[SiteId, Traveller] = {}
        self._seatings: OrderedDict[str, Seats] = OrderedDict()

    @property
    def kept(self) -> dict[str, int]:
        total: Counter[str] = Counter()
        for traveller in tuple(self._travellers.values()):
            total.update(traveller.kept)
        return dict(total)

    def answer(self, warehouse: Warehouse, question: PastQuestion, now: Millis) -> PastAnswer:
        """Raises StoreError."""
        site = self._sites.get(question.site)
        if site is None:
            known = ", ".join(self._sites)
            return _refused(404, "unknown_site", f"{question.site!r} is none of {known}")
        traveller = self._traveller(warehouse, question.site, site)
        if question.kind == "day":
            return _zipped(_json(200, self._day(warehouse, traveller, question, now)))
        if question.kind == "frame" and (answer := self._learn_seating(question)) is not None:
            return answer
        with collector_paused():
            found = traveller.go(question.at, now=now)
        match found:
            case Refused() as refused:
                # a map that cannot be shown is an answer to the page; elsewhere there is no such thing
                return _refused(
                    200 if question.kind == "frame" else 404,
                    refused.reason,
                    refused.detail,
                    at=refused.at,
                    first=refused.first,
                    last=refused.last,
                )
            case Underway() as underway:
                return _json(202, underway_word(underway))
            case Seen() as seen:
                return _zipped(self._show(seen, question))

    def prepare(self) -> None:
        """What the next question will probably need."""
        with collector_paused():
            for traveller in self._travellers.values():
                traveller.prepare()

    def _traveller(self, warehouse: Warehouse, name: SiteId, site: PastSite) -> Traveller:
        if name not in self._travellers:
            self._travellers[name] = Traveller(
                StoredPast(warehouse, name), day_of=site.day_of, new_floor=site.new_floor, restore=site.restore
            )
        return self._travellers[name]

    def _learn_seating(self, question: PastQuestion) -> PastAnswer | None:
        """None: it is known now."""
        if question.places or question.size:
            places = {AgentId(name): row for name, row in question.places.items()}
            self._seatings[question.seating] = Seats(size=question.size, places=places, free=question.free)
        if question.seating not in self._seatings:
            return _refused(UNKNOWN_SEATING, "unknown_seating")
        self._seatings.move_to_end(question.seating)
        while len(self._seatings) > SEATINGS_KEPT:
            self._seatings.popitem(last=False)
        return None

    def _show(self, seen: Seen, question: PastQuestion) -> PastAnswer:
        match question.kind:
            case "frame":
                body = packed(seen, self._seatings[question.seating], self._goals, people=question.people)
                return PastAnswer(status=200, media=FRAMES, encoding="", body=body)
            case "agent":
                record = seen.floor.agents.get(AgentId(question.agent))
                if record is None:
                    return _refused(404, "unknown_agent", at=seen.at)
                return _json(
                    200, {**agent_row(seen.floor, record, seen.at, day_began=seen.floor.state.day_began), "at": seen.at}
                )
            case _:
                told = report(seen.floor, now=seen.at)
                where = {"site": question.site, "at": seen.at, "basis": seen.basis, "began": seen.began}
                return _json(200, {**told, "past": {**where, "first": seen.first, "last": seen.last}})

    def _day(self, warehouse: Warehouse, traveller: Traveller, question: PastQuestion, now: Millis) -> PastDay:
        day = self._sites[question.site].day_of(question.at)
        return day_marks(warehouse, question.site, day, traveller.extent(now))


def _refused(
    status: int, reason: str, detail: str = "", *, at: int = 0, first: int | None = None, last: int | None = None
) -> PastAnswer:
    return _json(status, PastRefused(reason=reason, at=at, first=first, last=last, detail=detail))


def _json(status: int, value: object) -> PastAnswer:
    return PastAnswer(status=status, media=JSON, encoding="", body=encode(value))


def _zipped(answer: PastAnswer) -> PastAnswer:
    """Here and not in the web's process, where it would cost the live floor time."""
    if len(answer.body) < ZIPPED_FROM:
        return answer
    return PastAnswer(status=answer.status, media=answer.media, encoding="gzip", body=compress(answer.body, 1, mtime=0))
