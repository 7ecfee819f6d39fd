"""The wall's doors: the socket, the drawing, the people, one agent. In: requests. Out: frames by the hub, JSON.

The drawing is made once per geometry (0.2 s of CPU) and kept compressed. May not know: history.
"""

import asyncio
import zlib
from collections.abc import Mapping
from copy import copy
from dataclasses import asdict
from gzip import compress
from typing import NamedTuple

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from dashboards.columns import tile
from dashboards.figures import line_item
from monitor.api.agent_row import agent_row, short_row
from monitor.api.parts import Parts, parts_of
from monitor.api.past_time import day_of
from monitor.api.scope import allowed
from monitor.api.security import origin_fault
from monitor.api.viewers import Pushed, Viewer, framed, text
from monitor.api.wall_words import queue_row
from monitor.config_wall import Scope
from monitor.hub import HubCount
from seat_map.columns import DOUBT_CERTAINTIES
from seat_map.figure import map_item
from seat_map.palette import SIZES, THEMES, SeatCode, edge, ink
from seat_map.picture import Person
from seat_map.seating import Seating
from streams.floor.numbers import COUNTER_NAMES, FORMULAS, Counters, QueueNumbers
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId

MESSAGE_MAX = 4096
SAID_MAX, SAID_MS = 200, 10_000
"""A page of ours says five messages in that time."""
HEARTBEAT_S = 20.0
encode = msgspec.json.Encoder().encode


class Drawing:
    """Each site's map document and people, kept until they change, made one after the other in a thread: a new plan
    makes every browser ask at once. Mutable; owned by the application."""

    def __init__(self) -> None:
        self._maps: dict[tuple[SiteId, str], tuple[Drawn, bytes]] = {}
        self._people: dict[tuple[SiteId, str], tuple[int, bytes]] = {}
        self._turn = asyncio.Lock()

    async def document(self, parts: Parts, scope: Scope) -> bytes:
        key = (parts.id, scope.name)
        async with self._turn:
            hub, sight = parts.hub, parts.hub.sight(scope)
            labels = {queue: asdict(label) for queue, label in parts.labels.items() if sight.sees_queue(queue)}
            drawn = Drawn(hub.version, hub.picture.seating.size, tuple(labels))
            before, document = self._maps.get(key, (None, b""))
            if before != drawn:
                seating = copy(hub.picture.seating)  # a bench that grows meanwhile is another drawing
                document = await asyncio.to_thread(
                    lambda: compress(encode(map_document(seating, drawn.version, parts, labels)), 5)
                )
                self._maps[key] = (drawn, document)
        return document

    async def people(self, parts: Parts, scope: Scope) -> bytes:
        """A shift's first minutes bring a hundred browsers at once: 5,000 people are packed once for all of them."""
        key = (parts.id, scope.name)
        async with self._turn:
            known = parts.hub.picture.revision
            revision, document = self._people.get(key, (-1, b""))
            if revision != known:
                people = dict(parts.hub.sight(scope).people)
                document = await asyncio.to_thread(lambda: _people_document(known, people))
                self._people[key] = (known, document)
        return document


class Drawn(NamedTuple):
    """What a drawing is of; another one is another drawing."""

    version: str
    size: int
    labels: tuple[QueueName, ...]


DRAWING = web.AppKey("drawing", Drawing)


def _people_document(revision: int, people: Mapping[int, Person]) -> bytes:
    return compress(encode({"revision": revision, "people": {str(row): one for row, one in people.items()}}), 1)


def map_document(seating: Seating, version: str, parts: Parts, labels: Mapping[QueueName, object]) -> dict[str, object]:
    plan = seating.plan
    bench = [""] if seating.bench else []
    return {
        "version": version,
        "item": map_item(seating),
        "line": line_item(),
        "size": seating.size,
        "rooms": [room.name for room in plan.rooms] + bench,
        "teams": [team.code for team in plan.teams],
        "seats": [seat.id for seat in plan.seats],
        "team_of": [-1 if seat.team is None else seat.team for seat in plan.seats],
        "themes": {name: _theme(name) for name in THEMES},
        "sizes": [SIZES[code] for code in SeatCode],
        "doubts": [[doubt, certainty] for doubt, certainty in DOUBT_CERTAINTIES.items()],
        "limits": parts.limits.table(),
        "formulas": {name: formula.text for name, formula in FORMULAS.items()},
        "labels": labels,
    }


def _theme(name: str) -> dict[str, object]:
    theme = THEMES[name]
    colours = [theme.seats[code] for code in SeatCode]
    edges = [edge(theme, code) for code in SeatCode]
    return {**asdict(theme), "seats": colours, "ink": [ink(colour) for colour in colours], "edges": edges}


async def floor_map(request: web.Request) -> web.Response:
    parts = parts_of(request)
    return _packed(await request.app[DRAWING].document(parts, allowed(request, parts)))


async def floor_people(request: web.Request) -> web.Response:
    parts = parts_of(request)
    return _packed(await request.app[DRAWING].people(parts, allowed(request, parts)))


def _packed(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json", headers={"Content-Encoding": "gzip"})


async def floor_state(request: web.Request) -> web.Response:
    """The live state as JSON, for people and programs that want no binary frames."""
    parts = parts_of(request)
    now, sight = parts.clock(), parts.hub.sight(allowed(request, parts))
    agents = [short_row(parts.floor, agent, now) for agent in parts.floor.agents.values() if sight.sees(agent.id)]
    gaps = [msgspec.to_builtins(gap) for gap in parts.floor.gaps]
    doubts = parts.hub.picture.columns.doubts(sight.mask)
    body = encode({"site": parts.site, "at": now, "agents": agents, "doubts": doubts, "gaps": gaps})
    return web.Response(body=body, content_type="application/json")


async def queues(request: web.Request) -> web.Response:
    parts = parts_of(request)
    sight = parts.hub.sight(allowed(request, parts))
    rows = [_whole(numbers) for numbers in parts.floor.numbers(parts.clock()) if sight.sees_queue(numbers.queue)]
    return web.Response(body=encode(rows), content_type="application/json")


def _whole(numbers: QueueNumbers) -> dict[str, object]:
    """With its zeros: on the bus a counter of 0 is left out, but whoever asks should not have to know that."""
    row: dict[str, object] = msgspec.to_builtins(numbers)
    row["today"] = _counted(numbers.today)
    row["windows"] = {str(minutes): _counted(one) for minutes, one in numbers.windows.items()}
    return row


def _counted(counters: Counters) -> dict[str, int]:
    return {name: getattr(counters, name) for name in COUNTER_NAMES}


async def agent_detail(request: web.Request) -> web.Response:
    """Whoever is outside the scope is not there: that there is such an agent is no answer either."""
    parts = parts_of(request)
    sight = parts.hub.sight(allowed(request, parts))
    agent = parts.floor.agents.get(AgentId(request.match_info["agent"]))
    if agent is None or not sight.sees(agent.id):
        raise web.HTTPNotFound(text="no such agent on this floor")
    return web.Response(body=encode(_row(parts, agent)), content_type="application/json")


def _row(parts: Parts, agent: AgentRecord) -> dict[str, object]:
    now = parts.clock()
    return agent_row(parts.floor, agent, now, day_began=day_of(now, parts.timezone)[0])


async def queue_detail(request: web.Request) -> web.Response:
    """What a queue's card has no room for; asked by whoever looks at it, so that nobody else pays."""
    parts = parts_of(request)
    queue = QueueName(request.match_info["queue"])
    found = next((numbers for numbers in parts.hub.numbers if numbers.queue == queue), None)
    if found is None or not parts.hub.sight(allowed(request, parts)).sees_queue(queue):
        raise web.HTTPNotFound(text="no such queue on this floor")
    lines = parts.hub.lately.lines(queue, parts.clock())
    level = parts.hub.lately.level_line(found, parts.goals.of(queue))
    row = queue_row(tile(found, parts.goals.of(queue)))
    row["lines"] = {"at": lines.at, **lines.columns, "level": level}
    return web.Response(body=encode(row), content_type="application/json")


async def socket(request: web.Request) -> web.StreamResponse:
    parts = parts_of(request)
    refused = origin_fault(request, parts.origins)
    if refused is not None:
        parts.hub.counts[HubCount.REFUSED_ORIGIN] += 1
        raise web.HTTPForbidden(text=refused)
    scope = allowed(request, parts)
    line = web.WebSocketResponse(compress=True, heartbeat=HEARTBEAT_S, max_msg_size=MESSAGE_MAX)
    await line.prepare(request)
    if not isinstance(request.transport, asyncio.Transport):
        return line
    # whoever wants a smaller window than deflate's own is sent plain frames
    packed = line.compress == zlib.MAX_WBITS
    viewer = Viewer(request.transport, send_timeout_ms=parts.hub.settings.send_timeout_ms, packed=packed)
    if not parts.hub.attach(viewer, scope):
        await line.close(code=1013, message=b"the wall is full")
        return line
    try:
        await _listen(line, viewer, parts)
    finally:
        parts.hub.detach(viewer)
    return line


class Asked(msgspec.Struct, frozen=True):
    """What a browser may say: `ping` with its own clock, `snapshot` after a gap."""

    t: str
    at: float = 0.0


async def _listen(line: web.WebSocketResponse, viewer: Viewer, parts: Parts) -> None:
    began, said = parts.clock(), 0
    async for message in line:
        now = parts.clock()
        if not 0 <= now - began < SAID_MS:
            began, said = now, 0
        said += 1
        if said > SAID_MAX:
            parts.hub.counts[HubCount.TALKED_TOO_MUCH] += 1
            await line.close(code=WSCloseCode.POLICY_VIOLATION, message=b"too many messages")
            return
        if message.type is not WSMsgType.TEXT:
            parts.hub.counts[HubCount.BAD_MESSAGE] += 1
            continue
        try:
            asked = msgspec.json.decode(message.data, type=Asked)
        except (msgspec.DecodeError, RecursionError):
            parts.hub.counts[HubCount.BAD_MESSAGE] += 1
            continue
        match asked.t:
            case "ping":
                _answer(viewer, {"t": "pong", "at": asked.at, "server": now}, now)
            case "snapshot":
                _grant(viewer, viewer.ask(now), now)
            case _:
                parts.hub.counts[HubCount.BAD_MESSAGE] += 1


def _grant(viewer: Viewer, after_ms: int | None, now: Millis) -> None:
    if after_ms is not None:
        asyncio.get_running_loop().call_later(after_ms / 1000, viewer.granted, Millis(now + after_ms))


def _answer(viewer: Viewer, word: dict[str, object], now: Millis) -> None:
    """Into an empty buffer or not at all, and never through aiohttp's own writer: its compressor remembers what it
    sent before, and frames of ours in between would make its memory and the browser's differ."""
    if viewer.ready(now) is Pushed.SENT:
        viewer.push(framed([text(encode(word))], packed=viewer.packed), now)
