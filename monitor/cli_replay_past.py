"""`floorwatch replay warehouse`: the floor of a past instant out of the store. In: a site, a moment. Out: a report.

A running service is asked, else the store is opened here. May not know: how a past floor is made.
"""

import asyncio
from contextlib import closing
from gzip import decompress
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec
import typer

from monitor.cli_replay import show_tables
from monitor.cli_text import complain, err, say

REASONS: Final = {
    "nothing_stored": "no event is stored of this site yet",
    "before_first": "this moment lies before the first event",
    "dropped": "the events of this moment are no longer kept ([retention] events_days)",
    "after_now": "this moment has not come yet",
    "not_readable": "what is stored was written by another version",
}


def warehouse(
    at: Annotated[str, typer.Option(help="2026-11-21T10:03:20 (the site's time), epoch ms, or -300: 5 minutes ago.")],
    site: Annotated[str, typer.Option(help="The site's id; without it the first site's.")] = "",
    config: Annotated[Path, typer.Option("-c", "--config", help="floorwatch.toml")] = Path("floorwatch.toml"),
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The floor of a past instant, folded from the stored events."""
    from monitor import clock
    from monitor.api.past_door import PastQuestion
    from monitor.api.past_time import AtFault, local_text, read_at

    settings = _settings(config)
    wanted = next((one for one in settings.sites if one.id == (site or settings.site.id)), None)
    if wanted is None:
        complain(f"there is no site {site!r}: choose from {', '.join(one.id for one in settings.sites)}")
        raise typer.Exit(2)
    zone = ZoneInfo(wanted.timezone)
    try:
        moment = read_at(at, zone=zone, now=clock.now())
    except AtFault as fault:
        complain(fault)
        raise typer.Exit(2) from fault
    told = asyncio.run(_arrive(settings, PastQuestion(kind="report", site=wanted.id, at=moment)))
    if "reason" in told:
        first = f"; the first event is of {local_text(told['first'], zone)}" if "first" in told else ""
        complain(f"{REASONS.get(told['reason'], told['reason'])}{first} {told.get('detail', '')}".rstrip())
        raise typer.Exit(1)
    if as_json:
        typer.echo(msgspec.json.encode(told).decode())
        return
    began = local_text(told["past"]["began"], zone)
    say(f"{wanted.name} at {local_text(moment, zone)} ({wanted.timezone}), {told['contacts']} contacts since midnight")
    say(f"folded from {began} ({told['past']['basis']})")
    show_tables(told)


def _settings(file: Path) -> Any:
    from monitor import logs
    from monitor.config import ConfigFaults
    from monitor.config_read import load_config

    logs.quiet_libraries()
    try:
        return load_config(file)
    except ConfigFaults as faults:
        for fault in faults.faults:
            complain(fault)
        raise typer.Exit(2) from faults


async def _arrive(settings: Any, question: Any) -> dict[str, Any]:
    from monitor import places
    from monitor.api.history import HistoryUnavailable
    from monitor.history_client import HistoryNotRunning
    from monitor.past_client import PastClient
    from streams.warehouse.errors import StoreError

    try:
        client = PastClient(places.history_socket(settings))
    except places.PlaceRefused as refused:
        complain(refused)
        raise typer.Exit(2) from refused
    try:
        while (answer := await client.ask(question)).status == 202:
            _tell_way(answer.body)
    except HistoryNotRunning:
        pass  # then nobody holds the store, and it can be opened here
    except HistoryUnavailable as unavailable:
        return {"reason": unavailable.reason}
    else:
        return _read(answer)
    finally:
        await client.close()
    try:
        return _here(settings, question)
    except StoreError as error:
        return {"reason": error.fault, "detail": error.mend}


def _here(settings: Any, question: Any) -> dict[str, Any]:
    from monitor import clock, places
    from monitor.wiring_past import past
    from streams.warehouse.opening import open_warehouse

    asked = past(settings)
    with closing(open_warehouse(places.warehouse_url(settings))) as store:
        while (answer := asked.answer(store, question, clock.now())).status == 202:
            _tell_way(answer.body)
    return _read(answer)


def _tell_way(body: bytes) -> None:
    if err.is_terminal:
        complain(f"folding: {round(100 * msgspec.json.decode(body)['share'])} %")


def _read(answer: Any) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.json.decode(decompress(answer.body) if answer.encoding == "gzip" else answer.body)
    return told
