"""In which states agents were. In: their events in order. Out: stretches of wrap-up and of not ready, with reasons.

The floor derives one label of an agent from more than this; here only what an agent does instead of serving counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.vocabulary.states import AgentState


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    agent: AgentId
    state: str
    """wrap_up, not_ready, not_ready/lunch, signed_out"""
    since: Millis
    until: Millis | None = None
    """None: it goes on."""


_Key = tuple[AgentId, str, QueueName]
"""agent, wrap_up | not_ready | signed_out, queue ("": the whole agent)"""


def states_of(events: Iterable[ev.Event], *, now: Millis | None = None) -> list[State]:
    """In order of their begin. A state is over when the switch says so, or at the moment it said beforehand if that has
    come: by `now`, or by the last event."""
    open_ones: dict[_Key, tuple[State, Millis | None]] = {}
    done: list[State] = []

    def begin(key: _Key, state: str, at: Millis, until: Millis | None = None) -> None:
        if key not in open_ones:
            open_ones[key] = (State(agent=key[0], state=state, since=at), until)

    def end(key: _Key, at: Millis) -> None:
        found = open_ones.pop(key, None)
        if found is not None:
            state, until = found
            done.append(State(agent=state.agent, state=state.state, since=state.since, until=min(at, until or at)))

    latest = now or Millis(0)
    for event in events:
        latest = max(latest, event.at)
        whole = QueueName("")
        match event:
            case ev.WrapUpStarted():
                begin((event.agent, "wrap_up", whole), "wrap_up", event.at, event.until)
            case ev.WrapUpEnded():
                end((event.agent, "wrap_up", whole), event.at)
            case ev.AgentNotReady():
                end((event.agent, "not_ready", event.queue), event.at)  # another reason begins another stretch
                begin((event.agent, "not_ready", event.queue), _worded(event.reason), event.at, event.until)
            case ev.AgentReady():
                for key in [one for one in open_ones if one[0] == event.agent and one[1] == "not_ready"]:
                    if event.queue in ("", key[2]):
                        end(key, event.at)
            case ev.AgentSignedOut():
                begin((event.agent, "signed_out", whole), "signed_out", event.at)
            case ev.AgentSignedIn():
                end((event.agent, "signed_out", whole), event.at)
            case _:
                pass
    for state, until in open_ones.values():
        over = until if until is not None and until <= latest else None
        done.append(State(agent=state.agent, state=state.state, since=state.since, until=over))
    return sorted(done, key=lambda one: one.since)


def _worded(reason: str) -> str:
    return f"{AgentState.NOT_READY.value}/{reason}" if reason else AgentState.NOT_READY.value
