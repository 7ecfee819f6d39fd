"""Which contact a recording belongs to. In: recording events, `Writing`. Out: paths on legs, `RecordingFound`.

A path is the switch's own and hostile until somebody resolves it. May not know: files.
"""

from msgspec.structs import replace

from streams.floor.outputs import RecordingFound
from streams.floor.state import Writing, leg_of
from streams.vocabulary.events import (
    RecordingReady,
    RecordingStarted,
)
from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.vocabulary.states import Outcome

_MOST_LEGS = 20
"""Queue visits of one contact that are looked through for its recording."""


def recording_started(event: RecordingStarted, writing: Writing) -> None:
    for leg in range(1, _MOST_LEGS):
        if visit := writing.state.visits.get((event.contact, leg)):
            visit.recording = event.path


def recording_ready(event: RecordingReady, writing: Writing) -> None:
    """It belongs to the contact's last answered leg, whether that is closed yet or ends in an instant."""
    state = writing.state
    found = RecordingFound(
        contact=event.contact, contact_at=event.at, path=event.path, queue=QueueName(""), agent=AgentId("")
    )
    moments: list[Millis] = []
    for number in range(1, _MOST_LEGS):
        key = (event.contact, number)
        if visit := state.visits.get(key):
            leg = leg_of(state, visit, outcome=Outcome.TALKING, ended_at=event.at)
        elif key in state.closed:
            leg = state.closed[key].leg
        else:
            continue
        moments += [leg.queued_at, *([leg.answered_at] if leg.answered_at else [])]
        if leg.agent or not found.agent:
            found = RecordingFound(
                contact=event.contact, contact_at=leg.queued_at, path=event.path, queue=leg.queue, agent=leg.agent
            )
    writing.out.append(replace(found, moments=tuple(moments), over_at=event.at))
