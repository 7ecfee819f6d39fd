"""The plan's routes as the API's description tells them. In: nothing. Out: keyword arguments of openapi.Route, types.

May not know: requests.
"""

from typing import Any, Final

from monitor.api.plan_answers import CheckAnswer, PinAnswer, PlanAnswer, PlanFaultAnswer, VersionAnswer
from monitor.plan_pictures import Picture
from monitor.plan_store import PlanVersion

PLAN_TYPES: Final = (PlanAnswer, VersionAnswer, CheckAnswer, PinAnswer, PlanFaultAnswer, PlanVersion, Picture)
_SITE: Final = (("site", "a site's id; default: the first one"),)
_VERSION: Final = (("version", "an older version; default: the current one"), *_SITE)
_JSON: Final = ("application/json",)
_BODY: Final = {400: ("PlanFaultAnswer", "bad_body"), 413: ("PlanFaultAnswer", "body_too_large")}
_NO_SEAT: Final = {404: ("PlanFaultAnswer", "no_such_seat")}

PLAN_ROUTES: Final[tuple[dict[str, Any], ...]] = (
    {"path": "/api/v1/plan", "summary": "The plan as it stands, its versions, faults, who was seated by hand",
     "answer": "PlanAnswer", "query": _SITE},
    {"path": "/api/v1/plan", "method": "post", "summary": "Publish a plan, or an older version anew",
     "answer": "PlanVersion", "query": _SITE, "takes": _JSON,
     "faults": {**_BODY, 409: ("PlanFaultAnswer", "newer_version"), 422: ("PlanFaultAnswer", "faulty_plan")}},
    {"path": "/api/v1/plan/check", "method": "post", "summary": "What is wrong with a plan, and what it would change",
     "answer": "CheckAnswer", "query": _SITE, "takes": _JSON, "faults": _BODY},
    {"path": "/api/v1/plan/import", "method": "post", "summary": "A plan file looked at, not published",
     "answer": "CheckAnswer", "query": _SITE, "takes": ("text/csv", "application/toml"),
     "faults": {415: ("PlanFaultAnswer", "neither_csv_nor_toml"), **_BODY}},
    {"path": "/api/v1/plan/export.{kind}", "summary": "The plan as a file: toml or csv", "path_names": ("kind",),
     "query": _VERSION, "media": "application/toml"},
    {"path": "/api/v1/plan/versions/{version}", "summary": "A version and what it changed", "answer": "VersionAnswer",
     "path_names": ("version",), "query": (("against", "compare with; default: its parent"), *_SITE),
     "faults": {404: ("PlanFaultAnswer", "no_such_version")}},
    {"path": "/api/v1/plan/seats/{seat}/agent", "method": "put", "summary": "Seat an agent by hand",
     "answer": "PinAnswer", "path_names": ("seat",), "query": _SITE, "takes": _JSON, "faults": _NO_SEAT},
    {"path": "/api/v1/plan/seats/{seat}/agent", "method": "delete", "summary": "Take back what was done by hand",
     "answer": "PinAnswer", "path_names": ("seat",), "query": _SITE, "faults": _NO_SEAT},
    {"path": "/api/v1/plan/picture", "method": "post", "summary": "A floor's picture, PNG or JPEG up to 8 MB",
     "answer": "Picture", "query": _SITE, "takes": ("image/png", "image/jpeg"),
     "faults": {413: ("PlanFaultAnswer", "picture_too_large"), 415: ("PlanFaultAnswer", "not_png_or_jpeg")}},
    {"path": "/api/v1/plan/picture", "summary": "A floor's picture", "query": (("name", "as it was given"), *_SITE),
     "media": "image/*", "faults": {404: ("PlanFaultAnswer", "no_such_picture")}},
    {"path": "/api/v1/plan/picture", "method": "delete", "summary": "Remove a picture that no version shows",
     "query": (("name", "as it was given"), *_SITE), "faults": {409: ("PlanFaultAnswer", "picture_in_use")}},
)  # fmt: skip
