"""What is remembered: one struct per table of the warehouse. In: nothing. Out: the tagged union `Fact`.

A fact's key fields never change once written; a later, better version of the same fact has a higher `ver`. `ver` is
taken from what caused it (the event's time or sequence), never from a clock, so a replay writes the same row again.
May not know: SQL, any switch, any screen.
"""

from msgspec import Struct

from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from streams.vocabulary.states import AgentState, Channel, Direction, EndedBy, NoteKind, Outcome


class FactBase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="table", gc=False):
    site: SiteId
    ver: int


class ContactLeg(FactBase, frozen=True, kw_only=True, tag="contact_legs"):
    """One queue visit. Key: queued_at, site, contact, leg. 0 in a Millis field means "did not happen"."""

    queued_at: Millis
    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId = AgentId("")
    channel: Channel = Channel.VOICE
    direction: Direction = Direction.INBOUND
    tier: str = ""
    customer: str = ""
    answered_at: Millis = Millis(0)
    ended_at: Millis = Millis(0)
    wait_ms: int = 0
    accept_wait_ms: int = 0
    ring_ms: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    target_ms: int = 0
    outcome: Outcome = Outcome.WAITING
    reason: str = ""
    ended_by: EndedBy = EndedBy.UNKNOWN
    recording: str = ""
    witnesses: str = ""
    """Who told what, where it was not the wire: e.g. `queued=log answered=log ended=picture`; "": all from the wire."""
    tags: str = ""
    """What happened in between, in words of docs/events.md: e.g. `consulted conference`."""


class StateInterval(FactBase, frozen=True, kw_only=True, tag="state_intervals"):
    """One stretch of one agent in one state, closed. Key: started_at, site, agent, number."""

    started_at: Millis
    agent: AgentId
    number: int
    state: AgentState
    reason: str = ""
    queue: QueueName = QueueName("")
    contact: ContactId = ContactId("")
    duration_ms: int = 0


class RecordingFact(FactBase, frozen=True, kw_only=True, tag="recordings"):
    """Where a recording stands. Key: contact_at, site, contact. `ver` grows with each step.

    One whose contact nobody knows stands under its ledger name, `sha:…`; that row ends as `matched` once it goes on
    under its contact's name, and is no recording of its own from then on.
    """

    contact_at: Millis
    contact: ContactId
    state: str
    """expected | missing | arrived | queued | decoding | recognising | done | quarantined | matched"""
    reason: str = ""
    path: str = ""
    queue: QueueName = QueueName("")
    agent: AgentId = AgentId("")
    duration_ms: int = 0
    channels: int = 0
    attempts: int = 0
    model: str = ""
    cpu_ms: int = 0
    analysis: str = ""
    """JSON of asr.analysis.Analysis once it is done: measures, hidden spans, sounds that are no speech."""
    matched: str = ""
    """How its contact was found: told, id, name, time, hand; none: it was not."""


class UtteranceFact(FactBase, frozen=True, kw_only=True, tag="utterances"):
    """Key: said_at, site, contact, channel, number. Text is already redacted."""

    said_at: Millis
    contact: ContactId
    channel: int
    role: str
    """agent | customer | unknown"""
    number: int
    start_ms: int
    end_ms: int
    text: str
    words: list[str] = []
    word_start_ms: list[int] = []
    word_end_ms: list[int] = []
    word_confidence: list[int] = []
    """0..255"""
    confidence: float = 0.0
    queue: QueueName = QueueName("")
    agent: AgentId = AgentId("")
    model: str = ""


class ScoreFact(FactBase, frozen=True, kw_only=True, tag="scores"):
    """One contact under one scheme version. Key: contact_at, site, contact, scheme, scheme_version."""

    contact_at: Millis
    contact: ContactId
    scheme: str
    scheme_version: int
    agent: AgentId = AgentId("")
    queue: QueueName = QueueName("")
    points: float
    points_low: float
    points_high: float
    points_max: float
    passed: bool
    fatal: bool
    items: str
    """JSON: a list of items, each with outcome, points and evidence spans (see docs/rules.md)."""
    scored_at: Millis = Millis(0)
    job: str = ""
    """Which re-scoring wrote it; "": scored as it came."""


class VerdictFact(FactBase, frozen=True, kw_only=True, tag="verdicts"):
    """What a person says of one answer of a rule. Key: contact_at, site, contact, scheme, scheme_version, item,
    judged_by. A later one of the same person takes its place; `withdrawn`: taken back."""

    contact_at: Millis
    contact: ContactId
    scheme: str
    scheme_version: int
    item: str
    judged_by: str
    rule: str
    rule_version: int
    outcome: str
    """What the rule had said: hit | miss | cannot_tell | not_applicable."""
    leaning: str
    """What it held for likely: of cannot_tell, that is what `agreed` is about."""
    agreed: bool
    comment: str = ""
    judged_at: Millis = Millis(0)
    withdrawn: bool = False


class AlertFact(FactBase, frozen=True, kw_only=True, tag="alerts"):
    """Key: raised_at, site, alert. `state`: pending | firing | resolved."""

    raised_at: Millis
    alert: str
    rule: str
    scope: str
    severity: str
    state: str
    reason: str
    value: float | None = None
    threshold: float = 0.0
    resolved_at: Millis = Millis(0)
    acknowledged_at: Millis = Millis(0)
    acknowledged_by: str = ""
    detail: str = ""
    changed_at: Millis = Millis(0)
    """When this version came to be; 0: whoever wrote it did not tell."""


class AlertNoteFact(FactBase, frozen=True, kw_only=True, tag="alert_notes"):
    """What happened about an alert beside its numbers: people's words, who was told or not. Key: noted_at, site, alert,
    note. Never changed: to take back is another note."""

    noted_at: Millis
    alert: str
    """Its id, `rule/scope/raised_at`; of a silence `silence/` and its id."""
    note: str
    """Unique in the alert; from what is told, never from a clock or chance where it may be told again."""
    kind: NoteKind
    by: str = ""
    """Who did it; "": the service."""
    text: str = ""
    to: str = ""
    """Whom it was assigned to, or who was told."""
    channel: str = ""
    outcome: str = ""
    """Of an attempt: alerts/senders/channel.py."""
    reason: str = ""
    value: float | None = None


class AuditFact(FactBase, frozen=True, kw_only=True, tag="audit"):
    """What a person did. Key: done_at, site, number. hash = HMAC of the previous hash and this row."""

    done_at: Millis
    number: int
    actor: str
    address: str
    action: str
    object: str
    detail: str = ""
    previous_hash: str = ""
    hash: str = ""


Fact = (
    ContactLeg
    | StateInterval
    | RecordingFact
    | UtteranceFact
    | ScoreFact
    | AlertFact
    | AuditFact
    | VerdictFact
    | AlertNoteFact
)
