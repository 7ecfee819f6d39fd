"""`floorwatch replay freeswitch`: its JSON, its table, and captures that are none."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from monitor.cli_replay_freeswitch import freeswitch
from tests.golden.freeswitch_runs import DEV, slim

app = typer.Typer()
app.command()(freeswitch)
RUN = CliRunner()


def test_the_json_has_the_shape_of_every_replay() -> None:
    """DESIGN section 4; `noticed` stands beside it."""
    done = RUN.invoke(app, [str(DEV), "--json"])
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert {"contacts", "queues", "agents", "gaps", "anomalies", "refused", "noticed"} <= told.keys()
    assert told["queues"]["vip@default"]["overflowed"] == {"timeout": 1, "key": 2}
    assert told["agents"]["1001@default"]["answered"] == 12


def test_people_get_a_table_and_what_was_noticed() -> None:
    done = RUN.invoke(app, [str(DEV), "--format", "json"])
    assert (done.exit_code, "125 contacts" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "conns.jsonl").unlink(), "conns.jsonl is missing"),
        (
            lambda folder: (folder / "conns.jsonl").write_text('{"t": 1, "conn": "trk.1", "ev": "connected"}\n'),
            "names no",
        ),
        (lambda folder: (folder / "conns.jsonl").write_text("not json\n"), "conns.jsonl:1"),
        (lambda folder: (folder / "ev.1.raw.zst").unlink(), "ev.1.raw is missing"),
        (lambda folder: (folder / "ev.1.times.jsonl.zst").write_bytes(b"\x28\xb5\x2f\xfd"), "not a whole zstd"),
    ],
)
def test_a_folder_that_is_no_capture_is_refused_with_its_mend(tmp_path: Path, spoil: object, words: str) -> None:
    folder = Path(shutil.copytree(DEV, tmp_path / "dev"))
    assert callable(spoil)
    spoil(folder)
    done = RUN.invoke(app, [str(folder)])
    assert (done.exit_code, words in done.stderr) == (2, True)


def test_events_without_lists_are_played_all_the_same(tmp_path: Path) -> None:
    """Visits and talks need no list; wrap-up and delays do."""
    folder = Path(shutil.copytree(DEV, tmp_path / "dev"))
    (folder / "poll.jsonl.zst").unlink()
    told = json.loads(RUN.invoke(app, [str(folder), "--json", "--format", "json"]).stdout)
    assert told["queues"]["sales@default"]["answered"] == 50
    assert told["queues"]["sales@default"]["wrap_up_ms"]["sum"] == 0


def test_a_second_connection_makes_a_gap(tmp_path: Path) -> None:
    """The same capture, cut in two at its hundredth second, five apart: one gap, ended by the next lists."""
    (connection,) = slim().connections
    began = connection.connected_at + 100_000
    parts = {
        "ev.1": [read for read in connection.reads if read.t <= began],
        "ev.2": [read for read in connection.reads if read.t >= began + 5_000],
    }
    for name, reads in parts.items():
        offset = reads[0].off
        (tmp_path / f"{name}.raw").write_bytes(connection.data[offset : reads[-1].off + reads[-1].n])
        rows = (f'{{"off": {one.off - offset}, "t": {one.t}, "n": {one.n}}}\n' for one in reads)
        (tmp_path / f"{name}.times.jsonl").write_text("".join(rows))
    shutil.copy(DEV / "poll.jsonl.zst", tmp_path)
    moments = [
        (connection.connected_at, "ev.1", "connected"),
        (began + 20, "ev.1", "closed"),
        (began + 5_000, "ev.2", "connected"),
        (slim().ended_at, "ev.2", "closed"),
        (slim().ended_at, "ev.2", "close_by_client"),
    ]
    lines = (f'{{"t": {at}, "conn": "{name}", "ev": "{what}"}}\n' for at, name, what in moments)
    (tmp_path / "conns.jsonl").write_text("".join(lines))
    told = json.loads(RUN.invoke(app, [str(tmp_path), "--json"]).stdout)
    (gap,) = told["gaps"]
    assert (gap["from"] <= began, began + 5_000 < gap["to"] <= began + 15_000) == (True, True)
    assert gap["reason"] == "disconnected"
    assert "unknown" not in {agent["state"] for agent in told["agents"].values()}
