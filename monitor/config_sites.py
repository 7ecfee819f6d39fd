"""Reads [site] and [[branch]]. In: a Table. Out: sites, each with its place below the first; faults in the table.

May not know: sources, stores.
"""

import difflib
from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from monitor.config import Site
from monitor.config_fields import Surroundings, an_id, file_path
from streams.toml_table import Table
from streams.vocabulary.ids import SiteId

DEFAULT_TIMEZONE = "Asia/Shanghai"


def read_site(section: Table, around: Surroundings) -> Site:
    site = _one_site(section, around)
    section.close()
    return site


def read_branches(table: Table, first: Site, around: Surroundings) -> tuple[Site, ...]:
    """[[branch]]: further sites, each below its parent (the first site unless it says otherwise)."""
    sites: list[Site] = []
    entries = table.tables("branch")
    for entry in entries:
        site = _one_site(entry, around, timezone=first.timezone)
        parent = SiteId(entry.text("parent", default=first.id or "-"))
        entry.close()
        if any(site.id == other.id for other in (first, *sites)):
            entry.fault("id", f"{site.id!r} names two sites", "give each site its own id; its events carry it")
        sites.append(replace(site, parent=parent))
    parents = {site.id: site.parent for site in sites if site.parent}
    for entry, site in zip(entries, sites, strict=True):
        if site.parent != first.id and site.parent not in parents:
            entry.fault("parent", f"no site {site.parent!r}", f"name one of {', '.join([first.id, *parents])}")
        elif _circles(site.id, parents):
            entry.fault("parent", f"{site.id!r} is above itself", "let the parents lead up to the first site")
    return tuple(sites)


def _circles(site: SiteId, parents: Mapping[SiteId, SiteId]) -> bool:
    above, seen = parents.get(site), {site}
    while above is not None and above not in seen:
        seen.add(above)
        above = parents.get(above)
    return above is not None


def _one_site(section: Table, around: Surroundings, *, timezone: str = DEFAULT_TIMEZONE) -> Site:
    site = an_id(section, "id")
    name = section.text("name", default=site or "-")
    timezone = section.text("timezone", default=timezone)
    if timezone and (mend := _timezone_mend(timezone)):
        section.fault("timezone", f"unknown time zone {timezone!r}", mend)
    seats = section.integer("seats", low=1, high=60_000, default=200)
    plan = file_path(section, "plan", around) if section.has("plan") else None
    return Site(id=SiteId(site), name=name, timezone=timezone, seats=seats, plan=plan)


def _timezone_mend(name: str) -> str | None:
    """None: the zone is known. Listing all zones reads hundreds of files, so that is left for when one is wrong."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, not a zone's name, a folder of zones
        known = available_timezones()
        if not known:
            return "this machine has no time zones: install the Debian package tzdata"
        near = difflib.get_close_matches(name, known, n=1)
        return f"did you mean {near[0]!r}?" if near else "write an IANA name such as Asia/Shanghai"
    return None
