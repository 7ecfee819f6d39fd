"""All operators, by name. In: their specs. Out: OPERATORS. A new operator is a file, and a line here."""

from collections.abc import Mapping
from typing import Any, Final

from scoring.operators import hold_notice, keyword, ordered
from scoring.operators.spec import Spec, Specs

SPECS: Final[Specs] = (
    keyword.SPEC,
    ordered.SPEC,
    hold_notice.SPEC,
)
OPERATORS: Final[Mapping[str, Spec[Any]]] = {spec.name: spec for spec in SPECS}
