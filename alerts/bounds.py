"""How far a share of few contacts can be trusted. In: counts, z. Out: the ends of its Wilson interval, in percent.

E. B. Wilson, JASA 22 (1927) 209: unlike the normal interval it stays inside 0..100 and holds for small counts. May not
know: rules.
"""

from collections.abc import Mapping
from math import sqrt
from types import MappingProxyType

Z_OF: Mapping[int, float] = MappingProxyType({80: 1.281552, 90: 1.644854, 95: 1.959964, 99: 2.575829})
"""confidence in percent (two-sided) -> z"""


def wilson(part: int, whole: int, z: float) -> tuple[float, float]:
    """(lower, upper) percent. Nothing counted: (0, 100), anything is possible. A part outside 0..whole counts as its
    nearest end (a formula may take off more than it adds while a contact is corrected)."""
    if whole <= 0:
        return 0.0, 100.0
    share = min(max(part, 0), whole) / whole
    square = z * z / whole
    middle = share + square / 2
    half = z * sqrt(share * (1 - share) / whole + square / (4 * whole))
    # at the ends of the scale the exact value is the end itself; rounding must not take it past
    low = 0.0 if part <= 0 else max(0.0, 100 * (middle - half) / (1 + square))
    high = 100.0 if part >= whole else min(100.0, 100 * (middle + half) / (1 + square))
    return low, high
