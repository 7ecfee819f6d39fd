"""Asterisk's queue_log, the witness: which line counts as what."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.wire.queue_log import MAX_LINE, QueueLogParser, parse_queue_log


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


def test_a_line_is_columns_with_typed_times_and_numbers() -> None:
    (line,) = QueueLogParser().feed(b"1795291200.5|1.1|sales|Anna|CONNECT|4|2.2|x\n")
    assert (line.at_s, line.call, line.queue, line.agent, line.event) == (1795291200, "1.1", "sales", "Anna", "CONNECT")
    assert (line.seconds(0), line.text(1), line.seconds(2), line.seconds(9)) == (4, "2.2", None, None)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"torn", "few_columns"),
        (b"x|1.1|sales|NONE|ABANDON|1", "bad_time"),
        (b"|1.1|sales|NONE|ABANDON|1", "bad_time"),
        (b"9" * 12 + b"|1.1|sales|NONE|ABANDON|1", "bad_time"),
        ("１|1.1|sales|NONE|ABANDON|1".encode(), "bad_time"),
        (b"1|1.1|sales|NONE|ENTERQUEUE||" + b"a" * MAX_LINE, "too_long"),
    ],
)
def test_each_line_that_cannot_be_read_is_counted_by_its_reason_and_the_next_one_read(line: bytes, reason: str) -> None:
    parser = QueueLogParser()
    found = parser.feed(line + b"\n1|1.1|sales|NONE|ABANDON|1\n")
    assert [one.event for one in found] == ["ABANDON"]
    assert dict(parser.unreadable) == {reason: 1}


def test_a_line_without_an_end_never_fills_the_memory() -> None:
    parser = QueueLogParser()
    for _ in range(100):
        assert parser.feed(b"1|1.1|" + b"a" * 5000) == []
        assert parser.unfinished <= MAX_LINE
    assert [one.event for one in parser.feed(b"\n1|1.1|sales|NONE|ABANDON|1\n")] == ["ABANDON"]
    assert dict(parser.unreadable) == {"too_long": 1}


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=6))
def test_however_the_bytes_are_cut_the_lines_are_the_same(data: bytes, cuts: list[int]) -> None:
    whole, pieces = QueueLogParser(), QueueLogParser()
    edges = [0, *sorted(min(one, len(data)) for one in cuts), len(data)]
    found = [line for start, end in pairwise(edges) for line in pieces.feed(data[start:end])]
    assert found + pieces.finish() == whole.feed(data) + whole.finish()
    assert pieces.unreadable == whole.unreadable
