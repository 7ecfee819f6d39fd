"""`floorwatch alerts send-test`, `alerts backtest`. In: a configuration, a channel or rules. Out: what came of it.

May not know: services.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from monitor.cli_text import complain, say


def send_test(
    channel: Annotated[str, typer.Argument(help="The name of an [[alerts.channel]] or [[alerts.webhook]].")],
    config: Annotated[Path, typer.Option("-c", "--config", help="floorwatch.toml")] = Path("floorwatch.toml"),
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Send one message that says it is a test, and show what came back."""
    from alerts.senders.channel import Outcome
    from monitor.channels import Lines
    from monitor.config import ConfigFaults
    from monitor.config_read import load_config
    from streams.toml_table import suggest

    try:
        settings = load_config(config)
    except ConfigFaults as faults:
        for fault in faults.faults:
            complain(fault)
        raise typer.Exit(2) from faults
    lines = Lines(settings)
    line = lines.get(channel)
    if line is None:
        known = [one.channel.name for one in lines.all()]
        mend = suggest(channel, known) if known else "write an [[alerts.channel]]"
        complain(f"no channel {channel!r}: {mend}")
        raise typer.Exit(2)
    attempts = asyncio.run(lines.test(line, by="floorwatch alerts send-test"))
    if as_json:
        typer.echo(msgspec.json.encode({"attempts": attempts}).decode())
    else:
        for one in attempts:
            reply = one.reply
            code = f" code {reply.code}" if reply.code else ""
            say(f"{one.channel}: {reply.outcome} (status {reply.status}{code}, {reply.took_ms} ms) {reply.text}")
    raise typer.Exit(0 if all(one.reply.outcome is Outcome.DELIVERED for one in attempts) else 1)


def alerts_backtest(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of [[rule]] tables.")],
    rule: Annotated[str, typer.Option(help="Only the rule of this name; empty: every one.")] = "",
    days: Annotated[int, typer.Option(min=1, max=400, help="So many days back from now.")] = 30,
    config: Annotated[Path, typer.Option("-c", "--config", help="floorwatch.toml")] = Path("floorwatch.toml"),
    site: Annotated[str, typer.Option(help="One of several sites; empty: the first.")] = "",
    queues: Annotated[str, typer.Option(help="Only these, with commas between; empty: every queue.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
) -> None:
    """How often rules would have fired on stored days, and when: nothing is told or written."""
    from monitor import logs
    from monitor.cli_alert_backtest import BacktestRefused, backtest, show

    logs.quiet_libraries()
    try:
        job, found, zone = backtest(file, config=config, rule=rule, days=days, site=site, queues=queues, quiet=as_json)
    except BacktestRefused as error:
        complain(error)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(msgspec.json.encode({"job": job, "result": found}).decode())
    else:
        show(job, found, zone)
