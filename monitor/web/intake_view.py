"""The page of the ledger. In: a request. Out: HTML; its rows are read and refreshed by recordings.js.

May not know: the bus.
"""

from aiohttp import web

from asr.intake_states import State
from monitor.api.parts import PARTS
from monitor.web.render import page
from streams.bus.errors import BusError

SHOWN = ("arrived", "queued", "decoding", "recognising", "done", "quarantined", "expected", "missing")


async def recordings_page(request: web.Request) -> web.Response:
    desk = request.app[PARTS].intake
    seen, fault = None, ""
    if desk is not None:
        try:
            seen = await desk.seen(list(desk.around.sites))
        except BusError as error:
            fault = str(error)
    wanted = request.query.get("state", "")
    return page(
        request,
        "recordings.html",
        seen=seen,
        fault=fault,
        known=desk is not None,
        states=SHOWN,
        state=wanted if wanted in tuple(State) else "",
        reason=request.query.get("reason", ""),
        text=request.query.get("text", ""),
        kept_sites=[] if desk is None else list(desk.around.sites),
        kept_site=request.query.get("site", ""),
    )
