"""Spoken numbers in figures, beside what was heard."""

import pytest

from asr.numbers import Figure, figures, normalised


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("二十九元流量五元一G", "29元流量五元一G"),
        ("百分之二十", "20%"),
        ("二零二六年十一月二十二日", "2026年11月22日"),
        ("一千二百三十四点五元", "1234.5元"),
        ("一百三", "130"),
        ("幺零零八六", "10086"),
        ("七八个", "七八个"),  # about so many
        ("万一千万不要", "万一千万不要"),
        ("●●●号", "●●●号"),
        ("十十", "十十"),  # no number: as heard
    ],
)
def test_numbers_in_figures(text: str, told: str) -> None:
    """What is no number stays as it was heard."""
    assert normalised(text) == told


def test_figures_know_where_they_come_from() -> None:
    """Half-open places in the original."""
    assert figures("要二十九元的") == (Figure(1, 4, "29"),)
