"""Real processes killed, frozen and filled by seeded schedules: nothing acknowledged is lost, nothing counts twice.

`FAULT_SCHEDULES` (200 in `make nightly`) seeds from `FAULT_FIRST_SEED` on; CI runs a few whose faults differ.
"""

import os
from pathlib import Path

import pytest

from streams.vocabulary.ids import Millis
from tests.faults.plan import plan
from tests.faults.room import FIRST_SEED, NIGHTLY
from tests.faults.run import run
from tests.faults.sabotage import ROOT, SABOTAGES, Sabotage

DIFFERENT = (6, 14, 32, 49)
"""Between them: every kind but a frozen store. Timed sources settle for half a minute: they are nightly."""
SEEDS = range(FIRST_SEED, FIRST_SEED + int(os.environ["FAULT_SCHEDULES"])) if NIGHTLY else DIFFERENT


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", SEEDS)
def test_after_the_faults_of_a_schedule_every_report_is_the_oracle_s(seed: int, tmp_path: Path) -> None:
    run(seed, tmp_path)


@pytest.mark.parametrize("seed", DIFFERENT)
def test_a_seed_is_the_same_schedule_and_the_same_story_whenever_it_runs(seed: int) -> None:
    """Faults, events, batches, copies and garbage; only the start moves."""
    first, later = plan(seed, Millis(1_795_262_400_000)), plan(seed, Millis(1_795_999_999_123))
    assert str(first) == str(later)
    assert [len(one.lines) for one in first.sendings] == [len(one.lines) for one in later.sendings]
    assert str(first) != str(plan(seed + 1, Millis(1_795_262_400_000)))


@pytest.mark.parametrize("one", SABOTAGES, ids=lambda one: one.name)
def test_each_sabotage_still_fits_the_code_it_breaks(one: Sabotage) -> None:
    """`python -m tests.faults.sabotage` shows that the harness can fail; code that moves away must not disarm it."""
    assert (ROOT / one.file).read_text(encoding="utf-8").count(one.was) == 1
