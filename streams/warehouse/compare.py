"""What a new fold tells against what is stored. In: told facts, stored rows. Out: rows to write, rows to take back.

Pure and idempotent: compared again after the rows are written, nothing is left to do. May not know: SQL, floors.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from msgspec.structs import asdict, replace

from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.warehouse.stored import Stored, Told

LegKey = tuple[Millis, ContactId, int, QueueName]
StretchKey = tuple[Millis, AgentId]
Key = LegKey | StretchKey


@dataclass(slots=True, kw_only=True)
class Difference:
    """`changes`: the first few in words, for people."""

    written: list[Told] = field(default_factory=list)
    retracted: list[Told] = field(default_factory=list)
    unchanged: int = 0
    changes: list[str] = field(default_factory=list)


def key_of(fact: Told) -> Key:
    """An agent is in one state at a time, so an interval's number, which depends on where a fold began, is no key."""
    if isinstance(fact, ContactLeg):
        return (fact.queued_at, fact.contact, fact.leg, fact.queue)
    return (fact.started_at, fact.agent)


def compare(told: Mapping[Key, Told], kept: Iterable[Stored], *, running: Set[Key], retract: bool = True) -> Difference:
    """`running`: begun, not told yet: what is stored of them stands. `retract` False: only what was told is looked at.

    Every row written has a higher `ver` than the one it replaces.
    """
    difference = Difference()
    seen: set[Key] = set()
    for row in sorted(kept, key=lambda one: (one.retracted, -one.fact.ver)):
        key = key_of(row.fact)
        new = told.get(key)
        if key not in seen and new is not None:
            _replace(new, row, difference)
        elif key in running and key not in seen:
            difference.unchanged += 1
        elif retract and not row.retracted:
            difference.retracted.append(replace(row.fact, ver=row.fact.ver + 1))
            difference.changes.append(f"{_words(key)}: taken back")
        seen.add(key)
    for key, new in told.items():
        if key not in seen:
            difference.written.append(_numbered(new))
            difference.changes.append(f"{_words(key)}: new")
    return difference


def _replace(new: Told, row: Stored, difference: Difference) -> None:
    old = row.fact
    same = replace(new, ver=old.ver) if isinstance(new, ContactLeg) else replace(new, ver=old.ver, number=_number(old))
    if same == old and not row.retracted:
        difference.unchanged += 1
        return
    difference.written.append(replace(same, ver=max(new.ver, old.ver + 1)))
    before, after = asdict(old), asdict(same)
    moved = [f"{name} {before[name]} to {after[name]}" for name in after if after[name] != before[name]]
    difference.changes.append(f"{_words(key_of(new))}: {', '.join(moved) or 'stands again'}")


def _number(fact: Told) -> int:
    return 0 if isinstance(fact, ContactLeg) else fact.number


def _numbered(new: Told) -> Told:
    """Counted numbers belong to the live floor; a time cannot collide with one."""
    return new if isinstance(new, ContactLeg) else replace(new, number=int(new.started_at))


def _words(key: Key) -> str:
    return " ".join(str(part) for part in key)
