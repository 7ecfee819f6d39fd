"""The console script `floorwatch`. In: arguments. Out: text, JSON with --json; exit 0 ok, 1 finding, 2 usage.

Each command imports what it needs when it is called, so that `--help` is quick. May not know: how anything is done.
"""

import asyncio
import signal
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from monitor.cli_alerts import alerts_backtest, send_test
from monitor.cli_files import alerts_app, score, transcribe
from monitor.cli_import import recordings_app
from monitor.cli_models import model_app
from monitor.cli_plan import plan_app
from monitor.cli_rebuild import rebuild
from monitor.cli_replay import replay_app
from monitor.cli_replay_freeswitch import freeswitch
from monitor.cli_replay_others import connect, push
from monitor.cli_replay_past import warehouse
from monitor.cli_rules import rules_app
from monitor.cli_text import complain, out, plain, say

HELP = "Watches a contact centre's floor while it works and inspects the quality of its calls afterwards. \
Exit codes: 0 ok, 1 a finding, 2 usage or configuration."
MEND = "correct the statement; `SHOW TABLES` names the tables"
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=HELP)
app.add_typer(replay_app, name="replay", help="Play a captured wire through the real code in virtual time.")
app.add_typer(rules_app, name="rules", help="Scoring schemes: check, test, backtest, schema.")
app.add_typer(alerts_app, name="alerts", help="Alerts: check or back-test rules, send a test.")
app.add_typer(model_app, name="model", help="Recogniser models: list, fetch, check.")
app.add_typer(recordings_app, name="recordings", help="Recordings: import a manifest, show the ledger.")
app.add_typer(plan_app, name="plan", help="Floor plans: check a file, export a site's.")
for replayed in (freeswitch, connect, push, warehouse):
    replay_app.command()(replayed)
alerts_app.command("send-test")(send_test)
alerts_app.command("backtest")(alerts_backtest)
app.command()(transcribe)
app.command()(score)
app.command()(rebuild)

ConfigFile = Annotated[Path, typer.Option("-c", "--config", help="floorwatch.toml")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object for machines.")]


def _config(file: Path) -> Any:
    from monitor import logs
    from monitor.config import ConfigFaults
    from monitor.config_read import load_config

    logs.quiet_libraries()
    try:
        return load_config(file)
    except ConfigFaults as faults:
        for fault in faults.faults:
            complain(fault)
        complain(f"{len(faults.faults)} fault(s) in {file}")
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
        complain(error)
        raise typer.Exit(2) from error
    raise typer.Exit(code)


@app.command()
def serve(
    config: ConfigFile,
    roles: Annotated[str, typer.Option(help="collect,floor,web,archive,score,alert,transcribe; empty: all")] = "",
    index: Annotated[int, typer.Option(help="Which of several transcribe processes this is.")] = 0,
) -> None:
    """The service: all roles under one parent, or some of them in this process."""
    from monitor import garbage, logs
    from monitor.cli_faults import told_or_raised
    from monitor.roles import UnknownRole, checked_roles, run_roles
    from monitor.supervise import supervise
    from scoring.library import load_scheme
    from scoring.parse import SchemeFaults

    settings = _config(config)
    try:
        wanted = checked_roles([one.strip() for one in roles.split(",") if one.strip()])
        load_scheme(settings.scheme)  # a faulty one would end the scoring process again and again
    except (UnknownRole, SchemeFaults) as error:
        complain(error)
        raise typer.Exit(2) from error
    logs.configure(",".join(wanted) or "parent")
    garbage.look_seldom()
    try:
        if wanted:
            asyncio.run(_until_terminated(run_roles(settings, wanted, index=index)))
        else:
            asyncio.run(supervise(settings, config))
    except Exception as error:
        for text in told_or_raised(error):
            complain(text)
        raise typer.Exit(1) from error


async def _until_terminated(work: Any) -> None:
    """The first SIGTERM or SIGINT cancels the work, which ends in order; its own failure is raised."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if not task.cancelling():  # a second signal would break off what is being put in order
            task.cancel()

    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop)
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
        typer.echo(msgspec.json.encode(findings).decode())
    else:
        for one in findings:
            say(f"{one.level}  {one.subject}: {one.what}")
            if one.mend:
                say(f"    mend: {one.mend}")
    raise typer.Exit(1 if any(one.level is Level.PROBLEM for one in findings) else 0)


@app.command()
def sql(statement: str, config: ConfigFile = Path("floorwatch.toml"), as_json: Json = False) -> None:
    """Read-only SELECT on whichever store is configured; a running service is asked, else the store is opened."""
    answer = asyncio.run(_select(_config(config), statement))
    if "refused" in answer:
        complain(f"refused: {answer['refused']}\n    mend: {answer['mend']}")
        raise typer.Exit(2)
    if as_json:
        typer.echo(msgspec.json.encode(answer).decode())
        return
    from rich.table import Table

    table = Table()
    for name in answer["columns"]:
        table.add_column(plain(name))
    for row in answer["rows"]:
        table.add_row(*map(plain, row))
    out.print(table)


async def _select(config: Any, statement: str) -> dict[str, Any]:
    from monitor import places
    from monitor.api.history import HistoryUnavailable
    from monitor.history import select
    from monitor.history_client import HistoryClient, HistoryNotRunning
    from streams.warehouse.errors import StoreError
    from streams.warehouse.opening import open_warehouse

    try:
        client = HistoryClient(places.history_socket(config))
    except places.PlaceRefused as error:
        return {"refused": str(error), "mend": "correct [store] data, or run this as the service's user"}
    try:
        return await client.sql(statement)
    except HistoryNotRunning:
        pass  # then nobody holds the store, and it can be opened here
    except HistoryUnavailable as unavailable:
        return {"refused": unavailable.reason, "mend": MEND}
    finally:
        await client.close()
    try:
        with closing(open_warehouse(places.warehouse_url(config))) as store:
            return select(store, statement)
    except StoreError as error:
        return {"refused": error.fault, "mend": error.mend or MEND}


def main() -> None:
    app()


if __name__ == "__main__":
    main()
