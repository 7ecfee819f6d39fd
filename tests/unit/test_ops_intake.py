"""What /ops says of a counter of recordings: words of the catalogues, and whether somebody must look."""

import pytest

from monitor.web.ops_intake import Counted, counted
from monitor.web.ops_view import Level, sections


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("done", 51, Counted("done", "", False)),
        ("failed_not_audio", 2, Counted("failed", "audio:not_audio", True)),
        ("failed_not_audio", 0, Counted("failed", "audio:not_audio", False)),
        ("quarantined", 2, Counted("quarantined", "", True)),
        ("sorted_job_not_decodable", 1, Counted("sorted", "reason:job_not_decodable", True)),
        ("sorted_queued", 9, Counted("sorted", "reason:queued", False)),
        ("matched_hand", 1, Counted("matched", "matched:hand", False)),
        ("matched_by_time", 1, Counted("matched_by_time", "", False)),
        ("watch_folder_not_readable", 1, Counted("watch_folder_not_readable", "", True)),
        ("silent", 1, Counted("silent", "", True)),
    ],
)
def test_a_counter_is_one_or_two_words(key: str, value: int, told: Counted) -> None:
    """What was counted, and why; what is 0 is nobody's trouble."""
    assert counted(key, value) == told


def test_each_transcriber_is_a_section_of_its_own() -> None:
    (first, second) = sections({"transcriber a-0": {"silent": 1}, "history intake": {"fetched": 2}})
    assert (first.name, first.of, first.lines[0].level) == ("transcriber", "a-0", Level.LOOK)
    assert (second.name, second.of, second.lines[0].value) == ("intake", "", "2")
