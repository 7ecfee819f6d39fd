"""Templates to pages. In: a template's name and its values. Out: HTML; every value is escaped by Jinja.

Moments and durations are written as data attributes and filled in the viewer's own zone. May not know: rows, history.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from monitor.api.parts import PARTS
from monitor.web.words import CATALOGUES, CHINESE, Catalogue, choose_locale, choose_theme

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


def moment(at: int, only: str = "") -> Markup:
    """A moment the browser rewrites in its own zone; without scripts it reads as UTC."""
    if not at:
        return Markup("–")
    text = datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return Markup('<time data-at="{}" data-only="{}">{}</time>').format(at, only, text)


def page(
    request: web.Request,
    template: str,
    values: Mapping[str, object] | None = None,
    *,
    status: int = 200,
    **more: object,
) -> web.Response:
    locale, theme = choose_locale(request), choose_theme(request)
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
            moment=moment,
            clock=clock_text,
            locale=locale,
            theme=theme,
            chinese=locale == CHINESE,
            site=request.app[PARTS].site,
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
