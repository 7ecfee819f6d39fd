"""Reads the answers of services that say 200 and mean no. In: an Answer. Out: a Reply by the code in its body.

May not know: HTTP connections, what was sent.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from alerts.senders.channel import Outcome, Reply
from alerts.senders.post import Answer, by_status


def by_code(answer: Answer, *, keys: Sequence[str], later: Mapping[int, int]) -> Reply:
    """0 under the first of `keys` that is there: sent; a code of `later`: again after so many ms; others: refused.

    A 2xx whose body has no such code is `unknown`: a gateway's page, a cut answer.
    """
    reply = by_status(answer)
    code = _code(answer, keys)
    if code is None:
        return replace(reply, outcome=Outcome.UNKNOWN) if reply.outcome is Outcome.DELIVERED else reply
    reply = replace(reply, code=str(code))
    if code in later:
        return replace(reply, outcome=Outcome.THROTTLED, retry_after_ms=max(later[code], reply.retry_after_ms or 0))
    if code != 0 and reply.outcome is Outcome.DELIVERED:
        return replace(reply, outcome=Outcome.REFUSED)
    return reply


def _code(answer: Answer, keys: Sequence[str]) -> int | None:
    fields = answer.fields() or {}
    found = next((fields[key] for key in keys if key in fields), None)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
