"""What of a dead letter is shown: decoded where it can be, nothing that hides, turns or overflows."""

import msgspec
import pytest

from monitor.api.dead_preview import PREVIEW_CHARACTERS, preview


@pytest.mark.parametrize(
    ("blob", "shown"),
    [
        (b"", ""),
        (b"plain text", "plain text"),
        (b'{"a": "\xe4\xb8\xad"}', '{"a": "中"}'),
        (msgspec.msgpack.encode({"kind": "x", "at": 1}), '{"kind":"x","at":1}'),
        (msgspec.msgpack.encode([1, "二"]), '[1,"二"]'),
        (b"\xff\xfe\x00", "0xff fe 00"),
        (b"7", "7"),
        ("a\u202eb\u200bc\x00d\ne".encode(), "a\\u202eb\\u200bc\\u0000d\\u000ae"),
        ("\U000e0041".encode(), "\\U000e0041"),
    ],
)
def test_a_blob_is_shown_as_what_it_is(blob, shown):
    assert preview(blob) == shown


@pytest.mark.parametrize(
    "blob",
    [
        b"x" * 10_000_000,
        b"\xff" * 10_000_000,
        b"[" * 60_000,
        b"\x91" * 60_000,
        msgspec.msgpack.encode({"a": "中" * 5_000}),
        ("中" * 500).encode() + b"\xff",
        "\u202e".encode() * 5_000,
    ],
)
def test_a_large_or_deep_blob_is_cut(blob):
    assert len(preview(blob)) <= 2 * PREVIEW_CHARACTERS
