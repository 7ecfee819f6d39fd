"""The console script: exit code 0 ok, 1 a finding, 2 usage or configuration; every fault with its mend."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app
from scoring.library import PACKS_DIR

COMMANDS: tuple[tuple[str, ...], ...] = (
    (),
    ("demo",),
    ("serve",),
    ("doctor",),
    ("sql",),
    ("replay",),
    ("replay", "asterisk"),
    ("transcribe",),
    ("score",),
    ("rules",),
    ("rules", "check"),
    ("rules", "schema"),
    ("alerts",),
    ("alerts", "check"),
    ("alerts", "defaults"),
    ("alerts", "send-test"),
    ("model",),
    ("model", "list"),
)

GOOD = """
[site]
id = "hz"
[[source]]
kind = "asterisk"
id = "pbx"
host = "127.0.0.1"
port = 1
username = "floorwatch"
secret = "hunter2-secret"
"""

FAULTY = """
[site]
id = "hz"
seats = "many"
[[source]]
kind = "asterik"
id = "pbx"
host = "127.0.0.1"
username = "floorwatch"
secret = "hunter2-secret"
[store]
dta = "x"
"""

TRANSCRIPT: dict[str, Any] = {
    "site": "hz",
    "contact": "c1",
    "contact_at": 5_000,
    "model": "m",
    "duration_ms": 9_000,
    "channels": 2,
    "utterances": [
        {
            "channel": 0,
            "role": "agent",
            "number": 0,
            "start_ms": 0,
            "end_ms": 900,
            "text": "[/bold]您好\x1b[2J",
            "words": [{"text": "您好", "start_ms": 0, "end_ms": 900, "confidence": 0.9}],
            "confidence": 0.9,
        }
    ],
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def written(folder: Path, text: str, name: str = "floorwatch.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    """In words for its user: what a module's docstring says to developers is not there."""
    answer = run(*command, "--help")
    assert answer.exit_code == 0
    assert "Usage" in answer.output
    assert "May not know" not in answer.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("serve",),
        ("demo", "--port", "0"),
        ("demo", "--seats", "1"),
        ("demo", "--speed", "fast"),
        ("sql",),
        ("replay", "nortel", "x"),
        ("transcribe",),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    """As shells expect."""
    assert run(*arguments).exit_code == 2


# --- serve ---------------------------------------------------------------------------------------------------------


def test_serve_names_every_fault_of_its_configuration(tmp_path: Path) -> None:
    """With file, line and mend, each on a line that can be searched; the secret is not among the words."""
    file = written(tmp_path, FAULTY)
    answer = run("serve", "-c", file)
    assert answer.exit_code == 2
    for place in (f"{file}:4: site.seats", f"{file}:6: source[0].kind", f"{file}:12: store.dta"):
        assert place in answer.stderr
    assert answer.stderr.count("mend: ") == 3
    assert f"3 fault(s) in {file}" in answer.stderr
    assert "hunter2" not in answer.output


def test_serve_without_its_file_says_where_to_begin(tmp_path: Path) -> None:
    """A missing file is a fault like others."""
    answer = run("serve", "-c", tmp_path / "none.toml")
    assert answer.exit_code == 2
    assert "floorwatch.example.toml" in answer.stderr


def test_serve_refuses_an_unknown_role_and_names_the_known_ones(tmp_path: Path) -> None:
    """Before anything is started."""
    answer = run("serve", "-c", written(tmp_path, GOOD), "--roles", "floor,flor")
    assert answer.exit_code == 2
    assert "unknown role flor: choose from collect, floor, web" in answer.stderr


def test_serve_refuses_a_faulty_scheme(tmp_path: Path) -> None:
    """It would end the scoring process again and again; its faults come with line and mend."""
    written(tmp_path, "[scheme]\nnme = 3\n", "own.toml")
    answer = run("serve", "-c", written(tmp_path, GOOD + '[scoring]\nscheme = "own.toml"\n'))
    assert answer.exit_code == 2
    assert "own.toml:" in answer.stderr
    assert "mend: " in answer.stderr


# --- files ---------------------------------------------------------------------------------------------------------


def test_score_takes_what_transcribe_prints(tmp_path: Path) -> None:
    """`transcribe --json > a.json`, then `score a.json`; a fault in there stays one."""
    printed = {"transcripts": {"a.flac": TRANSCRIPT}, "faults": {"b.flac": "not_audio: no"}}
    answer = run("score", written(tmp_path, json.dumps(printed), "a.json"), "--json")
    told = json.loads(answer.stdout)
    assert answer.exit_code == 1
    assert list(told["scores"]) == ["a.flac"]
    assert told["faults"] == {"b.flac": "not_audio: no"}


def test_score_takes_one_transcript_alone(tmp_path: Path) -> None:
    """As it lies on the bus."""
    file = written(tmp_path, json.dumps(TRANSCRIPT), "a.json")
    assert list(json.loads(run("score", file, "--json").stdout)["scores"]) == [str(file)]


def test_score_takes_a_case_with_happenings_and_facts(tmp_path: Path) -> None:
    """Rules about events are answered, not only doubted."""
    scheme = """
[scheme]
name = "held"
version = 1
zh = "保持"
en = "holds"
[[item]]
id = "long_hold"
zh = "保持过久"
en = "held too long"
kind = "deduct"
points = 5
rule = "long_hold"
[[rule]]
id = "long_hold"
version = 1
[[rule.condition]]
id = "held"
operator = "hold"
above = 60
"""
    case = {"transcript": TRANSCRIPT, "happenings": [{"kind": "hold", "start_ms": 0, "end_ms": 61000}]}
    told = {}
    for name, body in (("case", case), ("alone", TRANSCRIPT)):
        file = written(tmp_path, json.dumps(body), f"{name}.json")
        answer = run("score", file, "--scheme", written(tmp_path, scheme, "s.toml"), "--json")
        told[name] = json.loads(json.loads(answer.stdout)["scores"][str(file)]["items"])[0]["outcome"]
    assert told == {"case": "hit", "alone": "cannot_tell"}


def test_score_names_the_place_of_a_fault_in_a_case(tmp_path: Path) -> None:
    """Exit code 1."""
    case = {"transcript": TRANSCRIPT, "happenings": [{"kind": "held", "start_ms": 0}]}
    file = written(tmp_path, json.dumps(case), "a.json")
    told = json.loads(run("score", file, "--json").stdout)["faults"][str(file)]
    assert told.startswith("is no case: ")
    assert "$.happenings[0].kind" in told


@pytest.mark.parametrize(
    ("text", "named"),
    [("{", "is no transcript"), ('{"contact": 7}', "is no transcript"), ("[1]", "is no transcript"), ("", "is no tr")],
)
def test_score_names_a_file_that_is_no_transcript(tmp_path: Path, text: str, named: str) -> None:
    """Exit code 1; the other files are scored."""
    bad, good = written(tmp_path, text, "bad.json"), written(tmp_path, json.dumps(TRANSCRIPT), "good.json")
    answer = run("score", bad, good, tmp_path / "none.json", "--json")
    told = json.loads(answer.stdout)
    assert answer.exit_code == 1
    assert named in told["faults"][str(bad)]
    assert "cannot be read" in told["faults"][str(tmp_path / "none.json")]
    assert list(told["scores"]) == [str(good)]


def test_what_was_said_is_neither_markup_nor_a_terminals_command(tmp_path: Path) -> None:
    """A transcript, a name on the wire or a row of the store may hold anything."""
    answer = run("score", written(tmp_path, json.dumps(TRANSCRIPT), "[red]a.json"))
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    assert "[red]a.json" in answer.stdout
    assert "\x1b" not in answer.stdout


def test_score_with_an_unknown_scheme_names_the_known_ones(tmp_path: Path) -> None:
    """Exit code 2."""
    answer = run("score", written(tmp_path, json.dumps(TRANSCRIPT), "a.json"), "--scheme", "nope")
    assert answer.exit_code == 2
    assert "telecom-service.zh" in answer.stderr


def test_transcribe_with_a_folder_that_is_no_model_names_the_mend(tmp_path: Path) -> None:
    """Exit code 2: no recording is at fault."""
    answer = run("transcribe", tmp_path / "a.wav", "--model", tmp_path)
    assert answer.exit_code == 2
    assert "am/final.mdl" in answer.stderr


def test_rules_check_names_every_fault_of_every_file(tmp_path: Path) -> None:
    """A file that is in order does not hide another's faults."""
    bad = written(tmp_path, "[scheme]\nnme = 3\n", "bad.toml")
    answer = run("rules", "check", "telecom-service.zh", bad, tmp_path / "none.toml")
    assert answer.exit_code == 1
    assert "telecom-service.zh: ok" in answer.stdout
    assert f"{bad}:" in answer.stderr
    assert "none.toml:1: cannot be read" in answer.stderr


def test_rules_check_tells_machines_what_it_tells_people(tmp_path: Path) -> None:
    """A queue nobody has is a warning: the scheme is in order."""
    text = (PACKS_DIR / "telecom-service.zh.toml").read_text("utf-8")
    own = written(tmp_path, text.replace("[scheme]", "[scheme]\napplies = 'queue == \"sles\"'", 1), "own.toml")
    answer = run("rules", "check", own, "--queues", "sales,support", "--json")
    body = json.loads(answer.stdout)
    assert (answer.exit_code, body["ok"], body["schemes"][0]["scheme"]) == (0, True, "telecom-service.zh")
    (warning,) = body["schemes"][0]["warnings"]
    assert (warning["message"], warning["mend"]) == (
        "scheme.applies: no queue is called 'sles' here",
        "did you mean 'sales'?",
    )


def test_faults_of_schemes_and_dialogues_are_told_in_the_terminals_language(tmp_path: Path) -> None:
    """File and line first in both; machines get both."""
    bad = written(tmp_path, "[scheme]\nnme = 3\n", "bad.toml")
    written(tmp_path, (PACKS_DIR / "telecom-service.zh.toml").read_text("utf-8"), "own.toml")
    written(tmp_path, "[[dialogue]]\nid = 'x'\nlines = 'B: 谁'\nexpect = {}\n", "own.golden.toml")
    chinese = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN.UTF-8"}
    told = CliRunner().invoke(app, ["rules", "check", str(bad)], env=chinese)
    assert f"{bad}:2: scheme.nme：没有这个键" in told.stderr
    assert "改法：" in told.stderr
    golden = CliRunner().invoke(app, ["rules", "test", str(tmp_path / "own.toml")], env=chinese)
    assert "既不是说的话，也不是发生的事" in golden.stderr
    english = CliRunner().invoke(app, ["rules", "check", str(bad), "--json"], env={**chinese, "LC_ALL": "C"})
    fault = json.loads(english.stdout)["schemes"][0]["faults"][0]
    assert fault["message"].isascii()
    assert not fault["message_zh"].isascii()


def test_rules_schema_is_a_schema() -> None:
    answer = run("rules", "schema")
    assert json.loads(answer.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


RULE = """[[rule]]
kind = "service_level"
name = "sl"
label_zh = "低"
label_en = "low"
severity = "warning"
window_minutes = 15
fire_below = 80
"""


def test_alerts_check_counts_the_rules_of_a_good_file(tmp_path: Path) -> None:
    """The one of the file and the one for silent sources that every service has."""
    answer = run("alerts", "check", written(tmp_path, RULE, "rules.toml"))
    assert (answer.exit_code, "ok" in answer.stdout) == (0, True)


def test_alerts_check_takes_the_channels_that_a_rule_names(tmp_path: Path) -> None:
    """Which webhooks there are stands in another file, so a name alone is no fault."""
    answer = run("alerts", "check", written(tmp_path, RULE + 'channels = ["duty"]\n', "rules.toml"))
    assert answer.exit_code == 0, answer.stderr


def test_the_default_alert_rules_are_a_file_to_start_from(tmp_path: Path) -> None:
    """What is printed passes the check, with nothing lost on the way."""
    printed = run("alerts", "defaults")
    answer = run("alerts", "check", written(tmp_path, printed.stdout, "rules.toml"))
    assert (printed.exit_code, answer.exit_code) == (0, 0), answer.output
    assert f"ok, {printed.stdout.count('[[rule]]')} rules" in answer.output.replace("\n", " ")


def test_alerts_check_names_every_fault(tmp_path: Path) -> None:
    """With line and mend; bytes that are no UTF-8 are a fault of their own."""
    bad = written(tmp_path, RULE.replace("80", '"x"').replace("severity", "severty"), "bad.toml")
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n" + RULE.encode())
    answer = run("alerts", "check", bad, tmp_path / "latin.toml", tmp_path / "none.toml")
    assert answer.exit_code == 2
    assert f"{bad}:8: rule[0].fire_below" in answer.stderr
    assert "severty" in answer.stderr
    assert "latin.toml:1: is not UTF-8" in answer.stderr
    assert "none.toml:1: cannot be read" in answer.stderr


def test_model_list_names_the_demo_model() -> None:
    """And says that it is for demonstration."""
    answer = run("model", "list")
    assert answer.exit_code == 0
    assert "demo-zh" in answer.stdout


def test_replay_of_no_capture_names_what_is_missing(tmp_path: Path) -> None:
    """Exit code 2."""
    answer = run("replay", "asterisk", tmp_path)
    assert answer.exit_code == 2
    assert "ami.times.tsv" in answer.stderr
