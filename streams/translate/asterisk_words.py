"""Asterisk's names and codes in our words. In: interfaces, code numbers, queues.conf. Out: ids, devices, settings.

Sources: asterisk include/asterisk/devicestate.h, apps/app_queue.c, configs/samples/queues.conf.sample.
May not know: connections, the order of events.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from streams.vocabulary.ids import AgentId, QueueName
from streams.vocabulary.states import Device, EndedBy, OverflowReason, TurnedAwayReason

DEVICES: Final[Mapping[str, Device]] = {
    "0": Device.UNKNOWN,
    "1": Device.IDLE,
    "2": Device.IN_USE,
    "3": Device.BUSY,
    "4": Device.INVALID,
    "5": Device.UNREACHABLE,
    "6": Device.RINGING,
    "7": Device.RING_IN_USE,
    "8": Device.ON_HOLD,
}

ENDED_BY: Final[Mapping[str, EndedBy]] = {
    "caller": EndedBy.CUSTOMER,
    "agent": EndedBy.AGENT,
    "transfer": EndedBy.TRANSFER,
}

# QUEUESTATUS after QueueCallerAbandon tells a hang-up from the other ways out (traces README, "Counters").
OVERFLOWS: Final[Mapping[str, OverflowReason]] = {
    "TIMEOUT": OverflowReason.TIMEOUT,
    "LEAVEEMPTY": OverflowReason.EMPTY,
    "LEAVEUNAVAIL": OverflowReason.EMPTY,
    "WITHDRAW": OverflowReason.WITHDRAWN,
}
TURNED_AWAY: Final[Mapping[str, TurnedAwayReason]] = {
    "FULL": TurnedAwayReason.FULL,
    "JOINEMPTY": TurnedAwayReason.JOIN_EMPTY,
    "JOINUNAVAIL": TurnedAwayReason.JOIN_EMPTY,
}

AGENT_PATTERN: Final = r"^(?:[A-Za-z0-9_]+[/:])?(?:[^@;]*/)?(?:sips?:)?([^@/;:]+)"
"""What of a member's interface is the staff number: what stands after the technology, after the trunk, before the @.

`PJSIP/2001`, `Local/2001@agents/n`, `SIP/trunk/2001`, `hint:2001@agents` and `Agent:2001` are all agent 2001.
"""


@lru_cache(maxsize=65_536)
def agent_id_of(interface: str, pattern: str = AGENT_PATTERN) -> AgentId:
    """The pattern's first group; the whole interface where the pattern finds nothing, for somebody it is."""
    found = _compiled(pattern).search(interface)
    return AgentId((found.group(1) if found else "") or interface)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


class PatternError(ValueError):
    """A configured agent pattern that cannot work; the text says why."""


def check_agent_pattern(pattern: str) -> str:
    """The pattern itself; raises PatternError."""
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        raise PatternError(f"agent_pattern is no regular expression: {error}") from error
    if groups < 1:
        raise PatternError("agent_pattern needs one (group) around the staff number")
    return pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """One [section] of queues.conf. None: the file does not say."""

    wrap_up_s: int | None = None
    target_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchSettings:
    """What no AMI answer tells: wrap-up times, and whether a call starts wrap-up in all queues (shared_lastcall)."""

    queues: Mapping[QueueName, QueueSettings] = field(default_factory=dict)
    shared_lastcall: bool = True
    agent_pattern: str = AGENT_PATTERN

    def agent_of(self, interface: str) -> AgentId:
        return agent_id_of(interface, self.agent_pattern)

    def wrap_up_s(self, queue: QueueName) -> int:
        settings = self.queues.get(queue)
        return settings.wrap_up_s or 0 if settings else 0

    def targets_ms(self) -> dict[QueueName, int]:
        return {name: one.target_s * 1000 for name, one in self.queues.items() if one.target_s is not None}


_BLOCK_COMMENT: Final = re.compile(r"(?<!\\);--(?!-).*?(?:--;|\Z)", re.DOTALL)
_COMMENT: Final = re.compile(r"(?<!\\);")
_SECTION: Final = re.compile(r"^\[([^\]]+)\]\s*(?:\(([^)]*)\))?")


def parse_queues_conf(text: str) -> SwitchSettings:
    """Asterisk's own format: `;` and `;-- --;` comments, `[name](!)` templates, `[name](template)`, last value wins.

    Unknown keys pass by; a value that is no number counts as not said (app_queue does the same).
    """
    sections: dict[str, dict[str, str]] = {}
    templates: set[str] = set()
    current: dict[str, str] = {}
    for raw_line in _BLOCK_COMMENT.sub("", text).split("\n"):
        line = _COMMENT.split(raw_line, maxsplit=1)[0].strip()
        if header := _SECTION.match(line):
            name, options = header.group(1), [one.strip() for one in (header.group(2) or "").split(",")]
            current = sections.setdefault(name, {})
            if "!" in options:
                templates.add(name)
            for parent in options:
                current.update(sections.get(parent, {}))
        elif "=" in line:
            key, _, value = line.partition("=")
            current[key.strip().lower()] = value.lstrip(">").strip()
    general = sections.pop("general", {})
    return SwitchSettings(
        queues={
            QueueName(name): QueueSettings(
                wrap_up_s=_number(values.get("wrapuptime")), target_s=_number(values.get("servicelevel"))
            )
            for name, values in sections.items()
            if name not in templates
        },
        # app_queue's default is no (queues.conf.sample: shared_lastcall)
        shared_lastcall=general.get("shared_lastcall", "no").lower() in ("yes", "true", "y", "t", "1", "on"),
    )


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 10 else None
