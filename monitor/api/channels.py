"""Channels over HTTP. In: requests. Out: which there are with their last attempts; a test sent at once, and its answer.

No address and no secret is ever shown. May not know: services, rules.
"""

import msgspec
from aiohttp import web
from msgspec.structs import replace

from monitor.api.alerts_answers import AlertRefused, refused
from monitor.api.parts import parts_of
from monitor.api.scope import allowed
from monitor.channel_desk import ShownChannel
from monitor.config_wall import EVERYTHING
from streams.bus.errors import BusError

ENCODE = msgspec.json.encode


async def shown(request: web.Request) -> web.Response:
    parts = parts_of(request)
    everything = allowed(request, parts) is EVERYTHING
    try:
        channels = await parts.channels.shown(parts.id) if parts.channels else ()
    except BusError as error:
        return _away(error)
    told = [one if everything else _without_alert(one) for one in channels]
    return web.Response(body=ENCODE({"channels": told}), content_type="application/json")


async def test(request: web.Request) -> web.Response:
    parts = parts_of(request)
    name = request.match_info["name"]
    if allowed(request, parts) is not EVERYTHING:
        return refused(AlertRefused.OUT_OF_SCOPE, "a channel is everybody's: test it without a scope")
    try:
        answer = await parts.channels.test(name, site=parts.id, by=parts.actor(request)) if parts.channels else None
    except BusError as error:
        return _away(error)
    if answer is None:
        return web.json_response({"reason": "unknown_channel"}, status=404)
    return web.Response(body=ENCODE(answer), content_type="application/json")


def _without_alert(one: ShownChannel) -> ShownChannel:
    """The last message may have been about what whoever asks must not see."""
    return one if one.last is None else replace(one, last=replace(one.last, notification=""))


def _away(error: BusError) -> web.Response:
    """A test may have gone out, then: only its record is missing."""
    return web.json_response({"reason": "bus_away", "detail": error.fault, "mend": error.mend}, status=503)
