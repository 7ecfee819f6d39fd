"""Several sites seen as one (省中心 over 地市中心), and days of local time."""

import pytest
from hypothesis import given, settings

from streams.floor.days import from_midnights, from_offset
from streams.floor.fold import Floor
from streams.floor.numbers import COUNTER_NAMES, QueueNumbers
from streams.floor.rollup import SiteTree, roll_up
from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis, QueueName, SiteId
from tests.floor_story import T0, Story
from tests.property.test_floor_fold import stories

HOUR = 3_600_000
TREE = SiteTree(site=SiteId("gd"), children=(SiteTree(site=SiteId("gz")), SiteTree(site=SiteId("sz"))))


def city(site: str, waits: tuple[int, ...], *, certain: bool = True) -> list[QueueNumbers]:
    story = Story()
    story.floor = Floor(SiteId(site), targets_ms={QueueName("sales"): 20_000})
    story.sign_in(0)
    for number, wait in enumerate(waits):
        story.queue_up(0, f"c{number}")
        story.answer(wait, f"c{number}")
    if not certain:
        story.lose(9000)
    return story.floor.numbers(Millis(T0 + 60_000))


def test_queues_of_the_same_name_are_one_above() -> None:
    told = {SiteId("gz"): city("gz", (5000, 9000)), SiteId("sz"): city("sz", (25_000,))}
    (sales,) = roll_up(TREE, told, now=Millis(T0 + 60_000)).queues
    assert (sales.site, sales.today.answered, sales.today.answered_in_target, sales.today.wait_max_ms) == (
        *("gd", 3, 2, 25_000),
    )
    assert (sales.talking, sales.agents, sales.certain) == (3, {"on_contact": 2}, True)


def test_one_city_that_is_not_sure_makes_the_province_not_sure() -> None:
    told = {SiteId("gz"): city("gz", (5000,)), SiteId("sz"): city("sz", (), certain=False)}
    assert not roll_up(TREE, told, now=Millis(T0 + 60_000)).queues[0].certain


def test_a_silent_city_is_missing_by_name() -> None:
    told = {SiteId("gz"): city("gz", (5000,))}
    rolled = roll_up(TREE, told, now=Millis(T0 + 60_000), expected=("gz", "sz"))  # type: ignore[arg-type]
    assert (rolled.missing, rolled.queues[0].certain) == (("sz",), False)


def test_old_numbers_are_missing_numbers() -> None:
    told = {SiteId("gz"): city("gz", (5000,))}
    rolled = roll_up(TREE, told, now=Millis(T0 + 90_000))
    assert (rolled.queues, rolled.missing) == ((), ("gz",))


def test_a_province_may_be_rolled_up_in_a_country() -> None:
    country = SiteTree(site=SiteId("cn"), children=(TREE,))
    assert country.sites() == ["cn", "gd", "gz", "sz"]
    assert country.find(SiteId("sz")) == SiteTree(site=SiteId("sz"))


@settings(max_examples=40, deadline=None)
@given(stories(), stories())
def test_the_metrics_of_two_floors_are_the_sum_of_their_metrics(a: list[ev.Event], b: list[ev.Event]) -> None:
    """Two cities apart, added, are both cities' events counted by hand."""
    floors = [Floor(SiteId("gz")), Floor(SiteId("sz"))]
    now = Millis(T0 + 10 * HOUR)
    for floor, told in zip(floors, (a, b), strict=True):
        for event in told:
            floor.apply(event)
    told_by = {floor.site: floor.numbers(now) for floor in floors}
    for row in roll_up(TREE, told_by, now=now).queues:
        parts = [one.queues[row.queue].today for one in floors if row.queue in one.queues]
        for name in COUNTER_NAMES:
            counted = [getattr(part, name) for part in parts]
            assert getattr(row.today, name) == (max(counted) if name == "wait_max_ms" else sum(counted))


# --- days


def test_a_day_with_an_offset_is_a_day_of_24_hours() -> None:
    began = from_offset(8 * HOUR)
    assert began(Millis(16 * HOUR)) == 16 * HOUR
    assert began(Millis(16 * HOUR - 1)) == -8 * HOUR


def test_a_day_of_25_hours_is_one_day() -> None:
    """Clocks go back: midnights 0 h, 25 h, 49 h."""
    began = from_midnights([Millis(0), Millis(25 * HOUR), Millis(49 * HOUR)])
    assert [began(Millis(at * HOUR)) for at in (0, 24, 25, 48, 49, 73, -1)] == [
        *(0, 0, 25 * HOUR, 25 * HOUR, 49 * HOUR, 73 * HOUR, -24 * HOUR),
    ]


def test_no_midnight_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="this year and the next"):
        from_midnights([])


def test_the_days_counters_last_as_long_as_the_day() -> None:
    """A table whose day ends an hour later than 24 hours would say."""
    midnights = [Millis(T0 - T0 % 86_400_000), Millis(T0 - T0 % 86_400_000 + 25 * HOUR)]
    story = Story(day_began=from_midnights(midnights))
    story.queue_up(0)
    left = midnights[1] - T0
    story.passes(left - 1)
    assert story.numbers(left - 1).today.offered == 1
    story.passes(left)
    assert story.numbers(left).today.offered == 0
