"""Reads how recordings come in: the rest of [recordings]. In: a Table. Out: a frozen Intake.

What is not written keeps its default. May not know: files, the bus, HTTP.
"""

import ipaddress
import re

from asr.intake_names import GROUPS
from monitor.config import Intake
from monitor.config_fields import Surroundings, secret_of
from streams.toml_table import Table
from streams.vocabulary.ids import QueueName, SiteId


def read_intake(section: Table, around: Surroundings) -> Intake:
    normal = Intake()
    names = section.texts("names", default=normal.names)
    for name in names:
        _check_pattern(section, name)
    networks = section.texts("networks", default=())
    for network in networks:
        _check_network(section, network)
    urls = section.texts("urls", default=())
    for url in urls:
        if not re.fullmatch(r"https?://[^/\s@?#]+/[^\s?#]*", url):
            section.fault("urls", f"{url!r} is not the beginning of an address", "write https://HOST/FOLDER/")
    weights = section.table("weights")
    return Intake(
        watch=_folders(section),
        names=names,
        stable_ms=1000 * section.integer("stable_s", low=1, high=3_600, default=normal.stable_ms // 1000),
        urls=urls,
        networks=networks,
        token=secret_of(section, around, required=False),
        most_bytes=1_000_000 * section.integer("most_mb", low=1, high=10_000, default=normal.most_bytes // 1_000_000),
        missing_after_ms=60_000 * section.integer("missing_after_min", low=1, high=10_080, default=30),
        match_for_ms=60_000 * section.integer("match_for_min", low=1, high=10_080, default=30),
        urgent_queues=frozenset(map(QueueName, section.texts("urgent_queues", default=()))),
        lease_ms=1000 * section.integer("lease_s", low=5, high=3_600, default=normal.lease_ms // 1000),
        weights={} if weights is None else _weights(weights),
    )


def _folders(section: Table) -> tuple[str, ...]:
    folders = section.texts("watch", default=())
    for folder in folders:
        if folder.startswith("/") or ".." in folder.split("/"):
            mend = 'write it below folder, as watch = ["monitor"], or watch = ["."] for all of it'
            section.fault("watch", f"{folder!r} does not lie below folder", mend)
    return folders


def _check_pattern(section: Table, pattern: str) -> None:
    try:
        groups = set(re.compile(pattern).groupindex)
    except re.error as error:
        section.fault("names", f"{pattern!r} is no regular expression: {error}", "correct it; docs/recordings.md")
        return
    if not groups & {"contact", "agent", "extension"} or groups - GROUPS:
        known = ", ".join(sorted(GROUPS))
        mend = f"name at least contact, agent or extension, as (?P<contact>…); known: {known}"
        section.fault("names", f"{pattern!r} has the groups {sorted(groups)}", mend)


def _check_network(section: Table, network: str) -> None:
    try:
        ipaddress.ip_network(network)
    except ValueError as error:
        section.fault("networks", str(error), "write it as 10.1.0.0/16")


def _weights(table: Table) -> dict[SiteId, int]:
    found = {SiteId(key): table.integer(key, low=1, high=100) for key in table.names()}
    table.close()
    return found
