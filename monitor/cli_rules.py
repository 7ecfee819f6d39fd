"""Commands over scoring schemes: rules check, test, backtest, schema. In: paths. Out: faults with their mends.

Exit codes: 0 in order, 1 faults or a golden dialogue that came out otherwise. May not know: a running service.
"""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from monitor.cli_text import complain, say

rules_app = typer.Typer(no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help="Schemes: files, or names of packaged ones.")]
Queues = Annotated[str, typer.Option(help="The queues there are, with commas between: others are warned of.")]
Model = Annotated[
    Path | None, typer.Option("--model", help="A Vosk model's folder: words it cannot write are warned of.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object for machines.")]


class Told(msgspec.Struct, frozen=True):
    """`_zh`: "" where the sentence has no Chinese words."""

    line: int
    message: str
    mend: str
    message_zh: str
    mend_zh: str


class Checked(msgspec.Struct, frozen=True):
    """`scheme` "": it has faults."""

    file: str
    scheme: str
    items: int
    rules: int
    faults: tuple[Told, ...]
    warnings: tuple[Told, ...]


@rules_app.command("check")
def rules_check(files: Files, queues: Queues = "", model: Model = None, as_json: Json = False) -> None:
    """Every fault and warning of every scheme at once, with its line and its mend."""
    from monitor.cli_worded import worded
    from scoring.library import read_file

    known = _known(queues, model)
    readings = {str(file): read_file(file, known=known) for file in files}
    bad = sum(reading.scheme is None for reading in readings.values())
    if as_json:
        schemes = [_checked(file, reading) for file, reading in readings.items()]
        typer.echo(msgspec.json.encode({"schemes": schemes, "ok": not bad}).decode())
        raise typer.Exit(1 if bad else 0)
    for file, reading in readings.items():
        for fault in reading.faults:
            complain(worded(fault))
        for warning in reading.warnings:
            complain(worded(warning, warning=True))
        if reading.scheme is None:
            complain(f"{file}: {len(reading.faults)} fault(s)")
        else:
            say(f"{file}: ok, {len(reading.scheme.items)} items, {len(reading.warnings)} warning(s)")
    raise typer.Exit(1 if bad else 0)


@rules_app.command("test")
def rules_test(
    schemes: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[SCHEME|FILE]…",
            help="Packaged schemes by name, or files with NAME.golden.toml beside them; none: all packaged ones.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Golden dialogues: what comes out otherwise than written, live and afterwards, and with marked words changed."""
    from monitor.cli_golden import show, test
    from scoring.library import packs

    each = test(schemes or packs())
    ok = all(one.ok for one in each)
    if as_json:
        typer.echo(msgspec.json.encode({"ok": ok, "schemes": each}).decode())
    else:
        show(each)
    raise typer.Exit(0 if ok else 1)


@rules_app.command("backtest")
def rules_backtest(
    scheme: Annotated[Path, typer.Argument(metavar="SCHEME", help="A file, or the name of a packaged scheme.")],
    since: Annotated[str, typer.Option("--from", help="2026-11-21T08:00 in the site's time, or epoch milliseconds.")],
    until: Annotated[str, typer.Option("--to", help="The first moment that is left out; default: now.")] = "",
    config: Annotated[Path, typer.Option("-c", "--config", help="floorwatch.toml")] = Path("floorwatch.toml"),
    site: Annotated[str, typer.Option(help="One of several sites; empty: the first.")] = "",
    queues: Annotated[str, typer.Option(help="Only these, with commas between; empty: every queue.")] = "",
    as_json: Json = False,
) -> None:
    """What a scheme would change on stored contacts against the one in use: nothing is written."""
    from monitor import logs
    from monitor.cli_backtest import BacktestRefused, backtest, show

    logs.quiet_libraries()
    try:
        job, effect = backtest(scheme, config=config, since=since, until=until, site=site, queues=queues, quiet=as_json)
    except BacktestRefused as error:
        complain(error)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(msgspec.json.encode({"job": job, "effect": effect}).decode())
    else:
        show(job, effect)


@rules_app.command("schema")
def rules_schema() -> None:
    """JSON Schema (draft 2020-12) of the language, for editors: see docs/rules.md."""
    from scoring.schema import schema

    typer.echo(msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode())


def _known(queues: str, model: Path | None) -> Any:
    from asr.faults import ModelFault
    from asr.models import describe, read_vocabulary
    from scoring.parse import Known

    facts = {"queue": frozenset(one.strip() for one in queues.split(",") if one.strip())} if queues else {}
    try:
        return Known(facts=facts, vocabulary=None if model is None else read_vocabulary(describe(model)))
    except ModelFault as fault:
        complain(fault)
        raise typer.Exit(2) from fault


def _checked(file: str, reading: Any) -> Checked:
    scheme = reading.scheme
    return Checked(
        file=file,
        scheme="" if scheme is None else scheme.name,
        items=0 if scheme is None else len(scheme.items),
        rules=0 if scheme is None else len({item.rule.id for item in scheme.items}),
        faults=_told(reading.faults),
        warnings=_told(reading.warnings),
    )


def _told(faults: Any) -> tuple[Told, ...]:
    from scoring.fault_words import in_chinese

    return tuple(Told(one.line, one.message, one.mend, in_chinese(one.message), in_chinese(one.mend)) for one in faults)
