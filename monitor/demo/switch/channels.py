"""Channels and bridges as AMI names them. In: what a channel is. Out: its 14 header fields, in Asterisk's order.

Pure. A channel is mutable and belongs to the one contact or agent leg that made it.
"""

from monitor.demo.switch.ami_bytes import Fields, Head, escape_c
from streams.vocabulary.ids import Millis

DOWN, RING, RINGING, UP = 0, 4, 5, 6
_STATE_NAMES = {DOWN: "Down", RING: "Ring", RINGING: "Ringing", UP: "Up"}
_HEADERS = (
    "Channel",
    "ChannelState",
    "ChannelStateDesc",
    "CallerIDNum",
    "CallerIDName",
    "ConnectedLineNum",
    "ConnectedLineName",
    "Language",
    "AccountCode",
    "Context",
    "Exten",
    "Priority",
    "Uniqueid",
    "Linkedid",
)
_PREFIXED = {
    prefix: tuple(prefix + header for header in _HEADERS)
    for prefix in ("", "Dest", "Transferer", "Transferee", "OrigTransferer", "SecondTransferer", "TransferTarget")
}
UNKNOWN = "<unknown>"


class Channel:
    """One leg. Change it by `now`, read it by `head`; the rendered header is kept between changes."""

    __slots__ = (
        "_heads",
        "account",
        "application",
        "bridge",
        "caller_name",
        "caller_num",
        "connected_name",
        "connected_num",
        "context",
        "created",
        "data",
        "exten",
        "linkedid",
        "name",
        "priority",
        "state",
        "uniqueid",
    )

    def __init__(
        self, *, name: str, uniqueid: str, linkedid: str, created: Millis, state: int, context: str, exten: str
    ):
        self.name, self.uniqueid, self.linkedid, self.created = name, uniqueid, linkedid, created
        self.state, self.context, self.exten, self.priority = state, context, exten, 1
        self.caller_num = self.caller_name = self.connected_num = self.connected_name = ""
        self.account = self.application = self.data = self.bridge = ""
        self._heads: dict[str, Head] = {}

    def now(self, **changes: str | int) -> None:
        for key, value in changes.items():
            setattr(self, key, value)
        self._heads.clear()

    def head(self, prefix: str = "") -> Head:
        kept = self._heads.get(prefix)
        if kept is None:
            kept = self._heads[prefix] = Head(zip(_PREFIXED[prefix], self._values(), strict=True))
        return kept

    def _values(self) -> tuple[str, ...]:
        return (
            self.name,
            str(self.state),
            _STATE_NAMES[self.state],
            self.caller_num or UNKNOWN,
            escape_c(self.caller_name) or UNKNOWN,
            self.connected_num or UNKNOWN,
            escape_c(self.connected_name) or UNKNOWN,
            "zh",
            self.account,
            self.context,
            self.exten,
            str(self.priority),
            self.uniqueid,
            self.linkedid,
        )


def bridge_head(uniqueid: str, channels: int, prefix: str = "") -> Fields:
    return (
        (prefix + "BridgeUniqueid", uniqueid),
        (prefix + "BridgeType", "basic"),
        (prefix + "BridgeTechnology", "simple_bridge"),
        (prefix + "BridgeCreator", UNKNOWN),
        (prefix + "BridgeName", UNKNOWN),
        (prefix + "BridgeNumChannels", str(channels)),
        (prefix + "BridgeVideoSourceMode", "none"),
    )
