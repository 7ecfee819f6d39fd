"""Any events and lists in any order, fields missing or senseless: the translator goes on, the floor's sums hold."""

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.vocabulary.codec import decode_event, encode
from streams.vocabulary.ids import Millis
from streams.wire.esl_lists import ListedTier
from tests.fs_story import SALES, T0, Centre, listed_agent, listed_channel, listed_member

AGENTS = st.sampled_from(["1001", "1002", "zoé-1012@default", ""])
MEMBERS = st.sampled_from(["m1", "m2", "m3", ""])
NUMBER = st.sampled_from(["0", "1", "1795296001", "1795296001000000", "-1", "", "x", "²", "9" * 30])
FIELDS: dict[str, st.SearchStrategy[str]] = {
    "CC_Action": st.sampled_from(
        [
            "member-queue-start",
            "member-queue-resume",
            "member-queue-end",
            "agent-offering",
            "bridge-agent-start",
            "bridge-agent-end",
            "bridge-agent-fail",
            "agent-status-change",
            "agent-state-change",
            "agent-max-no-answer",
            "agent-contact-change",
            "members-count",
            "",
        ]
    ),
    "CC_Queue": st.sampled_from([SALES, "vip", ""]),
    "CC_Agent": AGENTS,
    "CC_Agent_UUID": st.sampled_from(["leg-1", "leg-2", ""]),
    "CC_Agent_Status": st.sampled_from(["Available", "Available (On Demand)", "On Break", "Logged Out", "?"]),
    "CC_Agent_State": st.sampled_from(["Waiting", "Receiving", "In a queue call", "Idle", "?"]),
    "CC_Agent_Contact": st.sampled_from(["sofia/pbx/1@h", "[", ""]),
    "CC_Agent_Bridged": st.sampled_from(["true", "false"]),
    "CC_Member_UUID": MEMBERS,
    "CC_Member_Session_UUID": st.sampled_from(["s1", "s2", ""]),
    "CC_Cause": st.sampled_from(["Terminated", "Cancel", ""]),
    "CC_Cancel_Reason": st.sampled_from(["BREAK_OUT", "TIMEOUT", "NONE", "?"]),
    "CC_Hangup_Cause": st.sampled_from(["SUCCESS", "USER_BUSY", "LOSE_RACE", "?"]),
    "CC_Member_Joined_Time": NUMBER,
    "CC_Agent_Answered_Time": NUMBER,
    "CC_Agent_Aborted_Time": NUMBER,
    "CC_Bridge_Terminated_Time": NUMBER,
    "Caller_Channel_Created_Time": NUMBER,
    "Caller_Channel_Hangup_Time": NUMBER,
    "Answer_State": st.sampled_from(["hangup", "answered"]),
    "Unique_ID": st.sampled_from(["s1", "s2", "leg-1", "leg-2"]),
    "Record_File_Path": st.just("/r/a.wav"),
    "variable_cc_side": st.sampled_from(["member", "agent"]),
    "variable_sip_hangup_disposition": st.sampled_from(["recv_bye", "send_bye"]),
}
EVENT = st.tuples(
    st.sampled_from(["callcenter::info"] * 12 + ["CHANNEL_HOLD", "CHANNEL_UNHOLD", "RECORD_START", "RECORD_STOP"]),
    st.fixed_dictionaries({}, optional=FIELDS),
)
AGENT = st.builds(
    lambda name, status, state, leg, ended, ready: listed_agent(
        name, status=status, state=state, channel=leg, last_bridge_end=ended, ready_time=ready
    ),
    AGENTS,
    st.sampled_from(["Available", "On Break", "Logged Out", "?"]),
    st.sampled_from(["Waiting", "Receiving", "In a queue call", "Idle", "?"]),
    st.sampled_from(["", "leg-1", "leg-2"]),
    st.sampled_from([0, T0 // 1000, 99_999_999_999]),
    st.sampled_from([0, T0 // 1000 + 5, 99_999_999_999]),
)
MEMBER = st.builds(
    lambda member, state, session, agent, queue: listed_member(
        member, state=state, session=session, agent=agent, queue=queue
    ),
    MEMBERS,
    st.sampled_from(["Waiting", "Trying", "Answered", "Abandoned"]),
    st.sampled_from(["s1", "s2", ""]),
    st.sampled_from(["1001", "ring-all", ""]),
    st.sampled_from([SALES, "vip"]),
)
CHANNEL = st.builds(
    lambda uuid, state, call: listed_channel(uuid, callstate=state, call_uuid=call),
    st.sampled_from(["s1", "s2", "leg-1", "leg-2"]),
    st.sampled_from(["ACTIVE", "HELD", ""]),
    st.sampled_from(["s1", "s2", "nobody"]),
)
TIER = st.builds(
    lambda agent, state, queue: ListedTier(queue=queue, agent=agent, state=state, level=1),
    AGENTS,
    st.sampled_from(["Ready", "Offering", "Active Inbound", "?"]),
    st.sampled_from([SALES, "vip"]),
)
PICTURE = st.tuples(*(st.lists(one, max_size=3).map(tuple) for one in (AGENT, MEMBER, CHANNEL, TIER)))
STEP = st.one_of(EVENT, EVENT, EVENT, PICTURE, st.just("lost"), st.just("restart"))


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=40))
def test_no_soup_stops_the_translator_or_breaks_the_sums(steps: list[object]) -> None:
    """offered = answered + every way out + lost + waiting, per queue; every event survives its own encoding."""
    centre = Centre().start()
    for at, step in enumerate(steps, start=1):
        if step == "lost":
            centre.lose(at)
        elif step == "restart":
            centre.core = f"core-{at}"
        elif isinstance(step, tuple) and len(step) == 2:
            centre.event(at, step[0], **step[1])
        elif isinstance(step, tuple):
            agents, members, channels, tiers = step
            centre.picture(at, agents=agents, members=members, channels=channels, tiers=tiers)
    centre.floor.advance(Millis(T0 + 100_000))
    for queue in centre.floor.queues.values():
        today = queue.today
        left = today.answered + today.abandoned + sum(today.overflowed.values()) + today.lost
        assert today.offered == left + len(queue.waiting)
    assert [decode_event(encode(one)) for one in centre.told] == centre.told
    assert len({one.seq for one in centre.told}) == len(centre.told)
