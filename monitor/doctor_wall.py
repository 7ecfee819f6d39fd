"""What walls are told to show, held against what there is. In: a Config. Out: findings: names that nothing answers to.

A team that no plan has and a queue that nothing else of the configuration knows are warnings, never problems: a switch
tells of its queues when it connects, and a plan may be published later. May not know: a running service.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from monitor.config import Config
from monitor.doctor_checks import Finding, Level
from monitor.plan_open import open_desk
from seat_map.plan import Plan
from streams.toml_table import suggest

SUBJECT = "walls"
FAULTS_TOLD = 3


@dataclass(frozen=True, slots=True)
class Named:
    """One place that names teams, rooms or queues: `[[scope]] vip`."""

    where: str
    names: Sequence[str]


def check_walls(config: Config) -> list[Finding]:
    """Blocks while plans are read."""
    findings: list[Finding] = []
    plans: list[Plan] = []
    for site in config.sites:
        desk = open_desk(config.store.data, site)
        plans.append(desk.plan)
        findings += judge_plan(site.id, [str(fault) for fault in desk.standing.faults], desk.standing.more)
        findings += [_damaged(site.id, one.name, one.why) for one in desk.standing.damaged]
    teams = {team.code for plan in plans for team in plan.teams}
    rooms = {room.name for plan in plans for room in plan.rooms}
    pages = list(enumerate(config.wall_pages, 1))
    findings += judge_names("team", [Named(f"[[scope]] {one.name}", one.teams) for one in config.scopes], teams)
    findings += judge_names(
        "room", [Named(f"[[wall_page]] number {n}", [one.room]) for n, one in pages if one.room], rooms
    )
    if config.queues:
        named = [
            *(Named(f"[[scope]] {one.name}", one.queues) for one in config.scopes),
            *(Named(f"[[queue_group]] {one.name}", one.queues) for one in config.queue_groups),
            *(Named(f"[[wall_page]] number {n}", one.queues) for n, one in pages),
        ]
        findings += judge_names("queue", named, set(config.queues))
    return findings or [Finding(Level.OK, SUBJECT, f"{len(config.scopes)} scopes, {len(config.wall_pages)} pages", "")]


def judge_names(what: str, named: Iterable[Named], known: Collection[str]) -> list[Finding]:
    """One finding for each place, with all that it names in vain."""
    findings = []
    for one in named:
        strange = [name for name in one.names if name not in known]
        if strange:
            listed = ", ".join(map(repr, strange))
            text = f"{one.where}: no {what} {listed} is known"
            mend = _MENDS[what].format(near=suggest(strange[0], sorted(known)))
            findings.append(Finding(Level.WARNING, SUBJECT, text, mend))
    return findings


_MENDS = {
    "team": "{near}; teams are the codes of a site's plan",
    "room": "{near}; rooms are those of a site's plan, behind their floor's name where there are several",
    "queue": '{near}; or write a [queues."…"] table for it, if the switch has it',
}


def judge_plan(site: str, faults: Sequence[str], more: int) -> list[Finding]:
    if not faults:
        return []
    count = len(faults) + more
    text = f"the plan file of site {site} has {count} faults: " + "; ".join(faults[:FAULTS_TOLD])
    mend = "its sound part is shown; `floorwatch plan check FILE` names every fault"
    return [Finding(Level.WARNING, SUBJECT, text, mend)]


def _damaged(site: str, name: str, why: str) -> Finding:
    mend = "put it back from a copy, or remove it; what is shown is the newest version that can be read"
    return Finding(Level.WARNING, SUBJECT, f"plan of site {site}: {name} cannot be read: {why}", mend)
