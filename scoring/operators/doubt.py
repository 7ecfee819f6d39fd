"""Could it have been said after all? In: a scope. Out: the Reason to doubt an absence, or None.

An absence is certain only where everything was heard: the contact is over or the range is past, no unread speech, no
mumbled utterance, known roles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asr.transcript import Span, Transcript, Utterance
from scoring.match import Evidence
from scoring.messages import Params, Reason, seconds
from scoring.rules import Role

if TYPE_CHECKING:
    from scoring.hearing import Scope

_LEAST_CHARACTERS = 3
"""A mumbled syllable hides no sentence."""


def absence(scope: Scope, heard: tuple[Utterance, ...]) -> tuple[Reason, tuple[Evidence, ...]] | None:
    transcript, role = scope.transcript, scope.role
    if scope.open:
        return Reason("not_over"), ()
    if not transcript.utterances:
        return Reason("nothing_heard"), ()
    if role is not Role.ANY and scope.hearing.once("doubt.roles", lambda: _roles(transcript)) == {"unknown"}:
        return Reason("no_roles"), ()
    for span in transcript.unread:
        if may_be(span, role, transcript) and span.start_ms < scope.end_ms and scope.start_ms < span.end_ms:
            seen: Params = {"at_s": seconds(span.start_ms), "seconds": seconds(span.end_ms - span.start_ms)}
            return Reason("unread_speech", seen), ()
    weak = scope.hearing.once("doubt.weak", lambda: _weak(transcript, scope.least_confidence))
    for said in heard if weak else ():
        if id(said) in weak:
            low: Params = {"at_s": seconds(said.start_ms), "text": said.text, "confidence": round(said.confidence, 2)}
            return Reason("low_confidence", low), (whole(said),)
    return None


def _roles(transcript: Transcript) -> frozenset[str]:
    return frozenset(said.role for said in transcript.utterances)


def _weak(transcript: Transcript, least_confidence: float) -> frozenset[int]:
    """The utterances in which another thing may have been said, by identity."""
    return frozenset(
        id(said)
        for said in transcript.utterances
        if said.confidence < least_confidence and len(said.text) >= _LEAST_CHARACTERS
    )


def whole(said: Utterance) -> Evidence:
    return Evidence(
        utterance=said.number,
        role=said.role,
        start_ms=said.start_ms,
        end_ms=said.end_ms,
        text=said.text,
        confidence=said.confidence,
    )


def may_be(span: Span, role: Role, transcript: Transcript) -> bool:
    """Whether the role speaks on that channel; a channel never heard may be anybody's."""
    roles = {said.role for said in transcript.utterances if said.channel == span.channel}
    return role is Role.ANY or not roles or role.value in roles or "unknown" in roles
