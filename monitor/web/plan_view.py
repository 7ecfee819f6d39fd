"""The editor of a site's plan. In: a request. Out: the page; the plan itself is fetched by it.

May not know: how plans are kept.
"""

from aiohttp import web

from monitor.api.parts import parts_of
from monitor.api.scope import allowed
from monitor.api.sites import BOARD
from monitor.config_wall import EVERYTHING
from monitor.web.render import page
from monitor.web.site_view import View, floor_address


async def plan_page(request: web.Request) -> web.Response:
    parts = parts_of(request)
    if parts.plans is None:
        return page(request, "fault.html", status=404, title="No such page", reason="The plan of this site is fixed.")
    if allowed(request, parts) is not EVERYTHING:
        raise web.HTTPForbidden(text="a plan names everybody's desk: open it without a scope")
    back = floor_address(request.app[BOARD], parts.id, View.OWN)
    return page(request, "plan.html", back=back)
