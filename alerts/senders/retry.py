"""When to try again, or why not. In: a Reply, the attempt's number, how long it has been tried. Out: RetryIn or GiveUp.

Exponential with full jitter; a receiver's Retry-After is a floor. May not know: clock, chance (both come in), HTTP.
"""

from dataclasses import dataclass

from alerts.senders.channel import Outcome, Reply

TRANSIENT = frozenset({Outcome.TIMED_OUT, Outcome.UNREACHABLE, Outcome.SERVER_ERROR, Outcome.THROTTLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    first_ms: int = 1_000
    most_ms: int = 300_000
    give_up_after_ms: int = 86_400_000
    """A day: a receiver that was down over night still learns of it, with the time it was raised."""
    longest_retry_after_ms: int = 3_600_000
    unknown_tries: int = 3
    """Attempts when nobody can tell whether it arrived: each may be one more copy."""


@dataclass(frozen=True, slots=True)
class RetryIn:
    ms: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    outcome: Outcome


def after(reply: Reply, *, number: int, tried_for_ms: int, chance: float, policy: RetryPolicy) -> RetryIn | GiveUp:
    """`number`: attempts made so far (>= 1); `chance`: uniform in [0, 1)."""
    unsure = reply.outcome is Outcome.UNKNOWN and number < policy.unknown_tries
    if reply.outcome not in TRANSIENT and not unsure:
        return GiveUp(reply.outcome)
    ceiling = min(policy.first_ms * 2 ** min(number - 1, 30), policy.most_ms)
    wait_ms = round(ceiling * (0.5 + chance / 2))
    if reply.retry_after_ms is not None:
        wait_ms = max(wait_ms, min(reply.retry_after_ms, policy.longest_retry_after_ms))
    if tried_for_ms + wait_ms > policy.give_up_after_ms:
        return GiveUp(reply.outcome)
    return RetryIn(wait_ms)
