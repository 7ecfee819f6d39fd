"""How many agents would keep the target: the number found holds, and one much smaller does not."""

from dataclasses import replace

import pytest

from dashboards.forecast.basis import Basis, Rate
from dashboards.forecast.need import ACCEPTED, NOBODY, needed
from dashboards.forecast.outlook import Present, outlooks
from dashboards.forecast.steps import finished
from streams.floor.numbers import FORMULAS


def present(agents: int, *, load: float = 1.0, part: float = 0.85, rest_s: float = 1200.0) -> Present:
    """`load` of the agents' capacity comes; a third of the half hour is over, `part` of it in target."""
    rate, whole = agents * load / 240, round(agents * 600 / 240)
    basis = Basis(
        arriving=Rate(3600 * rate, 3600.0, round(3600 * rate)),
        serving=Rate(10.0 * agents, 2400.0 * agents, 10 * agents),
        leaving=Rate(20.0, 2400.0, 20),
        swing=0.0144,
        ring_s=4.0,
        overflow_share=0.0,
        short_share=0.0,
        minutes=180,
    )
    return Present(
        basis=basis,
        formula=FORMULAS["answered_abandoned"],
        goal=0.8,
        target_s=20.0,
        rest_s=rest_s,
        part=round(part * whole),
        whole=whole,
        in_target_share=part,
        waiting=2,
        longest_wait_s=10.0,
        busy=0.95 * agents,
        agents=float(agents),
    )


@pytest.mark.parametrize("agents", [5, 12, 24, 60, 200])
def test_the_number_found_keeps_the_target_and_half_of_it_does_not(agents: int) -> None:
    """Searched together with another queue, tried alone: the answer is the queue's own."""
    one = present(agents, load=1.1)
    seen = finished(outlooks([one], seed=3))
    need = finished(needed([one, present(8)], [*seen, *finished(outlooks([present(8)], seed=3))], seed=3))[0]
    assert need.more is not None
    enough, half = finished(
        outlooks([replace(one, agents=agents + more) for more in (need.more, need.more // 2)], seed=3)
    )
    assert enough.miss <= ACCEPTED + 0.05
    assert half.miss > ACCEPTED
    assert need.low is not None
    assert need.low <= need.more <= (need.high or need.more)


def test_where_the_target_is_kept_nobody_more_is_needed() -> None:
    one = present(40, load=0.6)
    assert finished(needed([one], finished(outlooks([one], seed=3)), seed=3)) == [NOBODY]


def test_what_is_lost_already_is_said_to_be_lost() -> None:
    """Half of two hundred in target, a minute to go: not even twice the agents help."""
    one = replace(present(40), part=100, whole=200, rest_s=60.0)
    need = finished(needed([one], finished(outlooks([one], seed=3)), seed=3))[0]
    assert need.more is None
