"""Scores of the last hour, by queue and by agent: added and taken away again, each once."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from alerts.moment import QualityNow
from monitor import quality
from monitor.quality import CONTACT_MS, MARK, WITHIN_MS, QualityWindow
from streams.vocabulary.codec import encode
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.warehouse.lately import ScoredRow
from tests.integration.facts import score, utterance

NOW = Millis(1_795_291_200_000)
ROW = ScoredRow(
    contact=ContactId("c1"),
    scheme="telecom",
    scheme_version=1,
    agent=AgentId("1001"),
    queue=QueueName("sales"),
    points=40,
    points_max=50,
    passed=1,
    fatal=0,
    contact_at=Millis(NOW - 600_000),
    scored_at=NOW,
)


def window(*rows: ScoredRow) -> QualityWindow:
    found = QualityWindow()
    for row in rows:
        found.take(row, NOW)
    return found


def told(agent: str, scored: int, points: float, failed: int = 0, fatal: int = 0) -> QualityNow:
    return QualityNow(
        queue=QueueName("sales"), agent=AgentId(agent), scored=scored, points_sum=points, failed=failed, fatal=fatal
    )


def test_queue_and_agents_add_up_in_percent_of_what_could_be_earned() -> None:
    """40 of 50 is 80; the failed one with nothing to earn is 100."""
    other = replace(ROW, contact=ContactId("c2"), agent=AgentId("1002"), points=0, points_max=0, passed=0, fatal=1)
    assert window(ROW, other).rows(NOW) == [
        told("", 2, 180, failed=1, fatal=1),
        told("1001", 1, 80),
        told("1002", 1, 100, failed=1, fatal=1),
    ]


def test_the_same_score_told_twice_counts_once() -> None:
    assert window(ROW, ROW).rows(NOW) == [told("", 1, 80), told("1001", 1, 80)]


def test_a_newer_version_of_the_scheme_takes_the_score_s_place() -> None:
    newer = replace(ROW, scheme_version=2, points=10)
    for rows in ((ROW, newer), (newer, ROW)):
        assert window(*rows).rows(NOW) == [told("", 1, 20), told("1001", 1, 20)]


def test_after_an_hour_it_is_gone() -> None:
    found = window(ROW)
    assert len(found.rows(Millis(NOW + WITHIN_MS - 1))) == 2
    assert found.rows(Millis(NOW + WITHIN_MS)) == []


def test_a_folder_of_old_recordings_says_nothing_of_now() -> None:
    assert window(replace(ROW, contact_at=Millis(NOW - CONTACT_MS))).rows(NOW) == []


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 100), st.integers(0, 90)), max_size=40))
def test_sums_are_those_of_what_stands(given_rows: list[tuple[int, int, int, int]]) -> None:
    """Whatever comes, again, newer or late: the sums by steps are the sums of the rows that count."""
    rows = [
        replace(
            ROW, contact=ContactId(f"c{contact}"), scheme_version=version, points=points, points_max=100,
            scored_at=Millis(NOW - minutes * 60_000),
        )
        for contact, version, points, minutes in given_rows
    ]  # fmt: skip
    standing: dict[str, ScoredRow] = {}
    for row in rows:
        before = standing.get(row.contact)
        if row.scored_at > NOW - WITHIN_MS and (
            before is None or (row.scheme_version, row.scored_at) > (before.scheme_version, before.scored_at)
        ):
            standing[row.contact] = row
    whole = window(*rows).rows(NOW)
    if not standing:
        assert whole == []
        return
    assert [(one.agent, one.scored) for one in whole] == [("", len(standing)), ("1001", len(standing))]
    assert abs(whole[0].points_sum - sum(one.points for one in standing.values())) < 1e-6


def test_beyond_its_bound_the_oldest_is_let_go_and_counted() -> None:
    found = QualityWindow()
    for number in range(quality.MOST + 2):
        found.take(replace(ROW, contact=ContactId(f"c{number}"), scored_at=Millis(NOW - 1_000_000 + number)), NOW)
    assert found.counts["scores_let_go"] == 2
    assert found.rows(NOW)[0].scored == quality.MOST


def test_a_score_s_blob_is_known_by_its_beginning() -> None:
    assert MARK in encode(score(1, passed=True))[:32]
    assert MARK not in encode(utterance(1, 1, "scores"))[:32]
