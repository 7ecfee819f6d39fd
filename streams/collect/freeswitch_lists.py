"""Which list commands make one full picture, in order, and their answers. In: answers. Out: `Lists`, or why not.

The queues' names come with an answer, so the commands that list their members are known only then. May not know: how a
command is sent, what a picture means.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from streams.translate.freeswitch_resync import Lists
from streams.wire.esl_lists import (
    ListedAgent,
    ListedChannel,
    ListedMember,
    ListedTier,
    ListError,
    parse_agents,
    parse_channels,
    parse_members,
    parse_queues,
    parse_tiers,
)

AGENTS: Final = "callcenter_config agent list"
TIERS: Final = "callcenter_config tier list"
QUEUES: Final = "callcenter_config queue list"
MEMBERS: Final = "callcenter_config queue list members "
CHANNELS: Final = "show channels as json"

LIST_REFUSED: Final = "list_refused"
"""The switch refused a list command, or mod_callcenter is not loaded."""
UNREADABLE_ROW: Final = "unreadable_row"


@dataclass(slots=True)
class ListsAsked:
    """One picture in the making. Ask `next_commands` until it is complete; mutable, owned by whoever asks."""

    refused: Counter[str] = field(default_factory=Counter)
    complaint: str = ""
    """what the switch said instead of a list"""
    _agents: tuple[ListedAgent, ...] = ()
    _tiers: tuple[ListedTier, ...] = ()
    _members: list[ListedMember] = field(default_factory=list)
    _channels: tuple[ListedChannel, ...] | None = None
    _waiting: set[str] = field(default_factory=lambda: {AGENTS, TIERS, QUEUES, CHANNELS})

    @staticmethod
    def begins(command: str) -> bool:
        return command == AGENTS

    @staticmethod
    def first_commands() -> tuple[str, ...]:
        return (AGENTS, TIERS, QUEUES)

    @property
    def is_complete(self) -> bool:
        return not self._waiting

    def answered(self, command: str, answer: str) -> tuple[str, ...]:
        """Take one answer; the commands that are to be asked next because of it."""
        self._waiting.discard(command)
        try:
            return self._read(command, answer)
        except ListError as error:
            self.refused[LIST_REFUSED] += 1
            if command != CHANNELS:  # without it only holds are not known
                self.complaint = self.complaint or f"{command}: {error}"
            return (CHANNELS,) if command == QUEUES else ()

    def _read(self, command: str, answer: str) -> tuple[str, ...]:
        if command == AGENTS:
            agents = parse_agents(answer)
            self._agents = agents.rows
            self.refused[UNREADABLE_ROW] += agents.unreadable
        elif command == TIERS:
            tiers = parse_tiers(answer)
            self._tiers = tiers.rows
            self.refused[UNREADABLE_ROW] += tiers.unreadable
        elif command == QUEUES:
            queues = parse_queues(answer)
            self.refused[UNREADABLE_ROW] += queues.unreadable
            members = tuple(MEMBERS + " ".join(row.name.split()) for row in queues.rows)
            self._waiting.update(members)
            return (*members, CHANNELS)
        elif command.startswith(MEMBERS):
            rows = parse_members(answer)
            self._members += rows.rows
            self.refused[UNREADABLE_ROW] += rows.unreadable
        elif command == CHANNELS:
            self._channels = parse_channels(answer).rows
        return ()

    def lists(self) -> Lists | None:
        """None where a list is missing without which agents or callers would seem gone."""
        self.refused += Counter()  # drops what is 0
        if self.is_complete and not self.complaint:
            return Lists(agents=self._agents, tiers=self._tiers, members=tuple(self._members), channels=self._channels)
        return None
