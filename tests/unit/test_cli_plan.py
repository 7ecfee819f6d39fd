"""`floorwatch plan`: a file's faults with lines and exit code, a site's plan printed; the document's examples hold."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.plan_open import read_plan_bytes
from seat_map.generate import generate
from seat_map.parse import parse
from seat_map.plan_words import doc_of, read_doc

DOCUMENT = (Path(__file__).parents[2] / "docs/plan.md").read_text("utf-8")


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["plan", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_sound_file_is_counted(tmp_path: Path):
    file = tmp_path / "plan.csv"
    file.write_text("seat,team\nA1,T\nA2,T\n", "utf-8")
    code, out, _ = run("check", str(file))
    assert (code, out.strip()) == (0, "1 floor(s), 1 room(s), 1 team(s), 2 seat(s)")


def test_faults_have_lines_and_end_with_one(tmp_path: Path):
    file = tmp_path / "plan.toml"
    file.write_text('[[room]]\nname = "A"\nwidth = "wide"\n', "utf-8")
    code, _, err = run("check", str(file))
    assert code == 1
    assert f"{file}:3: room[0].width: width is 'wide'" in err
    code, out, _ = run("check", str(file), "--json")
    assert (code, {fault["kind"] for fault in json.loads(out)["faults"]}) == (1, {"bad_number", "missing"})


def test_a_site_s_plan_is_printed_so_that_it_can_be_configured(tmp_path: Path):
    config = tmp_path / "floorwatch.toml"
    config.write_text('[site]\nid = "gz"\nseats = 50\n', "utf-8")
    code, out, err = run("export", "-c", str(config))
    assert (code, err) == (0, "")
    assert parse(out).plan == read_doc(doc_of(generate(50, name="gz"))).plan


@pytest.mark.parametrize(("more", "said"), [(("--site", "bj"), "no site 'bj'"), (("--version", "7"), "no version 7")])
def test_what_is_not_there_is_said(tmp_path: Path, more: tuple[str, str], said: str):
    config = tmp_path / "floorwatch.toml"
    config.write_text('[site]\nid = "gz"\n', "utf-8")
    code, _, err = run("export", "-c", str(config), *more)
    assert code == 2
    assert said in err


@pytest.mark.parametrize("kind", ["toml", "csv"])
def test_the_document_s_example_is_a_sound_plan(kind: str):
    (example,) = re.findall(rf"```{kind}\n(.*?)```", DOCUMENT, re.DOTALL)
    parsed = read_plan_bytes(example.encode(), f"plan.{kind}", table=kind == "csv")
    assert [str(fault) for fault in parsed.faults] == []
    assert len(parsed.plan.seats) >= 3
