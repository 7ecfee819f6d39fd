"""A large read is judged on whole arrays, a small one message by message: both keep the same messages."""

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.translate.asterisk import WANTED
from streams.wire.ami import AmiParser, Message
from streams.wire.ami_select import LEAST_BYTES, MOST_BYTES
from tests.property.test_ami_cuts import wire

LINES = st.sampled_from(
    [
        b"Event: VarSet",
        b"Event: Newexten",
        b"Event: Hold",
        b"Event: HoldX",
        b"Event: Hangup",
        b"Event: QueueCallerJoinX",
        b"Event: ",
        b"Response: Success",
        b"Variable: QUEUESTATUS",
        b"Variable: QUEUESTATUSX",
        b"Value: Variable: QUEUESTATUS",
        b"Variable: X\nVariable: QUEUESTATUS",
        b"Application: Queue",
        b"Application: Queue\n",
        b"AppData: sales,t",
        b"\r",
        b"\n",
        b"",
        b"Uniqueid: 1.1",
    ]
)


def kept(data: bytes, size: int) -> tuple[list[tuple[bytes, int, bytes]], int, object]:
    parser = AmiParser(WANTED)
    found: list[Message] = []
    for start in range(0, len(data), size):
        found += parser.feed(data[start : start + size])
    return [(one.name, one.offset, one.raw) for one in found], parser.messages, dict(parser.malformed)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(LINES, max_size=5), min_size=1, max_size=12), st.integers(0, 3))
def test_any_messages_are_kept_alike_in_large_and_in_small_reads(blocks: list[list[bytes]], junk: int) -> None:
    """Lone line feeds, blank lines upon blank lines, a name that only begins like a wanted one, torn ends."""
    story = b"".join(b"\r\n".join(lines) + b"\r\n\r\n" for lines in blocks) + b"\r\n" * junk
    filler = b"Event: RTCPSent\r\nSSRC: 1\r\nReport0CumulativeLost: 0\r\n\r\n" * (LEAST_BYTES // 50)
    data = filler + story + filler[: len(filler) // 3] + story
    assert kept(data, MOST_BYTES) == kept(data, 8000)


def test_a_whole_capture_is_kept_alike_whatever_the_size_of_its_reads() -> None:
    data = wire("mini_exits")
    small = kept(data, 4096)
    assert len(small[0]) > 100
    assert all(kept(data, size) == small for size in (LEAST_BYTES, MOST_BYTES, len(data)))
