"""Queues added up as a viewer asks. In: `?queue=A&queue=B`. Out: a group's row, by the sums of a configured group.

Asked only by who looks at such a sum, from the numbers the hub counted last. A queue outside the asker's scope
is missing by its name. May not know: how numbers add.
"""

from dataclasses import dataclass

import msgspec
from aiohttp import web

from dashboards.columns import tile
from dashboards.rows import group_rows
from monitor.api.parts import parts_of
from monitor.api.scope import allowed
from streams.vocabulary.ids import QueueName

MOST_QUEUES = 500


@dataclass(frozen=True, slots=True)
class Chosen:
    """A group of one request; it has no name of its own."""

    queues: tuple[QueueName, ...]
    name: str = ""
    label_zh: str = ""
    label_en: str = ""


async def queue_sum(request: web.Request) -> web.Response:
    parts = parts_of(request)
    wanted = tuple(QueueName(name) for name in request.query.getall("queue", ()))
    if not wanted or len(wanted) > MOST_QUEUES:
        raise web.HTTPBadRequest(text=f"name 1 to {MOST_QUEUES} queues as ?queue=A&queue=B")
    sight = parts.hub.sight(allowed(request, parts))
    told = [one for one in parts.hub.numbers if one.queue in wanted and sight.sees_queue(one.queue)]
    tiles = [tile(one, parts.goals.of(one.queue)) for one in told]
    row = group_rows(tiles, [Chosen(wanted)], agents=parts.floor.agents.values())[0]
    return web.Response(body=msgspec.json.encode(row), content_type="application/json")
