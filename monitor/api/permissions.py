"""What whoever asks may do to an agent. In: a request. Out: `Permissions` as JSON, for the panel of the chosen seat.

The control side (streams/collect has no commands yet) is not switched on, so nobody may do anything; the page says so
and shows no button. May not know: how an action is done.
"""

from enum import StrEnum

import msgspec
from aiohttp import web

encode = msgspec.json.Encoder().encode


class Action(StrEnum):
    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    READY = "ready"
    NOT_READY = "not_ready"
    SIGN_OUT = "sign_out"
    MOVE_SKILL = "move_skill"


class NoAction(StrEnum):
    """Why the list is empty."""

    CONTROL_OFF = "control_off"


class Permissions(msgspec.Struct, frozen=True, kw_only=True):
    actions: tuple[Action, ...]
    reason: NoAction | None
    """None: there is something one may do."""


def permissions_of(request: web.Request) -> Permissions:
    """The one place that decides it; once people sign in, by who they are."""
    return Permissions(actions=(), reason=NoAction.CONTROL_OFF)


async def permissions(request: web.Request) -> web.Response:
    return web.Response(body=encode(permissions_of(request)), content_type="application/json")
