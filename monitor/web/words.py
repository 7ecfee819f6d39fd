"""The UI's words. In: the .po catalogues beside this file. Out: `Catalogue` per locale, the choice for a request.

msgid is the English text, or `kind:name` for a closed word (state:ready, letter:ready, formula:…). May not know: pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from babel.core import negotiate_locale
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "locale"
CHINESE, ENGLISH = "zh-CN", "en"
FILES = {CHINESE: "zh_CN", ENGLISH: "en"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    locale: str
    table: Mapping[str, str]

    def text(self, msgid: str, **values: object) -> str:
        """The word; a `kind:name` without an entry is its bare name: a centre's own reasons show as they are."""
        found = self.table.get(msgid)
        if found is None:
            kind, colon, name = msgid.partition(":")
            found = name if colon and kind.isidentifier() and kind.islower() else msgid
        return found.format_map(values) if values else found


def load_catalogues() -> Mapping[str, Catalogue]:
    return {
        locale: Catalogue(locale, _read(FOLDER / folder / "LC_MESSAGES/messages.po"))
        for locale, folder in FILES.items()
    }


def _read(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        catalogue = read_po(file)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


def choose_locale(request: web.Request) -> str:
    """?lang=, then the cookie, then what the browser asks for, then Chinese."""
    wanted = request.query.get("lang") or request.cookies.get("lang") or ""
    if wanted in FILES:
        return wanted
    accepted = [part.split(";")[0].strip() for part in request.headers.get("Accept-Language", "").split(",")]
    if negotiate_locale(accepted, ["zh", "zh-CN", "en"], sep="-") == "en":
        return ENGLISH
    return CHINESE


def choose_theme(request: web.Request) -> str:
    wanted = request.query.get("theme") or request.cookies.get("theme") or ""
    return wanted if wanted in ("dark", "light") else "dark"


CATALOGUES: web.AppKey[Mapping[str, Catalogue]] = web.AppKey("catalogues", Mapping)
