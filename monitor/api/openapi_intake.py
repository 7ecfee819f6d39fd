"""The ledger's routes as the API's description tells them. In: nothing. Out: keyword arguments of openapi.Route, types.

May not know: requests.
"""

from typing import Any, Final

import msgspec

from monitor.api.intake_ledger import NearbyAnswer
from monitor.intake_desk import IntakeRefused, Seen
from monitor.intake_import import Imported
from monitor.intake_store import LedgerRow


class LedgerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    seen: Seen
    rows: tuple[LedgerRow, ...]


class RecordingTaken(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: queued, waits (for its contact), known (it was sent before)."""

    state: str
    recording: str
    sha256: str


class IntakeFault(msgspec.Struct, frozen=True, kw_only=True):
    reason: IntakeRefused
    detail: str
    mend: str


class IntakeActed(msgspec.Struct, frozen=True, kw_only=True):
    done: str


INTAKE_TYPES: Final = (LedgerAnswer, RecordingTaken, IntakeFault, IntakeActed, Imported, NearbyAnswer)
_META: Final = (
    ("name", "the file's name with its real ending"),
    ("id", "the sender's own id: sent again it is the same recording"),
    ("contact", "the switch's id of the contact"),
    ("at", "when it began, epoch ms"),
    ("agent", "staff number"),
    ("queue", "queue"),
    ("site", "a site's id; default: the first one"),
    ("urgent", "1: before all others of its site"),
)
_AWAY: Final = {503: ("IntakeFault", "bus_away")}

INTAKE_ROUTES: Final[tuple[dict[str, Any], ...]] = (
    {"path": "/api/v1/recordings", "method": "post", "summary": "A recording: the audio as the body, or a form with "
     "the part `file`; 200: known already", "answer": "RecordingTaken", "query": _META, "bearer": True,
     "takes": ("audio/*", "multipart/form-data"),
     "faults": {401: ("IntakeFault", "no_token"), 403: ("IntakeFault", "wrong_token"),
                413: ("IntakeFault", "recording_too_large"), 415: ("IntakeFault", "unknown_ending"), **_AWAY}},
    {"path": "/api/v1/recordings", "summary": "How many recordings stand where, and the last of them to change",
     "answer": "LedgerAnswer", "faults": _AWAY,
     "query": (("state", "only of this state"), ("reason", "only with this reason"),
               ("text", "contact, agent, queue or file name"), ("site", "only of this site"),
               ("limit", "at most 500"))},
    {"path": "/api/v1/recordings/near", "summary": "Contacts that one without a contact may be of, nearest first",
     "answer": "NearbyAnswer", "faults": {409: ("IntakeFault", "not_unmatched"), 503: ("IntakeFault", "history_away")},
     "query": (("site", "a site's id"), ("recording", "its name in the ledger"))},
    {"path": "/api/v1/recordings/import", "method": "post", "summary": "A CSV manifest, every line judged",
     "answer": "Imported", "takes": ("text/csv",), "query": (("dry", "1: judge only"),), "faults": _AWAY},
    {"path": "/api/v1/recordings/act/{what}", "method": "post", "summary": "retry, discard or match one recording",
     "answer": "IntakeActed", "path_names": ("what",), "faults": {409: ("IntakeFault", "not_in_quarantine"), **_AWAY},
     "query": (("site", "a site's id"), ("recording", "its name in the ledger"), ("contact", "match: whose it is"))},
)  # fmt: skip
