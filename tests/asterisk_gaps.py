"""`dev` with pieces of its bytes cut out, each ended by a full picture that the capture holds. In: gaps. Out: floors.

The bytes are parsed once; a gap takes out the messages between two places and puts a lost and a new connection there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from streams.collect.capture import Capture, Player, open_capture, read_file
from streams.floor.fold import Floor
from streams.translate.asterisk import WANTED, AsteriskTranslator
from streams.vocabulary.events import Event
from streams.vocabulary.ids import AgentId, Millis, SiteId, SourceId
from streams.vocabulary.states import AgentState
from streams.wire.ami import AmiParser, Message
from streams.wire.queue_log import QueueLogLine, QueueLogParser
from tests.golden.truth import GOLDEN

RUN = GOLDEN / "dev"
SITE, SOURCE = SiteId("gap"), SourceId("ast")


@dataclass(frozen=True, slots=True)
class Wire:
    """`pictures`: index of a picture's first message -> index of its last."""

    capture: Capture
    messages: tuple[tuple[Message, Millis], ...]
    pictures: dict[int, int]
    log: tuple[QueueLogLine, ...]
    ended_at: Millis


@dataclass(frozen=True, slots=True)
class Look:
    """The floor in the moment after a picture."""

    labels: dict[AgentId, tuple[AgentState, str]]
    waiting: frozenset[tuple[str, str]]
    talking: frozenset[tuple[str, str, str | None]]


@dataclass(frozen=True, slots=True)
class Result:
    floor: Floor
    looks: dict[int, Look]
    events: tuple[Event, ...]


@cache
def wire() -> Wire:
    capture = open_capture(RUN)
    connection = capture.connections[0]
    parser = AmiParser(WANTED)
    messages: list[tuple[Message, Millis]] = []
    at = connection.connected_at
    for message in parser.feed(read_file(connection.file)):
        at = connection.times.get(message.offset, at)
        messages.append((message, at))
    log = QueueLogParser()
    lines = (*log.feed(read_file(RUN / "queue_log")), *log.finish())
    return Wire(capture, tuple(messages), _pictures(messages), lines, connection.disconnected_at)


def _pictures(messages: Sequence[tuple[Message, Millis]]) -> dict[int, int]:
    found: dict[int, int] = {}
    began: int | None = None
    for index, (message, _) in enumerate(messages):
        if message.name == b"QueueParams" and began is None:
            began = index
        elif message.name == b"CoreShowChannelsComplete" and began is not None:
            found[began] = index
            began = None
    return found


def gap_until(last: int, length_ms: int) -> tuple[int, int]:
    """From so long before that message until it: it is the first that is heard again."""
    messages = wire().messages
    ends = messages[last][1]
    start = last
    while start > 1 and messages[start - 1][1] > ends - length_ms:
        start -= 1
    return start, last


def settled_by(gap: tuple[int, int]) -> int:
    """The last message of the picture that ends the blindness after a gap."""
    return min(end for began, end in wire().pictures.items() if began >= gap[1])


def play(gaps: Sequence[tuple[int, int]] = (), *, with_log: bool = False) -> Result:
    """`gaps`: (first message lost, first message heard again), apart from one another."""
    here = wire()
    translator = AsteriskTranslator(site=SITE, source=SOURCE, settings=here.capture.settings)
    player = Player(translator, here.log if with_log else None)
    floor = Floor(SITE, targets_ms=here.capture.settings.targets_ms())
    events: list[Event] = []
    looks: dict[int, Look] = {}

    def hear(told: Sequence[Event]) -> None:
        events.extend(told)
        for event in told:
            floor.apply(event)

    hear(player.connected(here.capture.connections[0].connected_at))
    ends = set(here.pictures.values())
    after = 0
    for first, last in [*sorted(gaps), (len(here.messages), len(here.messages))]:
        for index in range(after, first):
            message, at = here.messages[index]
            hear(player.message(message, at))
            if index in ends:
                looks[index] = look(floor)
        if first < len(here.messages):
            hear(player.lost(here.messages[first - 1][1]))
            hear(player.connected(here.messages[last][1]))
        after = last
    hear(player.finish(here.ended_at))
    floor.advance(here.ended_at)
    return Result(floor, looks, tuple(events))


@cache
def uncut() -> Result:
    return play()


def look(floor: Floor) -> Look:
    visits = floor.state.visits.values()
    return Look(
        {agent.id: (agent.state, agent.reason) for agent in floor.agents.values()},
        frozenset((one.contact, one.queue) for one in visits if not one.answered_at),
        frozenset((one.contact, one.queue, one.agent) for one in visits if one.answered_at),
    )
