"""The sum of two sessions of tests is honest: what failed in either, and what did not even end."""

import pytest

from tests.sessions import Session, told

GOOD = "....\n4 passed in 3.21s\n"
BAD = "..F.E\nFAILED tests/unit/test_a.py::test_b - assert\nERROR tests/unit/test_c.py::test_d\n1 failed, 3 passed, 1 error in 80.02s (0:01:20)\n"  # noqa: E501


@pytest.mark.parametrize(
    ("sessions", "closing"),
    [
        ([Session(0, GOOD), Session(0, GOOD)], "8 passed in 62.50s (0:01:02)"),
        ([Session(0, GOOD), Session(1, BAD)], "1 failed, 7 passed, 1 error in 62.50s (0:01:02)"),
        ([Session(0, GOOD), Session(-9, "....")], "4 passed in 62.50s (0:01:02)"),
        ([Session(2, ""), Session(2, "")], "no tests ran in 62.50s (0:01:02)"),
    ],
)
def test_the_last_line_adds_both_up(sessions: list[Session], closing: str) -> None:
    assert told(sessions, 62.5).splitlines()[-1] == closing


def test_failures_of_the_first_are_told_again_at_the_end() -> None:
    """However long the output of the second is."""
    assert told([Session(1, BAD), Session(0, GOOD)], 1).splitlines()[-3:-1] == [
        "FAILED tests/unit/test_a.py::test_b - assert",
        "ERROR tests/unit/test_c.py::test_d",
    ]


def test_a_session_without_a_closing_line_has_not_passed() -> None:
    """Killed, or ended by its own limit: its dots are no proof."""
    assert not Session(0, "....").passed
    assert "ERROR pytest ended with code -9" in told([Session(-9, "....")], 1)
