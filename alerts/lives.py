"""What routing is to know of a look's changes. In: a Change, the book. Out: a Live, or None: nobody need hear of it.

May not know: routes, clocks.
"""

from collections.abc import Mapping
from dataclasses import replace

from msgspec.structs import replace as reworded

from alerts.board import WatchKey
from alerts.book import Book
from alerts.evaluate import INTERRUPTED, Notice, State, Watch
from alerts.notification import Change, Notification, Says, notification_of
from alerts.route import Live
from streams.vocabulary.ids import Millis, SiteId

_FIRES = frozenset({State.FIRING, State.RECOVERING})


def live_of(change: Change, book: Book, *, site: SiteId) -> Live | None:
    """An alert that fires, whatever this look changed of it, or that is over with this look."""
    watch = change.watch
    told = notification_of(change, site=site)
    if told is not None and told.says is Says.RESOLVED:
        return Live(notification=told, channels=())
    if watch.resting not in _FIRES:
        return None
    rule = change.rule
    return Live(
        notification=_words(change, book, site),
        channels=rule.channels if rule is not None else watch.told,
        acknowledged=bool(watch.acknowledged_at),
        adopted=() if change.notice is Notice.FIRED else watch.told,
        suppressed=(watch.why or watch.state) if watch.state is State.SUPPRESSED else "",
    )


def orphans(book: Book, watches: Mapping[WatchKey, Watch], *, at: Millis) -> list[Live]:
    """Alerts the book holds for firing that no watch knows: over, since nobody asks for them any more."""
    firing = {watch.alert for watch in watches.values() if watch.resting in _FIRES}
    return [
        Live(notification=_ended(known.notification, at), channels=())
        for alert, known in book.alerts.items()
        if not known.resolved and alert not in firing
    ]


def _words(change: Change, book: Book, site: SiteId) -> Notification:
    """Now; of what is not known or not watched now, as it was last told."""
    known = book.alerts.get(change.watch.alert)
    if known is not None and change.watch.state in INTERRUPTED:
        return known.notification
    said = notification_of(replace(change, notice=Notice.FIRED), site=site)
    assert said is not None
    return said


def _ended(one: Notification, at: Millis) -> Notification:
    reason = Notice.RULE_REMOVED.value
    return reworded(one, id=f"{one.alert}/{Says.RESOLVED}", says=Says.RESOLVED, at=at, resolved_at=at, reason=reason)
