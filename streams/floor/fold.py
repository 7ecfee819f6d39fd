"""The floor: events in, facts and changes out. In: `Event`s of one site as they arrive, the time. Out: `Output`s.

Same events, same outputs: replay, time travel and restart are this fold over other events. `Floor` is the one owner of
its state. May not know: where events come from, where outputs go, clocks.
"""

from collections.abc import Mapping

import msgspec

from streams.floor import certainty, clockwork, late, order, reorder, view
from streams.floor.certainty import Doubt, doubt_of
from streams.floor.clockwork import Rules
from streams.floor.days import DayBegan, from_offset
from streams.floor.numbers import QueueNumbers
from streams.floor.outputs import Output
from streams.floor.records import AgentRecord, Gap, QueueRecord, Visit, VisitKey
from streams.floor.state import FloorState, Window, Writing
from streams.vocabulary.events import Event, SourceConnected
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import AgentState, Certainty, Order

FORGET_EVERY_MS = 60_000


class Floor:
    """One site's live state.

    Local midnight restarts the day's counters: `day_began` says when it was (streams/floor/days.py), `utc_offset_ms` is
    enough where clocks are never changed; with neither, days never end.
    """

    def __init__(
        self,
        site: SiteId,
        *,
        targets_ms: dict[QueueName, int] | None = None,
        short_abandon_ms: int = 5_000,
        utc_offset_ms: int | None = None,
        day_began: DayBegan | None = None,
        state: FloorState | None = None,
    ) -> None:
        self.state = state or FloorState(site=site)
        if day_began is None and utc_offset_ms is not None:
            day_began = from_offset(utc_offset_ms)
        self._rules = Rules(short_abandon_ms=short_abandon_ms, day_began=day_began)
        for queue, target_ms in (targets_ms or {}).items():
            self.state.queues.setdefault(queue, QueueRecord(name=queue, target_ms=target_ms)).target_ms = target_ms

    @property
    def site(self) -> SiteId:
        return self.state.site

    @property
    def agents(self) -> dict[AgentId, AgentRecord]:
        return self.state.agents

    @property
    def queues(self) -> dict[QueueName, QueueRecord]:
        return self.state.queues

    @property
    def visits(self) -> dict[VisitKey, Visit]:
        """Every contact that is going on."""
        return self.state.visits

    @property
    def gaps(self) -> list[Gap]:
        return self.state.gaps

    def expect(self, orders: Mapping[SourceId, Order]) -> None:
        """How sources number what they tell, for a fold that begins behind the event in which they said so."""
        for source, known in orders.items():
            if known is not Order.ARRIVAL:
                self.state.intake.orders.setdefault(source, known)

    def snapshot(self) -> bytes:
        return msgspec.msgpack.encode(self.state)

    @classmethod
    def restore(
        cls,
        snapshot: bytes,
        *,
        targets_ms: dict[QueueName, int] | None = None,
        short_abandon_ms: int = 5_000,
        utc_offset_ms: int | None = None,
        day_began: DayBegan | None = None,
    ) -> "Floor":
        """From `snapshot()`; raises msgspec.DecodeError if it is damaged or an incompatible version's."""
        state = msgspec.msgpack.decode(snapshot, type=FloorState)
        reorder.rejoin_gaps(state)
        if state.intake.window is not None:
            reorder.rejoin_gaps(state.intake.window.settled)
        return cls(
            state.site,
            state=state,
            targets_ms=targets_ms,
            short_abandon_ms=short_abandon_ms,
            utc_offset_ms=utc_offset_ms,
            day_began=day_began,
        )

    def apply(self, event: Event) -> list[Output]:
        """What one event changes. A redelivered event changes nothing and is counted; see `Order` for what that is."""
        state = self.state
        if (
            not state.intake.orders
            and event.seq > state.seqs.get(event.source, -1)
            and type(event) is not SourceConnected
        ):
            # by arrival alone: the whole of it for most sites, so it takes the short way
            out: list[Output] = []
            state.seqs[event.source] = event.seq
            clockwork.fold(state, event, self._rules, out)
            return out
        out = self.advance(event.at)
        for one in order.admit(event, self._writing(event.at, out)):
            self._enter(one, out)
        return out

    def _enter(self, event: Event, out: list[Output]) -> None:
        intake = self.state.intake
        if intake.window is None:
            if Order.TIMED not in intake.orders.values():
                clockwork.fold(self.state, event, self._rules, out)
                return
            intake.window = reorder.open_window(self.state)
        reorder.enter(event, intake.window, self._writing(max(event.at, self.state.at), out), self._rules)

    def advance(self, now: Millis) -> list[Output]:
        """Let time pass: wrap-ups and days end at their own moment, however late and however often this is called."""
        out: list[Output] = []
        intake = self.state.intake
        if intake.holes:
            for one in order.overdue(now, self._writing(now, out)):
                self._enter(one, out)
        if intake.window is None:
            clockwork.advance(self.state, now, self._rules, out)
        else:
            self._advance_window(intake.window, now, out)
        return out

    def _advance_window(self, window: Window, now: Millis, out: list[Output]) -> None:
        shown: list[Output] = []
        if now - self.state.pruned_at >= FORGET_EVERY_MS:
            order.forget(now, self.state)
            late.forget(now, intake=self.state.intake)
        clockwork.advance(self.state, now, self._rules, shown)
        out += reorder.only_changes(shown)
        reorder.settle(now, window, self._writing(now, out), self._rules)
        if window.refold_by is not None and now >= window.refold_by:
            self.state, changes = reorder.refolded(now, window, self.state, self._rules)
            out += changes

    def _writing(self, at: Millis, out: list[Output]) -> Writing:
        return Writing(self.state, at, out, self._rules.short_abandon_ms)

    def not_ready_ms(self, agent: AgentRecord, now: Millis) -> int:
        """Of this day, the stretch that still runs included."""
        running_ms = now - max(agent.since, self.state.day_began) if agent.state is AgentState.NOT_READY else 0
        return agent.today.not_ready_ms + max(0, running_ms)

    def numbers(self, now: Millis) -> list[QueueNumbers]:
        """Every queue at this instant, in order of name."""
        return view.numbers(self.state, now)

    def certainty(
        self, agent: AgentRecord, now: Millis, *, stale_after_ms: int = certainty.STALE_AFTER_MS
    ) -> tuple[Certainty, Doubt]:
        """How far the agent's label can be trusted, and why no further."""
        return certainty.certainty(self.state, agent, now, stale_after_ms=stale_after_ms)

    def doubt(self, agent: AgentRecord, now: Millis) -> Doubt:
        """`certainty`'s second half, which says the first."""
        return doubt_of(self.state, agent, now)
