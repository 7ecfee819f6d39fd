"""Agents at work and their queue memberships, as app_queue keeps them. In: a card. Out: state and its AMI fields.

Pure. Owned by the simulated floor; everything that changes here is told by `floor`.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from monitor.demo.switch.ami_bytes import Fields
from monitor.demo.switch.centre import AgentCard
from streams.vocabulary.ids import Millis

NOT_INUSE, INUSE, BUSY, UNAVAILABLE, RINGING = 1, 2, 3, 5, 6
DEVICE_WORDS = {
    NOT_INUSE: "NOT_INUSE",
    INUSE: "INUSE",
    BUSY: "BUSY",
    UNAVAILABLE: "UNAVAILABLE",
    RINGING: "RINGING",
}


NEVER = Millis(0)


class Doing(StrEnum):
    FREE = "free"
    OFFERED = "offered"
    TALKING = "talking"


@dataclass(slots=True, eq=False)
class Member:
    """One agent in one queue."""

    queue: str
    penalty: int
    fixed: bool
    login_s: int
    calls_taken: int = 0
    last_pause_s: int = 0
    in_call: int = 0
    paused: bool = False
    reason: str = ""


@dataclass(slots=True, eq=False)
class Agent:
    """`members` holds the queues signed in to; `free_at` ends the wrap-up."""

    card: AgentCard
    members: dict[str, Member] = field(default_factory=dict)
    device: int = NOT_INUSE
    doing: Doing = Doing.FREE
    last_call_s: int = 0
    free_at: Millis = NEVER
    on_break: bool = False

    @property
    def interface(self) -> str:
        return self.card.interface

    @property
    def signed_in(self) -> bool:
        return bool(self.members)

    def may_take(self, member: Member, now: Millis) -> bool:
        return self.doing is Doing.FREE and self.device == NOT_INUSE and not member.paused and now >= self.free_at


def member_event_fields(agent: Agent, member: Member) -> Fields:
    """Body of QueueMemberStatus, QueueMemberPause, QueueMemberAdded and QueueMemberRemoved."""
    return (
        ("Queue", member.queue),
        ("MemberName", agent.card.name),
        ("Interface", agent.interface),
        ("StateInterface", agent.interface),
        ("Membership", "static" if member.fixed else "dynamic"),
        ("Penalty", str(member.penalty)),
        ("CallsTaken", str(member.calls_taken)),
        ("LastCall", str(agent.last_call_s)),
        ("LastPause", str(member.last_pause_s)),
        ("LoginTime", str(member.login_s)),
        ("InCall", str(member.in_call)),
        ("Status", str(agent.device)),
        ("Paused", str(int(member.paused))),
        ("PausedReason", member.reason),
        ("Ringinuse", "0"),
        ("Wrapuptime", "0"),
    )


def member_answer_fields(agent: Agent, member: Member) -> Fields:
    """Body of QueueMember in the answer to QueueStatus."""
    return (
        ("Queue", member.queue),
        ("Name", agent.card.name),
        ("Location", agent.interface),
        ("StateInterface", agent.interface),
        ("Membership", "static" if member.fixed else "dynamic"),
        ("Penalty", str(member.penalty)),
        ("CallsTaken", str(member.calls_taken)),
        ("LastCall", str(agent.last_call_s)),
        ("LastPause", str(member.last_pause_s)),
        ("LoginTime", str(member.login_s)),
        ("InCall", str(member.in_call)),
        ("Status", str(agent.device)),
        ("Paused", str(int(member.paused))),
        ("PausedReason", member.reason),
        ("Wrapuptime", "0"),
    )
