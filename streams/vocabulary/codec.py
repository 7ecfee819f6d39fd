"""Bytes to vocabulary and back. In: bytes. Out: events, facts, or msgspec.ValidationError with the field's place.

msgpack on the bus (compact, fast), JSON at the door for people and push clients: the same structs validate both.
"""

from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from streams.vocabulary.events import Event
from streams.vocabulary.facts import Fact

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError)
"""What decoding raises on bytes of another version, or damaged: text that is no UTF-8 is not wrapped by msgspec."""

B = TypeVar("B")
T = TypeVar("T")


def reading(decode: Callable[[B], T]) -> Callable[[B], T]:
    """`decode`, raising msgspec.DecodeError also where a text is no UTF-8: one damaged entry must end no reader."""

    def inside(blob: B) -> T:
        try:
            return decode(blob)
        except UnicodeDecodeError as error:
            raise msgspec.DecodeError(f"Text that is no UTF-8: {error}") from error

    return inside


encode = msgspec.msgpack.Encoder().encode
"""Event or Fact to one bus blob."""

decode_event = reading(msgspec.msgpack.Decoder(Event).decode)
decode_fact = reading(msgspec.msgpack.Decoder(Fact).decode)

encode_json = msgspec.json.Encoder().encode
encode_json_lines = msgspec.json.Encoder().encode_lines
"""Many events, one a line."""
decode_event_json = reading(msgspec.json.Decoder(Event).decode)
