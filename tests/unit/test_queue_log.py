"""Asterisk's queue_log, the witness: which line counts as what."""

import pytest

from streams.wire.queue_log import parse_queue_log


def counts(*lines: str) -> dict[str, dict[str, int]]:
    return {queue: dict(one) for queue, one in parse_queue_log("\n".join(lines).encode()).counts.items()}


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ("ENTERQUEUE||138|1", "offered"),
        ("CONNECT|3|2.2|1", "answered"),
        ("ABANDON|1|1|7", "abandoned"),
        ("EXITWITHTIMEOUT|1|1|30", "overflowed timeout"),
        ("EXITWITHKEY|1|1|1|9", "overflowed key"),
        ("EXITEMPTY|1|1|9", "overflowed empty"),
        ("WITHDRAW|1|1|9|", "overflowed withdrawn"),
        ("BLINDTRANSFER|6001|out|3|20|1", "transferred_out"),
        ("ATTENDEDTRANSFER|BRIDGE|b|3|20|1", "transferred_out"),
    ],
)
def test_each_line_counts_as_its_word(event: str, what: str) -> None:
    assert counts(f"1795291200|1.1|sales|Anna|{event}") == {"sales": {what: 1}}


@pytest.mark.parametrize("event", ["COMPLETEAGENT|3|20|1", "RINGNOANSWER|12000", "PAUSE|lunch", "SHIFTNOTE|x|y|z"])
def test_other_lines_count_as_nothing(event: str) -> None:
    assert counts(f"1795291200|1.1|sales|Anna|{event}") == {}


def test_the_first_start_is_no_restart() -> None:
    line = "1795291200|NONE|NONE|NONE|QUEUESTART|"
    assert parse_queue_log(f"{line}\n{line}\n".encode()).restarts == 1


@pytest.mark.parametrize(("text", "unreadable"), [("", 0), ("\n\n", 0), ("torn|line\n", 1), ("a|b|c|d", 1)])
def test_torn_lines_are_counted(text: str, unreadable: int) -> None:
    assert parse_queue_log(text.encode()).unreadable == unreadable


def test_a_callers_name_with_bars_and_broken_utf8_changes_no_column() -> None:
    line = b"1795291200|1.1|sales|NONE|ENTERQUEUE||138|1|\xff|CONNECT|x\r\n"
    assert {queue: dict(one) for queue, one in parse_queue_log(line).counts.items()} == {"sales": {"offered": 1}}
