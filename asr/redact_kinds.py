"""What a run of digits is. In: digits. Out: its kind, by check digits, known prefixes and what stands around it.

Checks name a kind and never clear one: a recogniser loses and adds digits. May not know: utterances, words.
"""

import re
from datetime import date
from typing import Final

ID_CARD, MOBILE, LANDLINE, BANK_CARD = "id_card", "mobile", "landline", "bank_card"
EMAIL, PLATE, CODE, NUMBER = "email", "plate", "code", "number"

KINDS: Final = frozenset((ID_CARD, MOBILE, LANDLINE, BANK_CARD, EMAIL, PLATE, CODE, NUMBER))
"""All that can be hidden; `number` is a long run that no check names."""

_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PROVINCES: Final = """
11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91
"""
PROVINCES: Final = frozenset(_PROVINCES.split())
"""GB/T 2260, the first two digits of an identity number (83: residents from Taiwan, 91: abroad)."""

_FIRST_YEAR, _LAST_YEAR = 1890, 2099
_MOBILE: Final = re.compile(r"(?:0086|86)?(1[3-9]\d{9})")
_MOBILE_WITHIN: Final = re.compile(r"1[3-9]\d{9}")
_LANDLINE: Final = re.compile(r"0(?:10|2\d|[3-9]\d{2})[2-8]\d{6,7}")
_PUBLIC: Final = re.compile(r"(?:400|800)\d{7}|95\d{3,6}|12\d{3}|10\d{3,4}|96\d{3,4}|106\d{5}")
"""Numbers of companies and services, which everybody may know."""
_BINS: Final = re.compile(r"62|60|58|68|69|9[0458]|4|5[0-5]|2[2-7]|3[0-9]")
"""UnionPay and banks before it, Visa, Mastercard, JCB, Amex, Diners."""

_CARD_LENGTHS: Final = (19, 18, 17, 16, 15, 14, 13)
_LOCAL: Final = (7, 8)
_LEAST_LONG, _MOST_ID, _MOST_CARD = 13, 28, 24
_LIKE_ID: Final = re.compile(rf"(?:{'|'.join(sorted(PROVINCES))})\d{{2,6}}(?:19|20)\d{{2,4}}")
_LIKE_CARD: Final = re.compile(r"62|4|5[1-5]|35|60")
_LIKE_MOBILE: Final = re.compile(r"1[3-9]\d{8,10}")


def kind_of_digits(digits: str) -> str | None:
    """By checks alone; None: nothing that a check would name. `digits` may end in X."""
    if any(is_id_card(digits[at : at + 18]) for at in range(len(digits) - 17)) or _old_id_card(digits):
        return ID_CARD
    if _MOBILE.fullmatch(digits):
        return MOBILE
    if is_bank_card(digits):
        return BANK_CARD
    if _LANDLINE.fullmatch(digits):
        return LANDLINE
    return None


def kind_by_likeness(digits: str, *, about: str | None = None) -> str:
    """The nearest kind of a long run that no check names: digits were lost, added, repeated or corrected.

    `about`: the kind that was spoken of last; it decides where the length allows it.
    """
    if about in (ID_CARD, BANK_CARD) and len(digits) >= _LEAST_LONG:
        return about
    if _LIKE_ID.match(digits) and _LEAST_LONG < len(digits) <= _MOST_ID:
        return ID_CARD
    if _LEAST_LONG < len(digits) <= _MOST_CARD and _LIKE_CARD.match(digits):
        return BANK_CARD
    if _LIKE_MOBILE.match(digits) if len(digits) <= _LEAST_LONG else _MOBILE_WITHIN.search(digits):
        return MOBILE
    if about == LANDLINE or (about == MOBILE and is_local(digits)):
        return LANDLINE
    return MOBILE if about == MOBILE and digits[0] == "1" else NUMBER


def is_public(digits: str) -> bool:
    return _PUBLIC.fullmatch(digits) is not None


def is_local(digits: str) -> bool:
    """A telephone number without its area code."""
    return len(digits) in _LOCAL and digits[0] in "2345678"


def is_id_card(digits: str) -> bool:
    """GB 11643: 18 characters, a province, a true date of birth, check character (ISO 7064 MOD 11-2)."""
    if len(digits) != 18 or not digits[:17].isdecimal() or digits[:2] not in PROVINCES:
        return False
    if not is_date(digits[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == digits[17]


def _old_id_card(digits: str) -> bool:
    """Before 1999: 15 digits, the year of birth by its last two, no check digit."""
    return len(digits) == 15 and digits.isdecimal() and digits[:2] in PROVINCES and is_date("19" + digits[6:12])


def is_date(digits: str) -> bool:
    """YYYYMMDD of a person's life."""
    try:
        return _FIRST_YEAR <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year <= _LAST_YEAR
    except ValueError:
        return False


def is_bank_card(digits: str) -> bool:
    """A known issuer's prefix, a length in use, and Luhn's check digit."""
    return len(digits) in _CARD_LENGTHS and _BINS.match(digits) is not None and passes_luhn(digits)


def passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    if not digits.isdecimal():
        return False
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(doubled)) % 10 == 0
