"""Two witnesses of one day compared. In: a floor's report and a queue_log's counts. Out: each difference in words.

May not know: how either was made.
"""

from collections.abc import Mapping
from typing import Any

from streams.wire.queue_log import QueueLog


def differences(told: Mapping[str, Any], witness: QueueLog) -> list[str]:
    """Empty where both agree. A queue that only one of them names is compared with zeros."""
    found = []
    for name in sorted(set(told["queues"]) | set(witness.counts)):
        ours = _flat(told["queues"].get(name, {}))
        theirs = witness.counts.get(name, {})
        found += [
            f"{name}: {what}: events {ours.get(what, 0)}, queue_log {theirs.get(what, 0)}"
            for what in sorted(set(ours) | set(theirs))
            if ours.get(what, 0) != theirs.get(what, 0)
        ]
    return found


def _flat(queue: Mapping[str, Any]) -> dict[str, int]:
    plain = {key: queue[key] for key in ("offered", "answered", "abandoned", "transferred_out") if queue.get(key)}
    return plain | {f"overflowed {reason}": count for reason, count in queue.get("overflowed", {}).items()}
