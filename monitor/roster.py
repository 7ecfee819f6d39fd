"""Which team an agent is in, which skills a queue asks for: facts that no event tells. In: a Case. Out: it with them.

Teams are those of desks (docs/plan.md): of a contact of long ago, where its agent sits now. Pure. May not know: where a
roster comes from, rules.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from scoring.case import Case, Fact
from streams.vocabulary.ids import AgentId, QueueName, SiteId


@dataclass(frozen=True, slots=True)
class Roster:
    """`teams` without any team: nobody told one, so no agent's is known. `skills`: of the queues that name some."""

    teams: Mapping[AgentId, str] = field(default_factory=dict)
    skills: Mapping[QueueName, tuple[str, ...]] = field(default_factory=dict)

    def facts(self, told: Mapping[str, Fact]) -> dict[str, Fact]:
        """Team and skill, as far as the agent and the queue in `told` let them be known. An agent who sits in no team,
        where others do, is in none; a queue that names no skill, where others do, asks for none."""
        found: dict[str, Fact] = {}
        agent, queue = told.get("agent"), told.get("queue")
        if isinstance(agent, str) and any(self.teams.values()):
            found["team"] = self.teams.get(AgentId(agent), "")
        if isinstance(queue, str) and self.skills:
            found["skill"] = self.skills.get(QueueName(queue), ())
        return found

    def known(self) -> dict[str, frozenset[str]]:
        """The values there are, for the editor's warnings; empty: nothing here tells any."""
        return {
            "team": frozenset(team for team in self.teams.values() if team),
            "skill": frozenset(skill for each in self.skills.values() for skill in each),
        }


NOBODY: Final = Roster()
Rosters = Callable[[SiteId], Roster]


def no_roster(site: SiteId) -> Roster:
    return NOBODY


def with_roster(case: Case, roster: Roster) -> Case:
    facts = roster.facts(case.facts)
    return replace(case, facts={**case.facts, **facts}) if facts else case
