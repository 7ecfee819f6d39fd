"""Any messages in any order, with fields missing or senseless: the reader goes on and the floor's sums hold."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.floor.fold import Floor
from streams.translate.asterisk import WANTED
from streams.vocabulary.codec import decode_event, encode
from streams.vocabulary.ids import Millis, SiteId
from tests.ami_story import T0, Switch
from tests.property.test_floor_fold import conserved

CHANNELS = st.sampled_from(["1.1", "2.2", "3.3", "9.9"])
NUMBER = st.sampled_from(["0", "1", "7", "-1", "--5", "", "x", "²", "9" * 30])
FIELDS: dict[str, st.SearchStrategy[str]] = {
    "Uniqueid": CHANNELS,
    "DestUniqueid": CHANNELS,
    "TransfererUniqueid": CHANNELS,
    "OrigTransfererUniqueid": CHANNELS,
    "Queue": st.sampled_from(["sales", "vip", ""]),
    "Interface": st.sampled_from(["PJSIP/1001", "Local/1002@agents/n", "", "/"]),
    "Location": st.sampled_from(["PJSIP/1001", "Local/1002@agents/n"]),
    "Channel": st.sampled_from(["PJSIP/1001-00000001", "PJSIP/trunk-00000002"]),
    "Reason": st.sampled_from(["caller", "agent", "transfer", "?"]),
    "Result": st.sampled_from(["Success", "Fail"]),
    "DialStatus": st.sampled_from(["ANSWER", "NOANSWER", "CANCEL"]),
    "Variable": st.sampled_from(["QUEUESTATUS", "MIXMONITOR_FILENAME"]),
    "Value": st.sampled_from(["TIMEOUT", "FULL", "CONTINUE", "/r/a.wav", "😀"]),
    "Application": st.sampled_from(["Queue", "AppQueue"]),
    "AppData": st.sampled_from(["sales,tT", "", ","]),
    "ApplicationData": st.sampled_from(["sales,tT", "vip"]),
    "BridgeId": st.sampled_from(["b1", "b2", ""]),
    "Timestamp": st.sampled_from(["1795291200.5", "x", "", "²"]),
    "ServicelevelPerf": st.sampled_from(["50.0", "nan", "", "9" * 400]),
    "ServicelevelPerf2": st.sampled_from(["50.0", "-1"]),
    "Cause": NUMBER,
    "Status": NUMBER,
    "Paused": NUMBER,
    "PausedReason": st.sampled_from(["lunch", ""]),
    "LastPause": NUMBER,
    "LastCall": NUMBER,
    "HoldTime": NUMBER,
    "TalkTime": NUMBER,
    "Wait": NUMBER,
    "Completed": NUMBER,
    "Abandoned": NUMBER,
    "ServiceLevel": NUMBER,
    "Position": NUMBER,
    "Penalty": NUMBER,
}
NAMES = st.sampled_from([*sorted(name.decode() for name in WANTED), "lost", "connected"])
GOOD = dict.fromkeys(("Cause", "Status", "Paused", "HoldTime", "TalkTime", "Wait"), "1")


@st.composite
def one_message(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Mostly whole messages with sensible numbers, so that calls really come about."""
    fields = {name: draw(values) for name, values in FIELDS.items()}
    if draw(st.integers(0, 3)):
        fields |= GOOD
    for gone in draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=2)):
        fields.pop(gone, None)
    return draw(NAMES), fields


@settings(max_examples=200, deadline=None)
@given(st.lists(one_message(), max_size=50))
def test_no_story_a_switch_may_tell_stops_the_reader_or_breaks_the_sums(told: list[tuple[str, dict[str, Any]]]) -> None:
    switch, floor = Switch(), Floor(SiteId("gz"))
    seqs = []
    for number, (name, fields) in enumerate(told):
        at = number * 700
        if name == "lost":
            events = switch.translator.lost(Millis(T0 + at))
        elif name == "connected":
            events = switch.connect_source(at)
        else:
            events = switch.hear(at, name, **fields)
        for event in events:
            seqs.append(event.seq)
            floor.apply(decode_event(encode(event)))
        for queue in floor.queues.values():
            conserved(queue)
    assert seqs == sorted(set(seqs))
