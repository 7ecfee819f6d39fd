"""Packs keep what their golden dialogues say; what comes out otherwise is told."""

from pathlib import Path

import pytest
import typer.testing

from monitor.cli import app
from scoring.golden import Golden, What, read_golden, run
from scoring.library import GOLDEN_DIR, golden_text, load_scheme, packs
from scoring.parse import parse_scheme

SCHEME = """
[scheme]
name = "own"
version = 1
zh = "自己的"
en = "Own"

[[item]]
id = "rude"
zh = "忌语"
en = "Rude"
kind = "deduct"
points = 5
per = "hit"
rule = "rude"

[[rule]]
id = "rude"
version = 1
[[rule.condition]]
id = "says"
operator = "keyword"
role = "agent"
any = ["不知道", "没办法"]
"""


def golden_of(pack: str) -> Golden:
    return read_golden(golden_text(GOLDEN_DIR / f"{pack}.toml"), file=pack, scheme=load_scheme(pack))


@pytest.mark.parametrize("pack", packs())
def test_a_pack_keeps_its_golden_dialogues(pack: str) -> None:
    """Afterwards and live, and each marked word matters; every item is shown both ways."""
    golden = golden_of(pack)
    assert golden.faults == ()
    result = run(load_scheme(pack), golden.dialogues)
    assert [(one.dialogue.id, one.differences) for one in result.failed] == []
    assert result.unproven == ()
    assert len(result.tested) >= 7
    assert result.words >= 14


def test_there_are_many() -> None:
    """Over all packs, half of them English."""
    counts = {pack: len(golden_of(pack).dialogues) for pack in packs()}
    assert sum(counts.values()) >= 90
    assert sum(count for pack, count in counts.items() if pack.endswith(".en")) >= 40


def differences(dialogue: str) -> list[tuple[What, str, str]]:
    scheme = parse_scheme(SCHEME, file="own.toml")
    golden = read_golden(dialogue, file="own.golden.toml", scheme=scheme)
    assert golden.faults == ()
    return [(each.what, each.expected, each.found) for one in run(scheme, golden.dialogues).failed
            for each in one.differences]  # fmt: skip


def lines(said: str, expect: str) -> str:
    return f"[[dialogue]]\nid = 'd'\nlines = '''\n{said}\n'''\nexpect = {{ {expect} }}\n"


@pytest.mark.parametrize(
    ("said", "expect", "found"),
    [
        ("A: 我不知道", 'rude = "hit"', []),
        ("A: 我不知道", 'rude = "miss"', [(What.OUTCOME, "miss", "hit")]),
        ("A: {不知道 0.3}", 'rude = "cannot_tell/miss"', [(What.LEANING, "cannot_tell/miss", "cannot_tell/hit")]),
        ("A: 我不知道", 'rude = { outcome = "hit", reason = "looked" }', [(What.REASON, "looked", "found")]),
        ("A: 我不知道", 'rude = { outcome = "hit", text = "没" }', [(What.TEXT, "没", "不知道")]),
        ("A: 我不知道", 'rude = { outcome = "hit", hits = 2 }', [(What.HITS, "2", "1")]),
        ("A: 我不知道", "", [(What.UNEXPECTED, "no hit", "hit")]),
        ("A: [我](rude)不知道", 'rude = "hit"', [(What.WORD, "no longer hit", "hit")]),
        ("A: 我[不知道]()", 'rude = "hit"', None),
        ("A: 我不[知道](rude)，没办法", 'rude = "hit"', [(What.WORD, "no longer hit", "hit")]),
        ("A: 我[不](rude=miss)知道", 'rude = "hit"', []),
        ("A: 我[不](rude=not_applicable)知道", 'rude = "hit"', [(What.WORD, "not_applicable", "miss")]),
    ],
)
def test_what_comes_out_otherwise_is_told(said: str, expect: str, found: list[tuple[What, str, str]] | None) -> None:
    """Each kind of difference, with what was expected; a mark that names no item is no mark."""
    if found is None:
        assert read_golden(lines(said, expect), file="x").faults
    else:
        assert differences(lines(said, expect)) == found


# --- floorwatch rules test -------------------------------------------------------------------------------------------


def rules_test(*args: object) -> typer.testing.Result:
    return typer.testing.CliRunner().invoke(app, ["rules", "test", *map(str, args)])


def test_own_dialogues_stand_beside_the_scheme(tmp_path: Path) -> None:
    """Named by the scheme or by themselves; exit 1 and the first difference where one fails."""
    (tmp_path / "own.toml").write_text(SCHEME, "utf-8")
    beside = tmp_path / "own.golden.toml"
    beside.write_text(lines("A: 我[不](rude)知道", 'rude = "hit"'), "utf-8")
    assert rules_test(tmp_path / "own.toml").exit_code == rules_test(beside).exit_code == 0
    beside.write_text(lines("A: 我不知道", 'rude = "miss"'), "utf-8")
    answer = rules_test(tmp_path / "own.toml")
    assert answer.exit_code == 1
    assert "d (line 1), rude:" in answer.stderr
    assert "expected miss, found hit: said “不知道”" in answer.stderr


def test_a_scheme_without_dialogues_is_told_where_to_write_them(tmp_path: Path) -> None:
    """Exit 1: nothing was tried, which is no success."""
    (tmp_path / "own.toml").write_text(SCHEME, "utf-8")
    answer = rules_test(tmp_path / "own.toml")
    assert answer.exit_code == 1
    assert "own.golden.toml:1: cannot be read" in answer.stderr


def test_machines_are_told_all(tmp_path: Path) -> None:
    """One JSON object, with every difference."""
    (tmp_path / "own.toml").write_text(SCHEME, "utf-8")
    (tmp_path / "own.golden.toml").write_text(lines("A: 我不知道", 'rude = "miss"'), "utf-8")
    answer = rules_test(tmp_path / "own.toml", "--json")
    assert answer.exit_code == 1
    assert '"what":"outcome","item":"rude"' in answer.stdout
