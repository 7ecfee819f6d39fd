"""Which pages a wallboard shows when nobody says so, and that it knows when it is out of date."""

import pytest

from monitor.config_wall import PageKind, WallPage
from monitor.web.wall_view import board_pages, build


@pytest.mark.parametrize(
    ("groups", "above", "floor", "kinds"),
    [
        (False, False, True, ["worst", "queues", "map", "attention"]),
        (True, False, True, ["worst", "queues", "groups", "map", "attention"]),
        (True, True, True, ["sites", "worst", "queues", "groups", "map", "attention"]),
        (True, True, False, ["sites", "worst", "queues"]),
    ],
)
def test_without_a_word_of_the_configuration_there_is_a_sensible_set(
    groups: bool, above: bool, floor: bool, kinds: list[str]
) -> None:
    """A site that only stands above others has neither map nor list nor groups of its own.

    What there is nothing to show of is left out by the page itself, so that the set does not change with the day.
    """
    pages = board_pages((), groups=groups, above=above, floor=floor)
    assert [page.kind for page in pages] == kinds


def test_what_the_configuration_names_is_shown_as_it_says() -> None:
    """Even while there is nothing to show."""
    asked = [WallPage(kind=PageKind.GROUPS, seconds=45, title_zh="重点", groups=("vip",))]
    page = board_pages(asked, groups=True, above=False, floor=True)[0]
    assert (page.kind, page.seconds, page.title_zh, page.groups, page.always) == ("groups", 45, "重点", ("vip",), True)


def test_the_build_names_version_and_content() -> None:
    version, _, digest = build().partition("+")
    assert version
    assert len(digest) == 12
