"""What the ledger's routes answer. In: a reason, a value. Out: HTTP answers; every refusal names its mend.

May not know: the ledger.
"""

from typing import Final

import msgspec
from aiohttp import web

from monitor.api.parts import PARTS
from monitor.intake_desk import IntakeDesk, IntakeRefused

FIELDS: Final = ("name", "id", "contact", "at", "agent", "queue", "site", "urgent")
STATUS: Final = {
    IntakeRefused.NO_INTAKE: 404,
    IntakeRefused.NO_TOKEN: 401,
    IntakeRefused.WRONG_TOKEN: 403,
    IntakeRefused.NOTHING_IN_BODY: 422,
    IntakeRefused.RECORDING_TOO_LARGE: 413,
    IntakeRefused.RECORDING_TOO_SLOW: 408,
    IntakeRefused.RECORDING_CUT: 400,
    IntakeRefused.UNKNOWN_ENDING: 415,
    IntakeRefused.UNKNOWN_SITE: 422,
    IntakeRefused.WRONG_FIELD: 422,
    IntakeRefused.FILE_MISSING: 404,
    IntakeRefused.NOT_IN_QUARANTINE: 409,
    IntakeRefused.NOT_UNMATCHED: 409,
    IntakeRefused.CONTACT_NOT_FOUND: 404,
    IntakeRefused.HISTORY_AWAY: 503,
    IntakeRefused.BUS_AWAY: 503,
    IntakeRefused.DISK_REFUSES: 507,
}
MENDS: Final = {
    IntakeRefused.NO_INTAKE: "configure [recordings] with a secret",
    IntakeRefused.NO_TOKEN: "send the header Authorization: Bearer TOKEN",
    IntakeRefused.WRONG_TOKEN: "check the secret of [recordings]",
    IntakeRefused.NOTHING_IN_BODY: "send the audio as the body, or as the part `file` of a form",
    IntakeRefused.RECORDING_TOO_LARGE: "raise [recordings] most_mb, or cut the recording",
    IntakeRefused.RECORDING_TOO_SLOW: "send it over a faster line, or lay it into the watched folder",
    IntakeRefused.RECORDING_CUT: "send it again",
    IntakeRefused.UNKNOWN_ENDING: "name the file with its real ending, as ?name=a.wav",
    IntakeRefused.UNKNOWN_SITE: "name a site of the configuration, or none",
    IntakeRefused.WRONG_FIELD: f"fields are {', '.join(FIELDS)}; `at` is epoch milliseconds of the past, names "
    "are plain text of at most 128 characters",
    IntakeRefused.FILE_MISSING: "look again",
    IntakeRefused.NOT_IN_QUARANTINE: "look again: it has moved on, or has no contact or no file yet",
    IntakeRefused.NOT_UNMATCHED: "look again: it has its contact already; or name the contact",
    IntakeRefused.CONTACT_NOT_FOUND: "copy the contact's name from its page; history has none of this name",
    IntakeRefused.HISTORY_AWAY: "try again once history answers; /ops says why it does not",
    IntakeRefused.BUS_AWAY: "send it again later; a second copy is harmless",
    IntakeRefused.DISK_REFUSES: "free disk space, then send it again",
}


def desk_of(request: web.Request) -> IntakeDesk:
    desk = request.app[PARTS].intake
    if desk is None:
        raise web.HTTPNotFound(text="no recordings are configured")
    return desk


def refused_with(reason: IntakeRefused, detail: str = "") -> web.Response:
    body = msgspec.json.encode({"reason": reason, "detail": detail, "mend": MENDS[reason]})
    response = web.Response(body=body, status=STATUS[reason], content_type="application/json")
    if STATUS[reason] == 503:
        response.headers["Retry-After"] = "5"
    return response


def as_json(body: object, *, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")
