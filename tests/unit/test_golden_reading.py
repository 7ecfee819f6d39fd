"""Golden dialogues as people write them: what lines mean, and every fault with its line."""

from scoring.case import Kind
from scoring.golden import read_golden
from scoring.golden_talk import talk
from scoring.library import load_scheme

SCHEME = load_scheme("telecom-service.zh")

FAULTY = """
[[dialogue]]
id = "one"
lines = '''
A: 您好
B: 谁
A: {稍等}
C: [再见](closng)
* dance
'''
expect = { greeting = "hits", closng = "hit" }
facts = { mood = "bad" }
sound = 3

[[dialogue]]
id = "one"
lines = "A: 您好"
expect = {}
"""


def test_every_fault_of_a_file_is_told_at_once_with_its_line() -> None:
    """Lines of a dialogue, outcomes, items, facts, keys, names given twice."""
    golden = read_golden(FAULTY, file="x.golden.toml", scheme=SCHEME)
    told = [(fault.line, fault.message.split(": ")[-1]) for fault in golden.faults]
    assert [line for line, _ in told] == [6, 7, 8, 9, 11, 11, 12, 13, 16]
    assert "neither said nor" in told[0][1]
    assert told[2][1] == "the scheme has no item 'closng'"
    assert all(fault.mend for fault in golden.faults)


def test_text_that_is_no_toml_is_a_fault() -> None:
    """Nothing else is raised, whatever is written."""
    for text in (
        "",
        "dialogue = 3",
        "[[dialogue]]",
        "[[dialogue]\n",
        "x" * 1_000_001,
        "a.b" * 300,
        "[[dialogue]]\nid=1",
    ):
        golden = read_golden(text, file="x")
        assert golden.faults, text[:20]


def test_words_take_time_and_stand_one_behind_the_other() -> None:
    """A character 0.22 s, a Latin word 0.35 s; a written time is kept."""
    said = talk("A: 您好\nC@4.5: hello, there", name="d", facts={}).case.transcript.utterances
    assert [(one.role, one.start_ms, one.end_ms, one.text) for one in said] == [
        ("agent", 300, 740, "您好"),
        ("customer", 4_500, 5_200, "hello there"),
    ]


def test_what_happens_is_told_beside_what_is_said() -> None:
    """A hold, unread speech, a mark, who hung up; without events nobody knows any of it."""
    text = "A: 您好\n* hold 20\n* unread C 5\n* survey 2\n* transfer blind 2001\nA: 好\n* hang_up agent 3"
    case = talk(text, name="d", facts={}).case
    assert case.happenings is not None
    kinds = [one.kind for one in case.happenings]
    assert kinds == [Kind.ANSWERED, Kind.HOLD, Kind.SURVEY, Kind.TRANSFER, Kind.ENDED]
    assert case.happenings[1].end_ms == case.happenings[1].start_ms + 20_000
    assert (case.happenings[3].reason, case.happenings[3].target) == ("blind", "2001")
    assert case.happenings[-1].start_ms == case.transcript.utterances[-1].end_ms + 3_000 == case.now_ms
    assert [one.channel for one in case.transcript.unread] == [1]
    assert talk(text, name="d", facts={}, events=False).case.happenings is None


def test_weak_and_hidden_words_are_noted_in_braces() -> None:
    """A confidence, or what kind of number was hidden; both may stand in a mark."""
    read = talk("C: 我要[{投诉 0.4}](x)，{●●●● code}", name="d", facts={})
    (said,), transcript = read.case.transcript.utterances, read.case.transcript
    assert [(word.text, word.confidence) for word in said.words[2:5]] == [("投", 0.4), ("诉", 0.4), ("●●●●", 1.0)]
    assert [(span.kind, span.end_ms - span.start_ms) for span in transcript.redacted] == [("code", 600)]
    assert [(mark.text, dict(mark.items)) for mark in read.marks] == [("投诉", {"x": ""})]


def test_one_channel_has_no_roles() -> None:
    """As a mono recording has none."""
    transcript = talk("A: 您好\nC: 你好", name="d", facts={}, roles=False).case.transcript
    assert {(one.channel, one.role) for one in transcript.utterances} == {(0, "unknown")}
    assert transcript.channels == 1
