"""Whatever happens to recordings, in whatever order: the ledger's sums hold after every step."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from asr.intake_states import FOLLOWS, OPEN, Balance, State, may_follow
from asr.intake_turns import Turns
from streams.vocabulary.ids import SiteId

TRIED = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(State)), max_size=200)


def lived(history: list[tuple[int, State]]) -> tuple[Balance, dict[int, State]]:
    """Each move that the table allows, as the store on the bus does it: counted when it happens."""
    stands: dict[int, State] = {}
    created = arrived = 0
    for recording, then in history:
        now = stands.get(recording)
        if not may_follow(now, then):
            continue
        created += now is None
        arrived += then is State.ARRIVED
        stands[recording] = then
    counts = {state: list(stands.values()).count(state) for state in State}
    return Balance(created=created, arrived=arrived, states=counts), stands


@given(TRIED)
def test_arrived_is_always_done_and_open_and_quarantined(history: list[tuple[int, State]]) -> None:
    """And all there ever were are arrived, missing or still expected."""
    balance, _ = lived(history)
    assert (balance.arrived_off, balance.created_off) == (0, 0)


@given(TRIED)
def test_what_is_done_stays_done(history: list[tuple[int, State]]) -> None:
    """No move leads out of done, so a transcript is made once."""
    done: set[int] = set()
    for length in range(len(history) + 1):
        _, stands = lived(history[:length])
        assert all(stands[one] is State.DONE for one in done)
        done |= {one for one, state in stands.items() if state is State.DONE}


def test_only_what_arrived_is_worked_on() -> None:
    """Expected and missing ones have no file: the only way on is arrived."""
    for state in (State.EXPECTED, State.MISSING):
        assert {then for then, froms in FOLLOWS.items() if state in froms} <= {State.ARRIVED, State.MISSING}
    assert {then for then in OPEN if None in FOLLOWS[then]} == {State.ARRIVED}


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 5), min_size=2), st.integers(20, 60))
def test_a_flood_of_one_site_starves_no_other(weights: dict[str, int], rounds: int) -> None:
    """Two sites with work for ever: in each round of `sum of weights` turns it has its own."""
    sites = [SiteId(name) for name in weights]
    turns = Turns({SiteId(name): weight for name, weight in weights.items()})
    total = sum(weights.values())
    served: list[SiteId] = []
    for _ in range(rounds * total):
        first = turns.order(sites)[0]
        turns.served(first)
        served.append(first)
    for name, weight in weights.items():
        assert served.count(SiteId(name)) == rounds * weight
        gaps = [place for place, site in enumerate(served) if site == name]
        assert max(b - a for a, b in pairwise(gaps)) <= 2 * total


@given(st.integers(1, 200))
def test_a_site_that_comes_back_does_not_take_over(away: int) -> None:
    """It saved no credit while it had no work."""
    turns = Turns()
    a, b = SiteId("a"), SiteId("b")
    for _ in range(away):
        order = turns.order([a, b])
        if order[0] == b:
            turns.idle(b)
        turns.served(a)
        if order[0] != b:
            turns.idle(b)
    served = []
    for _ in range(6):
        first = turns.order([a, b])[0]
        turns.served(first)
        served.append(first)
    assert served.count(b) <= 4
