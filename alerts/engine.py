"""Runs the alerts of one site. In: batches of numbers, each naming every queue. Out: AlertFacts, messages to channels.

Each look: decide (board), decide who hears of it (route), commit watches, book and outbox in one transaction, then say
it. After a crash the outbox is said again with the same ids. When batches stop, the last one is looked at again as
uncertain. May not know: Redis, HTTP.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from msgspec.structs import replace

from alerts.board import WatchKey, consider, retire, spent
from alerts.book import Book, pages
from alerts.delivery import Delivery, Offered
from alerts.evaluate import Acknowledged, Notice, Reading, Verdict, Watch, acknowledge
from alerts.lives import live_of, orphans
from alerts.moment import Moment, SiteMoment
from alerts.notes import attempted
from alerts.notification import Change
from alerts.outbox import Entry, TellChannel, TellNote, TellStore, facts_told, messages_told, notes_told
from alerts.route import Live, plan
from alerts.routing import Routing
from alerts.rules import Rule, SourceSilentRule
from alerts.senders.channel import Attempt, Outcome, Reply
from alerts.silence import Silence
from alerts.store import AlertStore, Damaged, DeadLetter
from alerts.wanted import WithheldReason
from streams.floor.numbers import QueueNumbers
from streams.vocabulary.facts import AlertFact, AlertNoteFact
from streams.vocabulary.ids import Millis, SiteId

log = structlog.get_logger()

TOGETHER: Final = 250
"""Facts and notes handed over in one go."""

NumbersSource = Callable[[], AsyncIterator[list[QueueNumbers]]]
"""An async generator function; each list names every queue of the site."""


class NumbersEnded(Exception):
    """The source of numbers stopped without being told to."""


class AlertEngine:
    """Owns the site's watches. `run` once; `watches` may be read at any time."""

    def __init__(
        self,
        *,
        site: SiteId,
        rules: Sequence[Rule],
        numbers: NumbersSource,
        store: AlertStore,
        emit: Callable[[Sequence[AlertFact]], Awaitable[None]],
        deliveries: Mapping[str, Delivery],
        clock: Callable[[], Millis],
        passing: Callable[[], int] | None = None,
        zone: ZoneInfo | None = None,
        beside: Callable[[], SiteMoment | None] = lambda: None,
        routing: Routing | None = None,
        note: Callable[[Sequence[AlertNoteFact]], Awaitable[None]] | None = None,
        stale_ms: int = 10_000,
        tick_ms: int = 1_000,
    ) -> None:
        """`passing`: ms that nobody sets, to say how long nothing came; None: `clock`. `beside`: what the live process
        last told of agents, gauges, hits; whoever reads it judges its age. `note`: is told each decision not to tell,
        each step up, each attempt; None: nobody wants to know."""
        self._site = site
        self._rules = tuple(rules)
        self._numbers = numbers
        self._store = store
        self._emit = emit
        self._deliveries = dict(deliveries)
        self._clock = clock
        self._passing = passing or clock
        self._zone = zone or ZoneInfo("UTC")
        self._beside = beside
        self._routing = routing or Routing()
        self._silences: tuple[Silence, ...] = ()
        self._note = note
        self._book = Book()
        self._manners = {name: delivery.manner for name, delivery in self._deliveries.items()}
        for delivery in self._deliveries.values():
            delivery.listen(self._attempted)
        self._stale_ms = stale_ms
        self._tick_ms = tick_ms
        self._batch: list[QueueNumbers] | None = None
        self._arrived = self._passing()
        self._fresh = asyncio.Event()
        self._readings: dict[WatchKey, Reading] = {}
        self._deciding = asyncio.Lock()
        self.watches: dict[WatchKey, Watch] = {}
        self.withheld: Counter[WithheldReason] = Counter()
        """decisions not to tell, by their reason"""
        self.damaged: Counter[Damaged] = Counter()
        """what was stored and could not be read"""
        self.left_out: dict[str, int] = {}
        """by rule: scopes in breach at the last look that it has no room for"""
        self.looked_at = Millis(0)
        """when the last look began that is done"""

    async def run(self) -> None:
        """For ever. Raises (in an ExceptionGroup) when the store, the bus or the source of numbers fails."""
        async with self._deciding:
            await self._restore()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._read(), name="alert numbers")
            tasks.create_task(self._look(), name="alert evaluation")
            for name, delivery in self._deliveries.items():
                tasks.create_task(delivery.run(), name=f"alert channel {name}")

    async def _restore(self) -> None:
        saved = await self._store.load()
        self.watches = dict(saved.watches)
        self._book = saved.book
        self.damaged.update(saved.damaged)
        self._arrived = self._passing()
        await self._say(saved.outbox)
        retired = self._retired()
        over = orphans(self._book, self.watches, at=self._clock())
        await self._commit(retired, forget=[_key(change) for change in retired], lives=over)
        log.info("alerts_restored", watches=len(self.watches), unsaid=len(saved.outbox), retired=len(retired))

    def _retired(self) -> list[Change]:
        return retire(self._rules, self.watches, site=self._site, now=self._clock())

    async def use(self, rules: Sequence[Rule]) -> None:
        """From the next look on; rules that stay keep their timers, alerts of those that go resolve and say why."""
        async with self._deciding:
            self._rules = tuple(rules)
            retired = self._retired()
            await self._commit(retired, forget=[_key(change) for change in retired])
            log.info("alert_rules_used", rules=len(self._rules), retired=len(retired))

    def use_silences(self, silences: Sequence[Silence]) -> None:
        """All that are kept, also those that are over; from the next look on."""
        self._silences = tuple(silences)

    def use_routing(self, routing: Routing) -> None:
        """From the next look on; nobody is told again of what they were told under other routes."""
        self._routing = routing

    async def _read(self) -> None:
        async for batch in self._numbers():
            # only the newest counts: a batch that was overtaken while we wrote is dropped on purpose
            self._batch, self._arrived = batch, self._passing()
            self._fresh.set()
        raise NumbersEnded

    async def _look(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._tick_ms / 1000):
                    await self._fresh.wait()
            except TimeoutError:
                if self._passing() - self._arrived < self._stale_ms:
                    continue
            self._fresh.clear()
            await self.look()

    async def look(self) -> None:
        """One evaluation of everything that is known now."""
        async with self._deciding:
            silent_ms = self._passing() - self._arrived
            batch = self._batch
            if silent_ms >= self._stale_ms:
                batch = [replace(numbers, certain=False) for numbers in batch or ()] or None
            now = self._now(silent_ms)
            moment = Moment(at=now, site=self._site, zone=self._zone, batch=batch, site_moment=self._beside())
            changes = consider(self._rules, moment, self.watches, now=now)
            self._count_left_out(changes)
            self._readings = {(change.watch.rule, change.watch.scope): change.reading for change in changes}
            after = self.watches | {_key(change): change.watch for change in changes}
            at = self._clock()
            await self._commit(changes, forget=spent(after, now=now), whole=True)
            self.looked_at = at

    def _count_left_out(self, changes: Sequence[Change]) -> None:
        left_out = {one.watch.rule: one.reading.left_out for one in changes if one.notice is Notice.TOO_MANY}
        for rule in left_out.keys() - self.left_out.keys():
            log.warning("alerts_left_out", rule=rule, scopes=left_out[rule], mend="raise the rule's most_scopes")
        self.left_out = left_out

    async def acknowledge(self, alert: str, *, by: str, at: Millis) -> Acknowledged:
        """A person has seen it: kept with the alert to its end, and emitted as the alert's next version."""
        async with self._deciding:
            watch = next((one for one in self.watches.values() if one.alert == alert), None)
            if watch is None:
                return Acknowledged.NOT_IN_PROGRESS
            after, answer = acknowledge(watch, by=by, at=at)
            reading = self._readings.get((watch.rule, watch.scope), Reading(verdict=Verdict.UNCERTAIN))
            rule = next((rule for rule in self._rules if rule.name == watch.rule), None)
            change = Change(before=watch, watch=after, notice=Notice.ACKNOWLEDGED, reading=reading, rule=rule)
            await self._commit([change])
            return answer

    def _now(self, silent_ms: int) -> Millis:
        """The floor's own time, so that an accelerated floor keeps its holds; ours goes on from its last word."""
        if not self._batch:
            return self._clock()
        return Millis(max(numbers.at for numbers in self._batch) + max(0, silent_ms))

    async def _commit(
        self,
        changes: Sequence[Change],
        *,
        forget: Collection[WatchKey] = (),
        lives: Sequence[Live] = (),
        whole: bool = False,
    ) -> None:
        """One transaction: what the alerts are now, who was told, and what is to be said. `whole`: of a look."""
        at = self._clock()
        told = [live for change in changes if (live := live_of(change, self._book, site=self._site)) is not None]
        planned = plan(
            [*told, *lives],
            self._routing,
            self._silences,
            self._book,
            now=at,
            manners=self._manners,
            silent_rules=[rule.name for rule in self._rules if isinstance(rule, SourceSilentRule)],
            whole=whole,
        )
        book, written = pages(self._book, planned.book)
        outbox = facts_told(changes, site=self._site) + messages_told(planned)
        if self._note is not None:
            outbox += notes_told(planned, site=self._site, at=at)
        forgotten = set(forget)
        keep = [change.watch for change in changes if change.worth_keeping and _key(change) not in forgotten]
        if keep or forgotten or outbox or not written.empty:
            await self._store.commit(watches=keep, forget=forgotten, outbox=outbox, book=written)
        self._book = book
        self.withheld.update(one.reason for one in planned.withheld)
        for change in changes:
            self.watches[_key(change)] = change.watch
            if change.worth_telling:
                log.info("alert_changed", alert=change.watch.alert, state=change.watch.state, reason=change.notice)
        for key in forgotten:
            self.watches.pop(key, None)
        await self._say(outbox)

    async def _say(self, entries: Sequence[Entry]) -> None:
        """Facts and notes by the hundred: a storm is a few round trips, not some for each of its alerts."""
        together: list[TellStore | TellNote] = []
        for entry in entries:
            if isinstance(entry, TellChannel):
                await self._tell_history(together)
                together = []
                await self._hand_over(entry)
                continue
            together.append(entry)
            if len(together) >= TOGETHER:
                await self._tell_history(together)
                together = []
        await self._tell_history(together)

    async def _tell_history(self, entries: Sequence[TellStore | TellNote]) -> None:
        """After a crash all of them are told again: history knows each by its name and version."""
        facts = [entry.fact for entry in entries if isinstance(entry, TellStore)]
        notes = [entry.fact for entry in entries if isinstance(entry, TellNote)]
        if facts:
            await self._emit(facts)
        if notes and self._note is not None:
            await self._note(notes)
        if entries:
            await self._store.said(entries)

    async def _attempted(self, entry: TellChannel, attempt: Attempt) -> None:
        """Into the timeline of each alert the message was about."""
        if self._note is None:
            return
        named = [(one.alert, one.id) for one in entry.notifications]
        unnamed = [(alert, str(entry.notification.says)) for alert in entry.unnamed]
        await self._note(
            [
                attempted(replace(attempt, notification=said), site=self._site, alert=alert, to=entry.person)
                for alert, said in (*named, *unnamed)
            ]
        )

    async def _hand_over(self, entry: TellChannel) -> None:
        delivery = self._deliveries.get(entry.channel)
        if delivery is None:
            reply = Reply(outcome=Outcome.UNKNOWN_CHANNEL, text=f"no channel {entry.channel!r} is configured")
            attempt = Attempt(
                at=self._clock(), channel=entry.channel, notification=entry.notification.id, number=0, reply=reply
            )
            log.warning("notification_given_up", channel=entry.channel, outcome=reply.outcome.value, attempts=0)
            await self._store.bury(DeadLetter(entry=entry, attempt=attempt))
            await self._attempted(entry, attempt)
        elif delivery.offer(entry) is Offered.QUEUE_FULL:
            await delivery.bury(entry, Reply(outcome=Outcome.QUEUE_FULL, text="too many messages wait"))


def _key(change: Change) -> WatchKey:
    return change.watch.rule, change.watch.scope
