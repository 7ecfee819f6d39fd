"""The real FreeSWITCH's capture, for tests: whole, or only the frames that are read; and what its lists say of agents.

`listed_label` is written from the traces' README alone and shares no code with the translator.
"""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from streams.collect.freeswitch_capture import EslCapture, EslConnection, Format, Polled, Read, open_esl_capture
from streams.floor.fold import Floor
from streams.translate.freeswitch import WANTED
from streams.vocabulary.ids import AgentId, Millis
from streams.vocabulary.states import AgentState
from streams.wire.esl import EslParser
from streams.wire.esl_lists import ListedAgent

DEV = Path(__file__).parent / "freeswitch" / "dev"
AGENT_LIST = "callcenter_config agent list"


@cache
def capture(form: Format) -> EslCapture:
    return open_esl_capture(DEV, form=form)


@cache
def truth() -> dict[str, Any]:
    told: dict[str, Any] = json.loads((DEV / "truth.json").read_bytes())
    return told


@cache
def slim() -> EslCapture:
    """The same capture, of its 78 MB only the frames that are read: the rest would only cost a test its time."""
    whole = capture("plain")
    (connection,) = whole.connections
    parser = EslParser(WANTED)
    starts: list[tuple[int, int]] = []
    for read in connection.reads:
        starts += [(message.offset, read.t) for message in parser.feed(connection.data[read.off : read.off + read.n])]
    parts: list[bytes] = []
    reads: list[Read] = []
    size = 0
    for offset, at in starts:
        frame = _frame(connection.data, offset)
        parts.append(frame)
        reads.append(Read(off=size, t=at, n=len(frame)))
        size += len(frame)
    return replace(whole, connections=(replace(connection, data=b"".join(parts), reads=tuple(reads)),))


def _frame(data: bytes, offset: int) -> bytes:
    body = data.index(b"\n\n", offset) + 2
    head = data[offset:body]
    length = int(head.partition(b"Content-Length: ")[2].partition(b"\n")[0] or 0)
    return data[offset : body + length]


def with_gap(whole: EslCapture, began: int, ended: int) -> EslCapture:
    """The capture of a collector that heard nothing of what came after `began` and before `ended`."""
    (connection,) = whole.connections
    before = tuple(read for read in connection.reads if read.t <= began)
    after = tuple(read for read in connection.reads if read.t >= ended)
    first = replace(connection, reads=before, lost_at=Millis(began))
    second = EslConnection(connected_at=Millis(ended), lost_at=connection.lost_at, data=connection.data, reads=after)
    polls = tuple(one for one in whole.polls if one.t2 <= began or one.t > ended)
    return replace(whole, connections=(first, second), polls=polls)


def agent_lists(whole: EslCapture) -> list[Polled]:
    return [one for one in whole.polls if one.cmd == AGENT_LIST]


def listed_label(row: ListedAgent, now: Millis) -> str:
    """README, "Deriving agent states"; holds are not in this list."""
    now_s = now // 1000
    if row.state == "In a queue call":
        return "on_contact"
    if row.status == "Logged Out":
        return "signed_out"
    if row.state == "Receiving":
        return "offered"
    if row.status == "On Break":
        return "not_ready On Break"
    if row.state == "Idle":
        return "not_ready idle"
    if row.ready_time > now_s:
        return "not_ready delay"
    if row.wrap_up_s and row.last_bridge_end and row.last_bridge_end >= now_s - row.wrap_up_s:
        return "wrap_up"
    return "ready"


def shown_label(floor: Floor, agent: AgentId) -> str:
    """The floor's label in the words a list has: it names neither holds nor who ordered a break."""
    record = floor.agents[agent]
    if record.state is AgentState.ON_HOLD:
        return "on_contact"
    reason = {"max-no-answer": "On Break"}.get(record.reason, record.reason)
    return f"{record.state} {reason}" if record.state is AgentState.NOT_READY else str(record.state)
