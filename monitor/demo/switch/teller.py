"""Events into messages, in the order they are told. In: event name and fields. Out: `Message`s with rising Timestamps.

Pure. `needed` events are always told; `noise` is told by its share (0 to 1) from a random of its own, so that how much
noise there is never changes what happens.
"""

from random import Random
from uuid import UUID

from monitor.demo.switch.ami_bytes import Fields, Message, escape_c
from monitor.demo.switch.channels import Channel
from streams.vocabulary.ids import Millis


class Teller:
    def __init__(self, *, seed: int, noise: float) -> None:
        self._random = Random(seed)  # noqa: S311  repeatable on purpose
        self._ids = Random(seed)  # noqa: S311  its own, so that noise moves no id
        self._noise = noise
        self._at_us = 0
        self._now_us = 0
        self.told: list[Message] = []

    def clock(self, now: Millis) -> None:
        self._now_us = now * 1000

    def bridge_id(self) -> str:
        return str(UUID(int=self._ids.getrandbits(128), version=4))

    def event(self, name: str, privilege: str, *parts: Fields) -> None:
        """`privilege`: call, agent, dialplan … as in Asterisk's classes."""
        self._at_us = max(self._at_us + 7, self._now_us)
        seconds, micros = divmod(self._at_us, 1_000_000)
        first = (("Event", name), ("Privilege", privilege + ",all"), ("Timestamp", f"{seconds}.{micros:06d}"))
        self.told.append(Message(Millis(self._at_us // 1000), (first, *parts)))

    def take(self) -> list[Message]:
        told, self.told = self.told, []
        return told

    def noisy(self) -> bool:
        return self._noise > 0 and (self._noise >= 1 or self._random.random() < self._noise)

    # --- what is always told ---------------------------------------------------------------------------------------

    def channel(self, name: str, channel: Channel, *parts: Fields) -> None:
        self.event(name, "call", channel.head(), *parts)

    def agent(self, name: str, *parts: Fields) -> None:
        self.event(name, "agent", *parts)

    def variable(self, channel: Channel, variable: str, value: str) -> None:
        self.event("VarSet", "dialplan", channel.head(), (("Variable", variable), ("Value", escape_c(value))))

    def step(self, channel: Channel, application: str, data: str) -> None:
        """A dialplan step (Newexten)."""
        channel.now(application=application, data=data)
        fields = (("Extension", channel.exten), ("Application", application), ("AppData", data))
        self.event("Newexten", "dialplan", channel.head(), fields)

    def hangup(self, channel: Channel, cause: int, text: str, *, sip: str = "") -> None:
        tech = (("TechCause", sip),) if sip else ()
        self.channel("Hangup", channel, (("Cause", str(cause)), ("Cause-txt", text)), tech)

    # --- what a real switch also says, and nobody needs ------------------------------------------------------------

    def noise(self, name: str, privilege: str, *parts: Fields) -> None:
        if self.noisy():
            self.event(name, privilege, *parts)

    def noise_variables(self, channel: Channel, **values: object) -> None:
        for variable, value in values.items():
            if self.noisy():
                self.variable(channel, variable, str(value))

    def noise_step(self, channel: Channel, application: str, data: str) -> None:
        if self.noisy():
            self.step(channel, application, data)

    def rtcp(self, channel: Channel, now: Millis) -> None:
        packets = (now - channel.created) // 20
        self.event(
            "RTCPSent",
            "reporting",
            channel.head(),
            (
                ("To", "127.0.0.1:34461"),
                ("From", "127.0.0.1:20015"),
                ("MES", "88.1"),
                ("SSRC", f"0x{self._random.getrandbits(32):08x}"),
                ("PT", "200(SR)"),
                ("ReportCount", "1"),
                ("SentNTP", f"{now // 1000}.{now % 1000:03d}377"),
                ("SentRTP", str(packets * 160)),
                ("SentPackets", str(packets)),
                ("SentOctets", str(packets * 160)),
                ("Report0SourceSSRC", f"0x{self._random.getrandbits(32):08x}"),
                ("Report0FractionLost", "0"),
                ("Report0CumulativeLost", "0"),
                ("Report0HighestSequence", str(packets % 65536)),
                ("Report0SequenceNumberCycles", "0"),
                ("Report0IAJitter", str(self._random.randrange(40))),
                ("Report0LSR", "0"),
                ("Report0DLSR", "0.0000"),
            ),
        )
