"""queue_log, second witness: visits that the wire did not tell whole become ContactCorrected. In: lines. Out: events.

What the wire told exactly stays; the log gives what is missing, in its whole seconds. While the source is lost nothing
is judged, for the next picture may still tell it. May not know: files, connections, the floor.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from streams.translate.asterisk_teller import Teller
from streams.translate.asterisk_told import Told, WireTold
from streams.translate.queue_log_visits import AGENT_LINES, LogVisit, LogVisits
from streams.vocabulary.events import ContactCorrected, WrapUpStarted
from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.vocabulary.states import Outcome, Witness
from streams.wire.queue_log import QueueLogLine

GRACE_MS: Final = 3_000
"""The wire may tell a moment later than the log: AgentComplete has come a second after its line."""
_SLACK_MS: Final = 2_500
"""A line's whole second and the wire's milliseconds may lie this far apart and mean one moment."""


@dataclass(slots=True)
class LogWitness:
    """Mutable; owned by one translator. `corrected` and `differences` by queue, for people; `in_gaps`: see below."""

    _here: Teller
    told: WireTold = field(default_factory=WireTold)
    visits: LogVisits = field(default_factory=LogVisits)
    blind_since: Millis | None = None
    settled_at: Millis | None = None
    """when the last picture after a gap ended; None: there has been none yet"""
    corrected: Counter[QueueName] = field(default_factory=Counter)
    differences: Counter[tuple[QueueName, str]] = field(default_factory=Counter)
    """Visits on which the witnesses differ though nothing was lost: (queue, what)."""
    in_gaps: Counter[str] = field(default_factory=Counter)
    """Pauses and log-ins that happened unseen, by event: the picture shows only where they led to."""

    @property
    def busy(self) -> bool:
        """Something that was read is not yet judged."""
        return self.blind_since is not None or self.settled_at is None or bool(self.visits.closed)

    def lost(self, at: Millis) -> None:
        if self.blind_since is None:
            self.blind_since = at

    def settled(self, at: Millis) -> None:
        """A full picture has ended."""
        if self.blind_since is not None or self.settled_at is None:
            self.settled_at, self.blind_since = at, None

    def read(self, lines: Iterable[QueueLogLine], *, history: bool = False) -> None:
        """`history`: of a time that other collectors told; only what is still open is of interest."""
        lines = list(lines)
        self.visits.read(lines)
        if history:
            self.visits.closed.clear()
            for visit in self.visits.open.values():
                calls = self._here.calls.legs
                calls[visit.contact] = max(calls.get(visit.contact, 0), visit.ordinal - 1)
            return
        if self.blind_since is not None:
            self.in_gaps.update(
                line.event
                for line in lines
                if line.event in AGENT_LINES and line.at_s * 1000 >= self.blind_since - 1000
            )

    def tell_due(self, *, final: bool = False) -> None:
        """Correct what is old enough to be judged. Called as often as lines may have come; `final`: no more will."""
        now = Millis(self._here.at + GRACE_MS) if final else self._here.at
        if self.blind_since is not None or self.settled_at is None or now < self.settled_at + GRACE_MS:
            return
        waiting: list[LogVisit] = []
        for visit in self.visits.closed:
            if visit.changed_s * 1000 + GRACE_MS > now:
                waiting.append(visit)
            else:
                self._judge(visit)
        self.visits.closed = waiting
        for visit in list(self.visits.open.values()):
            if visit.connected_s is not None and not visit.told_talking and visit.connected_s * 1000 + GRACE_MS <= now:
                self._judge_talking(visit)

    def _judge(self, visit: LogVisit) -> None:
        told = self._match(visit)
        if told is not None and (told.complete or (visit.outcome is Outcome.LOST and visit.connected_s is None)):
            if told.complete and told.left == (visit.outcome is Outcome.ANSWERED):
                self.differences[visit.queue, "outcome"] += 1
            return
        if visit.outcome is Outcome.LOST and told is not None and told.answered_at is not None:
            return  # it talked when the switch died: the log knows no more than that
        self._correct(visit, told)

    def _judge_talking(self, visit: LogVisit) -> None:
        visit.told_talking = True
        told = self._match(visit)
        if told is None or (told.answered_at is None and told.ended_at is None):
            self._correct(visit, told)

    def _match(self, visit: LogVisit) -> Told | None:
        """The leg of the events that is this visit: same caller and queue, begun within the visit's life."""
        legs = self.told.legs(visit.contact)
        if visit.leg is not None:
            return legs.get(visit.leg)
        began = visit.queued_s * 1000 - _SLACK_MS
        over = visit.ended_s * 1000 + _SLACK_MS if visit.ended_s is not None else self._here.at
        for leg in sorted(legs):
            told = legs[leg]
            if told.queue == visit.queue and not told.matched and began <= told.begins_at <= over:
                told.matched, visit.leg = True, leg
                return told
        return None

    def _correct(self, visit: LogVisit, told: Told | None) -> None:
        here = self._here
        if visit.leg is None:
            visit.leg = self._free_leg(visit)
        queued_at = told.queued_at if told is not None and told.queued_at is not None else _ms(visit.queued_s)
        answered_at = told.answered_at if told is not None else None
        if answered_at is None and visit.connected_s is not None:
            answered_at = max(_ms(visit.connected_s), queued_at)
        agent = told.agent if told is not None and told.agent else self._agent(visit.agent_name)
        talking = visit.outcome is Outcome.TALKING
        ended_at, talk_ms = (Millis(0), None) if talking else _end(visit, told, answered_at, queued_at)
        exact = told is not None and told.queued_seen and told.answered_at is not None
        wait_ms = None if exact else _of(visit.wait_s)
        here.tell(
            ContactCorrected,
            witness=Witness.LOG,
            contact=visit.contact,
            leg=visit.leg,
            queue=visit.queue,
            outcome=Outcome.ANSWERED if visit.outcome is Outcome.LOST and answered_at else visit.outcome,
            queued_at=queued_at,
            answered_at=answered_at or Millis(0),
            ended_at=ended_at,
            agent=agent if answered_at else AgentId(""),
            reason=visit.reason,
            wait_ms=answered_at - queued_at if exact and answered_at is not None else wait_ms,
            ring_ms=_of(visit.ring_s),
            talk_ms=talk_ms,
            ended_by=visit.ended_by,
            customer=visit.customer,
        )
        self.corrected[visit.queue] += 1
        if talking and answered_at is not None:
            self._begin_talk(visit, answered_at)
        if ended_at and agent and (told is None or told.ended_at is None):
            self._tell_wrap_up(visit, agent, ended_at)

    def _begin_talk(self, visit: LogVisit, answered_at: Millis) -> None:
        """A talk that was found going on has a beginning now; its end will tell how long it was."""
        for talk in self._here.calls.talks.values():
            if talk.began is None and (talk.visit.contact, talk.visit.leg) == (visit.contact, visit.leg):
                talk.began = answered_at

    def _free_leg(self, visit: LogVisit) -> int:
        """The visit's own number, unless the wire gave it to a later visit whose beginning it did not see."""
        taken = self.told.legs(visit.contact)
        legs = self._here.calls.legs
        leg = visit.ordinal if visit.ordinal not in taken else max(*taken, visit.ordinal, 0) + 1
        legs[visit.contact] = max(legs.get(visit.contact, 0), leg)
        return leg

    def _tell_wrap_up(self, visit: LogVisit, agent: AgentId, ended_at: Millis) -> None:
        here = self._here
        until = Millis((ended_at // 1000 + here.settings.wrap_up_s(visit.queue)) * 1000)
        busy = any(talk.agent == agent and not talk.ended for talk in here.calls.talks.values())
        if until > here.at and not busy and visit.leg is not None:
            here.tell(
                WrapUpStarted,
                witness=Witness.LOG,
                agent=agent,
                queue=visit.queue,
                contact=visit.contact,
                leg=visit.leg,
                until=until,
            )

    def _agent(self, name: str) -> AgentId:
        """A member's name as the pictures gave it; one who was never seen is known by an interface only."""
        if name in self._here.names:
            return self._here.names[name] or AgentId("")
        return self._here.agent(name) if "/" in name else AgentId("")


def _end(
    visit: LogVisit, told: Told | None, answered_at: Millis | None, queued_at: Millis
) -> tuple[Millis, int | None]:
    """When it ended and how long it talked; the wire's own end where it told one."""
    ended_at = told.ended_at if told is not None and told.ended_at is not None else _ms(visit.ended_s or 0)
    if visit.outcome is Outcome.LOST:
        # it talked, and the switch died: from when to when is what nobody knows
        return (answered_at or ended_at), (0 if answered_at else None)
    talk_ms = _of(visit.talk_s)
    if answered_at is None:
        return max(ended_at, queued_at), None
    if told is not None and told.answered_at is not None:
        if told.ended_at is not None:
            talk_ms = told.ended_at - told.answered_at
        elif talk_ms is not None:
            ended_at = Millis(told.answered_at + talk_ms)
    return max(ended_at, answered_at), talk_ms


def _ms(seconds: int) -> Millis:
    return Millis(seconds * 1000)


def _of(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1000
