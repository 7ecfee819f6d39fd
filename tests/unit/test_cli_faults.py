"""A fault of the surroundings ends a service with a sentence, a fault of ours with its traceback."""

import errno

import pytest

from monitor.cli_faults import told_or_raised
from streams.bus.errors import BusUnavailable
from streams.warehouse.errors import StoreUnavailable

BUS = BusUnavailable("the bus does not answer", mend="start it")
STORE = StoreUnavailable("no answer", mend="start ClickHouse")


def test_plain_faults_are_told_each_once_however_deep_they_lie() -> None:
    """A TaskGroup wraps what its tasks raise; two readers of one bus fail alike."""
    group = ExceptionGroup("unhandled", [BUS, ExceptionGroup("inner", [STORE, BUS])])
    assert told_or_raised(group) == ["the bus does not answer; start it", "no answer; start ClickHouse"]
    assert told_or_raised(BUS) == ["the bus does not answer; start it"]


def test_an_address_in_use_names_what_to_change() -> None:
    """The words of the operating system and the key in the configuration."""
    (text,) = told_or_raised(ExceptionGroup("unhandled", [OSError(errno.EADDRINUSE, "Address already in use")]))
    assert "Address already in use" in text
    assert "[web]" in text


@pytest.mark.parametrize("bug", [KeyError("x"), OSError(errno.EIO, "Input/output error")])
def test_anything_else_is_raised_again_whole(bug: Exception) -> None:
    """Even beside a plain fault: nothing of a bug is hidden."""
    group = ExceptionGroup("unhandled", [BUS, bug])
    with pytest.raises(ExceptionGroup) as raised:
        told_or_raised(group)
    assert raised.value is group
