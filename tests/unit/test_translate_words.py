"""Asterisk's own names and files: interfaces to staff numbers, queues.conf to settings."""

import pytest

from streams.translate.asterisk_words import (
    PatternError,
    QueueSettings,
    SwitchSettings,
    agent_id_of,
    check_agent_pattern,
    parse_queues_conf,
)
from streams.vocabulary.ids import QueueName


@pytest.mark.parametrize(
    ("interface", "agent"),
    [
        ("PJSIP/2001", "2001"),
        ("SIP/2001", "2001"),
        ("Local/1001@agents", "1001"),
        ("Local/1001@agents/n", "1001"),
        ("Agent/1001", "1001"),
        ("PJSIP/2001@trunk", "2001"),
        ("Local/1001@agents-00000002;1", "1001"),
        ("SIP/trunk/5551", "5551"),
        ("DAHDI/g1/5551", "5551"),
        ("PJSIP/trunk/sip:5551@10.0.0.9", "5551"),
        ("hint:1001@agents", "1001"),
        ("Agent:1001", "1001"),
        ("IAX2/user:word@host", "user"),
        ("2001", "2001"),
        ("PJSIP/坐席一", "坐席一"),
        ("", ""),
        ("/", "/"),
        ("@", "@"),
    ],
)
def test_a_person_is_one_agent_whichever_telephone_rings(interface: str, agent: str) -> None:
    assert agent_id_of(interface) == agent


def test_a_centre_with_other_interfaces_says_where_the_staff_number_stands() -> None:
    """`PJSIP/gz-2001-softphone`: the digits in the middle; whoever does not fit is known by the whole interface."""
    pattern = check_agent_pattern(r"-(\d+)-")
    assert agent_id_of("PJSIP/gz-2001-softphone", pattern) == "2001"
    assert agent_id_of("PJSIP/reception", pattern) == "PJSIP/reception"


@pytest.mark.parametrize(("pattern", "why"), [("(", "no regular expression"), (r"\d+", "needs one")])
def test_a_pattern_that_cannot_work_is_refused_with_its_reason(pattern: str, why: str) -> None:
    with pytest.raises(PatternError, match=why):
        check_agent_pattern(pattern)


def settings(text: str, queue: str = "sales") -> QueueSettings:
    return parse_queues_conf(text).queues[QueueName(queue)]


@pytest.mark.parametrize(
    ("line", "wrap_up_s"),
    [
        ("wrapuptime=8", 8),
        ("wrapuptime = 8 ; seconds", 8),
        ("wrapuptime => 8", 8),
        ("WrapUpTime=8", 8),
        ("  wrapuptime = 8\r", 8),
        ("; wrapuptime=8", None),
        ("wrapuptime=", None),
        ("wrapuptime=soon", None),
        ("wrapuptime=-1", None),
        ("wrapuptime=²", None),
        ("wrapuptime=" + "9" * 5000, None),
        ("wrapuptime", None),
        ("wrapuptime=8\nwrapuptime=9", 9),
        ("wrapuptime=8\n;--\nwrapuptime=9\n--;", 8),
        (";-- wrapuptime=9 --; wrapuptime=8", 8),
        ("wrapuptime=8\n;--- a row of dashes is one comment\nwrapuptime=9", 9),
        ("announce=a\\;b\nwrapuptime=8", 8),
        ("member => PJSIP/1,0,A\u2028wrapuptime=9\nwrapuptime=8", 8),
    ],
)
def test_a_value_as_asterisk_reads_it(line: str, wrap_up_s: int | None) -> None:
    assert settings(f"[sales]\n{line}\n").wrap_up_s == wrap_up_s


def test_a_template_gives_its_values_and_is_no_queue() -> None:
    read = parse_queues_conf("[base](!)\nservicelevel=20\nwrapuptime=5\n[sales](base)\nwrapuptime=8\n")
    assert read.queues == {QueueName("sales"): QueueSettings(wrap_up_s=8, target_s=20)}


def test_of_two_templates_the_later_wins() -> None:
    text = "[a](!)\nwrapuptime=5\nservicelevel=30\n[b](!)\nwrapuptime=6\n[sales](a,b)\n"
    assert settings(text) == QueueSettings(wrap_up_s=6, target_s=30)


def test_a_template_of_a_template() -> None:
    assert settings("[a](!)\nwrapuptime=5\n[b](!,a)\nservicelevel=30\n[sales](b)\n") == QueueSettings(
        wrap_up_s=5, target_s=30
    )


def test_a_section_may_be_continued() -> None:
    assert settings("[sales]\nwrapuptime=5\n[vip]\n[sales](+)\nservicelevel=30\n") == QueueSettings(
        wrap_up_s=5, target_s=30
    )


def test_a_template_that_does_not_exist_gives_nothing() -> None:
    assert settings("[sales](nobody)\nwrapuptime=5\n").wrap_up_s == 5


@pytest.mark.parametrize(("value", "shared"), [("yes", True), ("1", True), ("no", False), ("perhaps", False)])
def test_shared_lastcall_is_general(value: str, shared: bool) -> None:
    assert parse_queues_conf(f"[general]\nshared_lastcall={value}\n").shared_lastcall is shared


def test_asterisks_default_is_not_shared() -> None:
    assert parse_queues_conf("[sales]\n").shared_lastcall is False


@pytest.mark.parametrize("text", ["", "\x00", "[", "[]", "=", "[sales", "wrapuptime=8", "#include other.conf", "]("])
def test_a_hostile_file_is_no_queue_and_no_error(text: str) -> None:
    assert parse_queues_conf(text).queues == {}


def test_a_queue_without_wrap_up_and_one_not_in_the_file_are_the_same() -> None:
    read = parse_queues_conf("[sales]\n")
    assert (read.wrap_up_s(QueueName("sales")), read.wrap_up_s(QueueName("vip"))) == (0, 0)


def test_targets_are_those_the_file_names() -> None:
    told = SwitchSettings(queues={QueueName("a"): QueueSettings(target_s=20), QueueName("b"): QueueSettings()})
    assert told.targets_ms() == {"a": 20_000}
