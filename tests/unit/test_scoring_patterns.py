"""Regular expressions of rules: what RE2 has not is told in words, with what to write instead."""

import pytest

from scoring.patterns import MOST_PROGRAM, PatternFault, compiled


@pytest.mark.parametrize(
    ("pattern", "problem", "mend"),
    [
        ("(?=办理)好", "looks ahead or behind", "make two conditions"),
        ("(?<!不)同意", "looks ahead or behind", "make two conditions"),
        (r"(好).*\1", "refers back to a group", "repetition"),
        (r"(?P<a>好)(?P=a)", "refers back to a group", "repetition"),
        ("(?>好)", "has an atomic group", "(?:…)"),
        ("好++", "repeats a repetition", "possessive"),
        ("好{2}{3}", "repeats a repetition", "(?:…)"),
        ("*好", "repeats nothing", "before it"),
        ("好{1001}", "repeats too often", "1,000"),
        ("(好", "never closes a (", r"\("),
        ("好)", "closes a ( that was never opened", r"\)"),
        ("[好", "never closes a [", r"\["),
        ("[9-0]", "has a range that runs backwards", "[0-9]"),
        (r"\Z", "has an escape RE2 does not know", r"\d"),
        (r"\p{Chinese}", "names a class RE2 does not know", r"\p{Han}"),
        ("好\\", "ends in", "sign itself"),
        ("(?#x)", "has a comment", "#"),
        ("(好)?", "is found in nothing at all", "at least one sign"),
        (r"\pL{500}", "is too large", "repeat less"),
        ("[一-龥]{100}", f"is too large: 904 steps of at most {MOST_PROGRAM}", "repeat less"),
        ("好" * 501, "has 501 characters", "at most 500"),
        ("\ud800", "holds half a character", "anew"),
    ],
)
def test_what_is_no_pattern_is_told_with_its_mend(pattern: str, problem: str, mend: str) -> None:
    with pytest.raises(PatternFault) as raised:
        compiled(pattern)
    assert problem in raised.value.problem
    assert mend in raised.value.mend


@pytest.mark.parametrize("pattern", [r"\d{4,11}", "(不|没有)同意", "好.{0,20}吗", r"[一-龥]{2,4}费", "(?i:VIP)"])
def test_what_rules_need_fits_the_limits(pattern: str) -> None:
    assert compiled(pattern) is not None
