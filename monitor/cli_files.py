"""Commands over files: transcribe, score, alerts check. In: paths. Out: results, faults.

May not know: a running service.
"""

import asyncio
import tomllib
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from monitor.cli_text import complain, err, out, plain, say

alerts_app = typer.Typer(no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(metavar="FILE…")]
Model = Annotated[Path | None, typer.Option("--model", help="A Vosk model's folder; without it the demo model.")]
Json = Annotated[bool, typer.Option("--json")]


def transcribe(files: Files, model: Model = None, as_json: Json = False) -> None:
    """A transcript per recording (left channel agent, right channel customer)."""
    results, faults = asyncio.run(_transcripts(files, model))
    if as_json:
        typer.echo(msgspec.json.encode({"transcripts": results, "faults": faults}).decode())
    else:
        for name, transcript in results.items():
            out.rule(plain(name))
            for one in transcript.utterances:
                say(f"{one.start_ms / 1000:7.2f}  {one.role:8}  {one.text}  {one.confidence:.2f}")
    for name, fault in faults.items():
        complain(f"{name}: {fault}")
    raise typer.Exit(1 if faults else 0)


async def _transcripts(files: list[Path], model: Path | None) -> tuple[dict[str, Any], dict[str, str]]:
    from asr.faults import AudioFault, ModelFault, RecognitionFault
    from asr.pipeline import transcribe_file

    results: dict[str, Any] = {}
    faults: dict[str, str] = {}
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("transcribing", total=len(files))
        for file in files:
            try:
                results[str(file)] = await transcribe_file(file, model)
            except (AudioFault, RecognitionFault) as fault:
                faults[str(file)] = str(fault)
            except ModelFault as fault:
                complain(fault)
                raise typer.Exit(2) from fault
            progress.advance(task)
    return results, faults


def score(
    files: Files,
    scheme: Annotated[str, typer.Option(help="A packaged scheme's name or a file.")] = "telecom-service.zh",
    model: Model = None,
    as_json: Json = False,
) -> None:
    """From audio, from a transcript's JSON, or from a case's (transcript, happenings, facts), to score and evidence."""
    from monitor import clock
    from scoring.case import Case
    from scoring.library import load_scheme
    from scoring.parse import SchemeFaults
    from scoring.service import score_case

    try:
        rules = load_scheme(scheme)
    except SchemeFaults as faults:
        complain(faults)
        raise typer.Exit(2) from faults
    given, faulty = _given_cases([file for file in files if file.suffix == ".json"])
    heard, faults_heard = asyncio.run(_transcripts([file for file in files if file.suffix != ".json"], model))
    cases = given | {name: Case(transcript=one) for name, one in heard.items()}
    facts = {name: score_case(one, rules, scored_at=clock.now()) for name, one in cases.items()}
    faults_all = faulty | faults_heard
    if as_json:
        typer.echo(msgspec.json.encode({"scores": facts, "faults": faults_all}).decode())
    else:
        for name, fact in facts.items():
            _show_score(name, fact)
    for name, fault in faults_all.items():
        complain(f"{name}: {fault}")
    raise typer.Exit(1 if faults_all or any(not fact.passed for fact in facts.values()) else 0)


def _given_cases(files: list[Path]) -> tuple[dict[str, Any], dict[str, str]]:
    """From what `transcribe --json` prints (its faults stay faults), from one transcript alone, or from one case."""
    from asr.transcript import Transcript
    from scoring.case import Case
    from scoring.case_file import CaseFault, is_case, read_case

    class Printed(msgspec.Struct):
        transcripts: dict[str, Transcript]
        faults: dict[str, str] = {}

    found: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for file in files:
        try:
            body = msgspec.json.decode(file.read_bytes())
            if isinstance(body, dict) and "transcripts" in body:
                printed = msgspec.convert(body, Printed)
                found |= {name: Case(transcript=one) for name, one in printed.transcripts.items()}
                faults |= printed.faults
            elif is_case(body):
                found[str(file)] = read_case(body)
            else:
                found[str(file)] = Case(transcript=msgspec.convert(body, Transcript))
        except OSError as error:
            faults[str(file)] = f"cannot be read: {error.strerror}"
        except CaseFault as error:
            faults[str(file)] = f"is no case: {error}"
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            faults[str(file)] = f"is no transcript of `floorwatch transcribe --json`: {error}"
    return found, faults


def _show_score(name: str, fact: Any) -> None:
    verdict = Text("passed", "green") if fact.passed else Text("not passed", "red")
    points = f"   {fact.points:g} of {fact.points_max:g} ({fact.points_low:g} to {fact.points_high:g})   "
    out.rule(Text.assemble(plain(name), points, verdict))
    table = Table("item", "kind", "outcome", "points", "evidence or reason")
    for item in msgspec.json.decode(fact.items):
        evidence = "; ".join(f"{one['start_ms'] / 1000:.1f} s {one['text']}" for one in item["evidence"])
        cells = (item["zh"], item["kind"], item["outcome"], f"{item['points']:g}", evidence or item["reason"]["zh"])
        table.add_row(*map(plain, cells))
    out.print(table)


@alerts_app.command("check")
def alerts_check(files: Files) -> None:
    """Every fault of every rules file at once, with its line and its mend."""
    bad = 0
    for file in files:
        count, faults = _alert_rules(file)
        bad += len(faults)
        for fault in faults:
            complain(fault)
        if not faults:
            say(f"{file}: ok, {count} rules")
    raise typer.Exit(2 if bad else 0)


@alerts_app.command("defaults")
def alerts_defaults() -> None:
    """The rules that watch where a configuration writes none: a file of one's own to start from."""
    from alerts.defaults import DEFAULT_RULES

    typer.echo(DEFAULT_RULES, nl=False)


def _alert_rules(file: Path) -> tuple[int, tuple[Any, ...]]:
    from alerts.parse import AlertFaults, parse_rules
    from streams.toml_lines import Fault

    try:
        text = file.read_bytes().decode("utf-8-sig")
        return len(parse_rules(text, file=str(file), channels=_named_channels(text))), ()
    except OSError as error:
        return 0, (Fault(str(file), 1, f"cannot be read: {error.strerror}", "give the path of a readable file"),)
    except UnicodeDecodeError as error:
        line = 1 + error.object.count(b"\n", 0, error.start)
        return 0, (Fault(str(file), line, "is not UTF-8", "save the file as UTF-8"),)
    except AlertFaults as faults:
        return 0, faults.faults


def _named_channels(text: str) -> frozenset[str]:
    """Every channel that a rule names: which there are stands in floorwatch.toml and is checked with that."""
    try:
        rules = tomllib.loads(text).get("rule", [])
    except tomllib.TOMLDecodeError:
        return frozenset()  # the parser tells where
    named = [rule.get("channels", []) for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    return frozenset(name for names in named if isinstance(names, list) for name in names if isinstance(name, str))
