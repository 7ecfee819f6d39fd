"""The warehouse's tables as the writer sees them. In: nothing. Out: `TABLES`, each column's type and source.

A moment (`Millis`) becomes two columns, `x DateTime('UTC')` and `x_ms UInt16`; 0 is 1970 and means "did not happen".
The DDL in schema/ says the same with codecs; an integration test holds the two together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

MOMENT: Final = "moment"
TEXT: Final = "String"
TEXTS: Final = "Array(String)"
U8: Final = "UInt8"
U32: Final = "UInt32"
U64: Final = "UInt64"
U32S: Final = "Array(UInt32)"
U8S: Final = "Array(UInt8)"
FLOAT: Final = "Float64"
MAYBE_FLOAT: Final = "Nullable(Float64)"
FLAG: Final = "flag"
COMPUTED: Final = "computed"
"""A text the writer derives (rows.py)."""
RETRACTED: Final = "retracted"
"""0 unless the row was taken back, by a rebuild or by undoing a re-scoring; no fact carries it."""

Get = Callable[[Any], Any]
Take = Callable[[Sequence[Any]], list[Any]]
"""From facts to one column."""


@dataclass(frozen=True, slots=True)
class Table:
    """`takes`: per column, how it is taken from facts (events: rows.event_columns)."""

    name: str
    types: Mapping[str, str]
    takes: Mapping[str, Take]

    def columns(self, items: Sequence[Any]) -> dict[str, list[Any]]:
        return {name: take(items) for name, take in self.takes.items()}


def _table(name: str, /, **fields: str) -> Table:
    types: dict[str, str] = {}
    takes: dict[str, Take] = {}
    for field, kind in fields.items():
        get = attrgetter(field)
        if kind == COMPUTED:
            types[field] = TEXT
        elif kind == RETRACTED:
            types[field] = U8
        elif kind == MOMENT:
            types |= {field: "DateTime('UTC')", f"{field}_ms": "UInt16"}
            takes |= {field: _seconds(get), f"{field}_ms": _rest(get)}
        else:
            types[field] = U8 if kind == FLAG else kind
            takes[field] = _flag(get) if kind == FLAG else _plain(get)
    return Table(name, types, takes)


def _plain(get: Get) -> Take:
    return lambda items: list(map(get, items))


def _seconds(get: Get) -> Take:
    return lambda items: [moment // 1000 for moment in map(get, items)]


def _rest(get: Get) -> Take:
    return lambda items: [moment % 1000 for moment in map(get, items)]


def _flag(get: Get) -> Take:
    return lambda items: list(map(int, map(get, items)))


_ALL: Final = (
    _table(
        "events",
        at=MOMENT, site=TEXT, source=TEXT, seq=U64, kind=TEXT, queue=TEXT, agent=TEXT, contact=TEXT, body=TEXT, ver=U64,
    ),
    _table(
        "contact_legs",
        queued_at=MOMENT, site=TEXT, contact=TEXT, leg=U32, queue=TEXT, agent=TEXT, channel=TEXT, direction=TEXT,
        tier=TEXT, customer=TEXT, answered_at=MOMENT, ended_at=MOMENT, wait_ms=U32, accept_wait_ms=U32, ring_ms=U32,
        talk_ms=U32, hold_ms=U32, wrap_up_ms=U32, target_ms=U32, outcome=TEXT, reason=TEXT, ended_by=TEXT,
        recording=TEXT, ver=U64, witnesses=TEXT, tags=TEXT, retracted=RETRACTED,
    ),
    _table(
        "state_intervals",
        started_at=MOMENT, site=TEXT, agent=TEXT, number=U64, state=TEXT, reason=TEXT, queue=TEXT, contact=TEXT,
        duration_ms=U64, ver=U64, retracted=RETRACTED,
    ),
    _table(
        "recordings",
        contact_at=MOMENT, site=TEXT, contact=TEXT, state=TEXT, reason=TEXT, path=TEXT, queue=TEXT, agent=TEXT,
        duration_ms=U32, channels=U8, attempts=U32, model=TEXT, cpu_ms=U32, ver=U64, analysis=TEXT,
        matched=TEXT,
    ),
    _table(
        "utterances",
        said_at=MOMENT, site=TEXT, contact=TEXT, channel=U8, role=TEXT, number=U32, start_ms=U32, end_ms=U32, text=TEXT,
        words=TEXTS, word_start_ms=U32S, word_end_ms=U32S, word_confidence=U8S, confidence=FLOAT, queue=TEXT,
        agent=TEXT, model=TEXT, ver=U64, text_search=COMPUTED,
    ),
    _table(
        "scores",
        contact_at=MOMENT, site=TEXT, contact=TEXT, scheme=TEXT, scheme_version=U32, agent=TEXT, queue=TEXT,
        points=FLOAT, points_low=FLOAT, points_high=FLOAT, points_max=FLOAT, passed=FLAG, fatal=FLAG, items=TEXT,
        scored_at=MOMENT, ver=U64, job=TEXT, withdrawn=RETRACTED,
    ),
    _table(
        "verdicts",
        contact_at=MOMENT, site=TEXT, contact=TEXT, scheme=TEXT, scheme_version=U32, item=TEXT, judged_by=TEXT,
        rule=TEXT, rule_version=U32, outcome=TEXT, leaning=TEXT, agreed=FLAG, comment=TEXT, judged_at=MOMENT,
        withdrawn=FLAG, ver=U64,
    ),
    _table(
        "alerts",
        raised_at=MOMENT, site=TEXT, alert=TEXT, rule=TEXT, scope=TEXT, severity=TEXT, state=TEXT, reason=TEXT,
        value=MAYBE_FLOAT, threshold=FLOAT, resolved_at=MOMENT, acknowledged_at=MOMENT, acknowledged_by=TEXT,
        detail=TEXT, ver=U64, changed_at=MOMENT,
    ),
    _table(
        "alert_notes",
        noted_at=MOMENT, site=TEXT, alert=TEXT, note=TEXT, kind=TEXT, by=TEXT, text=TEXT, to=TEXT, channel=TEXT,
        outcome=TEXT, reason=TEXT, value=MAYBE_FLOAT, ver=U64,
    ),
    _table(
        "audit",
        done_at=MOMENT, site=TEXT, number=U64, actor=TEXT, address=TEXT, action=TEXT, object=TEXT, detail=TEXT,
        previous_hash=TEXT, hash=TEXT, ver=U64,
    ),
    _table("floor_checkpoints", at=MOMENT, site=TEXT, position=TEXT, blob=TEXT, ver=U64),
    _table("schema_migrations", number=U32, name=TEXT, checksum=TEXT, server=TEXT, applied_at=MOMENT),
)  # fmt: skip

TABLES: Final[Mapping[str, Table]] = {table.name: table for table in _ALL}
