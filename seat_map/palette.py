"""Colours of the seats, one table for canvas, CSS and tests. In: nothing. Out: `SeatCode`, `THEMES`, `css()`.

Colour never stands alone: each code also has a size and a letter. Distances under three colour-vision simulations are
held by tests/unit/test_seat_map_palette.py. May not know: agents, frames, Bokeh.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


class SeatCode(IntEnum):
    """What one seat shows, as sent in a frame. TROUBLE: not ready because the telephone cannot be reached."""

    SIGNED_OUT = 0
    READY = 1
    OFFERED = 2
    ON_CONTACT = 3
    ON_HOLD = 4
    WRAP_UP = 5
    NOT_READY = 6
    TROUBLE = 7
    UNKNOWN = 8
    VACANT = 9

    @property
    def word(self) -> str:
        return self.name.lower()


DARK_INK, LIGHT_INK = "#0b1016", "#ffffff"
EDGE_CONTRAST = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Hex colours. `seats` by code; the rest paints what stands still."""

    seats: Mapping[SeatCode, str]
    floor: str
    room: str
    room_line: str
    team: str
    desk: str
    label: str
    faint: str
    grid: str
    focus: str
    amber: str
    red: str
    hatch: str
    """Second colour of the unknown's stripes, which cover half of the seat"""
    doubt: str
    """Texture over a seat whose label is in doubt; `doubt_line` its dashed edge"""
    doubt_line: str


SIZES: Mapping[SeatCode, float] = {
    SeatCode.SIGNED_OUT: 0.50,
    SeatCode.READY: 0.94,
    SeatCode.OFFERED: 0.94,
    SeatCode.ON_CONTACT: 0.94,
    SeatCode.ON_HOLD: 0.94,
    SeatCode.WRAP_UP: 0.94,
    SeatCode.NOT_READY: 0.76,
    SeatCode.TROUBLE: 1.06,
    SeatCode.UNKNOWN: 0.94,
    SeatCode.VACANT: 0.22,
}

THEMES: Mapping[str, Theme] = {
    "dark": Theme(
        seats={
            SeatCode.SIGNED_OUT: "#30343b",
            SeatCode.READY: "#19a894",
            SeatCode.OFFERED: "#fddb55",
            SeatCode.ON_CONTACT: "#3156b9",
            SeatCode.ON_HOLD: "#b691d7",
            SeatCode.WRAP_UP: "#b7dbe7",
            SeatCode.NOT_READY: "#c58a5c",
            SeatCode.TROUBLE: "#fb0d04",
            SeatCode.UNKNOWN: "#000000",
            SeatCode.VACANT: "#2a3038",
        },
        floor="#121820",
        room="#161d27",
        room_line="#2a3542",
        team="#1b2430",
        desk="#324051",
        label="#8fa0b3",
        faint="#6c7c8f",
        grid="#2a3542",
        focus="#ffffff",
        amber="#fae441",
        red="#ff5a49",
        hatch="#8a9072",
        doubt="#0b1016",
        doubt_line="#e9eef4",
    ),
    "light": Theme(
        seats={
            SeatCode.SIGNED_OUT: "#d4d7db",
            SeatCode.READY: "#1e9486",
            SeatCode.OFFERED: "#ecc60b",
            SeatCode.ON_CONTACT: "#36569b",
            SeatCode.ON_HOLD: "#c059e0",
            SeatCode.WRAP_UP: "#7ac5f0",
            SeatCode.NOT_READY: "#8d633f",
            SeatCode.TROUBLE: "#f91406",
            SeatCode.UNKNOWN: "#161616",
            SeatCode.VACANT: "#dde1e6",
        },
        floor="#f4f6f8",
        room="#fbfcfd",
        room_line="#ccd4dd",
        team="#eef1f5",
        desk="#cfd7e0",
        label="#4c5b6c",
        faint="#74828f",
        grid="#dfe5eb",
        focus="#000000",
        amber="#b07d00",
        red="#a80c04",
        hatch="#686868",
        doubt="#ffffff",
        doubt_line="#141c26",
    ),
}


def linear(colour: str) -> tuple[float, float, float]:
    """Hex sRGB to linear light, each 0..1."""

    def channel(start: int) -> float:
        value = int(colour[start : start + 2], 16) / 255
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    return channel(1), channel(3), channel(5)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio, 1..21."""

    def luminance(colour: str) -> float:
        red, green, blue = linear(colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def edge(theme: Theme, code: SeatCode) -> str:
    """The seat's own colour where WCAG's 3:1 holds against all it can lie on; else a stronger tone of it, an outline.
    The unknown's outline is its lighter or darker stripe's: one of both always stands out."""
    grounds = (theme.floor, theme.room, theme.team)
    fill = theme.hatch if code is SeatCode.UNKNOWN and theme.hatch > theme.floor else theme.seats[code]
    towards = LIGHT_INK if contrast(theme.floor, LIGHT_INK) > contrast(theme.floor, DARK_INK) else DARK_INK
    for step in range(21):
        tone = mixed(fill, towards, step / 20)
        if min(contrast(tone, ground) for ground in grounds) >= EDGE_CONTRAST:
            return tone
    return towards


def mixed(one: str, other: str, share: float) -> str:
    """`share` of `other`, channel by channel."""
    pairs = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def ink(colour: str) -> str:
    """The text colour that reads better on `colour`."""
    return DARK_INK if contrast(colour, DARK_INK) >= contrast(colour, LIGHT_INK) else LIGHT_INK


def css() -> str:
    """Custom properties for both themes: `--seat-ready`, `--ink-ready`, …"""
    blocks = []
    for name, theme in THEMES.items():
        seats = [
            f"--seat-{code.word}:{colour};--ink-{code.word}:{ink(colour)};--edge-{code.word}:{edge(theme, code)};"
            for code, colour in theme.seats.items()
        ]
        blocks.append(f'[data-theme="{name}"]{{{"".join(seats)}--hatch:{theme.hatch}}}')
    return "\n".join(blocks) + "\n"
