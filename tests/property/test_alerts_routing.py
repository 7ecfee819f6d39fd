"""Whatever fires, ends, is silenced, acknowledged or restarted in whatever order, people hear what they must."""

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alerts.book import Book, opened, pages
from alerts.escalation import Escalation, Step
from alerts.group import Manner
from alerts.notification import Says
from alerts.routing import Route, Routing
from tests.alerts_play import Player

WAIT_MS, INTERVAL_MS, REPEAT_MS, STEP_MS = 3_000, 10_000, 40_000, 25_000
LOOK_MS = 15_000
"""The most of the book's time that passes from one look to the next."""
NAMES = st.sampled_from([f"{rule}/queue:{queue}" for rule in ("page", "note", "hint") for queue in "ab"])
ROUTE = Route(
    name="all",
    group_wait_ms=WAIT_MS,
    group_interval_ms=INTERVAL_MS,
    repeat_ms=REPEAT_MS,
    escalation="ladder",
)
LADDER = Escalation(name="ladder", steps=(Step(after_ms=STEP_MS, channels=("duty", "lead")),))


class People(RuleBasedStateMachine):
    """`said`: of each receiver and step, what it was told of each alert, and when in the book's time."""

    @initialize(manner=st.sampled_from(list(Manner)), capped=st.sampled_from([0, 0, 3]))
    def begin(self, manner: Manner, capped: int) -> None:
        routing = Routing(routes=(replace(ROUTE, max_per_hour=capped),), escalations={"ladder": LADDER})
        self.capped = bool(capped)
        self.player = Player(routing, manners={"duty": manner, "lead": manner})
        self.stored: dict[str, bytes] = {}
        self.written = Book()
        self.said: dict[tuple[str, int, str], list[tuple[int, Says]]] = defaultdict(list)
        self.spoken: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.free_since: dict[str, int] = {}

    @rule(name=NAMES)
    def fire(self, name: str) -> None:
        self.player.fire(name)

    @rule(name=NAMES)
    def resolve(self, name: str) -> None:
        self.player.resolve(name)

    @rule(name=NAMES)
    def acknowledge(self, name: str) -> None:
        self.player.acknowledge(name)

    @rule(name=NAMES, seconds=st.integers(1, 60))
    def silence(self, name: str, seconds: int) -> None:
        self.player.silence(*name.split("/"), seconds)

    @rule(seconds=st.sampled_from([-3_600, 3_600, 40]))
    def step_the_clock(self, seconds: int) -> None:
        self.player.step_ms += 1000 * seconds

    @rule()
    def restart(self) -> None:
        """Only what was written is known again."""
        book, _ = opened({name.encode(): blob for name, blob in self.stored.items()})
        assert (book.alerts, book.told, book.spent) == (
            self.player.book.alerts,
            self.player.book.told,
            self.player.book.spent,
        )
        self.player.book = self.written = book

    @rule(seconds=st.integers(1, 30))
    def look(self, seconds: int) -> None:
        for _ in range(seconds):
            self.player.second += 1
            told = self.player.look()
            self.player.book, written = pages(self.written, self.player.book)
            self.written = self.player.book
            self.stored |= written.put
            for name in written.remove:
                del self.stored[name]
            for message in told:
                sending = message.sending
                self.spoken[message.receiver, sending.group].append(self.player.book.ran_ms)
                for one in sending.notifications:
                    where = (message.receiver, sending.step, one.alert)
                    self._hear(where, one.says, missed=sending.digest is not None)
            self._nobody_is_left_out()

    def _hear(self, where: tuple[str, int, str], says: Says, *, missed: bool) -> None:
        ran, before = self.player.book.ran_ms, self.said[where]
        assert all(earlier is Says.FIRING for _, earlier in before), "nothing is said after the end"
        if says is Says.RESOLVED:
            assert before or missed, "the end goes to who was told, or into a digest"
        elif before:
            assert ran - before[-1][0] >= REPEAT_MS, "once, until the repeat"
        before.append((ran, says))

    def _nobody_is_left_out(self) -> None:
        ran = self.player.book.ran_ms
        for live in self.player.firing.values():
            alert = live.notification.alert
            known = self.player.book.alerts.get(alert)
            withheld = known is not None and known.withheld.startswith(("silenced", "inhibited"))
            if known is None or withheld or live.acknowledged:
                self.free_since.pop(alert, None)
                continue
            free_for = ran - self.free_since.setdefault(alert, ran)
            if free_for >= WAIT_MS + INTERVAL_MS + LOOK_MS and not self.capped:
                assert self.said["duty", 0, alert], "it fires, nobody wants quiet, and nobody was told"

    @invariant()
    def a_group_is_not_told_twice_within_its_interval(self) -> None:
        for times in getattr(self, "spoken", {}).values():
            at = sorted(set(times))
            assert all(later - first >= INTERVAL_MS for first, later in pairwise(at))

    def teardown(self) -> None:
        """In the end everybody has heard the end of what they were told, and the book is empty."""
        if not hasattr(self, "player"):
            return
        for name in list(self.player.firing):
            self.player.resolve(name)
        self.look(60)
        for _ in range(260 if self.capped else 0):
            self.player.second += 15
            self.look(1)
        assert (self.player.book.alerts, self.player.book.told) == ({}, {})
        for (receiver, step, alert), said in list(self.said.items()):
            ends = [one for _, one in (*said, *self.said[receiver, 1 - step, alert]) if one is Says.RESOLVED]
            assert len(ends) == 1, "one end for each who was told"


People.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestPeople = People.TestCase
