"""Amazon Connect's agent events: what each change of a snapshot tells."""

from collections.abc import Callable

import pytest

from streams.floor.fold import Floor
from streams.translate.amazon_connect import ConnectTranslator
from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import AgentState, Order
from tests.golden.connect.stage import Agent, contact_id, iso, millis

NOW = Millis(millis("12:00"))


def translator() -> ConnectTranslator:
    return ConnectTranslator(site=SiteId("s"), source=SourceId("connect"))


def told(story: Callable[[Agent], None], *, last: int = 1) -> list[ev.Event]:
    """What the last events of a story tell."""
    lines: list[tuple[str, str]] = []
    story(Agent(lines, "wang", "小明", "王", ["Sales"]))
    here = translator()
    events = [here.translate(text.encode(), NOW) for _, text in lines]
    assert here.refused == {}
    return [event for one in events[-last:] for event in one]


def names(events: list[ev.Event]) -> list[str]:
    return [str(event.__struct_config__.tag) for event in events]


def ring(agent: Agent) -> None:
    agent.login("9:00", "Available")
    agent.contact("9:05:05", "c1", "CONNECTING", queue="Sales", queued="9:05:00")


def talk(agent: Agent) -> None:
    ring(agent)
    agent.contact("9:05:12", "c1", "CONNECTED")


def refused(state: str) -> Callable[[Agent], None]:
    return lambda agent: (ring(agent), agent.contact("9:05:25", "c1", state))[0]


def test_login_while_available_signs_in_with_queues_and_skills() -> None:
    events = told(lambda agent: agent.login("9:00", "Available"))
    assert names(events) == ["agent_signed_in", "agent_joined_queue", "agent_skills"]
    assert isinstance(events[0], ev.AgentSignedIn)
    assert (events[0].agent, events[0].name, events[0].not_ready) == ("wang", "王小明", False)
    assert isinstance(events[1], ev.AgentJoinedQueue)
    assert events[1].queue == "Sales"  # the agent's own nameless queue is none of his service
    assert isinstance(events[2], ev.AgentSkills)
    assert events[2].skills == {"Language:zh": 5}


def test_login_while_offline_is_signed_out() -> None:
    assert names(told(lambda agent: agent.login("9:00", "Offline"))) == ["agent_signed_out"]


def test_a_custom_status_is_not_ready_with_its_name() -> None:
    events = told(lambda agent: (agent.login("9:00", "Available"), agent.status("9:10", "培训"))[0])
    assert names(events) == ["agent_not_ready"]
    assert isinstance(events[0], ev.AgentNotReady)
    assert (events[0].reason, events[0].queue, events[0].at) == ("培训", "", millis("9:10"))


def test_statuses_without_a_type_are_told_by_their_names() -> None:
    """Streams of before 2020."""

    def story(agent: Agent) -> None:
        agent.login("9:00", "Available")
        del agent.snapshot["AgentStatus"]["Type"]
        agent.status("9:10", "Lunch")
        del agent.snapshot["AgentStatus"]["Type"]

    assert names(told(story)) == ["agent_not_ready"]


def test_an_offered_contact_is_first_heard_of_with_its_wait() -> None:
    events = told(ring)
    assert names(events) == ["contact_seen", "contact_offered"]
    assert isinstance(events[0], ev.ContactSeen)
    assert (events[0].contact, events[0].leg, events[0].queue, events[0].wait_ms) == (
        contact_id("c1"),
        1,
        "Sales",
        5000,
    )


def test_an_answer_tells_wait_and_ring() -> None:
    [answer] = told(talk)
    assert isinstance(answer, ev.ContactAnswered)
    assert (answer.wait_ms, answer.ring_ms, answer.agent) == (12_000, 7_000, "wang")


@pytest.mark.parametrize(
    ("state", "reason", "rang"),
    [("MISSED", "no_answer", 20_000), ("REJECTED", "rejected", 20_000), ("ERROR", "withdrawn", 20_000)],
)
def test_an_offer_not_taken_keeps_its_agent_not_ready(state: str, reason: str, rang: int) -> None:
    events = told(refused(state))
    assert names(events) == ["agent_not_ready", "contact_declined"]
    assert isinstance(events[0], ev.AgentNotReady)
    assert events[0].reason == state.lower()
    assert isinstance(events[1], ev.ContactDeclined)
    assert (events[1].reason, events[1].ring_ms) == (reason, rang)


def test_clearing_a_missed_contact_makes_ready() -> None:
    assert names(told(lambda agent: (refused("MISSED")(agent), agent.clear("9:06", "c1"))[0])) == ["agent_ready"]


def test_hold_and_back() -> None:
    def story(agent: Agent) -> None:
        talk(agent)
        agent.contact("9:06:00", "c1", "CONNECTED_ONHOLD")
        agent.contact("9:06:40", "c1", "CONNECTED")

    assert names(told(story, last=2)) == ["contact_held", "contact_resumed"]


def test_an_end_begins_after_contact_work_until_it_is_cleared() -> None:
    def story(agent: Agent) -> None:
        talk(agent)
        agent.contact("9:08:12", "c1", "ENDED")
        agent.clear("9:09:00", "c1")

    events = told(story, last=2)
    assert names(events) == ["contact_ended", "wrap_up_started", "wrap_up_ended"]
    assert isinstance(events[0], ev.ContactEnded)
    assert events[0].talk_ms == 180_000


def test_after_contact_work_of_two_ends_with_the_last() -> None:
    def story(agent: Agent) -> None:
        agent.login("9:00", "Available")
        for name in ("a", "b"):
            agent.contact("9:05", name, "CONNECTING", queue="Chat", queued="9:05", channel="CHAT")
            agent.contact("9:05", name, "CONNECTED")
        agent.contact("9:06", "a", "ENDED")
        agent.contact("9:07", "b", "ENDED")
        agent.clear("9:08", "b")
        agent.clear("9:09", "a")

    events = told(story, last=2)
    assert names(events) == ["wrap_up_started", "wrap_up_ended"]
    assert isinstance(events[0], ev.WrapUpStarted)
    assert events[0].contact == contact_id("a")


def test_the_next_status_is_reserved_and_then_comes() -> None:
    def story(agent: Agent) -> None:
        talk(agent)
        agent.next_status("9:06", "Lunch")
        agent.contact("9:07", "c1", "ENDED")
        agent.clear("9:08", "c1", then="Lunch")

    events = told(story, last=3)
    assert names(events) == [
        "agent_reserved", "contact_ended", "wrap_up_started", "agent_not_ready", "wrap_up_ended", "agent_reserved",
    ]  # fmt: skip
    first, last = events[0], events[-1]
    assert isinstance(first, ev.AgentReserved)
    assert isinstance(last, ev.AgentReserved)
    assert (first.state, first.reason, last.state) == (AgentState.NOT_READY, "Lunch", AgentState.READY)


def test_an_answer_the_stream_left_out_is_told_from_the_end() -> None:
    """A shard was trimmed: the first that is heard of a contact is its end."""

    def story(agent: Agent) -> None:
        talk(agent)
        agent.contact("9:08:12", "c1", "ENDED")
        text = agent.lines.pop()[1].replace('"State": "CONNECTED"', '"State": "CONNECTING"', 1)
        assert '"PreviousAgentSnapshot"' in text
        current, _, previous = text.partition('"PreviousAgentSnapshot"')
        agent.lines.append(
            ("9:08:12", current + '"PreviousAgentSnapshot"' + previous.replace("CONNECTED", "CONNECTING"))
        )

    assert names(told(story)) == ["contact_answered", "contact_ended", "wrap_up_started"]


def test_an_outbound_contact_is_dialled_and_reached() -> None:
    def story(agent: Agent) -> None:
        agent.login("9:00", "Available")
        agent.contact("9:05", "c1", "CONNECTING", queue="Sales", method="OUTBOUND")
        agent.contact("9:05:20", "c1", "CONNECTED")

    assert names(told(story, last=2)) == ["contact_dialled", "contact_answered"]


def test_an_outbound_contact_that_fails_is_over() -> None:
    def story(agent: Agent) -> None:
        agent.login("9:00", "Available")
        agent.contact("9:05", "c1", "CONNECTING", queue="Sales", method="OUTBOUND")
        agent.contact("9:05:20", "c1", "ERROR")

    assert names(told(story)) == ["agent_not_ready", "contact_abandoned"]


def test_listening_in_is_no_visit() -> None:
    def story(agent: Agent) -> None:
        agent.login("9:00", "Available")
        agent.contact("9:05", "m", "CONNECTED", queue="Sales", method="MONITOR")

    assert told(story) == []


def test_a_heartbeat_says_how_things_stand() -> None:
    events = told(lambda agent: (talk(agent), agent.heartbeat("9:08"))[0])
    assert names(events) == ["source_heard", "agent_seen", "talk_seen"]
    seen, talks = events[1], events[2]
    assert isinstance(seen, ev.AgentSeen)
    assert (seen.queue, seen.signed_in, seen.in_contact) == ("", True, True)
    assert isinstance(talks, ev.TalkSeen)
    assert (talks.queued_at, talks.answered_at, talks.held) == (millis("9:05:00"), millis("9:05:12"), False)


def test_heartbeats_after_a_logout_sign_nobody_in() -> None:
    """They go on for an hour with the status the agent left behind (guide, HEART_BEAT)."""

    def story(agent: Agent) -> None:
        agent.login("9:00", "Available")
        agent.logout("9:10")
        agent.heartbeat("9:12")

    assert names(told(story, last=2)) == ["agent_signed_out", "source_heard"]


def test_a_late_heartbeat_does_not_overrule_what_is_newer() -> None:
    lines: list[tuple[str, str]] = []
    agent = Agent(lines, "wang", "小明", "王", ["Sales"])
    agent.login("9:00", "Available")
    agent.heartbeat("9:02")
    agent.status("9:03", "Lunch")
    here = translator()
    for number in (0, 2):
        here.translate(lines[number][1].encode(), NOW)
    assert names(here.translate(lines[1][1].encode(), NOW)) == ["source_heard"]


def test_a_redelivered_event_has_the_same_numbers() -> None:
    assert [event.id for event in told(talk, last=3)] == [event.id for event in told(talk, last=3)]
    events = told(talk, last=3)
    assert len({event.seq for event in events}) == len(events)
    assert all(0 <= event.seq < 2**62 for event in events)


def test_what_one_message_tells_is_numbered_upwards() -> None:
    """So that events of one moment keep their order where time cannot say."""
    numbers = [event.seq for event in told(lambda agent: agent.login("9:00", "Available"))]
    assert numbers == sorted(numbers)


def test_after_a_start_the_heartbeats_make_up_the_picture() -> None:
    lines: list[tuple[str, str]] = []
    agent = Agent(lines, "wang", "小明", "王", ["Sales"])
    agent.status("9:00", "Available")
    for minute in (2, 4, 6):
        agent.heartbeat(f"9:0{minute}")
    here = translator()
    began = here.started(Millis(millis("9:01")))
    assert names(began) == ["source_connected", "source_lost"]
    assert isinstance(began[0], ev.SourceConnected)
    assert began[0].order is Order.TIMED
    events = [event for when, text in lines[1:] for event in here.translate(text.encode(), Millis(millis(when) + 5000))]
    assert names(events).count("resync_began") == 1
    assert names(events)[-1] == "resync_ended"
    assert {event.queue for event in events if isinstance(event, ev.AgentSeen)} == {"", "Sales"}


def test_a_picture_begins_neither_before_its_gap_nor_with_old_news() -> None:
    """The floor puts all in order of time: before the gap it would be forgotten, too late it would be dropped."""
    lines: list[tuple[str, str]] = []
    agent = Agent(lines, "wang", "小明", "王", ["Sales"])
    agent.heartbeat("9:00:59")
    agent.heartbeat("9:03:00")
    agent.heartbeat("9:05:00")
    here = translator()
    here.started(Millis(millis("9:01")))
    before, stale, fresh = (
        here.translate(text.encode(), Millis(millis(when)))
        for (_, text), when in zip(lines, ("9:01:05", "9:04:00", "9:05:10"), strict=True)
    )
    assert "resync_began" not in names(before) + names(stale)
    assert names(fresh)[:2] == ["source_heard", "resync_began"]


def test_a_declined_contact_of_which_nothing_more_comes_is_lost_after_an_hour() -> None:
    def story(agent: Agent) -> None:
        refused("MISSED")(agent)
        agent.heartbeat("10:05:24")
        agent.heartbeat("10:05:25")

    events = told(story, last=2)
    assert names(events).count("contact_lost") == 1
    assert isinstance(events[-1], ev.ContactLost)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"{", "not_json"),
        (b'{"a":' * 50_000, "not_json"),
        (b"[]", "wrong_shape"),
        (b'{"Hello": 1}', "neither_agent_event_nor_contact_record"),
        (b'{"EventType": "LOGIN"}', "wrong_shape"),
        (b'{"EventType": "LOGIN", "EventId": "1", "EventTimestamp": "soon"}', "time_unreadable"),
        (b'{"EventType": "LOGIN", "EventId": "1", "EventTimestamp": "9999-12-31T23:59:59Z"}', "time_absurd"),
        (b'{"EventType": "LOGIN", "EventId": "1", "EventTimestamp": "0001-01-01T00:00:00Z"}', "time_absurd"),
        (b'{"EventType": "PARTY", "EventId": "1", "EventTimestamp": "2026-11-20T09:00:00Z"}', "unknown_event_type"),
        (b'{"EventType": "LOGIN", "EventId": "1", "EventTimestamp": "2026-11-20T09:00:00Z"}', "no_agent"),
        (b" " * 1_100_000, "record_too_long"),
    ],
)
def test_what_cannot_be_trusted_is_refused_by_name(text: bytes, reason: str) -> None:
    here = translator()
    assert here.translate(text, NOW) == []
    assert here.refused == {reason: 1}


def test_an_unknown_contact_state_costs_only_its_contact() -> None:
    lines: list[tuple[str, str]] = []
    agent = Agent(lines, "wang", "小明", "王", ["Sales"])
    agent.login("9:00", "Available")
    agent.contact("9:05", "x", "DREAMING", queue="Sales")
    agent.contact("9:06", "c1", "CONNECTED", queue="Sales", queued=iso("9:05")[11:19])
    here = translator()
    events = [event for _, text in lines for event in here.translate(text.encode(), NOW)]
    assert "contact_answered" in names(events)
    assert set(here.refused) == {"unknown_contact_state"}


def test_after_a_restart_the_floor_knows_the_agents_again() -> None:
    """Through the real floor, with delivery some seconds behind: unknown first, then as their heartbeats say."""
    lines: list[tuple[str, str]] = []
    wang, li = (Agent(lines, name, "", name, ["Sales"]) for name in ("wang", "li"))
    wang.login("9:00", "Available")
    li.login("9:00", "Lunch")
    for minute in range(2, 9, 2):
        wang.heartbeat(f"9:0{minute}:05")
        li.heartbeat(f"9:0{minute}:50")
    floor = Floor(SiteId("s"))
    here = translator()
    told = here.connected(Millis(millis("8:59")))
    states = []
    for when, text in lines:
        arriving = Millis(millis(when) + 6000)
        if when == "9:02:50":
            told = translator_started = (here := translator()).started(Millis(millis("9:02:20")))
            assert names(translator_started) == ["source_connected", "source_lost"]
        for event in [*told, *here.translate(text.encode(), arriving)]:
            floor.apply(event)
        told = []
        floor.advance(arriving)
        states.append([floor.agents[name].state for name in ("wang", "li") if name in floor.agents])
    assert states[2] == ["ready", "not_ready"]
    assert states[3] == ["unknown", "unknown"]
    assert states[-1] == ["ready", "not_ready"]
