"""Plans on disk: versions are never lost, a damaged file is named, a folder is shared."""

from pathlib import Path

import pytest

from monitor.config import Site
from monitor.plan_open import first_plan, open_desk, plan_folder, read_plan_file
from monitor.plan_store import KeptPlan, NewerVersion, Origin, PlanStore, PlanVersion
from seat_map.plan_words import PlanDoc, RoomDoc, SeatDoc
from streams.vocabulary.ids import AgentId, Millis, SiteId

AT = Millis(1_795_291_200_000)


def kept(name: str) -> KeptPlan:
    about = PlanVersion(
        version=0, parent=None, author="a", at=AT, note=name, origin=Origin.EDITOR, seats=1, rooms=1
    )  # fmt: skip
    room = RoomDoc(name="r", left=0, top=0, width=5, height=5)
    return KeptPlan(about=about, plan=PlanDoc(name=name, rooms=(room,), seats=(SeatDoc(id=name, x=1, y=1),)))


def site(**told: object) -> Site:
    return Site(id=SiteId("gz"), name="广州", timezone="Asia/Shanghai", seats=40, **told)  # type: ignore[arg-type]


def test_versions_count_up_from_the_first_plan(tmp_path: Path):
    store = PlanStore(tmp_path / "gz")
    assert store.newest() is None
    one = store.publish(kept("one"), base=0, first=kept("first"))
    two = store.publish(kept("two"), base=1, first=kept("first"))
    assert [(one.version, one.parent), (two.version, two.parent)] == [(1, 0), (2, 1)]
    assert [about.note for about in store.versions()[0]] == ["two", "one", "first"]


def test_a_second_store_over_the_folder_refuses_what_it_has_not_seen(tmp_path: Path):
    mine, theirs = PlanStore(tmp_path), PlanStore(tmp_path)
    mine.publish(kept("one"), base=0, first=kept("first"))
    with pytest.raises(NewerVersion) as refused:
        theirs.publish(kept("other"), base=0, first=kept("first"))
    assert refused.value.latest == 1


def test_a_damaged_version_is_named_and_the_one_before_stands(tmp_path: Path):
    store = PlanStore(tmp_path)
    store.publish(kept("one"), base=0, first=kept("first"))
    store.publish(kept("two"), base=1, first=kept("first"))
    (tmp_path / "000002.json").write_bytes(b'{"about":')
    again = PlanStore(tmp_path)
    newest = again.newest()
    assert newest is not None
    assert newest.plan.name == "one"
    assert [one.name for one in again.versions()[1]] == ["000002.json"]
    three = again.publish(kept("three"), base=1, first=kept("first"))
    assert (three.version, three.parent) == (3, 1)


def test_when_every_version_is_damaged_the_first_plan_is_shown_and_can_be_published_over(tmp_path: Path):
    store = PlanStore(tmp_path / "plans" / "gz")
    store.publish(kept("one"), base=0, first=kept("first"))
    for file in (tmp_path / "plans" / "gz").glob("0*.json"):
        file.write_bytes(b"")
    desk = open_desk(tmp_path, site())
    assert (desk.standing.about.version, len(desk.plan.seats)) == (0, 40)
    assert store.publish(kept("two"), base=0, first=kept("first")).version == 2


def test_no_half_written_file_is_left_and_none_is_read(tmp_path: Path):
    (tmp_path / ".000009.json.1.part").write_bytes(b"{")
    store = PlanStore(tmp_path)
    store.publish(kept("one"), base=0, first=kept("first"))
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith(".")) == [
        "000000.json", "000001.json", "lock",
    ]  # fmt: skip


def test_an_agent_has_one_seat_by_hand_and_the_log_tells_what_was_before(tmp_path: Path):
    store = PlanStore(tmp_path)
    store.pin("A1", AgentId("8001"), by="x", at=AT)
    line = store.pin("A1", AgentId("8002"), by="x", at=AT)
    assert line.before == "8001"
    store.pin("A2", AgentId("8002"), by="x", at=AT)
    assert [(pin.seat, pin.agent) for pin in store.pins().pins] == [("A2", "8002")]
    assert len(store.pins().log) == 3


def test_pins_that_cannot_be_read_are_named_and_the_plan_still_stands(tmp_path: Path):
    (tmp_path / "plans" / "gz").mkdir(parents=True)
    (tmp_path / "plans" / "gz" / "pins.json").write_bytes(b"[")
    desk = open_desk(tmp_path, site())
    assert [one.name for one in desk.standing.damaged] == ["pins.json"]
    assert len(desk.plan.seats) == 40


def test_without_a_plan_file_desks_are_generated():
    first = first_plan(site())
    assert (first.origin, len(first.parsed.plan.seats), first.parsed.faults) == (Origin.GENERATED, 40, ())


def test_a_plan_file_s_sound_part_is_shown_with_its_faults(tmp_path: Path):
    file = tmp_path / "plan.csv"
    file.write_text("座位,分机\nA1,8001\nA2,8001\n", "gb18030")
    first = first_plan(site(plan=file))
    assert [seat.id for seat in first.parsed.plan.seats] == ["A1"]
    assert [str(fault) for fault in first.parsed.faults] == [
        "line 3, row 3: extension 8001 is already at row 2; give each seat its own extension"
    ]


def test_a_plan_file_that_is_not_there_is_a_fault_and_desks_are_generated(tmp_path: Path):
    first = first_plan(site(plan=tmp_path / "gone.toml"))
    assert first.origin is Origin.GENERATED
    assert len(first.parsed.plan.seats) == 40
    assert "No such file" in first.parsed.faults[0].fault


def test_a_file_that_is_no_text_is_a_fault(tmp_path: Path):
    file = tmp_path / "plan.toml"
    file.write_bytes(b"name = '\xff\xfe'")
    assert "is not UTF-8" in read_plan_file(file).faults[0].fault


@pytest.mark.parametrize("name", ["..", ".", "gz", "上海中心"])
def test_a_site_s_folder_is_below_the_plans(tmp_path: Path, name: str):
    folder = plan_folder(tmp_path, name).resolve()
    assert folder.parent == (tmp_path / "plans").resolve()
