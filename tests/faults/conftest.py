"""Schedules and a few aimed faults run in CI; `make nightly` adds the long ones, at the fault matrix's sizes."""

from tests.faults.room import NIGHTLY

collect_ignore = [] if NIGHTLY else ["nightly"]
