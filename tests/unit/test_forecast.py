"""The breach forecast: Erlang-A by hand and against discrete events, calibration, reasons."""

import numpy as np
import pytest

from dashboards.forecast.basis import CannotTell, estimate
from dashboards.forecast.erlang_a import Load, steady
from dashboards.forecast.minutes import Count
from tests.forecast_band import coverage, known
from tests.forecast_day import Centre, brier, days, probes


def test_without_patience_it_is_erlang_c() -> None:
    """Two agents at load 1: Erlang C is 1/3, the mean wait a third of a handling time."""
    found = steady(Load(arriving=1.0, serving=1.0, leaving=0.0, agents=2), target_s=1.0)
    assert found.waits == pytest.approx(1 / 3)
    assert found.wait_s == pytest.approx(1 / 3)


def test_patience_as_long_as_handling_makes_a_poisson_number() -> None:
    """With leaving = serving the number in the system is Poisson whatever the agents are: load 2, two agents."""
    found = steady(Load(arriving=2.0, serving=1.0, leaving=1.0, agents=2), target_s=1.0)
    assert found.waits == pytest.approx(1 - 3 * np.exp(-2))


def test_two_thousand_agents_are_no_harder() -> None:
    """Shares stay shares."""
    found = steady(Load(arriving=2000 / 240, serving=1 / 240, leaving=1 / 120, agents=2000), target_s=20)
    assert 0 < found.abandoned < 0.03
    assert found.answered + found.abandoned == pytest.approx(1.0)


@pytest.mark.parametrize(("per_hour", "count"), [(40, 6), (200, 4)])
def test_a_forecast_beats_the_level_of_now(per_hour: float, count: int) -> None:
    """Brier score, on days with swinging arrivals and lognormal handling."""
    found = [probe for day in days(Centre(per_hour=per_hour), count) for probe in probes(day)]
    ours, naive, base = brier(found)
    assert ours < naive
    assert ours < base


def test_asterisk_s_own_formula_is_foreseen_too() -> None:
    """It counts a contact when its talk ends, so most of an interval's talks began before what is foreseen."""
    found = [probe for day in days(Centre(per_hour=40, formula="asterisk"), 5) for probe in probes(day)]
    ours, naive, base = brier(found)
    assert ours < 0.7 * naive
    assert ours < 0.7 * base


def test_the_band_holds_the_probability_that_the_true_rates_give() -> None:
    """Eight of ten times is what it says; few days are asked here, so seven will do. docs/forecast.md has more."""
    number, inside, apart = coverage(one for day in days(Centre(per_hour=40), 4, seed=100) for one in known(day))
    assert number >= 20
    assert inside >= 0.7
    assert apart < 0.12


def test_too_little_is_said_with_its_reason() -> None:
    """Fourteen minutes, or nine contacts, are no basis."""
    table = np.zeros((14, len(Count)), np.int64)
    assert estimate(table) is CannotTell.JUST_STARTED
    table = np.zeros((60, len(Count)), np.int64)
    table[:9, Count.OFFERED] = 1
    assert estimate(table) is CannotTell.FEW_CONTACTS
