"""However notes about an alert arrive — twice, late, from several places — its timeline is the same."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from monitor.alert_notes import NoteBoard, marks_of, together
from streams.vocabulary.facts import AlertNoteFact
from streams.vocabulary.ids import Millis, SiteId
from streams.vocabulary.states import NoteKind

NOTES = st.builds(
    lambda name, at, kind, by: AlertNoteFact(
        site=SiteId("hz"), ver=at, noted_at=Millis(at), alert="a", note=f"{kind}/{name}", kind=kind, by=by
    ),
    name=st.integers(0, 6),
    at=st.integers(1, 9),
    kind=st.sampled_from(NoteKind),
    by=st.sampled_from(("li", "wang")),
)


@given(st.lists(NOTES, max_size=12), st.randoms(use_true_random=False))
def test_order_and_repetition_never_matter(notes: list[AlertNoteFact], chance: Random) -> None:
    again = [*notes, *chance.choices(notes, k=len(notes))] if notes else []
    chance.shuffle(again)
    cut = chance.randrange(len(again) + 1)
    board = NoteBoard()
    for note in again:
        board.take(note)
    # of one name at one moment either may stay: what tells them apart is no part of what they tell
    named = [(note.note, note.noted_at) for note in together(notes)]
    assert [(note.note, note.noted_at) for note in together(again[:cut], again[cut:])] == named
    assert [(note.note, note.noted_at) for note in board.of("a")] == named
    assert len({name for name, _ in named}) == len(named)
    assert [at for _, at in named] == sorted(at for _, at in named)


@given(st.lists(NOTES, max_size=12))
def test_who_took_back_a_mark_has_none(notes: list[AlertNoteFact]) -> None:
    said = together(notes)
    last = {
        note.by: note.kind for note in said if note.kind in (NoteKind.USEFUL, NoteKind.NOT_USEFUL, NoteKind.UNMARKED)
    }
    assert {by for by, kind in last.items() if kind is not NoteKind.UNMARKED} == set(marks_of(said))
