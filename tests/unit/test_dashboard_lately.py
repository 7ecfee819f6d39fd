"""The last half hour in memory: ten-second samples, holes where nothing was heard, the queue's own formula."""

from dashboards.columns import Goal, Goals
from dashboards.lately import KEPT, MINUTE_MS, STEP_MS, Lately
from dashboards.rows import lines_row
from streams.floor.numbers import Counters, QueueNumbers
from streams.vocabulary.ids import Millis, QueueName, SiteId

BEGAN = 1_800_000_000_000
Q = QueueName("q")


def at(second: int, *, waiting: int = 0, certain: bool = True, minute: Counters | None = None) -> QueueNumbers:
    return QueueNumbers(
        at=Millis(BEGAN + 1000 * second),
        site=SiteId("sh"),
        queue=Q,
        target_ms=20_000,
        certain=certain,
        waiting=waiting,
        longest_wait_ms=0,
        talking=0,
        agents={"ready": 2, "on_contact": 3, "wrap_up": 1},
        today=Counters(),
        windows={1: minute or Counters()},
        line=[(Millis(BEGAN - 1_800_000 + MINUTE_MS * one), 1, 2) for one in range(30)],
    )


def test_a_sample_is_kept_every_ten_seconds() -> None:
    """The first sight of each; agents at work are on a contact, in wrap-up or ringing."""
    lately = Lately()
    for second in range(20):
        lately.take([at(second, waiting=second)], Goals())
    lines = lately.lines(Q, Millis(BEGAN + 19_000))
    assert len(lines.at) == KEPT
    assert lines.at[-1] == BEGAN + STEP_MS
    assert lines.columns["waiting"][-3:] == [None, 0, 10]
    assert (lines.columns["ready"][-1], lines.columns["busy"][-1]) == (2, 4)


def test_what_was_not_heard_or_not_certain_is_a_hole() -> None:
    """Never a line at zero; what is older than half an hour does not come back."""
    lately = Lately()
    for second in (0, 20, 40):
        lately.take([at(second, waiting=1, certain=second != 20)], Goals())
    lines = lately.lines(Q, Millis(BEGAN + 40_000))
    assert lines.columns["waiting"][-5:] == [1, None, None, None, 1]
    later = lately.lines(Q, Millis(BEGAN + 1_840_000))
    assert set(later.columns["waiting"]) == {None}


def test_nothing_is_known_of_a_queue_never_heard() -> None:
    assert Lately().lines(Q, Millis(BEGAN)).at == []


def test_the_level_s_line_follows_the_queue_s_own_formula() -> None:
    """Each minute as it was last seen; the default formula has the floor's own line."""
    own = Goals(by_queue={Q: Goal(formula="answered_only")})
    lately = Lately()
    for second, answered in ((0, 1), (59, 4), (60, 0), (119, 2)):
        minute = Counters(answered=answered, answered_in_target=1, abandoned=9)
        lately.take([at(second, minute=minute)], own)
    line = lately.level_line(at(125), own.of(Q))
    assert [point[1:] for point in line[-3:]] == [(0, 0), (1, 4), (1, 2)]
    assert lately.level_line(at(125), Goal()) == at(125).line


def test_lines_travel_as_columns() -> None:
    row = lines_row([at(0)], Goals(), Lately())
    assert row == {"from": BEGAN - 1_800_000, "queues": {Q: [[1] * 30, [2] * 30]}}
