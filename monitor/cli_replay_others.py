"""`floorwatch replay connect PATH` and `floorwatch replay push PATH`. In: files. Out: the floor at their end.

The JSON is that of `replay asterisk` (docs/replay.md). May not know: what a record says.
"""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from monitor.cli_replay import show_report
from monitor.cli_text import complain, say


def connect(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="NDJSON of agent events and contact records, or a folder.")
    ],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Amazon Connect's agent event stream and contact records through translate and floor."""
    from streams.collect.capture import CaptureError
    from streams.collect.connect_replay import play_connect
    from streams.vocabulary.ids import SiteId

    try:
        _tell(play_connect(path, site=SiteId("replay")), as_json=as_json)
    except CaptureError as error:
        complain(error)
        raise typer.Exit(2) from error


def push(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Events of our vocabulary, one JSON object a line.")],
    order: Annotated[str, typer.Option(help="How they arrive: timed, numbered, arrival.")] = "timed",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Events as they would be pushed, each line judged as at the door; exit code 1 if a line was refused."""
    from streams.collect.capture import CaptureError
    from streams.collect.connect_replay import play_push
    from streams.vocabulary.states import Order

    if order not in set(Order):
        complain(f"--order {order} is unknown: write one of {', '.join(Order)}")
        raise typer.Exit(2)
    try:
        replayed = play_push(path, order=Order(order))
    except CaptureError as error:
        complain(error)
        raise typer.Exit(2) from error
    _tell(replayed, as_json=as_json)
    if replayed.refused:
        for line in replayed.refused_lines:
            complain(f"{path}:{line.line}: {line.reason}: {line.detail}\n    mend: {line.mend}")
        raise typer.Exit(1)


def _tell(replayed: Any, *, as_json: bool) -> None:
    from streams.floor.report import report

    told = report(replayed.floor, now=replayed.ended_at)
    told["refused"] = dict(replayed.refused)
    if as_json:
        typer.echo(msgspec.json.encode(told).decode())
    elif replayed.events:
        show_report(told, messages=replayed.messages, events=replayed.events)
    else:
        say("no events")
        for reason, count in told["refused"].items():
            say(f"{reason}: {count}")
