"""Amazon Connect at the door. In: Kinesis- or Firehose-shaped bodies, or its records a line each. Out: judged events.

The translator remembers agents between records; what it told but nobody kept is told anew as a gap. May not know:
tokens, sockets.
"""

from collections.abc import Sequence

from monitor.api.push_lines import body_lines, one_line
from streams.translate.amazon_connect import ConnectTranslator
from streams.translate.push import Judged, RefusedLine
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis
from streams.wire.kinesis import RefusedBody, kinesis_records

MEND = "send records as Amazon Connect writes them; docs/push.md names the forms"


def connect_lines(body: bytes) -> Sequence[bytes]:
    """The records within the wrapping, or each line where there is none."""
    records = kinesis_records(body)
    return body_lines(body) if isinstance(records, RefusedBody) else [one_line(record) for record in records]


class ConnectJudge:
    """Mutable; one per source. `judge` is called for one batch after another, in the web's own loop."""

    def __init__(self, translator: ConnectTranslator, *, now: Millis) -> None:
        self._translator = translator
        self._owed: list[Event] = translator.started(now)

    def judge(self, body: bytes, now: Millis) -> Judged:
        events: list[Event] = self._owed
        self._owed = []
        refused: list[RefusedLine] = []
        lines = 0
        for number, line in enumerate(body.split(b"\n"), start=1):
            if not line.strip():
                continue
            lines += 1
            before = self._translator.refused.copy()
            told = self._translator.translate(line, now)
            why = self._translator.refused - before
            events += told
            if why and not told:
                reason = next(iter(why))
                refused.append(RefusedLine(line=number, reason=reason, detail="the record is not taken", mend=MEND))
        return Judged(events=tuple(events), refused=tuple(refused), lines=lines)

    def undone(self, now: Millis) -> None:
        """What was judged last was not kept: until the agents are heard again, they are not known."""
        self._owed = self._translator.lost(now)
