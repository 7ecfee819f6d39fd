"""What a transcript may not hold is asked of every scheme that is meant for the recording."""

from collections.abc import Mapping

from msgspec.structs import replace as with_fields

from asr.jobs import RecordingJob
from asr.redact_kinds import KINDS
from monitor.hiding import hidden_for
from monitor.scheme_open import fixed_schemes
from monitor.scheme_shelf import SchemeShelf
from monitor.scheme_store import KeptScheme
from streams.vocabulary.ids import ContactId, Millis, QueueName, SiteId

NAME = "telecom-service.zh"
JOB = RecordingJob(
    site=SiteId("gz"), contact=ContactId("c"), contact_at=Millis(1), path="/r/a.wav", queue=QueueName("vip")
)


def kept(name: str, hide: str, *, in_use: bool = True) -> Mapping[str, KeptScheme]:
    """The packaged scheme under another name, with a list of its own."""
    (first,) = (one for one in fixed_schemes(NAME).values() if one.about.in_use)
    text = first.text.replace("[scheme]", f"[scheme]\n{hide}", 1)
    return {name: KeptScheme(about=with_fields(first.about, name=name, in_use=in_use), text=text)}


def test_what_any_scheme_in_use_hides_is_hidden() -> None:
    """One stored once is stored for all of them; one that is not in use asks nothing."""
    shelf = SchemeShelf(
        {
            **kept("a", 'hide = ["mobile"]'),
            **kept("b", 'hide = ["bank_card"]'),
            **kept("c", 'hide = ["plate"]', in_use=False),
        }
    )
    assert hidden_for(shelf)(JOB) == {"mobile", "bank_card"}


def test_a_scheme_that_cannot_be_read_hides_everything() -> None:
    """Nobody knows what it asked for."""
    shelf = SchemeShelf({**kept("a", 'hide = ["mobile"]'), **kept("b", 'hide = ["no such kind"]')})
    assert hidden_for(shelf)(JOB) == KINDS


def test_without_a_scheme_everything_is_hidden() -> None:
    assert hidden_for(SchemeShelf(kept("a", 'hide = ["mobile"]', in_use=False)))(JOB) == KINDS
