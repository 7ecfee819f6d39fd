"""Where a recording may stand and what may follow. In: a state and the next one. Out: a move, or why not.

The table here is the only one: the store on the bus is given it with each move. May not know: any store, any clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    EXPECTED = "expected"
    """the switch said that the contact is recorded"""
    MISSING = "missing"
    """expected, and did not come within the limit; it may still"""
    ARRIVED = "arrived"
    """there, but not in the queue: no contact yet, or its URL is still to be fetched"""
    QUEUED = "queued"
    DECODING = "decoding"
    RECOGNISING = "recognising"
    DONE = "done"
    QUARANTINED = "quarantined"


OPEN: Final = (State.ARRIVED, State.QUEUED, State.DECODING, State.RECOGNISING)
"""Arrived and not ended."""

IN_HAND: Final = (State.DECODING, State.RECOGNISING)


class IntakeReason(StrEnum):
    """Why a recording waits, or lies in quarantine before anybody listened to it."""

    UNMATCHED = "unmatched"
    """nobody knows its contact"""
    DISCARDED = "discarded"
    """a person said that it will not be transcribed"""
    FILE_GONE = "file_gone"
    FETCHING = "fetching"
    PATH_OUTSIDE = "path_outside"
    PATH_NOT_A_PATH = "path_not_a_path"
    NAME_NOT_TEXT = "name_not_text"
    """a file's name is not UTF-8; renamed, it comes anew"""


FOLLOWS: Final[Mapping[State, frozenset[State | None]]] = {
    # to: from which (None: not in the ledger yet)
    State.EXPECTED: frozenset({None}),
    State.MISSING: frozenset({State.EXPECTED}),
    State.ARRIVED: frozenset({None, State.EXPECTED, State.MISSING}),
    State.QUEUED: frozenset({State.ARRIVED, State.DECODING, State.RECOGNISING, State.QUARANTINED}),
    # from one in hand: its worker died, another one begins anew
    State.DECODING: frozenset({State.QUEUED, State.DECODING, State.RECOGNISING}),
    State.RECOGNISING: frozenset({State.DECODING}),
    State.DONE: frozenset({State.RECOGNISING, State.DECODING}),
    # from quarantine: discarded, which is another reason
    State.QUARANTINED: frozenset({State.ARRIVED, State.QUEUED, State.DECODING, State.RECOGNISING, State.QUARANTINED}),
}


def may_follow(now: State | None, then: State) -> bool:
    return now in FOLLOWS[then]


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """`created` and `arrived` are counted when it happens; the states are counted where they stand now."""

    created: int
    arrived: int
    states: Mapping[State, int]

    @property
    def open(self) -> int:
        return sum(self.states.get(state, 0) for state in OPEN)

    @property
    def done(self) -> int:
        return self.states.get(State.DONE, 0)

    @property
    def quarantined(self) -> int:
        return self.states.get(State.QUARANTINED, 0)

    @property
    def missing(self) -> int:
        return self.states.get(State.MISSING, 0)

    @property
    def expected(self) -> int:
        """Still awaited."""
        return self.states.get(State.EXPECTED, 0)

    @property
    def arrived_off(self) -> int:
        """0: arrived = done + open + quarantined."""
        return self.arrived - self.done - self.open - self.quarantined

    @property
    def created_off(self) -> int:
        """0: everything there ever was = arrived + missing + still expected."""
        return self.created - self.arrived - self.missing - self.expected


def added(balances: Iterable[Balance]) -> Balance:
    """Of several sites."""
    created = arrived = 0
    states: dict[State, int] = {}
    for one in balances:
        created += one.created
        arrived += one.arrived
        for state, count in one.states.items():
            states[state] = states.get(state, 0) + count
    return Balance(created=created, arrived=arrived, states=states)
