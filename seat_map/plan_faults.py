"""What can be wrong with a plan. In: a kind, its place, its values. Out: `PlanFault` with an English text and mend.

Pages say it in their own language by `kind` and `told` (planfault:KIND, planmend:KIND). May not know: files, formats.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from seat_map.plan import SEATS_MAX

SEAT_APART = 0.8
"""Two seats nearer than this (metres) would be drawn over each other."""
NAME_MAX = 64
"""Letters of a seat, agent, extension, team, room or floor."""


class FaultKind(StrEnum):
    BAD_SYNTAX = "bad_syntax"
    UNKNOWN_KEY = "unknown_key"
    NOT_A_LIST = "not_a_list"
    MISSING = "missing"
    BAD_NUMBER = "bad_number"
    BAD_COUNT = "bad_count"
    BAD_FLAG = "bad_flag"
    BAD_TEXT = "bad_text"
    TOO_LONG = "too_long"
    UNPRINTABLE = "unprintable"
    NO_ROOM_IN_IT = "no_room_in_it"
    OUTSIDE = "outside"
    NOWHERE = "nowhere"
    OVERLAP = "overlap"
    SEAT_TWICE = "seat_twice"
    AGENT_TWICE = "agent_twice"
    EXTENSION_TWICE = "extension_twice"
    TEAM_TWICE = "team_twice"
    ROOM_TWICE = "room_twice"
    FLOOR_TWICE = "floor_twice"
    ROOMS_OVERLAP = "rooms_overlap"
    UNKNOWN_TEAM = "unknown_team"
    UNKNOWN_FLOOR = "unknown_floor"
    UNKNOWN_ROOM = "unknown_room"
    TOO_MANY_OWNERS = "too_many_owners"
    TOO_MANY_SEATS = "too_many_seats"
    TOO_MANY_ROOMS = "too_many_rooms"
    NO_SEAT = "no_seat"
    NO_HEADER = "no_header"
    ROW_TOO_LONG = "row_too_long"


TEXTS: Mapping[FaultKind, tuple[str, str]] = MappingProxyType(
    {
        FaultKind.BAD_SYNTAX: ("cannot be read: {why}", "{mend}"),
        FaultKind.UNKNOWN_KEY: ("{key} is not a known word", "use one of {known}"),
        FaultKind.NOT_A_LIST: ("{key} is not a list", "write {example}"),
        FaultKind.MISSING: ("{key} is missing", "give it a value"),
        FaultKind.BAD_NUMBER: ("{key} is {value}", "give metres as a number between -100000 and 100000"),
        FaultKind.BAD_COUNT: ("{key} is {value}", "give a whole number from 1 to 200"),
        FaultKind.BAD_FLAG: ("{key} is {value}", "write true or false"),
        FaultKind.BAD_TEXT: ("{key} is {value}", "give a text"),
        FaultKind.TOO_LONG: ("{key} has {length} letters", "use at most {most}"),
        FaultKind.UNPRINTABLE: ("{key} holds a sign that cannot be seen ({value})", "leave that sign out"),
        FaultKind.NO_ROOM_IN_IT: ("{what} is {width} by {height} metres", "give width and height above 0"),
        FaultKind.OUTSIDE: ("seat {seat} is outside its room", "move it or enlarge the room"),
        FaultKind.NOWHERE: ("seat {seat} is in no room", "move it into a room or draw one around it"),
        FaultKind.OVERLAP: ("seat {seat} lies on seat {other}", "keep {apart} m between seats"),
        FaultKind.SEAT_TWICE: ("seat {value} is already at {first}", "give each seat a name of its own"),
        FaultKind.AGENT_TWICE: ("agent {value} is already at {first}", "give each agent one seat"),
        FaultKind.EXTENSION_TWICE: ("extension {value} is already at {first}", "give each seat its own extension"),
        FaultKind.TEAM_TWICE: ("team {value} is already at {first}", "give each team its own code"),
        FaultKind.ROOM_TWICE: ("room {value} is on this floor twice", "give each room of a floor its own name"),
        FaultKind.FLOOR_TWICE: ("floor {value} is there twice", "give each floor its own name"),
        FaultKind.ROOMS_OVERLAP: ("room {room} lies over room {other}", "move one of them or make it smaller"),
        FaultKind.UNKNOWN_TEAM: ("there is no team {value}", "declare the team, or use one of {known}"),
        FaultKind.UNKNOWN_FLOOR: ("there is no floor number {value}", "use one of the floors that are there"),
        FaultKind.UNKNOWN_ROOM: ("there is no room number {value}", "use one of the rooms that are there"),
        FaultKind.TOO_MANY_OWNERS: ("{owners} owners for {seats} seats", "add rows or columns"),
        FaultKind.TOO_MANY_SEATS: ("there are more than {most} seats", "split the site into several plans"),
        FaultKind.TOO_MANY_ROOMS: ("there are more than {most} rooms or floors", "split the site into several plans"),
        FaultKind.NO_SEAT: ("has no seat", "add a room with a block of desks"),
        FaultKind.NO_HEADER: (
            "the first line names no column called seat",
            "begin with a line such as: floor,room,team,seat,x,y,extension,agent",
        ),
        FaultKind.ROW_TOO_LONG: ("has {cells} cells under {columns} columns", "quote a text that holds a comma"),
    }
)
assert set(TEXTS) == set(FaultKind)
APART = {"apart": str(SEAT_APART)}
MOST_SEATS = {"most": str(SEATS_MAX)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where to look on the drawing; metres of that floor."""

    floor: int
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFault:
    """What is wrong, where (`line` 0: not a file's), and what mends it. `seat`: whose, "" for no seat's."""

    kind: FaultKind
    place: str
    line: int = 0
    told: Mapping[str, str] = field(default_factory=dict)
    seat: str = ""
    spot: Spot | None = None

    @property
    def fault(self) -> str:
        return TEXTS[self.kind][0].format_map(self.told)

    @property
    def mend(self) -> str:
        return TEXTS[self.kind][1].format_map(self.told)

    def __str__(self) -> str:
        line = f"line {self.line}, " if self.line else ""
        return f"{line}{self.place}: {self.fault}; {self.mend}"
