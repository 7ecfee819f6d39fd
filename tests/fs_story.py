"""A FreeSWITCH told by hand: events with chosen fields into the real translator and floor. Seconds count from T0."""

from dataclasses import dataclass, field

from streams.floor.fold import Floor
from streams.translate.freeswitch import WANTED, FreeswitchTranslator
from streams.translate.freeswitch_resync import Lists
from streams.vocabulary.events import Event
from streams.vocabulary.ids import AgentId, Millis, SiteId, SourceId
from streams.wire.esl import EslParser
from streams.wire.esl_lists import ListedAgent, ListedChannel, ListedMember, ListedTier

T0 = Millis(1_795_296_000_000)
SALES = "sales@default"


def listed_agent(name: str, *, status: str = "Available", state: str = "Waiting", **more: int | str) -> ListedAgent:
    fields: dict[str, int | str] = {
        "channel": "",
        "contact": f"[leg_timeout=8]sofia/pbx/{name}@127.0.0.1",
        "wrap_up_s": 5,
        "reject_delay_s": 6,
        "busy_delay_s": 8,
        "no_answer_delay_s": 4,
        "last_bridge_end": 0,
        "last_status_change": T0 // 1000,
        "ready_time": 0,
        **more,
    }
    return ListedAgent(name=name, status=status, state=state, **fields)  # type: ignore[arg-type]


def listed_member(member: str, *, state: str = "Waiting", joined: float = 0, **more: int | str) -> ListedMember:
    fields: dict[str, int | str] = {
        "queue": SALES,
        "session": f"{member}-session",
        "number": "138",
        "name": "Wang",
        "joined": T0 // 1000 + int(joined),
        "rejoined": 0,
        "bridged": 0,
        "agent": "",
        **more,
    }
    return ListedMember(member=member, state=state, **fields)  # type: ignore[arg-type]


def listed_channel(uuid: str, *, callstate: str = "ACTIVE", created: float = 0, call_uuid: str = "") -> ListedChannel:
    return ListedChannel(
        uuid=uuid, created_epoch=str(T0 // 1000 + int(created)), callstate=callstate, call_uuid=call_uuid
    )


@dataclass
class Centre:
    """Agents 1001 and 1002 serve sales, both available, five seconds of wrap-up, unless a picture says otherwise."""

    translator: FreeswitchTranslator = field(
        default_factory=lambda: FreeswitchTranslator(site=SiteId("s"), source=SourceId("fs"))
    )
    floor: Floor = field(default_factory=lambda: Floor(SiteId("s")))
    told: list[Event] = field(default_factory=list)
    core: str = "core-1"

    def start(self) -> "Centre":
        self.apply(self.translator.connected(T0))
        self.picture(0)
        return self

    def apply(self, events: list[Event]) -> list[Event]:
        for event in events:
            self.floor.apply(event)
        self.told += events
        return events

    def event(self, at: float, name: str, **fields: str) -> list[Event]:
        """One event as it stands on the wire; `_` in a field's name is `-`."""
        now = Millis(T0 + round(at * 1000))
        first = "Event-Subclass: callcenter%3A%3Ainfo\nEvent-Name: CUSTOM" if "::" in name else f"Event-Name: {name}"
        lines = [first, f"Core-UUID: {self.core}", f"Event-Date-Timestamp: {now * 1000}"]
        lines += [f"{key if key.startswith('variable_') else key.replace('_', '-')}: {fields[key]}" for key in fields]
        body = ("\n".join(lines) + "\n\n").encode()
        parser = EslParser(WANTED)
        (message,) = parser.feed(b"Content-Length: %d\nContent-Type: text/event-plain\n\n" % len(body) + body)
        return self.apply(self.translator.translate(message, now))

    def cc(self, at: float, action: str, **fields: str) -> list[Event]:
        return self.event(at, "callcenter::info", CC_Action=action, **fields)

    def member(self, at: float, action: str, member: str, **fields: str) -> list[Event]:
        """An event about one member, whose channel was made at T0."""
        session = fields.pop("session", f"{member}-session")
        return self.cc(
            at,
            action,
            **{
                "Unique_ID": session,
                "Caller_Channel_Created_Time": str(T0 * 1000),
                "CC_Queue": SALES,
                "CC_Member_UUID": member,
                "CC_Member_Session_UUID": session,
                "CC_Member_CID_Name": "Wang",
                "CC_Member_CID_Number": "138",
                **fields,
            },
        )

    def join(self, at: float, member: str, **fields: str) -> list[Event]:
        return self.member(at, "member-queue-start", member, **fields)

    def bridge(self, at: float, member: str, agent: str) -> list[Event]:
        return self.member(
            at, "bridge-agent-start", member, Unique_ID=f"leg-{agent}", CC_Agent=agent, CC_Agent_UUID=f"leg-{agent}"
        )

    def hang_up(self, at: float, member: str, agent: str, *, disposition: str = "recv_bye", **fields: str) -> None:
        """bridge-agent-end and member-queue-end, as they follow each other."""
        ends = str((T0 + round(at * 1000)) // 1000)
        both = {"CC_Agent": agent, "CC_Agent_UUID": f"leg-{agent}", "CC_Bridge_Terminated_Time": ends}
        self.member(at, "bridge-agent-end", member, **both, variable_sip_hangup_disposition=disposition)
        self.member(
            at, "member-queue-end", member, **{"CC_Cause": "Terminated", "Answer_State": "hangup", **both, **fields}
        )

    def cancel(self, at: float, member: str, reason: str, **fields: str) -> list[Event]:
        return self.member(at, "member-queue-end", member, CC_Cause="Cancel", CC_Cancel_Reason=reason, **fields)

    def picture(
        self,
        at: float,
        *,
        agents: tuple[ListedAgent, ...] | None = None,
        members: tuple[ListedMember, ...] = (),
        channels: tuple[ListedChannel, ...] | None = None,
        tiers: tuple[ListedTier, ...] | None = None,
    ) -> list[Event]:
        now = Millis(T0 + round(at * 1000))
        agents = agents if agents is not None else (listed_agent("1001"), listed_agent("1002"))
        tiers = tiers or tuple(ListedTier(queue=SALES, agent=one.name, state="Ready", level=1) for one in agents)
        channels = channels if channels is not None else tuple(listed_channel(one.session) for one in members)
        began = self.apply(self.translator.picture_asked(now))
        lists = Lists(agents=agents, tiers=tiers, members=members, channels=channels)
        return began + self.apply(self.translator.picture(lists, now))

    def lose(self, at: float) -> None:
        self.apply(self.translator.lost(Millis(T0 + round(at * 1000))))
        self.apply(self.translator.connected(Millis(T0 + round(at * 1000) + 1)))

    def label(self, agent: str, at: float | None = None) -> str:
        if at is not None:
            self.floor.advance(Millis(T0 + round(at * 1000)))
        record = self.floor.agents[AgentId(agent)]
        return f"{record.state} {record.reason}".strip()

    def kinds(self) -> list[str]:
        return [type(one).__name__ for one in self.told]
