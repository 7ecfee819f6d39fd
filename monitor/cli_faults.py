"""Which ends of a service are plain faults. In: an exception. Out: texts with their mends, or the exception itself.

A fault of the surroundings needs a sentence, not a traceback; a fault of ours needs the traceback.
"""

import errno
from collections.abc import Iterator
from typing import Final

from asr.faults import ModelFault, RecognitionFault
from monitor.places import PlaceRefused
from scoring.parse import SchemeFaults
from streams.bus.errors import BusError
from streams.warehouse.errors import StoreError

PLAIN: Final = (BusError, StoreError, ModelFault, RecognitionFault, SchemeFaults, PlaceRefused)
ADDRESS: Final = frozenset({errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES})


def told_or_raised(error: Exception) -> list[str]:
    """Raises `error` again if any part of it is not a plain fault."""
    leaves = list(_leaves(error))
    if not all(_is_plain(one) for one in leaves):
        raise error
    return list(dict.fromkeys(_text(one) for one in leaves))


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error


def _is_plain(error: BaseException) -> bool:
    return isinstance(error, PLAIN) or (isinstance(error, OSError) and error.errno in ADDRESS)


def _text(error: BaseException) -> str:
    if isinstance(error, OSError):
        return f"the page's address cannot be opened ({error.strerror}): choose another [web] host or port"
    return str(error)
