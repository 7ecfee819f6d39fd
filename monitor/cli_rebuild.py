"""`floorwatch rebuild`: facts and rollups derived anew from stored events. In: a stretch of time. Out: what changed.

A running service does it and tells; without one the store is opened here. May not know: how anything is derived.
"""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from monitor.cli_text import complain, say

SHOWN: Final = 20


def rebuild(
    since: Annotated[str, typer.Option("--from", help="2026-11-21T08:00 in the site's time, or epoch milliseconds.")],
    until: Annotated[str, typer.Option("--to", help="The first moment that is left alone.")],
    config: Annotated[Path, typer.Option("-c", "--config", help="floorwatch.toml")] = Path("floorwatch.toml"),
    site: Annotated[str, typer.Option(help="One of several sites; empty: the first.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change (exit 1), change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
) -> None:
    """Derives visits, states and rollups anew from the stored events, after a rule of counting changed."""
    from monitor import clock, logs
    from monitor.config import ConfigFaults
    from monitor.config_read import load_config
    from monitor.rebuild_desk import WrongRebuild

    logs.quiet_libraries()
    try:
        settings = load_config(config)
        question = _question(settings, since, until, site=site, dry_run=dry_run, now=clock.now())
        last = _told(settings, question, quiet=as_json, now=clock.now())
    except (ConfigFaults, WrongRebuild) as error:
        complain(error)
        raise typer.Exit(2) from error
    if "fault" in last:
        complain(last["fault"])
        raise typer.Exit(2)
    changed = sum(last["written"].values()) + sum(last["retracted"].values())
    if as_json:
        typer.echo(msgspec.json.encode(last).decode())
    else:
        _show(last, dry_run=dry_run)
    raise typer.Exit(1 if dry_run and changed else 0)


def _question(settings: Any, since: str, until: str, *, site: str, dry_run: bool, now: Any) -> Any:
    from zoneinfo import ZoneInfo

    from monitor.api.past_time import AtFault, read_at
    from monitor.rebuild_desk import RebuildQuestion, WrongRebuild

    chosen = next((one for one in settings.sites if one.id == (site or settings.site.id)), None)
    if chosen is None:
        raise WrongRebuild(f"unknown site {site!r}: the configuration has {', '.join(s.id for s in settings.sites)}")
    zone = ZoneInfo(chosen.timezone)
    try:
        begin, end = read_at(since, zone=zone, now=now), read_at(until, zone=zone, now=now)
    except AtFault as error:
        raise WrongRebuild(str(error)) from error
    return RebuildQuestion(site=chosen.id, since=begin, until=end, dry_run=dry_run)


def _told(settings: Any, question: Any, *, quiet: bool, now: Any) -> dict[str, Any]:
    """The last line, the others shown as they come."""
    from monitor import places
    from monitor.api.history import HistoryUnavailable
    from monitor.history_client import HistoryNotRunning

    last: dict[str, Any] = {"fault": "the rebuild told nothing; see the history process's log"}

    def hear(line: dict[str, Any]) -> None:
        nonlocal last
        last = line
        if not quiet and "fault" not in line:
            say(f"{line['phase']}: {line['events']} events, {line['slots']} slots")

    try:
        socket = places.history_socket(settings)
        asyncio.run(_from_service(socket, question, hear))
    except places.PlaceRefused as error:
        return {"fault": str(error)}
    except HistoryNotRunning:  # then nobody holds the store, and it can be opened here
        for line in _by_ourselves(settings, question, now):
            hear(line)
    except HistoryUnavailable as error:
        return {"fault": str(error)}
    return last


async def _from_service(socket: Path, question: Any, hear: Any) -> None:
    from monitor.history_client import HistoryClient

    client = HistoryClient(socket)
    try:
        async for line in client.lines("/rebuild", msgspec.json.encode(question)):
            hear(line)
    finally:
        await client.close()


def _by_ourselves(settings: Any, question: Any, now: Any) -> Iterator[dict[str, Any]]:
    from monitor import places
    from monitor.rebuild_desk import rebuild_of, steps
    from streams.warehouse.errors import StoreError
    from streams.warehouse.migrate import migrate
    from streams.warehouse.opening import open_warehouse

    work = rebuild_of(settings, question, now=now)
    try:
        with closing(open_warehouse(places.warehouse_url(settings))) as store:
            migrate(store, now=now, cluster=settings.store.clickhouse_cluster)
            yield from steps(work, store)
    except StoreError as error:
        yield {"fault": str(error)}


def _show(last: dict[str, Any], *, dry_run: bool) -> None:
    begun = "at a checkpoint" if last["from_checkpoint"] else "without a checkpoint"
    say(f"{last['events']} events read, begun {begun}; {last['slots']} rollup slots counted")
    for table in last["unchanged"]:
        written, gone = last["written"].get(table, 0), last["retracted"].get(table, 0)
        would = "would be " if dry_run else ""
        say(f"{table}: {last['unchanged'][table]} unchanged, {written} {would}written, {gone} {would}taken back")
    for change in last["changes"][:SHOWN]:
        say(f"  {change}")
    if last.get("cut_short"):  # a service that has not been restarted since an update does not say it
        say("the end of the stretch was left alone: what is younger than 90 minutes the live floor may still amend")
    hidden = len(last["changes"][SHOWN:]) + last["more_changes"]
    if hidden:
        say(f"  … and {hidden} more")
    for kind, count in last["unreadable"].items():
        say(f"not readable by this version: {count} {kind}")
