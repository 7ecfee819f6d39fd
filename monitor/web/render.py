"""Templates to pages. In: a template's name and its values. Out: HTML; every value is escaped by Jinja.

Moments are written in the site's own time zone, ids by the names people know. May not know: rows, history.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from monitor.api.parts import PARTS, Parts
from monitor.api.sites import BOARD
from monitor.web.site_view import View, floor_address, site_choices, site_or_first
from monitor.web.words import CATALOGUES, CHINESE, Catalogue, choose_locale, choose_theme
from streams.vocabulary.ids import AgentId, QueueName

FOLDER = Path(__file__).parent / "templates"


def environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


ENVIRONMENT = web.AppKey("environment", Environment)


def clock_text(ms: float | None) -> str:
    """83 000 -> 01:23; None -> –."""
    if ms is None:
        return "–"
    seconds = max(0, int(ms // 1000))
    hours, rest = divmod(seconds, 3600)
    text = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{text}" if hours else text


def moment_in(zone: ZoneInfo, at: int, only: str = "") -> Markup:
    """A moment on the site's clock; 0 is not known. `only="time"` leaves the day out."""
    if not at:
        return Markup("–")
    local = datetime.fromtimestamp(at / 1000, zone)
    text = local.strftime("%H:%M:%S" if only == "time" else "%Y-%m-%d %H:%M:%S")
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="seconds"), text)


def queue_label(parts: Parts, chinese: bool, queue: str) -> str:
    """The label the configuration gives; without one the switch's own name."""
    label = parts.labels.get(QueueName(queue))
    return ((label.zh if chinese else label.en) if label else "") or queue


def agent_name(parts: Parts, agent: str) -> str:
    """The name as the floor knows it now; "" for an agent who is not on it any more."""
    record = parts.floor.agents.get(AgentId(agent))
    return record.name if record is not None else ""


def page(
    request: web.Request,
    template: str,
    values: Mapping[str, object] | None = None,
    *,
    status: int = 200,
    **more: object,
) -> web.Response:
    locale, theme = choose_locale(request), choose_theme(request)
    parts = site_or_first(request)
    first = parts is request.app[PARTS]
    chinese = locale == CHINESE
    catalogue: Catalogue = request.app[CATALOGUES][locale]

    def live_word(msgid: str) -> Markup:
        """A word that follows a language switch without a reload."""
        return Markup('<span data-t="{}">{}</span>').format(msgid, catalogue.text(msgid))

    html = (
        request.app[ENVIRONMENT]
        .get_template(template)
        .render(
            _=catalogue.text,
            tx=live_word,
            moment=partial(moment_in, parts.timezone),
            queue_label=partial(queue_label, parts, chinese),
            agent_name=partial(agent_name, parts),
            zone=parts.timezone.key,
            clock=clock_text,
            locale=locale,
            theme=theme,
            chinese=chinese,
            site=parts.site,
            site_id="" if first else parts.id,
            shown_id=parts.id,
            site_and="" if first else f"&{urlencode({'site': parts.id})}",
            site_choices=site_choices(request, parts),
            floor_href=floor_address(request.app[BOARD], parts.id, View.OWN),
            plan_href="" if parts.plans is None else "/plan" if first else f"/plan?{urlencode({'site': parts.id})}",
            path=request.path,
            **(values or {}),
            **more,
        )
    )
    response = web.Response(text=html, content_type="text/html", status=status)
    response.headers["Cache-Control"] = "no-store"
    for name, value in (("lang", locale), ("theme", theme)):
        if request.query.get(name) == value:
            response.set_cookie(name, value, max_age=31_536_000, samesite="Lax")
    return response
