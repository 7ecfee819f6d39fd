"""Names made to mislead, as a screen may show them."""

import pytest

from monitor.api.agent_row import short_row
from seat_map.columns import REASONS_MAX, Reasons
from seat_map.picture import person_of, same_person
from seat_map.shown import SHOWN_MAX, shown
from streams.vocabulary.ids import AgentId, Millis
from tests.browser.synthetic import SyntheticFloor

NOW = Millis(1_800_000_000_000)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("王秀英", "王秀英"),
        ("<b>粗体</b>", "<b>粗体</b>"),  # markup is text; pages make text nodes of it
        ("王\u3000秀英", "王 秀英"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("\u2066王\u2069", "王"),
        ("王\u200b秀\ufeff英", "王秀英"),
        ("两\n行\r\n名\x00", "两 行 名"),
        ("\ud800王", "王"),
        ("\u202e", ""),
        ("长" * 10_000, "长" * (SHOWN_MAX - 1) + "…"),
        ("محمد", "محمد"),
    ],
)
def test_a_name_is_one_short_line_that_reads_one_way(text: str, seen: str) -> None:
    assert shown(text) == seen
    assert shown(seen) == seen


def test_a_name_made_to_mislead_is_told_once_and_is_no_change_each_time_it_is_looked_at() -> None:
    floor = SyntheticFloor(agents=3, now=NOW)
    agent = floor.agents[AgentId("8002")]
    agent.name, agent.extension = "王\u202e英" + "x" * 10_000, "\u20668002"
    person = person_of(agent)
    assert (person.name[:3], len(person.name), person.extension) == ("王英x", SHOWN_MAX, "8002")
    assert same_person(person, agent)
    assert short_row(floor, agent, NOW)["name"] == person.name


def test_a_switch_that_writes_a_number_into_each_reason_does_not_fill_every_browser() -> None:
    reasons = Reasons()
    numbers = [reasons.number(f"回拨 {13800000000 + number}" + "\u202e" * 9_000) for number in range(REASONS_MAX + 50)]
    assert len(reasons.texts) == REASONS_MAX
    assert set(numbers[REASONS_MAX:]) == {0}
    assert max(map(len, reasons.texts)) <= SHOWN_MAX
