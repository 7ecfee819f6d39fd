"""Bytes to vocabulary and back. In: bytes. Out: events, facts, or msgspec.ValidationError with the field's place.

msgpack on the bus (compact, fast), JSON at the door for people and push clients: the same structs validate both.
"""

from typing import Final

import msgspec

from streams.vocabulary.events import Event
from streams.vocabulary.facts import Fact

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError)
"""What decoding raises on bytes of another version, or damaged: text that is no UTF-8 is not wrapped by msgspec."""

encode = msgspec.msgpack.Encoder().encode
"""Event or Fact to one bus blob."""

decode_event = msgspec.msgpack.Decoder(Event).decode
decode_fact = msgspec.msgpack.Decoder(Fact).decode

encode_json = msgspec.json.Encoder().encode
encode_json_lines = msgspec.json.Encoder().encode_lines
"""Many events, one a line."""
decode_event_json = msgspec.json.Decoder(Event).decode
