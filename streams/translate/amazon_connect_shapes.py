"""The JSON of Amazon Connect's agent events and contact records, as far as it is used. In: bytes. Out: typed values.

Source: administrator guide, "Agent event streams data model" and "Data model for contact records". New fields appear at
any time, so unknown ones are passed by. May not know: our vocabulary's events.
"""

from typing import Final

import msgspec
from msgspec import Struct, field


class Named(Struct, frozen=True, rename="pascal"):
    name: str | None = None
    arn: str | None = field(name="ARN", default=None)


class Status(Struct, frozen=True, rename="pascal"):
    """`type` ROUTABLE, CUSTOM, OFFLINE; streams of before 2020 have names only."""

    name: str | None = None
    type: str | None = None
    start_timestamp: str | None = None


class Contact(Struct, frozen=True, rename="pascal"):
    contact_id: str
    state: str
    initial_contact_id: str | None = None
    channel: str | None = None
    initiation_method: str | None = None
    state_start_timestamp: str | None = None
    connected_to_agent_timestamp: str | None = None
    queue_timestamp: str | None = None
    queue: Named | None = None


class RoutingProfile(Struct, frozen=True, rename="pascal"):
    name: str | None = None
    inbound_queues: list[Named] | None = None


class Proficiency(Struct, frozen=True, rename="pascal"):
    name: str
    value: str | None = None
    proficiency_level: float | None = None


class Configuration(Struct, frozen=True, rename="pascal"):
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    routing_profile: RoutingProfile | None = None
    proficiencies: list[Proficiency] | None = None


class Snapshot(Struct, frozen=True, rename="pascal"):
    agent_status: Status | None = None
    next_agent_status: Status | None = None
    configuration: Configuration | None = None
    contacts: list[Contact] | None = None


class AgentEvent(Struct, frozen=True, rename="pascal"):
    event_id: str
    event_type: str
    event_timestamp: str
    agent_arn: str = field(name="AgentARN", default="")
    current_agent_snapshot: Snapshot | None = None
    previous_agent_snapshot: Snapshot | None = None


class RecordQueue(Struct, frozen=True, rename="pascal"):
    """Durations here and in RecordAgent are whole seconds."""

    name: str | None = None
    arn: str | None = field(name="ARN", default=None)
    enqueue_timestamp: str | None = None
    dequeue_timestamp: str | None = None
    duration: int | None = None


class RecordAgent(Struct, frozen=True, rename="pascal"):
    username: str | None = None
    arn: str | None = field(name="ARN", default=None)
    connected_to_agent_timestamp: str | None = None
    agent_interaction_duration: int | None = None
    customer_hold_duration: int | None = None
    after_contact_work_start_timestamp: str | None = None


class Endpoint(Struct, frozen=True, rename="pascal"):
    address: str | None = None


class ContactRecord(Struct, frozen=True, rename="pascal"):
    contact_id: str
    initial_contact_id: str | None = None
    next_contact_id: str | None = None
    channel: str | None = None
    initiation_method: str | None = None
    initiation_timestamp: str | None = None
    connected_to_system_timestamp: str | None = None
    disconnect_timestamp: str | None = None
    disconnect_reason: str | None = None
    last_update_timestamp: str | None = None
    queue: RecordQueue | None = None
    agent: RecordAgent | None = None
    customer_endpoint: Endpoint | None = None
    transferred_to_endpoint: Endpoint | None = None


class _Probe(Struct, frozen=True, rename="pascal"):
    """Tells the two kinds apart: an agent event has an EventType, a record an id of its own."""

    event_type: str | None = None
    contact_id: str | None = None


_probe = msgspec.json.Decoder(_Probe).decode
_agent_event = msgspec.json.Decoder(AgentEvent).decode
_contact_record = msgspec.json.Decoder(ContactRecord).decode

NOT_JSON: Final = "not_json"
WRONG_SHAPE: Final = "wrong_shape"
NEITHER_KIND: Final = "neither_agent_event_nor_contact_record"


class ShapeError(Exception):
    """Not what Amazon Connect sends; `reason` is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_record(data: bytes) -> AgentEvent | ContactRecord:
    """Raises ShapeError."""
    try:
        probe = _probe(data)
        if probe.event_type is not None:
            return _agent_event(data)
        if probe.contact_id is not None:
            return _contact_record(data)
    except msgspec.ValidationError as error:
        raise ShapeError(WRONG_SHAPE) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ShapeError(NOT_JSON) from error
    raise ShapeError(NEITHER_KIND)
