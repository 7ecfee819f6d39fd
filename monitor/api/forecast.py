"""A queue's breach forecast and what-if. In: `agents`, `arrivals`, `from`. Out: a row of the word `forecast`.

May not know: how it is reckoned.
"""

import re

import msgspec
from aiohttp import web

from monitor.api.parts import parts_of
from monitor.api.scope import allowed
from monitor.forecast import WhyNot
from streams.vocabulary.ids import QueueName

encode = msgspec.json.Encoder().encode
MOST_AGENTS = 5000
LEAST_ARRIVALS, MOST_ARRIVALS = 0.1, 10.0
AGENTS = re.compile(r"[ +-]?[0-9]{1,4}")
"""A plus that is not escaped (`agents=+3`) arrives as a blank."""
FACTOR = re.compile(r"[0-9]{1,2}(\.[0-9]{1,6})?")


async def queue_forecast(request: web.Request) -> web.Response:
    parts = parts_of(request)
    asked, queue = request.query, QueueName(request.match_info["queue"])
    giver = QueueName(asked["from"]) if "from" in asked else None
    more, arrivals = _agents(asked.get("agents", "0")), _arrivals(asked.get("arrivals", "1"))
    faults = [one for one in (more, arrivals, _giver_fault(giver, queue, more)) if isinstance(one, str)]
    if faults or isinstance(more, str) or isinstance(arrivals, str):
        return web.json_response({"reason": "; ".join(faults)}, status=400)
    if parts.forecast is None:
        return web.json_response({"reason": "this site makes no forecast: it has no floor of its own"}, status=404)
    sight = parts.hub.sight(allowed(request, parts))
    if not sight.sees_queue(queue) or not (giver is None or sight.sees_queue(giver)):
        return _why_not(WhyNot.NO_QUEUE)
    row = await parts.forecast.what_if(queue, more=more, arrivals=arrivals, giver=giver)
    if isinstance(row, WhyNot):
        return _why_not(row)
    return web.Response(body=encode(row), content_type="application/json")


def _why_not(why: WhyNot) -> web.Response:
    status, headers = (503, {"Retry-After": "1"}) if why is WhyNot.BUSY else (404, {})
    return web.json_response({"reason": why.value}, status=status, headers=headers)


def _agents(text: str) -> int | str:
    """The number, or what is wrong with it."""
    if AGENTS.fullmatch(text) is None or abs(number := int(text)) > MOST_AGENTS:
        return f"agents: a whole number from -{MOST_AGENTS} to +{MOST_AGENTS}, as in agents=+3"
    return number


def _arrivals(text: str) -> float | str:
    if FACTOR.fullmatch(text) is None or not LEAST_ARRIVALS <= (factor := float(text)) <= MOST_ARRIVALS:
        return f"arrivals: a factor from {LEAST_ARRIVALS} to {MOST_ARRIVALS:g}, 1.2 is 20 % more"
    return factor


def _giver_fault(giver: QueueName | None, queue: QueueName, more: int | str) -> str | None:
    if giver is None or isinstance(more, str):
        return None
    if giver == queue:
        return "from: another queue than the one that is asked about"
    return None if more > 0 else "agents: how many come from the other queue, as in agents=+2&from=B"
