"""One tick's messages to those who see the same. In: viewers, messages. Out: bytes on their sockets, who is gone.

Bytes are made at most twice, plain and packed, whoever many read them. May not know: what the messages say.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from monitor.api.viewers import Message, Pushed, Viewer, framed
from monitor.hub_counts import HubCount
from streams.vocabulary.ids import Millis


class Bytes:
    """Messages as bytes, made when the first viewer of a kind needs them. Lives for one tick."""

    def __init__(self, messages: Callable[[], Sequence[Message]]) -> None:
        self._messages = messages
        self._made: dict[bool, bytes] = {}

    def of(self, viewer: Viewer) -> bytes:
        made = self._made.get(viewer.packed)
        if made is None:
            made = self._made[viewer.packed] = framed(self._messages(), packed=viewer.packed)
        return made


def broadcast(
    viewers: Iterable[Viewer],
    messages: Sequence[Message],
    whole: Callable[[], Sequence[Message]],
    counts: Counter[HubCount],
    now: Millis,
) -> list[Viewer]:
    """Fresh viewers get `messages`, stale ones the `whole` (which already holds what `messages` say)."""
    stale = [viewer for viewer in viewers if viewer.stale]
    failed: list[tuple[Viewer, Pushed]] = []
    if messages:
        failed += _send_changes(viewers, Bytes(lambda: messages), counts, now)
    if stale:
        kept: list[Sequence[Message]] = []

        def made() -> Sequence[Message]:
            if not kept:
                kept.append(whole())
            return kept[0]

        failed += _send_whole(stale, Bytes(made), counts, now)
    return [viewer for viewer, answer in failed if _is_gone(answer, counts)]


def _send_changes(
    viewers: Iterable[Viewer], changes: Bytes, counts: Counter[HubCount], now: Millis
) -> list[tuple[Viewer, Pushed]]:
    sent, size = 0, 0
    failed: list[tuple[Viewer, Pushed]] = []
    for viewer in viewers:
        if viewer.stale:
            continue
        data = changes.of(viewer)
        answer = viewer.push(data, now)
        if answer is Pushed.SENT:
            sent += 1
            size += len(data)
        else:
            failed.append((viewer, answer))
    counts[HubCount.FRAMES_SENT] += sent
    counts[HubCount.BYTES_SENT] += size
    return failed


def _send_whole(
    stale: Iterable[Viewer], whole: Bytes, counts: Counter[HubCount], now: Millis
) -> list[tuple[Viewer, Pushed]]:
    failed: list[tuple[Viewer, Pushed]] = []
    for viewer in stale:
        answer = viewer.ready(now)
        if answer is not Pushed.SENT:
            failed.append((viewer, answer))
            continue
        data = whole.of(viewer)
        viewer.push(data, now)
        viewer.stale = False
        counts[HubCount.SNAPSHOTS] += 1
        counts[HubCount.FRAMES_SENT] += 1
        counts[HubCount.BYTES_SENT] += len(data)
    return failed


def _is_gone(answer: Pushed, counts: Counter[HubCount]) -> bool:
    match answer:
        case Pushed.SLOW:
            counts[HubCount.SLOW] += 1
            return False
        case Pushed.TIMED_OUT:
            counts[HubCount.TIMED_OUT] += 1
            return True
        case _:
            counts[HubCount.GONE] += 1
            return True
