"""All operators, by name. In: their specs. Out: OPERATORS. A new operator is a file, and a line here."""

from collections.abc import Mapping
from typing import Any, Final

from scoring.operators import (
    agent_state,
    duration,
    entity,
    hang_up,
    hold,
    hold_notice,
    interruption,
    keyword,
    late_start,
    loudness,
    ordered,
    pattern,
    repetition,
    script,
    silence,
    similar,
    sounds_like,
    speech_rate,
    survey,
    talk_share,
    transfer,
    turns,
)
from scoring.operators.spec import Spec, Specs

SPECS: Final[Specs] = (
    keyword.SPEC,
    pattern.SPEC,
    similar.SPEC,
    sounds_like.SPEC,
    repetition.SPEC,
    entity.SPEC,
    ordered.SPEC,
    script.SPEC,
    hold_notice.SPEC,
    silence.SPEC,
    speech_rate.SPEC,
    interruption.SPEC,
    loudness.SPEC,
    late_start.SPEC,
    hang_up.SPEC,
    duration.SPEC,
    turns.SPEC,
    talk_share.SPEC,
    hold.SPEC,
    transfer.SPEC,
    agent_state.SPEC,
    survey.SPEC,
)
OPERATORS: Final[Mapping[str, Spec[Any]]] = {spec.name: spec for spec in SPECS}
