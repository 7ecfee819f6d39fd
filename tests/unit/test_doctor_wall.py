"""What the doctor says of scopes, groups and pages that name what is not there, and of plans with faults."""

from pathlib import Path

from monitor.doctor_checks import Level
from monitor.doctor_wall import check_walls
from tests.unit.test_config import SITE, read


def said(folder: Path, text: str) -> list[str]:
    store = f'[store]\ndata = "{folder}/data"\n'
    return [finding.what for finding in check_walls(read(folder, SITE + store + text)) if finding.level is not Level.OK]


def test_names_that_nothing_answers_to_are_told_by_their_place(tmp_path: Path) -> None:
    text = (
        '[queues.sales]\nname_zh = "销售"\n'
        '[[scope]]\nname = "a"\nteams = ["A01", "Z99"]\nqueues = ["sales", "sails"]\n'
        '[[queue_group]]\nname = "g"\nqueues = ["nowhere"]\n[[wall_page]]\nkind = "map"\nroom = "cellar"\n'
    )
    assert said(tmp_path, text) == [
        "[[scope]] a: no team 'Z99' is known",
        "[[wall_page]] number 1: no room 'cellar' is known",
        "[[scope]] a: no queue 'sails' is known",
        "[[queue_group]] g: no queue 'nowhere' is known",
    ]


def test_without_a_single_named_queue_none_is_strange(tmp_path: Path) -> None:
    """The switch will tell of them."""
    assert said(tmp_path, '[[scope]]\nname = "a"\nqueues = ["sales"]\n') == []


def test_a_plan_file_with_faults_and_a_damaged_version_are_told(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("seat,extension\nA1,8001\nA2,8001\n", encoding="utf-8")
    versions = tmp_path / "data" / "plans" / "gz"
    versions.mkdir(parents=True)
    (versions / "000001.json").write_text("half", encoding="utf-8")
    text = f'[site]\nid = "gz"\nplan = "plan.csv"\n[store]\ndata = "{tmp_path}/data"\n'
    told = [finding.what for finding in check_walls(read(tmp_path, text))]
    assert told[0].startswith(
        "the plan file of site gz has 1 faults: line 3, row 3: extension 8001 is already at row 2"
    )
    assert told[1].startswith("plan of site gz: 000001.json cannot be read")
