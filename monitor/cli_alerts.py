"""`floorwatch alerts send-test`. In: a configuration, a channel's name. Out: what came back; exit 0 if it was taken.

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
