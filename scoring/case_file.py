"""A Case as JSON. In: bytes. Out: Case, or CaseFault with the field's place; and the JSON of a Case.

`{"transcript": {…}, "happenings": [{"kind": "hold", "start_ms": 1000, "end_ms": 9000}], "facts": {"queue": "vip"},
"ended": true}`: all but the transcript may be left out; happenings null or left out are not known. May not know: files.
"""

from typing import Any, Final

import msgspec
from msgspec import Struct

from asr.transcript import Transcript
from scoring.case import Case, Fact, Happening, Kind

MOST_HAPPENINGS: Final = 10_000


class CaseFault(ValueError):
    """The text names the field and what is wrong."""


class _Happening(Struct, forbid_unknown_fields=True):
    """As scoring.case.Happening, of which a field nobody knows would pass unseen."""

    kind: Kind
    start_ms: int
    end_ms: int | None = None
    leg: int = 0
    queue: str = ""
    agent: str = ""
    reason: str = ""
    target: str = ""
    value: float | None = None


class _Written(Struct, forbid_unknown_fields=True):
    transcript: Transcript
    happenings: list[_Happening] | None = None
    facts: dict[str, str | float | bool | list[str]] = {}
    ended: bool = True


def is_case(body: Any) -> bool:
    """Beside a transcript alone, whose fields lie at the top."""
    return isinstance(body, dict) and "transcript" in body


def read_case(body: Any) -> Case:
    """`body`: decoded JSON. Raises CaseFault."""
    try:
        written = msgspec.convert(body, _Written)
    except msgspec.ValidationError as error:
        raise CaseFault(str(error)) from error
    happenings = written.happenings
    if happenings is not None and len(happenings) > MOST_HAPPENINGS:
        raise CaseFault(f"has {len(happenings)} happenings: at most {MOST_HAPPENINGS}")
    for number, one in enumerate(happenings or ()):
        if one.end_ms is not None and one.end_ms < one.start_ms:
            raise CaseFault(f"ends before it starts - at `$.happenings[{number}]`")
    facts: dict[str, Fact] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in written.facts.items()
    }
    ordered = None if happenings is None else tuple(map(_happening, sorted(happenings, key=lambda one: one.start_ms)))
    return Case(transcript=written.transcript, happenings=ordered, facts=facts, ended=written.ended)


def _happening(one: _Happening) -> Happening:
    return Happening(**msgspec.structs.asdict(one))


def written(case: Case) -> bytes:
    """What `read_case` reads."""
    return msgspec.json.encode(
        {
            "transcript": case.transcript,
            "happenings": case.happenings,
            "facts": case.facts,
            "ended": case.ended,
        }
    )
