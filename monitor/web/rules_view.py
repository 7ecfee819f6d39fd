"""The editor of rules. In: a request. Out: the page; schemes are fetched by it. May not know: how schemes are kept."""

from aiohttp import web

from monitor.api.parts import parts_of
from monitor.web.render import page


async def rules_page(request: web.Request) -> web.Response:
    if parts_of(request).schemes is None:
        return page(request, "fault.html", status=404, title="No such page", reason="No schemes are kept here.")
    return page(request, "rules.html")
