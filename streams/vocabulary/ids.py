"""Names of things. In: nothing. Out: NewTypes that keep one kind of string or integer from passing for another.

May not know: any switch, any store, any clock.
"""

from typing import NewType

Millis = NewType("Millis", int)
"""A moment: UTC epoch milliseconds. A duration is a plain int whose name ends in `_ms`."""

SiteId = NewType("SiteId", str)
SourceId = NewType("SourceId", str)
"""One feed of one switch, e.g. `asterisk-1`."""

AgentId = NewType("AgentId", str)
"""The staff number (工号); for Asterisk the extension in the member's interface."""

QueueName = NewType("QueueName", str)

ContactId = NewType("ContactId", str)
"""One customer's attempt. Begins with epoch seconds, so it sorts by time: `1795291649.0`."""


def seq_base(connected_at: Millis) -> int:
    """First sequence number of a connection: later connections of a source always number higher.

    2**20 events per millisecond of connection age fit below the next one; 63 bits last until the year 2248.
    """
    return connected_at << 20
