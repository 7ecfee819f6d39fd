"""What can happen on a floor, whatever the switch. In: nothing. Out: one tagged union, `Event`.

Every event says when (`at`), where (`site`), who told it (`source`) and its place in that telling (`seq`); the three
last make its `id`, so a redelivery is recognised. Strings from customers (names, numbers) are data, never markup.
May not know: any switch, any store, any screen.
"""

from streams.vocabulary.agent_events import (
    AgentDevice,
    AgentJoinedQueue,
    AgentLeftQueue,
    AgentNotReady,
    AgentReady,
    AgentReserved,
    AgentSignedIn,
    AgentSignedOut,
    AgentSkills,
    WrapUpEnded,
    WrapUpStarted,
)
from streams.vocabulary.contact_events import (
    ConferenceJoined,
    ConferenceLeft,
    ConsultationEnded,
    ConsultationStarted,
    ContactAbandoned,
    ContactAccepted,
    ContactAnswered,
    ContactCorrected,
    ContactDeclined,
    ContactDescribed,
    ContactDialled,
    ContactEnded,
    ContactHeld,
    ContactLost,
    ContactMessage,
    ContactOffered,
    ContactOverflowed,
    ContactQueued,
    ContactResumed,
    ContactSurveyed,
    ContactTransferred,
    ContactTurnedAway,
    RecordingReady,
    RecordingStarted,
)
from streams.vocabulary.event_base import EventBase
from streams.vocabulary.source_events import (
    AgentSeen,
    ContactSeen,
    QueueConfigured,
    ResyncBegan,
    ResyncEnded,
    SourceConnected,
    SourceHeard,
    SourceLost,
    SwitchTallied,
    SwitchTallyReset,
    TalkSeen,
)

__all__ = [
    "AgentDevice",
    "AgentJoinedQueue",
    "AgentLeftQueue",
    "AgentNotReady",
    "AgentReady",
    "AgentReserved",
    "AgentSeen",
    "AgentSignedIn",
    "AgentSignedOut",
    "AgentSkills",
    "ConferenceJoined",
    "ConferenceLeft",
    "ConsultationEnded",
    "ConsultationStarted",
    "ContactAbandoned",
    "ContactAccepted",
    "ContactAnswered",
    "ContactCorrected",
    "ContactDeclined",
    "ContactDescribed",
    "ContactDialled",
    "ContactEnded",
    "ContactHeld",
    "ContactLost",
    "ContactMessage",
    "ContactOffered",
    "ContactOverflowed",
    "ContactQueued",
    "ContactResumed",
    "ContactSeen",
    "ContactSurveyed",
    "ContactTransferred",
    "ContactTurnedAway",
    "Event",
    "EventBase",
    "QueueConfigured",
    "RecordingReady",
    "RecordingStarted",
    "ResyncBegan",
    "ResyncEnded",
    "SourceConnected",
    "SourceHeard",
    "SourceLost",
    "SwitchTallied",
    "SwitchTallyReset",
    "TalkSeen",
    "WrapUpEnded",
    "WrapUpStarted",
]

Event = (
    ContactQueued
    | ContactDialled
    | ContactTurnedAway
    | ContactOffered
    | ContactAccepted
    | ContactDeclined
    | ContactAnswered
    | ContactHeld
    | ContactResumed
    | ContactTransferred
    | ContactAbandoned
    | ContactOverflowed
    | ContactEnded
    | ContactLost
    | ConsultationStarted
    | ConsultationEnded
    | ConferenceJoined
    | ConferenceLeft
    | ContactMessage
    | ContactSurveyed
    | ContactDescribed
    | ContactCorrected
    | RecordingStarted
    | RecordingReady
    | AgentSignedIn
    | AgentSignedOut
    | AgentReserved
    | AgentSkills
    | AgentJoinedQueue
    | AgentLeftQueue
    | AgentNotReady
    | AgentReady
    | AgentDevice
    | WrapUpStarted
    | WrapUpEnded
    | QueueConfigured
    | SwitchTallied
    | SwitchTallyReset
    | SourceConnected
    | SourceHeard
    | SourceLost
    | ResyncBegan
    | AgentSeen
    | ContactSeen
    | TalkSeen
    | ResyncEnded
)
