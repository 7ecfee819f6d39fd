"""What each stream is called. In: a site or a stream. Out: its key on the bus.

Braces are Redis Cluster hash tags: all of one site's streams, and a stream and its dead letters, share a slot.
"""

from typing import Final

from streams.vocabulary.ids import SiteId

FACTS: Final = "facts"
JOBS_ASR: Final = "jobs:asr"
JOBS_SCORE: Final = "jobs:score"


def events(site: SiteId) -> str:
    return f"events:{{{site}}}"


def metrics(site: SiteId) -> str:
    return f"metrics:{{{site}}}"


def moments(site: SiteId) -> str:
    return f"moments:{{{site}}}"


def alerts(site: SiteId) -> str:
    return f"alerts:{{{site}}}"


def alert_notes(site: SiteId) -> str:
    """What happened about alerts, for pages that cannot wait for history."""
    return f"alert-notes:{{{site}}}"


def alert_words(site: SiteId) -> str:
    """What people said of alerts: a storm of the service's own notes does not push it out."""
    return f"alert-words:{{{site}}}"


def dead(stream: str) -> str:
    """Where entries of `stream` go that nobody can use."""
    return f"dead:{stream}" if "{" in stream else f"dead:{{{stream}}}"


def acknowledged(stream: str, group: str) -> str:
    """How many entries of `stream` this group has ever acknowledged."""
    return f"acknowledged:{stream if '{' in stream else f'{{{stream}}}'}:{group}"
