"""The demo centre on paper: queues, agents, teams, skills. In: how many agents, a seed. Out: a frozen `Centre`.

Pure. Also writes the centre as Asterisk's own `queues.conf`, which is where the product learns targets and wrap-up.
"""

from dataclasses import dataclass, replace
from random import Random

from monitor.demo.switch.names import HOSTILE_AGENTS, agent_name, clip

TEAM_SIZE = 40
FIRST_STAFF_NUMBER = 10_001


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """`share` of the agents have it as their first skill. Seconds are whole, as in queues.conf."""

    name: str
    zh: str
    en: str
    extension: str
    share: float
    talk_ms: int
    patience_ms: int
    target_s: int = 20
    wrap_up_s: int = 12
    ring_s: int = 15
    retry_s: int = 2
    timeout_s: int = 90
    strategy: str = "leastrecent"
    weight: int = 0
    maxlen: int = 0
    announce_ms: int = 0
    autopause: bool = False
    empty_rule: bool = False
    """joinempty and leavewhenempty: nobody waits where nobody serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    queue: str
    penalty: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCard:
    """One agent on paper. `fixed`: a `member =>` line in queues.conf; the others sign in and out."""

    number: str
    name: str
    team: int
    skills: tuple[Skill, ...]
    fixed: bool

    @property
    def interface(self) -> str:
        return f"PJSIP/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    queues: tuple[Queue, ...]
    agents: tuple[AgentCard, ...]
    speed: float = 1.0

    def queue(self, name: str) -> Queue:
        return next(queue for queue in self.queues if queue.name == name)


QUEUES = (
    Queue(
        name="billing", zh="话费账务", en="Billing", extension="5001", share=0.28, talk_ms=140_000, patience_ms=100_000
    ),
    Queue(
        name="broadband",
        zh="宽带报障",
        en="Broadband faults",
        extension="5002",
        share=0.22,
        talk_ms=190_000,
        patience_ms=120_000,
        wrap_up_s=15,
        strategy="rrmemory",
    ),
    Queue(
        name="complaints",
        zh="投诉建议",
        en="Complaints",
        extension="5003",
        share=0.11,
        talk_ms=230_000,
        patience_ms=90_000,
        target_s=15,
        wrap_up_s=20,
        announce_ms=1_500,
        maxlen=8,
    ),
    Queue(
        name="sales",
        zh="业务办理",
        en="Sales",
        extension="5004",
        share=0.20,
        talk_ms=170_000,
        patience_ms=70_000,
        timeout_s=40,
        strategy="rrmemory",
        autopause=True,
    ),
    Queue(
        name="vip",
        zh="VIP专席",
        en="VIP desk",
        extension="5005",
        share=0.11,
        talk_ms=160_000,
        patience_ms=120_000,
        target_s=15,
        wrap_up_s=8,
        weight=10,
    ),
    Queue(
        name="roaming",
        zh="国际漫游",
        en="Roaming",
        extension="5006",
        share=0.08,
        talk_ms=130_000,
        patience_ms=80_000,
        target_s=30,
        wrap_up_s=10,
        timeout_s=45,
        empty_rule=True,
    ),
)


def build(agents: int = 200, *, seed: int = 7, speed: float = 1.0) -> Centre:
    """The centre of that many agents (at least 20). At another `speed` every second of it is that much shorter."""
    if not 20 <= agents <= 9_999:
        raise ValueError(f"a demo centre has 20 to 9999 agents, not {agents}")
    if not 0.1 <= speed <= 60:
        raise ValueError(f"speed lies between 0.1 and 60, not {speed}")
    random = Random(seed)  # noqa: S311  a demo needs repeatability, not secrecy
    cards = tuple(_card(random, index, agents) for index in range(agents))
    complaints_room = max(8, agents // 20)
    queues = tuple(replace(queue, maxlen=complaints_room) if queue.maxlen else queue for queue in QUEUES)
    return Centre(queues=tuple(_faster(queue, speed) for queue in queues), agents=cards, speed=speed)


def _card(random: Random, index: int, agents: int) -> AgentCard:
    name = agent_name(random)
    if index % 41 == 6:
        name = HOSTILE_AGENTS[index // 41 % len(HOSTILE_AGENTS)]
    first = _first_skill((index + 0.5) / agents)
    others = [queue.name for queue in QUEUES if queue.name != first]
    extra = random.choices((0, 1, 2), weights=(50, 35, 15))[0]
    skills = (first, *random.sample(others, extra))
    return AgentCard(
        number=str(FIRST_STAFF_NUMBER + index),
        name=clip(name),
        team=index // TEAM_SIZE + 1,
        skills=tuple(Skill(queue=queue, penalty=rank) for rank, queue in enumerate(skills)),
        fixed=random.random() < 0.25,
    )


def _first_skill(place: float) -> str:
    """`place` in 0..1: agents sit in blocks of one skill, as teams do."""
    reached = 0.0
    for queue in QUEUES:
        reached += queue.share
        if place < reached:
            return queue.name
    return QUEUES[-1].name


def _faster(queue: Queue, speed: float) -> Queue:
    if speed == 1.0:
        return queue

    def seconds(value: int) -> int:
        return max(1, round(value / speed))

    return replace(
        queue,
        talk_ms=round(queue.talk_ms / speed),
        patience_ms=round(queue.patience_ms / speed),
        target_s=seconds(queue.target_s),
        wrap_up_s=seconds(queue.wrap_up_s),
        ring_s=seconds(queue.ring_s),
        retry_s=seconds(queue.retry_s),
        timeout_s=seconds(queue.timeout_s),
        announce_ms=round(queue.announce_ms / speed),
    )


_GENERAL = """[general]
persistentmembers = yes
autofill = yes
monitor-type = MixMonitor
shared_lastcall = yes
log_membername_as_agent = yes
log-caller-id-name = yes

[desk](!)
musicclass = default
timeoutpriority = app
ringinuse = no
setinterfacevar = yes
reportholdtime = no
memberdelay = 0
announce-frequency = 0
"""


def queues_conf(centre: Centre) -> str:
    """The centre as Asterisk reads it."""
    parts = [_GENERAL]
    for queue in centre.queues:
        lines = [
            f"[{queue.name}](desk)",
            f"; {queue.zh} / {queue.en}",
            f"strategy = {queue.strategy}",
            f"servicelevel = {queue.target_s}",
            f"wrapuptime = {queue.wrap_up_s}",
            f"timeout = {queue.ring_s}",
            f"retry = {queue.retry_s}",
            f"weight = {queue.weight}",
            f"joinempty = {'unavailable,invalid,unknown,paused' if queue.empty_rule else 'yes'}",
            f"leavewhenempty = {'unavailable,invalid,unknown,paused' if queue.empty_rule else 'no'}",
        ]
        lines += [f"maxlen = {queue.maxlen}"] if queue.maxlen else []
        lines += ["announce = q-announce"] if queue.announce_ms else []
        lines += ["autopause = yes"] if queue.autopause else []
        lines += [
            f"member => {agent.interface},{skill.penalty},{agent.name}"
            for agent in centre.agents
            if agent.fixed
            for skill in agent.skills
            if skill.queue == queue.name
        ]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)
