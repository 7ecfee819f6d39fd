"""What a service is told of its walls: who sees what, which queues belong together, what a screen shows in turn.

In: nothing. Out: frozen values, read in config_wall_read.py. May not know: floors, plans, requests.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from streams.vocabulary.ids import QueueName

PAGE_SECONDS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a supervisor may see: these teams' agents and these queues.

    No teams: whoever serves one of the queues. No queues: those that an agent of the teams serves. Only `EVERYTHING`
    has neither.
    """

    name: str
    label_zh: str
    label_en: str
    teams: tuple[str, ...] = ()
    queues: tuple[QueueName, ...] = ()


EVERYTHING: Final = Scope(name="", label_zh="", label_en="")
"""Whoever is bound to no scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueGroup:
    """Queues whose numbers are shown added up."""

    name: str
    label_zh: str
    label_en: str
    queues: tuple[QueueName, ...]


class PageKind(StrEnum):
    QUEUES = "queues"
    MAP = "map"
    GROUPS = "groups"
    SITES = "sites"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True, kw_only=True)
class WallPage:
    """One of the pages that a wallboard shows in turn. Empty `queues` or `groups`: all; `room` "": the whole map."""

    kind: PageKind
    seconds: int = PAGE_SECONDS
    title_zh: str = ""
    title_en: str = ""
    queues: tuple[QueueName, ...] = ()
    groups: tuple[str, ...] = ()
    room: str = ""
