"""The simulated switch as one value to step: no clock, no socket, no file. In: `step(until)`. Out: messages in order.

Same centre, seed and options: same messages to the microsecond. The shell owns a Sim, reads a clock and sends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.demo.switch import arriving, shifts
from monitor.demo.switch.ami_bytes import Message
from monitor.demo.switch.centre import Centre
from monitor.demo.switch.floor import DemoCall, Floor, RecordingDue
from monitor.demo.switch.ledger import QueueTruth
from monitor.demo.switch.members import Doing
from monitor.demo.switch.offering import dispatch
from streams.vocabulary.ids import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class SimOptions:
    """`noise` 0..1: share of what nobody needs. Seconds are of the demo's day. No `calls`: nothing is recorded."""

    seed: int = 7
    noise: float = 0.3
    opening_s: float = 12
    """Over how long the first rush fills the floor; 0 = begin empty."""
    dips: shifts.Dips = field(default_factory=shifts.Dips)
    calls: Sequence[DemoCall] = ()
    recordings_folder: str = ""
    recording_every_s: float = 5
    """At most one recorded contact ends per so many real seconds."""
    keep_log: bool = False


class Sim:
    def __init__(self, centre: Centre, options: SimOptions, *, start: Millis) -> None:
        self.centre = centre
        self.floor = Floor(
            centre,
            start=start,
            seed=options.seed,
            noise=options.noise,
            keep_log=options.keep_log,
            calls=tuple(options.calls),
        )
        self.floor.recordings_folder = options.recordings_folder
        self.floor.recording_every_ms = round(options.recording_every_s * 1000)
        self.floor.tell.clock(start)
        self.floor.ledger.log(start, "NONE", "NONE", "NONE", "QUEUESTART", "")
        shifts.begin(self.floor)
        if options.opening_s:
            arriving.opening(self.floor, options.opening_s)
        arriving.begin(self.floor)
        shifts.plan_dips(self.floor, options.dips)
        if options.noise:
            self.floor.later(1000, self._chatter)
        self.floor.pending.clear()

    @property
    def now(self) -> Millis:
        return self.floor.now

    def step(self, until: Millis) -> list[Message]:
        """Everything that happens before `until` (half-open), in the order it is told."""
        floor = self.floor
        dispatch(floor)
        while (at := floor.next_at()) is not None and at < until:
            floor.run_next()
            if floor.pending:
                dispatch(floor)
        floor.now = Millis(max(floor.now, until))
        floor.tell.clock(floor.now)
        return floor.tell.take()

    def next_at(self) -> Millis | None:
        """When something happens next."""
        return self.floor.next_at()

    def take_recordings(self) -> list[RecordingDue]:
        """Recordings whose contacts ended in the last step: to be in place before its messages are sent."""
        due, self.floor.due = self.floor.due, []
        return due

    def truth(self) -> dict[str, QueueTruth]:
        """Per queue, what really happened so far."""
        return self.floor.ledger.truth

    def queue_log(self) -> str:
        """The lines so far, as Asterisk's own file (needs `keep_log`)."""
        return "".join(line + "\n" for line in self.floor.ledger.lines)

    def occupancy(self) -> float | None:
        """Handling over handling and ready, of the agents signed in and not paused now; None when there is nobody."""
        floor = self.floor
        busy = ready = 0
        for agent in floor.agents.values():
            if agent.doing is not Doing.FREE or floor.now < agent.free_at:
                busy += 1
            elif agent.signed_in and not agent.on_break:
                ready += 1
        return busy / (busy + ready) if busy + ready else None

    def _chatter(self) -> None:
        """RTCP reports as SIP phones on a real switch cause them: one per leg and 5 s, by the share of noise."""
        floor = self.floor
        for index, contact in enumerate(list(floor.talks.values())):
            if contact.talk is not None and (index + floor.now // 1000) % 5 == 0 and floor.tell.noisy():
                floor.tell.rtcp(contact.channel, floor.now)
        floor.later(1000, self._chatter)
