"""The sum of two sessions of tests is honest: what failed in either, and what did not even end."""

import pytest

from tests.sessions import Session, again, told

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
    assert told([Session(1, BAD), Session(1, "F\n1 failed in 3.00s\n")], 1).splitlines()[-3:-1] == [
        "FAILED tests/unit/test_a.py::test_b - assert",
        "ERROR tests/unit/test_c.py::test_d",
    ]


def test_a_session_without_a_closing_line_has_not_passed() -> None:
    """Killed, or ended by its own limit: its dots are no proof."""
    assert not Session(0, "....").passed
    assert "ERROR pytest ended with code -9" in told([Session(-9, "....")], 1)


B, D = "tests/unit/test_a.py::test_b", "tests/unit/test_c.py::test_d"
FAILED = Session(1, BAD, (f"call {B}", f"setup {D}"))


def test_few_failures_are_tried_again_alone_and_named() -> None:
    """One of them failed, the other did not even begin: neither was counted as passed before."""
    sessions, alone = [Session(0, GOOD), FAILED], Session(0, "..\n2 passed in 1.00s\n")
    assert again(sessions) == [B, D]
    assert told(sessions, 62.5, alone).splitlines()[-2:] == [
        f"Passed only when run alone: {B}, {D}",
        "9 passed in 62.50s (0:01:02)",
    ]


def test_what_fails_alone_too_has_failed() -> None:
    alone = Session(1, "F.\nFAILED tests/unit/test_a.py::test_b - assert\n1 failed, 1 passed in 1.00s\n")
    assert told([Session(0, GOOD), FAILED], 62.5, alone).splitlines()[-1] == "1 failed, 8 passed in 62.50s (0:01:02)"


def test_a_test_that_failed_at_its_end_was_counted_as_passed_once() -> None:
    late = Session(1, ".E\n2 passed, 1 error in 9.00s\n", (f"teardown {B}",))
    alone = Session(0, ".\n1 passed in 1.00s\n")
    assert told([Session(0, GOOD), late], 62.5, alone).splitlines()[-1] == "6 passed in 62.50s (0:01:02)"


@pytest.mark.parametrize(
    "session",
    [
        Session(-9, "....", (f"call {B}",)),
        Session(2, "ERROR tests/unit/test_c.py\n1 error in 2.00s\n"),
        Session(1, "6 failed in 2.00s\n", tuple(f"call {number}" for number in range(6))),
    ],
    ids=["killed", "not collected", "too many"],
)
def test_what_is_no_accident_is_not_tried_again(session: Session) -> None:
    assert again([Session(0, GOOD), session]) == []
