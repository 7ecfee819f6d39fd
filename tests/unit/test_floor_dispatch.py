"""Each kind of event has its own fold: a new word of the vocabulary cannot pass the floor unnoticed."""

from typing import get_args, get_type_hints

import pytest

from streams.floor.dispatch import FOLDS
from streams.vocabulary.events import Event


def test_every_event_of_the_vocabulary_has_a_fold() -> None:
    assert set(FOLDS) == set(get_args(Event))


@pytest.mark.parametrize("kind", get_args(Event))
def test_a_fold_is_given_the_kind_it_takes(kind: type) -> None:
    """The table is checked here, as mypy would check a match."""
    taken = get_type_hints(FOLDS[kind])["event"]
    assert kind in (get_args(taken) or (taken,))
