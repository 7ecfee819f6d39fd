"""`floorwatch replay SOURCE PATH`: a captured wire in virtual time. In: a folder. Out: the floor at its end.

The JSON's shape is fixed (DESIGN section 4; docs/replay.md). May not know: the wire.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from monitor.cli_text import complain, out, plain, say

replay_app = typer.Typer(no_args_is_help=True)


@replay_app.command("asterisk")
def asterisk(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A capture: ami*.raw, ami.times.tsv, ami.conns.tsv.")],
    queue_log: Annotated[Path | None, typer.Option(help="Asterisk's own log, as a second witness.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """A real Asterisk's bytes through wire, translate and floor; queue_log repairs gaps, every difference is named."""
    from streams.collect.capture import CaptureError, open_capture, play, read_file
    from streams.floor.report import report
    from streams.floor.witness import differences
    from streams.vocabulary.ids import SiteId
    from streams.wire.queue_log import QueueLogParser, count_lines

    log = QueueLogParser()
    try:
        text = read_file(queue_log) if queue_log is not None else b""
        lines = [*log.feed(text), *log.finish()]
        played = play(open_capture(folder), site=SiteId("replay"), log=lines if queue_log is not None else None)
    except CaptureError as error:
        complain(error)
        raise typer.Exit(2) from error
    told = report(played.floor, now=played.ended_at)
    told["refused"] = dict(played.refused)
    if queue_log is not None:
        unreadable = log.unreadable.total()
        told["queue_log"] = {
            "unreadable_lines": unreadable,
            "differences": differences(told, count_lines(lines, unreadable=unreadable)),
            "corrected": dict(played.corrected),
            "agent_lines_in_gaps": dict(played.in_gaps),
        }
    if as_json:
        typer.echo(msgspec.json.encode(told).decode())
    else:
        show_report(told, messages=played.messages, events=played.events)
    if told.get("queue_log", {}).get("differences"):
        raise typer.Exit(1)


def show_report(told: Mapping[str, Any], *, messages: int, events: int) -> None:
    """For people: the queues, the agents, the gaps, whatever was refused."""
    say(f"{messages} messages, {events} events, {told['contacts']} contacts")
    show_tables(told)


def show_tables(told: Mapping[str, Any]) -> None:
    queues = Table(
        "queue", "offered", "answered", "abandoned", "overflowed", "turned away", "lost", "waiting", "talking", "SL"
    )
    for name, queue in told["queues"].items():
        level = queue["service_level"]["answered_abandoned"]["percent"]
        queues.add_row(
            plain(name),
            *(str(queue[key]) for key in ("offered", "answered", "abandoned")),
            _counts(queue["overflowed"]),
            _counts(queue["turned_away"]),
            *(str(queue[key]) for key in ("lost", "waiting", "talking")),
            "-" if level is None else f"{level:.1f} % in {queue['target_ms'] // 1000} s",
        )
    out.print(queues)
    agents = Table("agent", "name", "state", "reason", "answered", "talk s", "hold s", "not ready s")
    for name, agent in told["agents"].items():
        seconds = (f"{agent[key] / 1000:.0f}" for key in ("talk_ms", "hold_ms", "not_ready_ms"))
        cells = (name, agent["name"], agent["state"], agent["reason"], agent["answered"], *seconds)
        agents.add_row(*map(plain, cells))
    out.print(agents)
    for gap in told["gaps"]:
        say(f"gap: {gap['from']} to {gap['to']}: {gap['reason']}")
    for kind, count in {**told["anomalies"], **told.get("refused", {})}.items():
        say(f"{kind}: {count}")
    for what, counts in (("corrected by queue_log", "corrected"), ("in gaps, by queue_log", "agent_lines_in_gaps")):
        if found := told.get("queue_log", {}).get(counts):
            say(f"{what}: {_counts(found)}")
    for difference in told.get("queue_log", {}).get("differences", []):
        say(difference)


def _counts(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in reasons.items()) or "0"
