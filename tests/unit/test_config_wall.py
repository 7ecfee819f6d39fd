"""Scopes, queue groups and wall pages as people write them, and what they are told when they slip."""

from pathlib import Path

import pytest

from monitor.config_wall import PageKind, QueueGroup, Scope, WallPage
from tests.unit.test_config import SITE, faults, read

GROUP = '[[queue_group]]\nname = "mobile"\nqueues = ["sales"]\n'


def said(folder: Path, text: str) -> list[str]:
    return [fault.message for fault in faults(folder, SITE + text)]


def test_a_scope_names_teams_queues_and_its_labels(tmp_path: Path) -> None:
    text = '[[scope]]\nname = "a"\nlabel_zh = "A 组"\nlabel_en = "Team A"\nteams = ["A01"]\nqueues = ["sales"]\n'
    assert read(tmp_path, SITE + text).scopes == (
        Scope(name="a", label_zh="A 组", label_en="Team A", teams=("A01",), queues=("sales",)),
    )


def test_a_scope_without_labels_is_called_by_its_name(tmp_path: Path) -> None:
    (scope,) = read(tmp_path, SITE + '[[scope]]\nname = "a"\nteams = ["A01"]\n').scopes
    assert (scope.label_zh, scope.label_en) == ("a", "a")


def test_groups_and_pages_keep_their_order(tmp_path: Path) -> None:
    text = (
        GROUP + '[[wall_page]]\nkind = "groups"\ngroups = ["mobile"]\nseconds = 30\n'
        '[[wall_page]]\nkind = "map"\nroom = "A"\ntitle_zh = "一楼"\n'
    )
    config = read(tmp_path, SITE + text)
    assert config.queue_groups == (QueueGroup(name="mobile", label_zh="mobile", label_en="mobile", queues=("sales",)),)
    assert config.wall_pages == (
        WallPage(kind=PageKind.GROUPS, groups=("mobile",), seconds=30),
        WallPage(kind=PageKind.MAP, room="A", title_zh="一楼"),
    )


def test_a_plan_file_is_found_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "floor.toml").write_text("")
    assert read(tmp_path, SITE + 'plan = "floor.toml"\n').site.plan == tmp_path / "floor.toml"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[[scope]]\nname = "a"\n', "scope[0]: sees nothing"),
        ('[[scope]]\nname = "a"\nteams = []\n', "scope[0].teams: is empty"),
        ('[[scope]]\nname = "a"\nteams = ["x", "x"]\n', "scope[0].teams: 'x' stands in it twice"),
        ('[[scope]]\nname = "a"\nteam = ["x"]\nqueues = ["q"]\n', "scope[0].team: unknown key"),
        (GROUP + GROUP, "queue_group[1].name: 'mobile' names two of this kind"),
        ('[[queue_group]]\nname = "m"\nqueues = ["s", "s"]\n', "queue_group[0].queues: 's' stands in it twice"),
        ('[[wall_page]]\nkind = "grops"\n', "wall_page[0].kind: unknown kind 'grops'"),
        ('[[wall_page]]\nkind = "queues"\nroom = "A"\n', "wall_page[0].room: unknown key"),
        (GROUP + '[[wall_page]]\nkind = "groups"\ngroups = ["mobil"]\n', "wall_page[0].groups: no queue group 'mobil'"),
        ('[[wall_page]]\nkind = "groups"\n', "wall_page[0].kind: there are no queue groups"),
        ('[[wall_page]]\nkind = "map"\nseconds = 1\n', "wall_page[0].seconds: 1 is out of range"),
    ],
)
def test_a_slip_is_told_with_its_place(tmp_path: Path, text: str, fault: str) -> None:
    assert any(one.startswith(fault) for one in said(tmp_path, text))
