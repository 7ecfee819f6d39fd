"""What holds for every test: one that is not marked for it may not open a socket; a file answers for what it leaks.

An audit hook sees every connect and bind of this process, whatever library does it; asyncio's own socket pair does
neither. Real servers come from tests/servers.py.
"""

import gc
import os
import socket
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# A gate must not depend on luck, nor on how busy its machine is: CI draws the same examples each time, everybody else
# new ones.
settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default"))

pytest_plugins = ("tests.servers",)

# Taken out of the environment: a pytest that a test starts fails on purpose, and its failures are none of ours.
FAILURES_TO = os.environ.pop("FAILURES_TO", None)
MAY_OPEN_SOCKETS = ("servers", "browser", "vosk")
GUARDED = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)


class _Guard:
    """Which test runs now, and what it did. One per process: an audit hook cannot be taken back."""

    def __init__(self) -> None:
        self.test: str | None = None
        self.used: list[str] = []

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        if self.test is None or event not in ("socket.connect", "socket.bind"):
            return
        opened, address = args[0], args[1]
        if opened.family not in GUARDED:
            return
        self.used.append(f"{event.removeprefix('socket.')} {address!r}")
        pytest.fail(self.message(), pytrace=True)

    def message(self) -> str:
        return (
            f"{self.test} opened a socket ({', '.join(self.used)}); mark it "
            f"`@pytest.mark.servers` (or {', '.join(MAY_OPEN_SOCKETS[1:])}) if it needs real ones, else give it values"
        )


GUARD = _Guard()
sys.addaudithook(GUARD.hook)


@contextmanager
def _guarding(item: pytest.Item) -> Iterator[None]:
    if any(item.get_closest_marker(name) for name in MAY_OPEN_SOCKETS):
        yield
        return
    GUARD.test, GUARD.used = item.nodeid, []
    try:
        yield
        if GUARD.used:
            # The code under test swallowed the failure of the hook.
            pytest.fail(GUARD.message(), pytrace=False)
    finally:
        GUARD.test = None


LAST: list[pytest.Item] = []
"""The test that ends now; at most one."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    LAST[:] = [item]


@pytest.fixture(scope="module", autouse=True)
def _a_file_answers_for_what_it_leaks() -> Iterator[None]:
    """What was never closed warns when it is collected, and warnings are errors: of whoever runs by then. So it is
    collected with the last test of its file, whose values pytest would still hold."""
    yield
    for item in LAST:
        getattr(item, "funcargs", {}).clear()
    gc.collect()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """For tests/sessions.py, which may run it again alone."""
    if report.failed and FAILURES_TO:
        with open(FAILURES_TO, "a", encoding="utf-8") as failures:
            failures.write(f"{report.when} {report.nodeid}\n")


def pytest_collection_finish() -> None:
    """What was imported stays: every later collection passes over it, which makes each a quarter as long."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    with _guarding(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    with _guarding(item):
        return (yield)
