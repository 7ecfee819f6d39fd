"""Rules on contacts as they happen. In: events, a site's schemes, the time. Out: `RuleHit`s for the floor; counts.

Only rules that rest on the switch's events, and of chats on what is written: nobody has a call's words before it ends.
Mutable; owned by the live process, one per site; bounded. May not know: sockets, stores, TOML.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from asr.transcript import Transcript, Utterance
from monitor.roster import NOBODY, Roster
from scoring.case import LASTING, Case, Fact, Happening, Kind
from scoring.case_of import happenings_of
from scoring.formula import Outcome
from scoring.index import compile_scheme
from scoring.live import Change, Live
from scoring.operators.registry import OPERATORS
from scoring.operators.spec import Needs
from scoring.rules import Item, ItemKind, Rule, Scheme
from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from streams.vocabulary.states import Channel, Direction, Role

Current = Callable[[SiteId, QueueName], Sequence[Scheme]]
WATCHED: Final = frozenset({ItemKind.DEDUCT, ItemKind.FATAL, ItemKind.TAG})
MOST_CONTACTS: Final = 20_000
"""Beyond it the contact that was quiet longest is watched no more, and counted."""
MOST_EVENTS: Final = 400
"""Of one contact; a chat's messages are not among them."""
MOST_MESSAGES: Final = 500
MOST_HITS: Final = 200
SHOWN_MS: Final = 600_000
"""How long a hit asks for attention."""
TICK_MS: Final = 5_000
"""A hold that is too long is told so much later at most; each look costs."""
_CHANNELS: Final = {Role.CUSTOMER: 0, Role.AGENT: 1}
_TOLD: Final = frozenset({Kind.HOLD, Kind.TRANSFER, Kind.AGENT_STATE, Kind.SURVEY, Kind.CONSULTATION, Kind.CONFERENCE})
"""Kinds of happenings that no other event tells of than these."""
_TELLS: Final = (
    ev.ContactHeld,
    ev.ContactResumed,
    ev.ContactTransferred,
    ev.ContactSurveyed,
    ev.ContactCorrected,
    ev.ConsultationStarted,
    ev.ConsultationEnded,
    ev.ConferenceJoined,
    ev.ConferenceLeft,
)
_BEGINS = ev.ContactQueued | ev.ContactDialled
_ENDS = ev.ContactEnded | ev.ContactAbandoned | ev.ContactLost


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHit:
    """A rule surely hit in a contact that goes on or has just ended."""

    contact: ContactId
    at: Millis
    item: Item
    queue: QueueName
    agent: AgentId


@dataclass(slots=True)
class _Watched:
    """Mutable. `lives`: of each scheme with such rules; made when something they ask for is told, for most contacts
    never."""

    began: Millis
    entered: QueueName
    queue: QueueName
    """Where it is now."""
    agent: AgentId
    facts: dict[str, Fact]
    """Those told when it began."""
    schemes: tuple[Scheme, ...]
    any_event: bool
    """Whether a rule may hang on other events than those that tell of something."""
    lives: tuple[Live, ...] = ()
    told: bool = False
    events: list[ev.Event] = field(default_factory=list)
    happenings: tuple[Happening, ...] = ()
    messages: int = 0


class LiveRules:
    def __init__(self, site: SiteId, current: Current) -> None:
        self._site = site
        self._current = current
        self.roster: Callable[[], Roster] = lambda: NOBODY
        """Asked at each look: of thousands of agents it takes a millisecond."""
        self._seated = NOBODY
        self._contacts: OrderedDict[ContactId, _Watched] = OrderedDict()
        self._going_on: set[ContactId] = set()
        self._hits: list[RuleHit] = []
        self._ticked = Millis(0)
        self.counts: Counter[str] = Counter()

    def hits(self, now: Millis) -> tuple[RuleHit, ...]:
        """Those that still ask for attention, oldest first."""
        self._hits = [one for one in self._hits if now - one.at < SHOWN_MS]
        return tuple(self._hits)

    def take(self, event: ev.Event) -> None:
        """Each event once, in the floor's order."""
        contact: ContactId | None = getattr(event, "contact", None)
        if contact is None:
            return
        watched = self._contacts.get(contact)
        if watched is None:
            if not isinstance(event, _BEGINS):
                return
            watched = self._begin(contact, event)
        self._contacts.move_to_end(contact)
        if isinstance(event, ev.ContactMessage):
            self._say(contact, watched, event)
        else:
            self._happen(contact, watched, event)

    def tick(self, now: Millis) -> None:
        """Holds grow longer while nothing is told. Ask it once a second."""
        if now - self._ticked < TICK_MS:
            return
        self._ticked = now
        self._seated = self.roster()
        for contact in tuple(self._going_on):
            watched = self._contacts.get(contact)
            if watched is not None:
                self._note(
                    contact,
                    watched,
                    now,
                    (live.advance(now - watched.began) for live in watched.lives if _in_doubt(live)),
                )

    def _begin(self, contact: ContactId, event: ev.ContactQueued | ev.ContactDialled) -> _Watched:
        chat = event.channel is Channel.CHAT
        each = [_watched(_Same(one), chat=chat) for one in self._current(self._site, event.queue)]
        schemes = tuple(one for one in each if one.items)
        any_event = any(_any_event(_Same(one)) for one in schemes)
        facts = {"site": str(self._site), **_facts(event)}
        watched = self._contacts[contact] = _Watched(
            event.at, event.queue, event.queue, AgentId(""), facts, schemes, any_event
        )
        self.counts["contacts"] += 1
        if len(self._contacts) > MOST_CONTACTS:
            dropped, _ = self._contacts.popitem(last=False)
            self._going_on.discard(dropped)
            self.counts["contacts_dropped"] += 1
        return watched

    def _wake(self, contact: ContactId, watched: _Watched) -> None:
        if watched.told:
            return
        watched.told = True
        transcript = Transcript(
            site=self._site,
            contact=contact,
            contact_at=watched.began,
            queue=watched.entered,
            model="live",
            duration_ms=0,
            channels=2,
            utterances=(),
        )
        case = Case(transcript=transcript, happenings=(), facts=self._known(watched), ended=False)
        watched.lives = tuple(Live(compile_scheme(one), case) for one in watched.schemes)

    def _known(self, watched: _Watched) -> dict[str, Fact]:
        """With the agent's team and the queue's skills, as far as they are known by now."""
        facts = watched.facts | ({"agent": str(watched.agent)} if watched.agent else {})
        return facts | self._seated.facts(facts)

    def _with(self, contact: ContactId, watched: _Watched, agent: AgentId | None, at: Millis) -> None:
        """Who is first to take it makes facts known; of a second one a live rule hears nothing."""
        first = bool(agent) and not watched.agent
        watched.agent = agent or watched.agent
        if first and watched.lives:
            facts = self._known(watched)
            self._note(contact, watched, at, (live.learn(facts) for live in watched.lives))

    def _happen(self, contact: ContactId, watched: _Watched, event: ev.Event) -> None:
        self._with(contact, watched, getattr(event, "agent", None), event.at)
        watched.queue = getattr(event, "queue", None) or watched.queue
        if not watched.schemes:
            if isinstance(event, _ENDS):
                del self._contacts[contact]
            return
        if len(watched.events) >= MOST_EVENTS and not isinstance(event, _ENDS):
            self.counts["events_dropped"] += 1
            return
        watched.events.append(event)
        if not (watched.any_event or isinstance(event, _TELLS)):
            if not isinstance(event, _ENDS):
                return
            if not watched.told:
                del self._contacts[contact]
                return
        self._wake(contact, watched)
        told = happenings_of(watched.events, recording_at=watched.began) or ()
        asked = [one for one in told if watched.any_event or one.kind in _TOLD]
        new = [one for one in asked if one not in watched.happenings]
        watched.happenings = told
        self._note(contact, watched, event.at, (live.feed(one) for one in new for live in watched.lives))
        if any(one.end_ms is None and one.kind in LASTING for one in told):
            self._going_on.add(contact)
        else:
            self._going_on.discard(contact)
        if isinstance(event, _ENDS):
            del self._contacts[contact]
            self._going_on.discard(contact)

    def _say(self, contact: ContactId, watched: _Watched, event: ev.ContactMessage) -> None:
        channel = _CHANNELS.get(event.role)
        if not watched.schemes or channel is None:
            return
        self._with(contact, watched, event.agent, event.at)
        watched.messages += 1
        if watched.messages > MOST_MESSAGES:
            self.counts["messages_dropped"] += 1
            return
        self._wake(contact, watched)
        at = max(0, event.at - watched.began)
        said = Utterance(
            channel=channel,
            role=event.role.value,
            number=event.number,
            start_ms=at,
            end_ms=at,
            text=event.text,
            words=(),
            confidence=1.0,
        )
        self._note(contact, watched, event.at, (live.feed(said) for live in watched.lives))

    def _note(self, contact: ContactId, watched: _Watched, at: Millis, each: Iterable[Sequence[Change]]) -> None:
        for change in (one for changes in each for one in changes):
            if change.verdict.outcome is not Outcome.HIT:
                continue
            self.counts[f"hit_{change.item.kind.value}"] += 1
            hit = RuleHit(contact=contact, at=at, item=change.item, queue=watched.queue, agent=watched.agent)
            self._hits.append(hit)
            if len(self._hits) > MOST_HITS:
                del self._hits[0]
                self.counts["hits_dropped"] += 1


def _facts(event: _BEGINS) -> dict[str, Fact]:
    """What is told of a contact when it begins; later visits may say otherwise, a sure answer stays."""
    direction = event.direction if isinstance(event, ev.ContactQueued) else Direction.OUTBOUND
    told = {"queue": event.queue, "channel": event.channel, "direction": direction, "tier": event.tier}
    return {name: str(value) for name, value in told.items() if value}


def _in_doubt(live: Live) -> bool:
    return any(one.outcome is Outcome.CANNOT_TELL for one in live.verdicts)


@dataclass(frozen=True, slots=True)
class _Same:
    """A scheme as itself: schemes hold mappings, which have no hash."""

    scheme: Scheme

    def __hash__(self) -> int:
        return id(self.scheme)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.scheme is self.scheme


@lru_cache(maxsize=128)
def _watched(same: _Same, *, chat: bool) -> Scheme:
    """The items whose hits matter at once, and whose rules can be answered without a call's words."""
    items = tuple(one for one in same.scheme.items if one.kind in WATCHED and _answerable(one.rule, chat=chat))
    return replace(same.scheme, items=items)


@lru_cache(maxsize=128)
def _any_event(same: _Same) -> bool:
    rules = (item.rule for item in same.scheme.items)
    checks = (check for rule in rules for condition in rule.conditions for check in condition.checks)
    kinds = [OPERATORS[check.operator].kinds for check in checks]
    return any(one is None or not one <= _TOLD for one in kinds)


def _answerable(rule: Rule, *, chat: bool) -> bool:
    known = {Needs.EVENTS, Needs.WORDS, Needs.ROLES} if chat else {Needs.EVENTS}
    needs = [OPERATORS[check.operator].needs for condition in rule.conditions for check in condition.checks]
    return all(one and one <= known for one in needs)
