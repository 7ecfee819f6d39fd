"""The console script `floorwatch`. In: arguments. Out: text, JSON with --json; exit 0 ok, 1 finding, 2 usage.

Each command imports what it needs when it is called, so that `--help` is quick. May not know: how anything is done.
"""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from monitor.cli_files import alerts_app, model_app, rules_app, score, transcribe
from monitor.cli_replay import replay_app

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(replay_app, name="replay", help="Play a captured wire through the real code in virtual time.")
app.add_typer(rules_app, name="rules", help="Scoring schemes: check.")
app.add_typer(alerts_app, name="alerts", help="Alert rules: check.")
app.add_typer(model_app, name="model", help="Recogniser models: list.")
app.command()(transcribe)
app.command()(score)

out = Console()
err = Console(stderr=True)

ConfigFile = Annotated[Path, typer.Option("-c", "--config", help="floorwatch.toml")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object for machines.")]


def _config(file: Path) -> Any:
    from monitor.config import ConfigFaults
    from monitor.config_read import load_config

    try:
        return load_config(file)
    except ConfigFaults as faults:
        for fault in faults.faults:
            err.print(str(fault), markup=False, highlight=False)
        err.print(f"{len(faults.faults)} fault(s) in {file}")
        raise typer.Exit(2) from faults


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8080,
    seats: Annotated[int, typer.Option(min=20, max=5000)] = 200,
    speed: Annotated[float, typer.Option(min=0.1, max=20)] = 1.0,
    data: Annotated[Path, typer.Option(help="Where the embedded stores and logs go.")] = Path("demo-data"),
    seconds: Annotated[float | None, typer.Option("--for", min=1, help="End by itself after so many seconds.")] = None,
) -> None:
    """Everything on embedded stores: a simulated switch, real recordings through real vosk, alerts, all pages."""
    from monitor.demo.run import DemoFault, DemoOptions, run_demo
    from streams.bus.errors import BusError

    options = DemoOptions(data=data, port=port, seats=seats, speed=speed, seconds=seconds)
    try:
        code = asyncio.run(run_demo(options, out))
    except (DemoFault, BusError) as error:
        err.print(str(error), markup=False)
        raise typer.Exit(2) from error
    raise typer.Exit(code)


@app.command()
def serve(
    config: ConfigFile,
    roles: Annotated[str, typer.Option(help="collect,floor,web,archive,score,alert,transcribe; empty: all")] = "",
    index: Annotated[int, typer.Option(help="Which of several transcribe processes this is.")] = 0,
) -> None:
    """The service: all roles under one parent, or some of them in this process."""
    from monitor import logs
    from monitor.roles import UnknownRole, checked_roles, run_roles
    from monitor.supervise import supervise
    from streams.bus.errors import BusError

    settings = _config(config)
    try:
        wanted = checked_roles([one.strip() for one in roles.split(",") if one.strip()])
    except UnknownRole as error:
        err.print(str(error), markup=False)
        raise typer.Exit(2) from error
    logs.configure(",".join(wanted) or "parent")
    try:
        if wanted:
            asyncio.run(_until_terminated(run_roles(settings, wanted, index=index)))
        else:
            asyncio.run(supervise(settings, config))
    except BusError as error:
        err.print(str(error), markup=False)
        raise typer.Exit(1) from error


async def _until_terminated(work: Any) -> None:
    """SIGTERM and SIGINT cancel the work, which ends in order; its own failure is raised."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return


@app.command()
def doctor(config: ConfigFile = Path("floorwatch.toml"), as_json: Json = False) -> None:
    """Checks config, stores, versions, model, audio tools, clock; every fault at once, each with its mend."""
    from monitor.doctor import run_doctor
    from monitor.doctor_checks import Level

    findings = asyncio.run(run_doctor(_config(config)))
    if as_json:
        out.print_json(msgspec.json.encode(findings).decode())
    else:
        marks = {Level.OK: "[green]ok[/green]", Level.WARNING: "[yellow]warning[/yellow]"}
        for one in findings:
            out.print(f"{marks.get(one.level, '[red]problem[/red]')}  {one.subject}: {one.what}")
            if one.mend:
                out.print(f"    mend: {one.mend}", markup=False, highlight=False)
    raise typer.Exit(1 if any(one.level is Level.PROBLEM for one in findings) else 0)


@app.command()
def sql(statement: str, config: ConfigFile = Path("floorwatch.toml"), as_json: Json = False) -> None:
    """Read-only SELECT on whichever store is configured; a running service is asked, else the store is opened."""
    answer = asyncio.run(_select(_config(config), statement))
    if "refused" in answer:
        err.print(f"refused: {answer['refused']}\n    mend: {answer['mend']}", markup=False, highlight=False)
        raise typer.Exit(2)
    if as_json:
        out.print_json(msgspec.json.encode(answer).decode())
        return
    from rich.table import Table

    table = Table(*map(str, answer["columns"]))
    for row in answer["rows"]:
        table.add_row(*map(str, row))
    out.print(table)


async def _select(config: Any, statement: str) -> dict[str, Any]:
    from monitor import places
    from monitor.api.history import HistoryUnavailable
    from monitor.history import select
    from monitor.history_client import HistoryClient, HistoryNotRunning
    from streams.warehouse.errors import StoreError
    from streams.warehouse.opening import open_warehouse

    client = HistoryClient(places.history_socket(config))
    try:
        return await client.sql(statement)
    except HistoryNotRunning:
        pass  # then nobody holds the store, and it can be opened here
    except HistoryUnavailable as unavailable:
        return {"refused": unavailable.reason, "mend": "correct the statement; `SHOW TABLES` names the tables"}
    finally:
        await client.close()
    try:
        return select(open_warehouse(places.warehouse_url(config)), statement)
    except StoreError as error:
        return {"refused": error.fault, "mend": error.mend}


def main() -> None:
    app()


if __name__ == "__main__":
    main()
