"""A queue's breach forecast and what-if. In: `agents`, `arrivals` of the query. Out: the row of the word `forecast`.

May not know: how it is reckoned.
"""

import math

import msgspec
from aiohttp import web

from monitor.api.parts import parts_of
from monitor.api.scope import allowed
from streams.vocabulary.ids import QueueName

encode = msgspec.json.Encoder().encode
MOST_AGENTS = 5000
LEAST_ARRIVALS, MOST_ARRIVALS = 0.1, 10.0


async def queue_forecast(request: web.Request) -> web.Response:
    parts = parts_of(request)
    more, arrivals = request.query.get("agents", "0"), request.query.get("arrivals", "1")
    faults = [*_agents_fault(more), *_arrivals_fault(arrivals)]
    if faults:
        return web.json_response({"reason": "; ".join(faults)}, status=400)
    if parts.forecast is None:
        return web.json_response({"reason": "this site makes no forecast: it has no floor of its own"}, status=404)
    queue = QueueName(request.match_info["queue"])
    seen = parts.hub.sight(allowed(request, parts)).sees_queue(queue)
    row = await parts.forecast.what_if(queue, more=float(more), arrivals=float(arrivals)) if seen else None
    if row is None:
        reason = "no such queue on this floor, or its first forecast is not made yet"
        return web.json_response({"reason": reason}, status=404)
    return web.Response(body=encode(row), content_type="application/json")


def _agents_fault(text: str) -> list[str]:
    number = _number(text)
    if number is None or number != round(number) or abs(number) > MOST_AGENTS:
        return [f"agents: a whole number from -{MOST_AGENTS} to +{MOST_AGENTS}, as in agents=+3"]
    return []


def _arrivals_fault(text: str) -> list[str]:
    number = _number(text)
    if number is None or not LEAST_ARRIVALS <= number <= MOST_ARRIVALS:
        return [f"arrivals: a factor from {LEAST_ARRIVALS} to {MOST_ARRIVALS:g}, 1.2 is 20 % more"]
    return []


def _number(text: str) -> float | None:
    """`+3` in a query is read as ` 3`: a plus is a space there."""
    try:
        number = float(text.strip())
    except ValueError:
        return None
    return number if math.isfinite(number) else None
