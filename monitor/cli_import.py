"""`floorwatch recordings`: a manifest into the ledger, and how the ledger stands. In: a CSV file. Out: text.

Exit 0 ok, 1 lines with faults, 2 usage or a bus that does not answer. May not know: how a recording is transcribed.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from monitor.cli_text import complain, out, say

recordings_app = typer.Typer(no_args_is_help=True)
ConfigFile = Annotated[Path, typer.Option("-c", "--config", help="floorwatch.toml")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object for machines.")]
SHOWN_FAULTS = 50


@recordings_app.command("import")
def import_manifest(
    manifest: Path,
    config: ConfigFile = Path("floorwatch.toml"),
    dry: Annotated[bool, typer.Option("--dry-run", help="Judge every line, take nothing in.")] = False,
    as_json: Json = False,
) -> None:
    """Takes the recordings of a CSV manifest in; each line that cannot be used is named with its mend."""
    from asr.intake_manifest import read_manifest

    settings = _settings(config)
    try:
        read = read_manifest(manifest.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        complain(f"{manifest} cannot be read: {error.strerror}\n    mend: name a CSV file")
        raise typer.Exit(2) from error
    except UnicodeDecodeError as error:
        complain(f"{manifest} is not UTF-8\n    mend: save the table as CSV, UTF-8")
        raise typer.Exit(2) from error
    with _progress(len(read.rows), shown=not as_json) as advance:

        async def take(desk: Any) -> Any:
            return await desk.import_rows(read, dry=dry, progress=advance)

        told = asyncio.run(_with_desk(settings, take))
    if as_json:
        typer.echo(msgspec.json.encode(told).decode())
    else:
        for one in told.faults[:SHOWN_FAULTS]:
            place = f" {one.column}:" if one.column else ""
            complain(f"{manifest}:{one.line}:{place} {one.fault}\n    mend: {one.mend}")
        if len(told.faults) > SHOWN_FAULTS:
            complain(f"and {len(told.faults) - SHOWN_FAULTS} more; --json names all")
        verb = "would be taken" if dry else "taken"
        say(f"{told.taken} {verb}, {told.known} known before, {told.waiting} wait, {len(told.faults)} fault(s)")
    raise typer.Exit(1 if told.faults else 0)


@recordings_app.command()
def ledger(config: ConfigFile = Path("floorwatch.toml"), as_json: Json = False) -> None:
    """How many recordings stand where; exit 1 if the sums do not hold."""
    settings = _settings(config)

    async def look(desk: Any) -> Any:
        return await desk.seen(list(desk.around.sites))

    seen = asyncio.run(_with_desk(settings, look))
    if as_json:
        typer.echo(msgspec.json.encode(seen).decode())
    else:
        for state, count in seen.states.items():
            say(f"{state:<12} {count:>9,}")
        say(f"arrived {seen.arrived:,} = done {seen.done:,} + open {seen.open:,} + quarantined {seen.quarantined:,}")
    raise typer.Exit(1 if seen.arrived_off or seen.created_off else 0)


def _settings(config: Path) -> Any:
    from monitor import logs
    from monitor.config import ConfigFaults
    from monitor.config_read import load_config

    logs.quiet_libraries()
    try:
        settings = load_config(config)
    except ConfigFaults as faults:
        for fault in faults.faults:
            complain(fault)
        raise typer.Exit(2) from faults
    if settings.recordings is None:
        complain(f'{config} has no [recordings]\n    mend: add the section with folder = "…"')
        raise typer.Exit(2)
    return settings


async def _with_desk(settings: Any, work: Callable[[Any], Any]) -> Any:
    from monitor import places
    from monitor.wiring_intake import intake_desk
    from streams.bus.connection import connect
    from streams.bus.errors import BusError

    try:
        redis = await connect(places.bus_url(settings))
    except BusError as error:
        complain(f"{error.fault}\n    mend: {error.mend}; with the embedded bus the service must run")
        raise typer.Exit(2) from error
    try:
        return await work(intake_desk(settings, redis))
    except BusError as error:
        complain(f"{error.fault}\n    mend: {error.mend}; what was taken stands, run it again")
        raise typer.Exit(2) from error
    finally:
        await redis.aclose()


class _progress:
    """A bar on a terminal, nothing elsewhere."""

    def __init__(self, total: int, *, shown: bool) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("recordings"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=out, disable=not (shown and out.is_terminal))
        self._total = total

    def __enter__(self) -> Callable[[int], None]:
        self._bar.start()
        task = self._bar.add_task("", total=self._total)
        return lambda done: self._bar.update(task, completed=done)

    def __exit__(self, *raised: object) -> None:
        self._bar.stop()
