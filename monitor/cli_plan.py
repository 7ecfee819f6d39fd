"""`floorwatch plan`: check a plan file, export a site's plan. In: files, a configuration. Out: text or JSON.

Exit 0 ok, 1 faults found, 2 usage. May not know: HTTP, the hub.
"""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from monitor.cli_text import complain, say

plan_app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON object for machines.")]


class PlanReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `check --json` prints."""

    file: str
    floors: int
    rooms: int
    teams: int
    seats: int
    faults: list[dict[str, object]]
    more: int


@plan_app.command()
def check(file: Path, as_json: Json = False) -> None:
    """Reads a plan file (.toml or .csv) and names every fault with its line and its mend."""
    from monitor.plan_open import read_plan_file

    parsed = read_plan_file(file)
    plan = parsed.plan
    report = PlanReport(
        file=str(file), floors=len(plan.floors), rooms=len(plan.rooms), teams=len(plan.teams), seats=len(plan.seats),
        faults=[
            {"line": one.line, "place": one.place, "seat": one.seat, "kind": one.kind, "fault": one.fault,
             "mend": one.mend} for one in parsed.faults
        ],
        more=parsed.more,
    )  # fmt: skip
    if as_json:
        typer.echo(msgspec.json.encode(report).decode())
    else:
        for one in parsed.faults:
            complain(f"{file}:{one.line or 1}: {one.place}: {one.fault}\n    mend: {one.mend}")
        if parsed.more:
            complain(f"and {parsed.more} more")
        say(f"{report.floors} floor(s), {report.rooms} room(s), {report.teams} team(s), {report.seats} seat(s)")
    raise typer.Exit(1 if parsed.faults else 0)


@plan_app.command()
def export(
    config: Annotated[Path, typer.Option("-c", "--config", help="floorwatch.toml")] = Path("floorwatch.toml"),
    site: Annotated[str, typer.Option(help="A site's id; default: the first one.")] = "",
    table: Annotated[bool, typer.Option("--csv", help="A table instead of TOML.")] = False,
    version: Annotated[int | None, typer.Option(min=0, help="An older version.")] = None,
) -> None:
    """Prints a site's plan as it stands; a running service is not disturbed."""
    from monitor.config import ConfigFaults
    from monitor.config_read import load_config
    from monitor.plan_open import open_desk
    from monitor.plan_store import NoVersion, VersionDamaged
    from seat_map.plan_csv import write_csv
    from seat_map.plan_toml import write_toml
    from seat_map.plan_words import read_doc

    try:
        settings = load_config(config)
    except ConfigFaults as faults:
        for fault in faults.faults:
            complain(fault)
        raise typer.Exit(2) from faults
    chosen = next((one for one in settings.sites if one.id == (site or settings.site.id)), None)
    if chosen is None:
        complain(f"no site {site!r}: name one of {', '.join(one.id for one in settings.sites)}")
        raise typer.Exit(2)
    desk = open_desk(settings.store.data, chosen)
    try:
        plan = desk.standing.plan if version is None else read_doc(desk.kept(version).plan).plan
    except (NoVersion, VersionDamaged) as error:
        complain(error)
        raise typer.Exit(2) from error
    sys.stdout.write(write_csv(plan) if table else write_toml(plan))
