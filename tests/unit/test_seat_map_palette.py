"""Any two states can be told apart, also by a colour-blind eye, in both themes; each stands out from the floor."""

from itertools import combinations

import numpy as np
import pytest

from seat_map.palette import EDGE_CONTRAST, SIZES, THEMES, SeatCode, contrast, css, edge, ink, linear

# Machado, Oliveira, Fernandes 2009, severity 1.0
EYES = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.95047, 1, 1.08883])
STATES = [code for code in SeatCode if code is not SeatCode.VACANT]


def lab(light: tuple[float, float, float], eye: np.ndarray) -> np.ndarray:
    xyz = TO_XYZ @ np.clip(eye @ np.array(light), 0, 1) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def from_afar(theme: str, code: SeatCode) -> tuple[float, float, float]:
    """Linear light of a seat whose stripes the eye cannot part: half of the unknown is stripe."""
    seat = linear(THEMES[theme].seats[code])
    if code is not SeatCode.UNKNOWN:
        return seat
    red, green, blue = ((a + b) / 2 for a, b in zip(seat, linear(THEMES[theme].hatch), strict=True))
    return red, green, blue


def nearest(theme: str, eye: str, *, afar: bool) -> tuple[float, str, str]:
    seats = {c: lab(from_afar(theme, c) if afar else linear(THEMES[theme].seats[c]), EYES[eye]) for c in STATES}
    return min((float(np.linalg.norm(seats[a] - seats[b])), a.name, b.name) for a, b in combinations(STATES, 2))


@pytest.mark.parametrize("afar", [False, True], ids=["near", "afar"])
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eye", EYES)
def test_any_two_states_differ_by_twenty(theme, eye, afar):
    """ΔE76 at least 20 between any two states: the unknown by its ground, and by the mean of ground and stripes."""
    found = nearest(theme, eye, afar=afar)
    assert found[0] >= 20, found


@pytest.mark.parametrize("theme", THEMES)
def test_the_unknown_s_stripes_can_be_seen(theme):
    assert contrast(THEMES[theme].seats[SeatCode.UNKNOWN], THEMES[theme].hatch) >= 2.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("code", STATES)
def test_each_state_s_outline_stands_out_from_all_it_can_lie_on(theme, code):
    """WCAG 2.1, 1.4.11: 3:1 against floor, room and team."""
    chosen = THEMES[theme]
    outline = edge(chosen, code)
    assert min(contrast(outline, ground) for ground in (chosen.floor, chosen.room, chosen.team)) >= EDGE_CONTRAST


@pytest.mark.parametrize("theme", THEMES)
def test_rings_stand_out_from_the_floor_and_from_each_other(theme):
    """Amber is a thin line and red a thick one besides."""
    chosen = THEMES[theme]
    for ring in (chosen.amber, chosen.red):
        assert contrast(ring, chosen.team) >= EDGE_CONTRAST
    gaps = [np.linalg.norm(lab(linear(chosen.amber), eye) - lab(linear(chosen.red), eye)) for eye in EYES.values()]
    assert min(gaps) >= 20


@pytest.mark.parametrize("theme", THEMES)
def test_letters_can_be_read_on_every_seat(theme):
    """WCAG AA for large bold text."""
    worst = min((contrast(colour, ink(colour)), code.name) for code, colour in THEMES[theme].seats.items())
    assert worst[0] >= 3.9, worst


def test_colour_is_not_alone():
    """Signed out, not ready, trouble and vacant differ in size as well."""
    assert len({SIZES[code] for code in (0, 1, 6, 7, 9)}) == 5


def test_the_style_sheet_names_every_state_in_both_themes():
    text = css()
    assert all(text.count(f"--seat-{code.word}:") == 2 for code in SeatCode)
