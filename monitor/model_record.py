"""What was fetched before, and whether this is it again. In: a folder of models, digests. Out: records, `Trust`.

A digest nobody told is trusted the first time and recorded; from then on the same name must have the same digest.
"""

import os
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from monitor.model_unpack import FetchFault, FetchReason
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.ids import Millis

FILE: Final = "fetched.json"


class Trust(StrEnum):
    TOLD = "told"
    """The digest is the one that we know or that was given with --sha256."""
    AS_BEFORE = "as_before"
    """Nobody told it, but it is the one of an earlier fetch."""
    FIRST_USE = "first_use"
    """Nobody told it: from now on it must stay the same."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    sha256: str
    url: str
    """"": brought as a file"""
    size: int
    at: Millis
    trust: Trust


def read_records(folder: Path) -> dict[str, Record]:
    """By model; {} where nothing was fetched. Raises FetchFault for a file that nobody can read."""
    file = folder / FILE
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Record])
    except FileNotFoundError:
        return {}
    except (OSError, *UNREADABLE) as error:
        mend = f"restore {file} from a backup, or remove it: the digests are then trusted anew"
        raise FetchFault(FetchReason.CANNOT_WRITE, f"{file} cannot be read: {error}", mend) from error


def write_record(folder: Path, name: str, *, sha256: str, url: str, at: Millis, size: int, trust: Trust) -> None:
    records = read_records(folder) | {name: Record(sha256=sha256, url=url, at=at, size=size, trust=trust)}
    new = folder / f".{FILE}.new"
    new.write_bytes(msgspec.json.format(msgspec.json.encode(records)))
    os.replace(new, folder / FILE)


def judge_digest(digest: str, *, told: str, recorded: Record | None) -> Trust:
    """Raises FetchFault unless the digest is the told one, else the recorded one, else the first."""
    expected = told.lower() or (recorded.sha256 if recorded else "")
    if not expected:
        return Trust.FIRST_USE
    if digest == expected:
        return Trust.TOLD if told else Trust.AS_BEFORE
    known = "given" if told else f"of the fetch recorded in {FILE}"
    mend = "fetch it again; if it stays so, ask the model's makers, and do not use this file"
    raise FetchFault(FetchReason.WRONG_DIGEST, f"its SHA-256 is {digest}, the one {known} is {expected}", mend)
