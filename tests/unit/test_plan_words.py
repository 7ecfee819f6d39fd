"""Every fault of a plan can be said in both languages, with the values it comes with."""

import re

import pytest

from monitor.web.words import CHINESE, ENGLISH, load_catalogues
from seat_map.plan_faults import TEXTS, FaultKind


@pytest.mark.parametrize("locale", [CHINESE, ENGLISH])
@pytest.mark.parametrize("kind", FaultKind)
def test_a_fault_has_words(locale: str, kind: FaultKind):
    table = load_catalogues()[locale].table
    known = set(re.findall(r"\{(\w+)\}", "".join(TEXTS[kind])))
    for word in (f"planfault:{kind}", f"planmend:{kind}"):
        assert word in table
        assert set(re.findall(r"\{(\w+)\}", table[word])) <= known
