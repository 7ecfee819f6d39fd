"""`floorwatch replay freeswitch DIR`: a captured event socket in virtual time. In: a folder. Out: the floor at its end.

The JSON's shape is that of `replay asterisk` (DESIGN section 4; docs/replay.md); `noticed` is added. May not know: the
wire.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from monitor.cli_replay import show_report
from monitor.cli_text import complain, say


def freeswitch(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A capture: ev.N.raw or json.N.raw, times, lists.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
    form: Annotated[
        Literal["plain", "json"] | None, typer.Option("--format", help="Which of the captured connections is played.")
    ] = None,
) -> None:
    """A real FreeSWITCH's bytes and polled lists through wire, translate and floor."""
    from streams.collect.capture import CaptureError
    from streams.collect.freeswitch_capture import open_esl_capture, play_esl
    from streams.floor.report import report
    from streams.vocabulary.ids import SiteId

    try:
        played = play_esl(open_esl_capture(folder, form=form), site=SiteId("replay"))
    except CaptureError as error:
        complain(error)
        raise typer.Exit(2) from error
    told = report(played.floor, now=played.ended_at)
    told["refused"] = dict(played.refused)
    told["noticed"] = dict(played.noticed)
    if as_json:
        typer.echo(msgspec.json.encode(told).decode())
        return
    show_report(told, messages=played.messages, events=played.events)
    for kind, count in played.noticed.items():
        say(f"{kind}: {count}")
