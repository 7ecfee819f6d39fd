"""How fast one source may push. In: how many lines came, the time. Out: how long to wait.

A source in debt is told to wait before its body is read, so a flood costs one header each. May not know: requests.
"""

from streams.vocabulary.ids import Millis


class Allowance:
    """Mutable; one per source. Refills by `per_s`, holds at most `most`; a batch may overdraw it once."""

    def __init__(self, *, per_s: int, most: int, now: Millis) -> None:
        self._per_s = per_s
        self._most = most
        self._left = float(most)
        self._at = now

    def wait_ms(self, now: Millis) -> int:
        """0: come in."""
        # a clock set back refills nothing and takes nothing away
        self._left = min(self._most, self._left + max(0, now - self._at) * self._per_s / 1000)
        self._at = now
        return 0 if self._left > 0 else int(-self._left * 1000 / self._per_s) + 1

    def spend(self, lines: int) -> None:
        self._left -= lines
