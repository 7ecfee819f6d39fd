"""Real processes killed, frozen and filled by seeded schedules: nothing acknowledged is lost, nothing counts twice.

`FAULT_SCHEDULES` (200 in `make nightly`) seeds from `FAULT_FIRST_SEED` on; CI runs a few whose faults differ.
"""

import os
from pathlib import Path

import pytest

from tests.faults.run import run

FIRST = int(os.environ.get("FAULT_FIRST_SEED", "1"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("FAULT_SCHEDULES", "4")))


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", SEEDS)
def test_after_the_faults_of_a_schedule_every_report_is_the_oracle_s(seed: int, tmp_path: Path) -> None:
    run(seed, tmp_path)
