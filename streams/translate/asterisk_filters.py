"""What a switch should be told to send, so that it sends only what is read. In: the wanted events. Out: manager.conf.

Source: asterisk configs/samples/manager.conf.sample; `eventfilter(name(…))` from 18.26, 20.11, 21.6 and 22.1 on.
May not know: connections.
"""

from typing import Final

from streams.wire.ami import Wanted

READ_RIGHTS: Final = "system,call,agent,dialplan"
WRITE_RIGHTS: Final = "system,reporting"
"""CoreShowChannels and BridgeList are refused without them; QueueStatus and Ping need none."""
_ITSELF: Final = b"FullyBooted"
ANSWERS: Final = frozenset(
    (
        b"QueueParams",
        b"QueueMember",
        b"QueueEntry",
        b"QueueStatusComplete",
        b"BridgeListItem",
        b"CoreShowChannel",
        b"CoreShowChannelsComplete",
    )
)
"""Items of answers pass every filter."""


def event_filters(wanted: Wanted, *, legacy: bool = False) -> list[str]:
    """Lines for the user's section. `legacy`: regular expressions, for versions without `eventfilter(…)`; they cost
    the switch more, and let through a little more than is wanted.
    """
    events = {name: where for name, where in wanted.items() if name not in ANSWERS} | {_ITSELF: None}
    if legacy:
        whole = "|".join(name.decode() for name, where in events.items() if where is None)
        return [
            f"eventfilter = Event: ({whole})",
            *(
                f"eventfilter = {where.field.decode()}: ({'|'.join(sorted(one.decode() for one in where.values))})"
                for where in events.values()
                if where is not None
            ),
        ]
    lines = []
    for name, where in events.items():
        if where is None:
            lines.append(f"eventfilter(name({name.decode()})) =")
        else:
            lines += [
                f"eventfilter(name({name.decode()}),header({where.field.decode()}),method(exact)) = {value.decode()}"
                for value in sorted(where.values)
            ]
    return lines


def manager_user(name: str, wanted: Wanted, *, legacy: bool = False) -> str:
    """A whole section for manager.conf, the secret left to be filled in."""
    head = [f"[{name}]", "secret = ", f"read = {READ_RIGHTS}", f"write = {WRITE_RIGHTS}", "writetimeout = 5000"]
    return "\n".join([*head, *event_filters(wanted, legacy=legacy)]) + "\n"


NOISE_ADVISED_ABOVE: Final = 0.5
"""With the filters a switch's stream is nearly all wanted; a share of noise above this says that they are missing."""


def filters_missing(*, messages: int, passed_by: int) -> bool:
    """Whether the stream so far says that the filters are not in place; needs some messages to judge."""
    return messages >= 1_000 and passed_by > messages * NOISE_ADVISED_ABOVE
