"""A small Amazon Connect: agents whose snapshots change as a plan says. In: who does what when. Out: the stream's JSON.

Shapes as in the administrator guide ("Agent event streams data model", "Data model for contact records"). It knows
nothing of Floorwatch.
"""

import copy
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

DAY = datetime(2026, 11, 20, 9, 0, 0, tzinfo=UTC)
INSTANCE = "arn:aws:connect:ap-southeast-1:012345678901:instance/aaaaaaaa-bbbb-cccc-dddd-111111111111"
_NAMES = uuid.UUID("12345678-1234-5678-1234-567812345678")
_TYPES = {"Available": "ROUTABLE", "Offline": "OFFLINE"}


def millis(clock: str) -> int:
    """`9:05:12` of the day (UTC) as epoch ms."""
    return round(_at(clock).timestamp() * 1000)


def _at(clock: str) -> datetime:
    hour, minute, *second = clock.split(":")
    return DAY.replace(hour=0) + timedelta(
        hours=int(hour), minutes=int(minute), seconds=float(second[0]) if second else 0
    )


def iso(clock: str, *, whole: bool = False) -> str:
    at = _at(clock)
    return at.strftime("%Y-%m-%dT%H:%M:%S") + ("" if whole else f".{at.microsecond // 1000:03d}") + "Z"


def contact_id(name: str) -> str:
    return str(uuid.uuid5(_NAMES, name))


def queue_arn(name: str | None) -> str:
    return (
        f"{INSTANCE}/queue/{uuid.uuid5(_NAMES, name)}" if name else f"{INSTANCE}/queue/agent/{uuid.uuid5(_NAMES, 'x')}"
    )


class Agent:
    """One agent and what the stream says of him; `lines` collects (time, text)."""

    def __init__(self, lines: list[tuple[str, str]], username: str, first: str, last: str, queues: list[str]) -> None:
        self.lines = lines
        self.username = username
        self.snapshot: dict[str, Any] = {
            "AgentStatus": {
                "ARN": f"{INSTANCE}/agent-state/1",
                "Name": "Offline",
                "StartTimestamp": iso("8:59"),
                "Type": "OFFLINE",
            },
            "NextAgentStatus": None,
            "Configuration": {
                "AgentHierarchyGroups": None,
                "FirstName": first,
                "LastName": last,
                "Proficiencies": [{"Name": "Language", "Value": "zh", "ProficiencyLevel": 5.0}],
                "RoutingProfile": {
                    "ARN": f"{INSTANCE}/routing-profile/1",
                    "Concurrency": [{"AvailableSlots": 2, "Channel": "CHAT", "MaximumSlots": 2}],
                    "DefaultOutboundQueue": {"ARN": queue_arn("Sales"), "Name": "Sales"},
                    "InboundQueues": [
                        {"ARN": queue_arn(None), "Channels": ["VOICE", "CHAT"], "Name": None},
                        *({"ARN": queue_arn(one), "Channels": ["VOICE", "CHAT"], "Name": one} for one in queues),
                    ],
                    "Name": "Basic",
                },
                "Username": username,
            },
            "Contacts": [],
        }

    def _tell(self, clock: str, kind: str, before: dict[str, Any] | None) -> None:
        number = len(self.lines)
        self.lines.append(
            (
                clock,
                json.dumps(
                    {
                        "AWSAccountId": "012345678901",
                        "AgentARN": f"{INSTANCE}/agent/{uuid.uuid5(_NAMES, self.username)}",
                        "CurrentAgentSnapshot": self.snapshot,
                        "EventId": str(uuid.uuid5(_NAMES, f"{self.username} {clock} {kind} {number}")),
                        "EventTimestamp": iso(clock),
                        "EventType": kind,
                        "InstanceARN": INSTANCE,
                        "PreviousAgentSnapshot": before,
                        "Version": "2017-10-01",
                    },
                    ensure_ascii=False,
                ),
            )
        )

    def _status(self, clock: str, name: str) -> None:
        self.snapshot["AgentStatus"] = {
            "ARN": f"{INSTANCE}/agent-state/{name}",
            "Name": name,
            "StartTimestamp": iso(clock),
            "Type": _TYPES.get(name, "CUSTOM"),
        }

    def login(self, clock: str, status: str) -> None:
        self._status(clock, status)
        self._tell(clock, "LOGIN", None)

    def logout(self, clock: str) -> None:
        self._tell(clock, "LOGOUT", None)

    def heartbeat(self, clock: str) -> None:
        self._tell(clock, "HEART_BEAT", copy.deepcopy(self.snapshot))

    def status(self, clock: str, name: str) -> None:
        before = copy.deepcopy(self.snapshot)
        self._status(clock, name)
        self._tell(clock, "STATE_CHANGE", before)

    def next_status(self, clock: str, name: str) -> None:
        before = copy.deepcopy(self.snapshot)
        self.snapshot["NextAgentStatus"] = {
            "ARN": f"{INSTANCE}/agent-state/{name}",
            "Name": name,
            "EnqueuedTimestamp": iso(clock),
        }
        self._tell(clock, "STATE_CHANGE", before)

    def contact(self, clock: str, name: str, state: str, **about: Any) -> None:
        """`about`, the first time: channel, method, queue, queued (a time), initial (another contact's name)."""
        before = copy.deepcopy(self.snapshot)
        mine = next((one for one in self.snapshot["Contacts"] if one["ContactId"] == contact_id(name)), None)
        if mine is None:
            mine = {
                "Channel": about.get("channel", "VOICE"),
                "ConnectedToAgentTimestamp": None,
                "ContactId": contact_id(name),
                "InitialContactId": contact_id(about["initial"]) if "initial" in about else None,
                "InitiationMethod": about.get("method", "INBOUND"),
                "Queue": {"ARN": queue_arn(about["queue"]), "Name": about["queue"]},
                "QueueTimestamp": iso(about["queued"]) if "queued" in about else None,
            }
            self.snapshot["Contacts"].append(mine)
        if state == "CONNECTED" and mine["ConnectedToAgentTimestamp"] is None:
            mine["ConnectedToAgentTimestamp"] = iso(clock)
        mine |= {"State": state, "StateStartTimestamp": iso(clock)}
        self._tell(clock, "STATE_CHANGE", before)

    def clear(self, clock: str, name: str, *, then: str = "") -> None:
        """After-contact work is done; `then`: the reserved next status becomes the status."""
        before = copy.deepcopy(self.snapshot)
        self.snapshot["Contacts"] = [one for one in self.snapshot["Contacts"] if one["ContactId"] != contact_id(name)]
        if then:
            self._status(clock, then)
            self.snapshot["NextAgentStatus"] = None
        self._tell(clock, "STATE_CHANGE", before)


def record(name: str, *, told: str, **about: Any) -> str:
    """A contact record. `about`: queue, queued, left, agent, connected, ended, acw, hold_s, reason, next, initial, …"""
    agent = None
    if "connected" in about:
        talk_s = round((millis(about["ended"]) - millis(about["connected"])) / 1000) - about.get("hold_s", 0)
        agent = {
            "ARN": f"{INSTANCE}/agent/{uuid.uuid5(_NAMES, about['agent'])}",
            "AfterContactWorkStartTimestamp": iso(about["ended"], whole=True),
            "AgentInteractionDuration": talk_s,
            "ConnectedToAgentTimestamp": iso(about["connected"], whole=True),
            "CustomerHoldDuration": about.get("hold_s", 0),
            "Username": about["agent"],
        }
    queue = None
    if "queued" in about:
        left = about.get("left", about.get("connected"))
        queue = {
            "ARN": queue_arn(about["queue"]),
            "DequeueTimestamp": iso(left, whole=True),
            "Duration": (millis(left) - millis(about["queued"])) // 1000,
            "EnqueueTimestamp": iso(about["queued"], whole=True),
            "Name": about["queue"],
        }
    elif "queue" in about:
        queue = {"ARN": queue_arn(about["queue"]), "Name": about["queue"], "EnqueueTimestamp": None}
    return json.dumps(
        {
            "AWSContactTraceRecordFormatVersion": "2017-03-10",
            "Agent": agent,
            "Attributes": {"vip": "no"},
            "Channel": about.get("channel", "VOICE"),
            "ConnectedToSystemTimestamp": iso(about["reached"], whole=True) if "reached" in about else None,
            "ContactId": contact_id(name),
            "CustomerEndpoint": {"Address": "+8613800138000", "Type": "TELEPHONE_NUMBER"},
            "DisconnectReason": about.get("reason"),
            "DisconnectTimestamp": iso(about["ended"], whole=True),
            "InitialContactId": contact_id(about["initial"]) if "initial" in about else None,
            "InitiationMethod": about.get("method", "INBOUND"),
            "InitiationTimestamp": iso(about.get("began", about.get("queued", about["ended"])), whole=True),
            "LastUpdateTimestamp": iso(told, whole=True),
            "NextContactId": contact_id(about["next"]) if "next" in about else None,
            "Queue": queue,
        }
    )
