"""Which queue needs somebody first. In: a tile's numbers. Out: a `Need`, the reason by which cards and rows are sorted.

Within one need the order stays as it was, so a card moves only when its reason changes. May not know: sites, screens.
"""

from collections.abc import Mapping
from enum import StrEnum

from dashboards.columns import Standing

OVERDUE_TIMES = 3
"""Longest wait beyond this many thresholds: whoever waits has been forgotten."""
SERVING = ("ready", "offered", "on_contact", "on_hold", "wrap_up")


class Need(StrEnum):
    """The most urgent first."""

    NOBODY = "nobody"
    """somebody waits and no agent of the queue is at work"""
    MISSED = "missed"
    OVERDUE = "overdue"
    WATCH = "watch"
    UNCERTAIN = "uncertain"
    MET = "met"
    EMPTY = "empty"


URGENCY: Mapping[Need, int] = {need: place for place, need in enumerate(Need)}


def need(shown: Standing, *, waiting: int, longest_wait_ms: int, threshold_ms: int, agents: Mapping[str, int]) -> Need:
    if shown is Standing.UNCERTAIN:  # what is not known must not push what is known down
        return Need.UNCERTAIN
    if waiting and not any(agents.get(state) for state in SERVING):
        return Need.NOBODY
    if shown is Standing.MISSED:
        return Need.MISSED
    if waiting and longest_wait_ms > OVERDUE_TIMES * threshold_ms:
        return Need.OVERDUE
    if shown is Standing.WATCH:
        return Need.WATCH
    return Need.MET if shown is Standing.MET else Need.EMPTY
