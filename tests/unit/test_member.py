"""A process's name among others, how full a disk is, and a tree of sites."""

from pathlib import Path

import pytest

from monitor.config import Site
from monitor.disk import DiskState, DiskWatch
from monitor.member import member
from monitor.sites import tree_of
from streams.vocabulary.ids import SiteId


def test_two_living_processes_have_two_names(tmp_path: Path) -> None:
    """And another role, or another data folder, is somebody else again."""
    one, two, other = member(tmp_path, "archive"), member(tmp_path, "archive"), member(tmp_path, "score")
    elsewhere = member(tmp_path / "b", "archive")
    assert len({one.name, two.name, other.name, elsewhere.name}) == 4
    for each in (one, two, other, elsewhere):
        each.close()


def test_a_restarted_process_has_the_name_it_had(tmp_path: Path) -> None:
    """So it finds what it was given and did not finish."""
    first = member(tmp_path, "archive")
    name = first.name
    first.close()
    again = member(tmp_path, "archive")
    assert again.name == name
    again.close()


@pytest.mark.parametrize(
    ("look", "stop", "state", "room"),
    [
        (100.1, 100.2, DiskState.ROOM, True),
        (0.0, 100.1, DiskState.FILLING, True),
        (0.0, 0.0, DiskState.FULL, False),
    ],
    ids=["room", "filling", "full"],
)
def test_a_disk_is_told_by_its_limits(tmp_path: Path, look: float, stop: float, state: DiskState, room: bool) -> None:
    """Below the first all is well; from the second on, what can wait stops."""
    disk = DiskWatch(tmp_path, look_percent=look, stop_percent=stop)
    assert (disk.has_room(), disk.state) == (room, state)


def test_a_folder_that_is_gone_is_not_known(tmp_path: Path) -> None:
    """Not knowing is no reason to stop."""
    disk = DiskWatch(tmp_path / "gone")
    assert (disk.has_room(), disk.state) == (True, DiskState.NOT_KNOWN)


SITES = (
    Site(id=SiteId("gd"), name="广东", timezone="Asia/Shanghai"),
    Site(id=SiteId("gz"), name="广州", timezone="Asia/Shanghai", parent=SiteId("gd")),
    Site(id=SiteId("sz"), name="深圳", timezone="Asia/Shanghai"),
    Site(id=SiteId("sz-1"), name="南山", timezone="Asia/Shanghai", parent=SiteId("sz")),
)


def test_who_names_no_parent_stands_below_the_first() -> None:
    """A province with two cities, one of which has a district."""
    tree = tree_of(SITES)
    assert tree.sites() == ["gd", "gz", "sz", "sz-1"]
    assert [child.site for child in tree.children] == ["gz", "sz"]
