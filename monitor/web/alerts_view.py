"""The alerts page. In: a request. Out: its frame: tabs, sites, queues' labels; what fires is fetched by it.

May not know: alerts, rules.
"""

from dataclasses import asdict
from typing import Final

from aiohttp import web

from alerts.metrics import METRICS
from monitor.api.parts import SITES, Parts, parts_of
from monitor.api.scope import allowed
from monitor.web.render import page

TABS: Final = (
    ("now", "Now"),
    ("history", "History"),
    ("silences", "Silences"),
    ("rules", "Rules"),
    ("fatigue", "Fatigue"),
    ("channels", "Channels"),
)


async def alerts_page(request: web.Request) -> web.Response:
    """Of the site that is asked for, else of all."""
    parts = parts_of(request)
    shown = (parts,) if request.query.get("site") else tuple(request.app[SITES].values())
    spec = {
        "now": parts.clock(),
        "sites": [{"id": one.id, "name": one.site} for one in shown],
        "labels": {queue: label for one in shown for queue, label in _labels(request, one).items()},
        "metrics": {one.name: [one.zh, one.en] for one in METRICS.values()},
        "has": [] if parts.alert_desk is None else ["on-call"],
    }
    return page(request, "alerts.html", tabs=TABS, spec=spec)


def _labels(request: web.Request, parts: Parts) -> dict[str, dict[str, str]]:
    sight = parts.hub.sight(allowed(request, parts))
    return {str(queue): asdict(label) for queue, label in parts.labels.items() if sight.sees_queue(queue)}
