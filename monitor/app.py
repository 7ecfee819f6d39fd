"""The web application. In: `Parts` of every site. Out: an aiohttp application with every route; it starts no task.

Whoever runs it also runs each `Parts.hub.run()`. May not know: configuration, stores, switches.
"""

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from aiohttp import web

import dashboards
import seat_map
from monitor.api import (
    agent_days,
    alerts,
    alerts_acts,
    alerts_backtest,
    alerts_edit,
    alerts_people,
    alerts_rules,
    alerts_silences,
    channels,
    contacts,
    dead,
    forecast,
    intake,
    metrics,
    openapi,
    past,
    permissions,
    plans,
    push,
    push_socket,
    recordings,
    rules_jobs,
    rules_look,
    sites,
    sums,
    verdicts,
    vocabulary,
    wall,
)
from monitor.api.history import HistoryUnavailable
from monitor.api.parts import PARTS, SITES, Parts
from monitor.api.security import Handler, add_headers, guard_changes
from monitor.web import agent_view, alerts_view, intake_view, pages, plan_view, render, rules_view, wall_view, words
from seat_map.figure import bokeh_static
from seat_map.palette import css

WEB = Path(__file__).parent / "web"


def create_app(parts: Parts, branches: Sequence[Parts] = ()) -> web.Application:
    """`parts`: the first site's; `branches`: of the others, which share all that is not a site's own."""
    app = web.Application(middlewares=[say_faults, guard_changes], client_max_size=64 * 1024)
    app[PARTS] = parts
    app[SITES] = {one.id: one for one in (parts, *branches)}
    app[sites.BOARD] = sites.SiteBoard(app[SITES])
    app[wall.DRAWING] = wall.Drawing()
    app[recordings.PEAKS] = recordings.PeaksKept()
    app.cleanup_ctx.append(recordings.beeping)
    app.cleanup_ctx.append(rules_look.trying)
    app[metrics.SCRAPE] = metrics.Scrape(app[SITES])
    app[words.CATALOGUES] = words.load_catalogues()
    app[render.ENVIRONMENT] = render.environment()
    app.on_response_prepare.append(add_headers)
    _add_pages(app)
    _add_api(app)
    _add_static(app)
    return app


def _add_pages(app: web.Application) -> None:
    app.add_routes(
        [
            web.get("/", pages.home),
            web.get("/floor", pages.floor),
            web.get("/wall", pages.wall),
            web.get("/agents/{agent}", agent_view.agent_page),
            web.get("/plan", plan_view.plan_page),
            web.get("/calls", pages.calls),
            web.get("/calls/{contact}", pages.call),
            web.get("/recordings", intake_view.recordings_page),
            web.get("/alerts", alerts_view.alerts_page),
            web.get("/quality", pages.quality),
            web.get("/rules", rules_view.rules_page),
            web.get("/ops", pages.ops),
            web.get("/ops/dead", pages.dead),
            web.get("/metrics", metrics.metrics),
            web.get("/healthz", metrics.healthz),
            web.get("/readyz", metrics.readyz),
            web.get("/ws/floor", wall.socket),
        ]
    )


def _add_api(app: web.Application) -> None:
    for one in (alerts, alerts_silences, alerts_rules, alerts_edit, alerts_backtest, alerts_people, alerts_acts):
        app.add_routes(one.routes())
    app.add_routes(plans.routes())
    app.add_routes(intake.routes())
    app.add_routes(rules_jobs.routes())
    app.add_routes(verdicts.routes())
    app.add_routes(rules_look.routes())
    described = json.dumps(openapi.document(version("floorwatch")))

    async def description(request: web.Request) -> web.Response:
        return web.Response(text=described, content_type="application/json")

    app.add_routes(
        [
            web.get("/api/v1/floor", wall.floor_state),
            web.get("/api/v1/floor/map", wall.floor_map),
            web.get("/api/v1/floor/people", wall.floor_people),
            web.get("/api/v1/sites", sites.sites),
            web.get("/api/v1/queues", wall.queues),
            web.get("/api/v1/sums", sums.queue_sum),
            web.get("/api/v1/wallboard", wall_view.wallboard),
            web.get("/api/v1/queues/{queue}", wall.queue_detail),
            web.get("/api/v1/queues/{queue}/forecast", forecast.queue_forecast),
            web.get("/api/v1/agents/{agent}", wall.agent_detail),
            web.get("/api/v1/agents/{agent}/day", agent_days.day),
            web.get("/api/v1/permissions", permissions.permissions),
            web.get("/api/v1/contacts", contacts.contact_list),
            web.get("/api/v1/contacts/{contact}", contacts.contact_detail),
            web.get("/api/v1/contacts/{contact}/recording", recordings.recording),
            web.get("/api/v1/contacts/{contact}/peaks", recordings.peaks),
            web.post("/api/v1/events", push.events),
            web.get("/ws/events", push_socket.socket),
            web.get("/api/v1/vocabulary", vocabulary.vocabulary),
            web.get("/api/v1/past", past.report),
            web.get("/api/v1/past/frame", past.frame),
            web.get("/api/v1/past/day", past.day),
            web.get("/api/v1/past/agents/{agent}", past.agent),
            web.get("/api/v1/dead", dead.letters),
            web.post("/api/v1/dead/{stream:[^/]+}/redrive", dead.redrive_reason),
            web.post("/api/v1/dead/{stream:[^/]+}/{letter:[^/]+}/redrive", dead.redrive),
            web.post("/api/v1/dead/{stream:[^/]+}/{letter:[^/]+}/discard", dead.discard),
            web.get("/api/v1/alerts/channels", channels.shown),
            web.post("/api/v1/alerts/channels/{name}/test", channels.test),
            web.get("/api/v1/words/{locale}", word_table),
            web.get("/api/v1/openapi.json", description),
        ]
    )


def _add_static(app: web.Application) -> None:
    async def palette(request: web.Request) -> web.Response:
        return web.Response(text=css(), content_type="text/css")

    app.router.add_get("/static/palette.css", palette)
    app.router.add_static("/static/bokeh/", bokeh_static())
    app.router.add_static("/static/seat_map/", Path(str(seat_map.__file__)).parent / "static")
    app.router.add_static("/static/dashboards/", Path(str(dashboards.__file__)).parent / "static")
    app.router.add_static("/static/web/", WEB / "static")


async def word_table(request: web.Request) -> web.Response:
    catalogues: Mapping[str, words.Catalogue] = request.app[words.CATALOGUES]
    catalogue = catalogues.get(request.match_info["locale"])
    if catalogue is None:
        raise web.HTTPNotFound(text=f"there are words for {', '.join(catalogues)}")
    return web.json_response(dict(catalogue.table))


@web.middleware
async def say_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """History that does not answer is a 503 with its reason; a page that is not there is a page that says so."""
    try:
        return await handler(request)
    except HistoryUnavailable as error:
        return web.json_response({"reason": error.reason}, status=503)
    except web.HTTPNotFound as error:
        if request.path.startswith(("/api/", "/static/")):
            return web.json_response({"reason": error.text}, status=404)
        return render.page(request, "fault.html", status=404, title="No such page", reason="The address is not known.")
