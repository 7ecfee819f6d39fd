"""What no transcript of a recording may hold. In: the schemes that stand, a job. Out: kinds of numbers, names.

May not know: transcripts, how anything is hidden.
"""

from collections.abc import Callable

from asr.jobs import RecordingJob
from asr.redact_kinds import KINDS
from monitor.scheme_shelf import SchemeShelf


def hidden_for(shelf: SchemeShelf) -> Callable[[RecordingJob], frozenset[str]]:
    """Whatever any scheme hides that is meant for the recording's site and queue.

    All kinds where none is meant, or where one in use cannot be read: what was stored once cannot be hidden afterwards.
    """

    def of(job: RecordingJob) -> frozenset[str]:
        unread = any(one.scheme is None and one.kept.about.in_use for one in shelf.standing.values())
        meant = () if unread else shelf.current(job.site, job.queue)
        return frozenset().union(*(scheme.hide for scheme in meant)) if meant else KINDS

    return of
