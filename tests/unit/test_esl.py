"""The event socket's frames and lists, one claim each."""

import pytest

from streams.translate.freeswitch_words import contact_id, extension_of
from streams.wire.esl import ANSWER, AUTH, GOODBYE, LOG, MAX_EVENT, REPLY, EslParser
from streams.wire.esl_lists import ListError, parse_agents, parse_channels, parse_members, parse_queues, parse_tiers
from streams.wire.esl_message import MalformedError, MalformedReason, Message
from tests.golden.freeswitch_runs import capture
from tests.property.esl_soup import MEMBER_HEAD, event_frame, join_event, member_row

WANTED = frozenset((b"callcenter::info", b"HEARTBEAT"))


def read(data: bytes) -> tuple[EslParser, list[Message]]:
    parser = EslParser(WANTED)
    return parser, parser.feed(data)


def test_every_kind_of_frame_is_known() -> None:
    """Greeting, reply, answer, log line, farewell; a reply has no body."""
    parser, found = read(
        b"Content-Type: auth/request\n\n"
        b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
        b"Content-Type: api/response\nContent-Length: 4\n\n+OK\n"
        b"Content-Type: log/data\nContent-Length: 3\nLog-Level: 2\n\nabc"
        b"Content-Type: text/disconnect-notice\nContent-Length: 4\n\nBye\n"
    )
    assert [message.name for message in found] == [AUTH, REPLY, ANSWER, LOG, GOODBYE]
    assert (found[1].find(b"Reply-Text"), found[2].answer, found[3].answer) == ("+OK accepted", "+OK\n", "abc")
    assert (parser.messages, parser.broken) == (5, None)


def test_an_inner_body_is_no_part_of_the_fields() -> None:
    """BACKGROUND_JOB and RECV_INFO carry a caller's own text unencoded after an empty line."""
    inner = (
        b"Event-Subclass: callcenter%3A%3Ainfo\nEvent-Name: CUSTOM\nContent-Length: 23\n\nCC-Action: forged\nabcde\n"
    )
    _, (message,) = read(b"Content-Length: %d\nContent-Type: text/event-plain\n\n" % len(inner) + inner)
    assert (message.find(b"CC-Action"), message.body[:9]) == (None, b"CC-Action")


def test_what_is_not_wanted_is_passed_by_and_named() -> None:
    parser, found = read(event_frame([b"Event-Name: CHANNEL_STATE", b"X: 1"]) + event_frame([b"Event-Name: HEARTBEAT"]))
    assert [message.name for message in found] == [b"HEARTBEAT"]
    assert (parser.names, parser.messages, parser.kept) == ({b"Event-Name: CHANNEL_STATE"}, 2, 1)


def test_a_custom_event_may_name_itself_before_its_subclass() -> None:
    _, found = read(event_frame([b"Event-Name: CUSTOM", b"Event-Subclass: callcenter%3A%3Ainfo", b"Unique-ID: 1"]))
    assert [message.name for message in found] == [b"callcenter::info"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"X: 1\n\n", MalformedReason.HEADLESS),
        (b"Content-Length: 1x\nContent-Type: text/event-plain\n\n", MalformedReason.BAD_LENGTH),
        (b"Content-Type: text/event-plain\n\nEvent-Name: HEARTBEAT\n\n", MalformedReason.BAD_LENGTH),
        (b"Content-Type: api/response\nContent-Length: 4\nContent-Length: 9\n\n", MalformedReason.BAD_LENGTH),
        (b"a" * 70_000, MalformedReason.TOO_LONG),
    ],
    ids=["no type", "length no number", "event without length", "two lengths", "endless head"],
)
def test_a_frame_whose_length_cannot_be_trusted_ends_the_reading(data: bytes, reason: MalformedReason) -> None:
    """What follows may be a caller's own text: only a new connection is in step again."""
    parser, found = read(data + join_event("Wang"))
    assert (found, parser.broken, parser.feed(join_event("Li"))) == ([], reason, [])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (event_frame([b"Nothing: of ours"]), MalformedReason.HEADLESS),
        (event_frame([b"Event-Name: HEARTBEAT", b"X: " + b"a" * MAX_EVENT]), MalformedReason.TOO_LONG),
        (b"Content-Length: 3\nContent-Type: text/event-json\n\n{{{", MalformedReason.BAD_JSON),
        (b"Content-Length: 2\nContent-Type: text/event-json\n\n{}", MalformedReason.HEADLESS),
    ],
)
def test_a_bad_event_is_counted_and_the_next_one_read(data: bytes, reason: MalformedReason) -> None:
    parser, found = read(data + join_event("Wang"))
    assert [message.name for message in found] == [b"callcenter::info"]
    assert dict(parser.malformed) == {reason: 1}


def test_a_list_in_json_reads_as_in_plain() -> None:
    """The plain format writes a header that stands several times as ARRAY::a|:b."""
    body = b'{"Event-Name":"HEARTBEAT","history":["a","b"]}'
    _, (message,) = read(b"Content-Length: %d\nContent-Type: text/event-json\n\n" % len(body) + body)
    assert message.find(b"history") == "ARRAY::a|:b"


def test_a_field_that_stands_twice_is_not_believed() -> None:
    _, (message,) = read(event_frame([b"Event-Name: HEARTBEAT", b"Core-UUID: a", b"Core-UUID: b"]))
    with pytest.raises(MalformedError) as caught:
        message.text(b"Core-UUID")
    assert caught.value.reason is MalformedReason.DUPLICATE_FIELD


@pytest.mark.parametrize("value", [b"-1", b"1.5", b"", b"\xc2\xb2", b"9" * 30])
def test_a_number_is_digits(value: bytes) -> None:
    _, (message,) = read(event_frame([b"Event-Name: HEARTBEAT", b"N: " + value]))
    with pytest.raises(MalformedError):
        message.number(b"N")


# --- lists ---------------------------------------------------------------------------------------------------------


def test_every_list_of_the_capture_is_read_whole() -> None:
    """217 answers of a real switch; 12 agents, 19 tiers, 3 queues each time, not a row left over."""
    answers = [(one.cmd, one.answer) for one in capture("plain").polls]
    agents = [parse_agents(answer) for command, answer in answers if command.endswith("agent list")]
    tiers = [parse_tiers(answer) for command, answer in answers if command.endswith("tier list")]
    queues = [parse_queues(answer) for command, answer in answers if command.endswith("queue list")]
    members = [parse_members(answer) for command, answer in answers if "members" in command]
    channels = [parse_channels(answer) for command, answer in answers if command.startswith("show")]
    assert len(agents) + len(tiers) + len(queues) + len(members) + len(channels) == len(answers) == 217
    assert {len(one.rows) for one in agents} == {12}
    assert {len(one.rows) for one in tiers} == {19}
    assert {len(one.rows) for one in queues} == {3}
    assert sum(len(one.rows) for one in members) == 319
    assert not sum(one.unreadable for one in agents) + sum(one.unreadable for one in tiers)
    assert not sum(one.unreadable for one in queues) + sum(one.unreadable for one in members)


def test_hostile_names_of_the_capture_stay_names() -> None:
    """Line breaks, pipes and a forged action come back as they were given."""
    members = [
        one for polled in capture("plain").polls if "members" in polled.cmd for one in parse_members(polled.answer).rows
    ]
    names = {one.name for one in members}
    assert {
        "Pipe|in|name",
        "CR\r\nLF: x",
        "Content-Length: 5\n\nhello",
        "Line1\nCC-Action: bridge-agent-start\nX: 1",
    } <= names
    assert {one.state for one in members} == {"Waiting", "Trying", "Answered", "Abandoned"}


def test_a_line_that_begins_no_row_spoils_only_itself() -> None:
    """A leftover is counted; the rows before and behind it stand."""
    answer = f"{MEMBER_HEAD}\n{member_row('Wang')}\na leftover\n{member_row('Li')}\nsales@default|b|m|s|1|cut\n+OK\n"
    listed = parse_members(answer)
    assert [row.name for row in listed.rows] == ["Wang", "Li"]
    assert listed.unreadable == 2


@pytest.mark.parametrize(
    "answer", ["", "-ERR callcenter_config Command not found!\n", "something|else\n+OK\n", "name|x\n"]
)
def test_what_is_no_list_is_refused_in_the_switch_s_own_words(answer: str) -> None:
    with pytest.raises(ListError) as caught:
        parse_agents(answer)
    assert str(caught.value).startswith(answer[:20].strip() or "an empty answer")


def test_a_dial_string_with_several_telephones_is_one_column() -> None:
    """`|` means one after the other in a dial string."""
    head = "name|instance_id|uuid|type|contact|status|state|" + "|".join("n" * 14)
    row = "1001|single_box||callback|user/1001|user/1901|Available|Waiting|" + "|".join("7" * 14)
    (agent,) = parse_agents(f"{head}\n{row}\n+OK\n").rows
    assert (agent.contact, agent.status, agent.wrap_up_s) == ("user/1001|user/1901", "Available", 7)


@pytest.mark.parametrize(
    ("contact", "extension"),
    [
        ("[leg_timeout=8,absolute_codec_string=PCMU]sofia/pbx/1001@127.0.0.1:15080", "1001"),
        ("{a=b}[c=d]loopback/1005/lagents", "1005"),
        ("user/1001@default", "1001"),
        ("sofia/gateway/trunk", "trunk"),
        ("", ""),
    ],
)
def test_the_extension_stands_in_the_dial_string(contact: str, extension: str) -> None:
    assert extension_of(contact) == extension


def test_a_contact_s_name_begins_with_its_second() -> None:
    """So contacts sort by time, whatever the switch's uuids are."""
    assert contact_id(1795295813, "770d1f3c-2666-40af-8bf3-3a2b5115186e") == "1795295813.770d1f3c"
