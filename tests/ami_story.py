"""A hand-written Asterisk for tests: one method per thing app_queue says. In: what happens, when. Out: `Event`s.

Field names and their order are those of the captures in tests/golden/asterisk; the bytes pass through the real parser.
"""

from typing import Any

from streams.translate.asterisk import WANTED, AsteriskTranslator
from streams.translate.asterisk_words import parse_queues_conf
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.wire.ami import AmiParser

T0 = 1_795_291_200_000
CALLER, LEG = "1795291200.1", "1795291201.2"
CONF = """
[general]
shared_lastcall = yes
[sales]
servicelevel = 20
wrapuptime = 8
[vip]
servicelevel = 10
"""


def frame(name: str, **fields: str | int | None) -> bytes:
    lines = [f"Event: {name}", "Privilege: agent,all"]
    lines += [f"{key}: {value}" for key, value in fields.items() if value is not None]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def names(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


class Switch:
    """Times are ms after T0. A field given as None is left out of the message."""

    def __init__(self, conf: str = CONF) -> None:
        self.translator = AsteriskTranslator(
            site=SiteId("gz"), source=SourceId("ast"), settings=parse_queues_conf(conf)
        )
        self.parser = AmiParser(WANTED)
        self.connect_source(0)

    def connect_source(self, at: int) -> list[Event]:
        return self.translator.connected(Millis(T0 + at))

    def hear(self, at: int, name: str, **fields: str | int | None) -> list[Event]:
        told: list[Event] = []
        for message in self.parser.feed(frame(name, **fields)):
            told += self.translator.translate(message, Millis(T0 + at))
        return told

    # --- callers

    def join(self, at: int, *, caller: str = CALLER, queue: str = "sales", **more: Any) -> list[Event]:
        return self.hear(at, "QueueCallerJoin", CallerIDNum="138", Uniqueid=caller, Queue=queue, Position=1, **more)

    def abandon(self, at: int, *, wait_s: int, caller: str = CALLER, queue: str = "sales") -> list[Event]:
        return self.hear(at, "QueueCallerAbandon", Uniqueid=caller, Queue=queue, HoldTime=wait_s)

    def leave(self, at: int, *, caller: str = CALLER, queue: str = "sales") -> list[Event]:
        return self.hear(at, "QueueCallerLeave", Uniqueid=caller, Queue=queue)

    def status(self, at: int, value: str, *, caller: str = CALLER) -> list[Event]:
        return self.hear(at, "VarSet", Uniqueid=caller, Variable="QUEUESTATUS", Value=value)

    def step(self, at: int, queue: str, *, caller: str = CALLER) -> list[Event]:
        return self.hear(at, "Newexten", Uniqueid=caller, Application="Queue", AppData=f"{queue},tTc,,,90")

    def hang(self, at: int, channel: str, *, cause: int = 16) -> list[Event]:
        return self.hear(at, "Hangup", Uniqueid=channel, Cause=cause)

    # --- offers and talks

    def call(
        self, at: int, *, agent: str = "1001", leg: str = LEG, caller: str = CALLER, queue: str = "sales"
    ) -> list[Event]:
        return self.hear(at, "AgentCalled", Uniqueid=caller, DestUniqueid=leg, Queue=queue, Interface=f"PJSIP/{agent}")

    def dial_end(self, at: int, status: str, *, leg: str = LEG, caller: str = CALLER) -> list[Event]:
        return self.hear(at, "DialEnd", Uniqueid=caller, DestUniqueid=leg, DialStatus=status)

    def not_taken(self, at: int, *, agent: str = "1001", leg: str = LEG, caller: str = CALLER) -> list[Event]:
        return self.hear(
            at,
            "AgentRingNoAnswer",
            Uniqueid=caller,
            DestUniqueid=leg,
            Queue="sales",
            Interface=f"PJSIP/{agent}",
            RingTime=0,
        )

    def connect(
        self,
        at: int,
        *,
        agent: str = "1001",
        leg: str = LEG,
        caller: str = CALLER,
        queue: str = "sales",
        wait_s: int = 0,
    ) -> list[Event]:
        return self.hear(
            at,
            "AgentConnect",
            Uniqueid=caller,
            DestUniqueid=leg,
            Queue=queue,
            Interface=f"PJSIP/{agent}",
            HoldTime=wait_s,
        )

    def complete(
        self,
        at: int,
        reason: str = "agent",
        *,
        agent: str = "1001",
        leg: str | None = LEG,
        caller: str | None = CALLER,
        queue: str = "sales",
        talk_s: int = 0,
    ) -> list[Event]:
        return self.hear(
            at,
            "AgentComplete",
            Uniqueid=caller,
            DestUniqueid=leg,
            Queue=queue,
            Interface=f"PJSIP/{agent}",
            Reason=reason,
            HoldTime=1,
            TalkTime=talk_s,
        )

    def talking(
        self, at: int, *, agent: str = "1001", leg: str = LEG, caller: str = CALLER, queue: str = "sales"
    ) -> None:
        """Joined at `at`, offered one second later, connected three seconds after the join."""
        self.join(at, caller=caller, queue=queue)
        self.call(at + 1000, agent=agent, leg=leg, caller=caller, queue=queue)
        self.dial_end(at + 3000, "ANSWER", leg=leg, caller=caller)
        self.leave(at + 3000, caller=caller, queue=queue)
        self.connect(at + 3000, agent=agent, leg=leg, caller=caller, queue=queue)

    # --- members

    def member(self, at: int, *, agent: str = "1001", queue: str = "sales", status: int = 1) -> list[Event]:
        return self.hear(
            at,
            "QueueMemberAdded",
            Queue=queue,
            MemberName="Anna",
            Interface=f"PJSIP/{agent}",
            Penalty=0,
            Status=status,
            Paused=0,
        )

    def device(self, at: int, status: int, *, agent: str = "1001", queue: str = "sales") -> list[Event]:
        return self.hear(at, "QueueMemberStatus", Queue=queue, Interface=f"PJSIP/{agent}", Status=status)

    # --- the full picture

    def params(
        self,
        at: int,
        *,
        queue: str = "sales",
        completed: int = 0,
        abandoned: int = 0,
        perf: str = "0.0",
        perf2: str = "0.0",
        target_s: int = 20,
    ) -> list[Event]:
        return self.hear(
            at,
            "QueueParams",
            Queue=queue,
            Completed=completed,
            Abandoned=abandoned,
            ServiceLevel=target_s,
            ServicelevelPerf=perf,
            ServicelevelPerf2=perf2,
        )

    def listed(self, at: int, *, agent: str = "1001", queue: str = "sales", **more: Any) -> list[Event]:
        fields: dict[str, Any] = {
            "Name": "Anna",
            "Paused": 0,
            "Status": 1,
            "InCall": 0,
            "LastCall": 0,
            "LastPause": 0,
        } | more
        return self.hear(at, "QueueMember", Queue=queue, Location=f"PJSIP/{agent}", Penalty=0, **fields)

    def entry(self, at: int, *, wait_s: int, caller: str = CALLER, queue: str = "sales") -> list[Event]:
        return self.hear(at, "QueueEntry", Queue=queue, Uniqueid=caller, Wait=wait_s, Position=1, CallerIDNum="138")

    def channel(
        self,
        at: int,
        uniqueid: str,
        name: str,
        *,
        application: str = "",
        argument: str = "",
        bridge: str = "",
        **more: Any,
    ) -> list[Event]:
        return self.hear(
            at,
            "CoreShowChannel",
            Uniqueid=uniqueid,
            Channel=name,
            Application=application,
            ApplicationData=argument,
            BridgeId=bridge,
            **more,
        )

    def picture_ends(self, at: int) -> list[Event]:
        return self.hear(at, "QueueStatusComplete", EventList="Complete") + self.hear(
            at, "CoreShowChannelsComplete", EventList="Complete"
        )
