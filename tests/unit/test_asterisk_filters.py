"""What the switch is advised to send: everything that is read, and as little else as its version can leave out."""

import re
from pathlib import Path

from streams.translate.asterisk import WANTED
from streams.translate.asterisk_filters import ANSWERS, event_filters, filters_missing, manager_user
from streams.wire.ami import OnlyWhere

DOCUMENT = Path(__file__).parents[2] / "docs" / "switches" / "asterisk.md"


def test_each_wanted_event_has_its_line_and_answers_need_none() -> None:
    lines = event_filters(
        {b"Hangup": None, b"QueueMember": None, b"VarSet": OnlyWhere(b"Variable", frozenset((b"X",)))}
    )
    assert lines == [
        "eventfilter(name(Hangup)) =",
        "eventfilter(name(VarSet),header(Variable),method(exact)) = X",
        "eventfilter(name(FullyBooted)) =",
    ]


def test_older_switches_get_regular_expressions_that_let_every_wanted_event_through() -> None:
    patterns = [re.compile(line.partition(" = ")[2]) for line in event_filters(WANTED, legacy=True)]
    for name, where in WANTED.items():
        if name in ANSWERS:
            continue
        value = f"\r\n{where.field.decode()}: {sorted(where.values)[0].decode()}" if where else ""
        assert any(one.search(f"Event: {name.decode()}\r\nPrivilege: x{value}\r\n") for one in patterns), name
    assert not any(one.search("Event: RTCPSent\r\nPrivilege: x\r\nVariable: BRIDGEPEER\r\n") for one in patterns)


def test_the_whole_section_names_rights_and_leaves_the_secret_to_people() -> None:
    text = manager_user("floorwatch", WANTED)
    assert text.startswith("[floorwatch]\nsecret = \nread = system,call,agent,dialplan\nwrite = system,reporting\n")


def test_the_document_shows_the_very_lines() -> None:
    """docs/switches/asterisk.md is what people copy."""
    document = DOCUMENT.read_text("utf-8")
    for legacy in (False, True):
        for line in event_filters(WANTED, legacy=legacy):
            assert line in document, line


def test_a_stream_of_noise_says_that_the_filters_are_missing() -> None:
    assert filters_missing(messages=10_000, passed_by=9_200)
    assert not filters_missing(messages=10_000, passed_by=300)
    assert not filters_missing(messages=10, passed_by=10)
