"""What can go wrong with the store, each with its mend. In: nothing. Out: exception types.

`StoreUnavailable`: try the same again later. `RowsRefused`: this data will never go in. `StoreRefused`: a wrong query
or a wrong setting; a person must look.
"""

from enum import StrEnum
from typing import Final


class StoreError(Exception):
    def __init__(self, fault: str, *, mend: str, code: int = 0) -> None:
        super().__init__(f"{fault}; {mend}" if mend else fault)
        self.fault = fault
        self.mend = mend
        self.code = code
        """ClickHouse's own error number, 0 if it did not come from there."""


class StoreUnavailable(StoreError):
    """No answer, no room, no table yet: nothing is known about the last insert, repeat it."""


class BatchTooLarge(StoreUnavailable):
    """The store has no room for so much at once: try the halves."""


class StoreLocked(StoreError):
    """Another process has the embedded store's folder open."""


class StoreRefused(StoreError):
    """The query itself is at fault, or it hit a limit."""


class RowsRefused(StoreError):
    """The rows do not fit their columns."""


class Blame(StrEnum):
    """Whose fault an error number is."""

    STORE = "store"
    ROWS = "rows"
    QUERY = "query"


ROW_CODES: Final = frozenset({53, 69, 70, 321, 349})
"""Cannot convert a value, value out of bounds, NULL in a plain column. Not 26, 27, 33 (cannot read what was sent): that
would be our own fault, and good rows would be given up for it."""

TOO_LARGE_CODES: Final = frozenset({173, 241, 307})
"""Memory limit, no memory to be had, too many bytes: of an insert, half of it may still go in."""

TOO_MANY_PARTS: Final = 252
"""Two faults, one number: too many partitions in one insert (the rows' fault), merges lag behind (the store's)."""

STORE_CODES: Final = frozenset(
    {3, 32, 60, 74, 75, 76, 81, 159, 164, 173, 192, 193, 194, 198, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252}
    | {285, 290, 307, 319, 394, 425, 479, 516, 999, 1002}
)
"""Network, files, disk, memory, quota, log-in, missing table or database, shutting down."""


ASKER_CODES: Final = frozenset({60, 81, 159, 164, 241})
"""No such table, too slow, not allowed, too big: of an insert the store's fault, of a question the asker's."""


def blame(code: int, text: str) -> Blame:
    if code == TOO_MANY_PARTS and "partitions for single INSERT" in text:
        return Blame.ROWS
    if code in ROW_CODES:
        return Blame.ROWS
    return Blame.STORE if code in STORE_CODES else Blame.QUERY


def store_error(code: int, text: str, *, inserting: bool) -> StoreError:
    """The typed error for a server's number and text (18.16 appends a stack trace: cut off).

    An insert we build ourselves is never "a wrong query": whatever is not the rows' fault is tried again, not buried.
    """
    brief = text.split("Stack trace:", 1)[0].strip().removesuffix(".")[:1000]
    match blame(code, text):
        case Blame.ROWS if inserting:
            return RowsRefused(brief, mend="the rows go to the dead letters", code=code)
        case Blame.STORE if inserting and code in TOO_LARGE_CODES:
            return BatchTooLarge(brief, mend="give the store more memory", code=code)
        case Blame.STORE if inserting or code not in ASKER_CODES:
            return StoreUnavailable(brief, mend="check the store's disk, memory and log-in", code=code)
        case _:
            if inserting:
                return StoreUnavailable(brief, mend="run `floorwatch doctor`", code=code)
            return StoreRefused(brief, mend="", code=code)
