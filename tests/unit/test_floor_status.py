"""A status of the whole agent (FreeSWITCH, Amazon Connect) beside queues, and several contacts at once."""

from typing import Any

import pytest

from streams.floor.outputs import AgentChange
from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import AgentState, Device, Order
from tests.floor_story import T0, Story


def signed_in(**more: Any) -> Story:
    story = Story()
    story.tell(0, ev.AgentSignedIn, agent="1001", name="李雷", **more)
    return story


def test_signing_in_needs_no_queue() -> None:
    assert signed_in().label() == (AgentState.READY, "")


def test_a_queue_alone_still_signs_in() -> None:
    """Asterisk knows no status of the agent; serving a queue is it."""
    story = Story()
    story.sign_in(0)
    assert (story.label()[0], story.agent().is_signed_in) == (AgentState.READY, True)


def test_signed_out_outranks_the_queues_that_are_still_served() -> None:
    """FreeSWITCH keeps its tiers while the agent is Logged Out."""
    story = signed_in()
    story.sign_in(1000)
    story.tell(2000, ev.AgentSignedOut, agent="1001")
    assert (story.label()[0], list(story.agent().memberships)) == (AgentState.SIGNED_OUT, ["sales"])


@pytest.mark.parametrize("status", [ev.AgentSignedOut, ev.AgentNotReady])
def test_who_talks_is_on_contact_whatever_the_status(status: type[ev.AgentSignedOut]) -> None:
    story = signed_in()
    story.queue_up(0)
    story.answer(1000)
    story.tell(2000, status, agent="1001")
    assert story.label()[0] is AgentState.ON_CONTACT


def test_signing_out_in_mid_contact_is_what_follows() -> None:
    story = signed_in()
    story.queue_up(0)
    story.answer(1000)
    told = story.tell(2000, ev.AgentSignedOut, agent="1001")
    assert story.agent().next_state == (AgentState.SIGNED_OUT, "")
    assert [type(one) for one in told] == [AgentChange]
    story.end(3000)
    assert story.label()[0] is AgentState.SIGNED_OUT


def test_a_reserved_state_is_told_taken_back_and_gone_after_the_contact() -> None:
    story = signed_in()
    story.queue_up(0)
    story.answer(1000)
    story.tell(2000, ev.AgentReserved, agent="1001", state=AgentState.NOT_READY, reason="小休")
    assert (story.agent().next_state, story.agent().next_reason) == ((AgentState.NOT_READY, "小休"), "小休")
    story.tell(3000, ev.AgentReserved, agent="1001", state=AgentState.READY)
    assert story.agent().next_state is None
    story.tell(4000, ev.AgentReserved, agent="1001", state=AgentState.SIGNED_OUT)
    story.end(5000)
    assert (story.label()[0], story.agent().reserved) == (AgentState.READY, None)


def test_a_pause_of_the_whole_agent_outranks_a_queue_that_is_not_paused() -> None:
    story = signed_in()
    story.sign_in(500)
    story.tell(1000, ev.AgentNotReady, agent="1001", reason="lunch")
    assert story.label() == (AgentState.NOT_READY, "lunch")
    story.tell(2000, ev.AgentReady, agent="1001")
    assert story.label() == (AgentState.READY, "")


def test_ready_for_every_queue_ends_the_pauses_of_single_queues() -> None:
    story = Story()
    story.sign_in(0)
    story.tell(1000, ev.AgentNotReady, agent="1001", queue="sales", reason="lunch")
    story.tell(2000, ev.AgentReady, agent="1001")
    assert story.label() == (AgentState.READY, "")


@pytest.mark.parametrize("queue", ["", "sales"])
def test_a_pause_that_the_switch_ends_by_itself_ends_at_its_moment(queue: str) -> None:
    """Paused at 1 s until 6 s; the next that is heard comes at 60 s."""
    story = Story()
    story.sign_in(0)
    story.tell(1000, ev.AgentNotReady, agent="1001", queue=queue, reason="delay", until=Millis(T0 + 6000))
    story.passes(60_000)
    assert (story.label(), story.intervals()[-1]) == ((AgentState.READY, ""), ("not_ready", 1000, 5000))


def test_a_pause_renewed_before_its_end_lasts_until_the_new_one() -> None:
    story = signed_in()
    for at, until in ((1000, 6000), (5000, 9000)):
        story.tell(at, ev.AgentNotReady, agent="1001", reason="delay", until=Millis(T0 + until))
    story.passes(8999)
    assert story.label()[0] is AgentState.NOT_READY
    story.passes(9000)
    assert story.label()[0] is AgentState.READY


def test_a_pause_that_is_over_when_it_is_told_is_none() -> None:
    story = signed_in()
    story.tell(1000, ev.AgentNotReady, agent="1001", reason="delay", until=Millis(T0 + 1000))
    assert story.label()[0] is AgentState.READY


def test_the_telephone_of_the_whole_agent_counts_where_no_queue_has_its_own_view() -> None:
    story = signed_in()
    story.tell(1000, ev.AgentDevice, agent="1001", queue="", device=Device.UNREACHABLE)
    assert story.label() == (AgentState.NOT_READY, "unreachable")


def test_skills_replace_what_was_known_and_are_told() -> None:
    story = signed_in()
    story.tell(1000, ev.AgentSkills, agent="1001", skills={"zh": 3, "en": 1})
    told = story.tell(2000, ev.AgentSkills, agent="1001", skills={"zh": 2})
    assert (story.agent().skills, len(told)) == ({"zh": 2}, 1)
    assert story.tell(3000, ev.AgentSkills, agent="1001", skills={"zh": 2}) == []


def test_three_chats_at_once_show_the_latest_and_keep_all() -> None:
    story = signed_in()
    for number in (1, 2, 3):
        story.contact(number * 1000, ev.ContactQueued, f"c{number}", channel="chat")
        story.answer(number * 1000 + 500, f"c{number}")
    assert (story.agent().contact, len(story.agent().talks)) == ("c3", 3)
    story.end(5000, "c3")
    assert story.agent().contact == "c2"
    story.end(6000, "c1")
    assert (story.label()[0], story.agent().contact) == (AgentState.ON_CONTACT, "c2")
    story.end(7000, "c2")
    assert (story.label()[0], story.agent().today.answered) == (AgentState.READY, 3)


# --- a full picture of statuses


def picture(story: Story, at: int, **status: Any) -> None:
    story.tell(at, ev.ResyncBegan)
    story.seen(at, queue="", **status)
    story.tell(at, ev.ResyncEnded)


def test_a_picture_says_paused_until_when_and_since_when() -> None:
    story = signed_in()
    story.lose(1000)
    since, until = Millis(T0 + 2000), Millis(T0 + 20_000)
    picture(story, 9000, not_ready=True, reason="delay", not_ready_since=since, not_ready_until=until)
    assert (story.label(), story.agent().since - T0) == ((AgentState.NOT_READY, "delay"), 2000)
    story.passes(20_000)
    assert story.label()[0] is AgentState.READY


def test_a_picture_says_signed_out_and_counts_the_repair() -> None:
    story = signed_in()
    picture(story, 1000)
    picture(story, 2000, signed_in=False)
    assert (story.label()[0], story.floor.state.repairs) == (AgentState.SIGNED_OUT, {"repaired_status": 1})


def test_a_picture_finds_an_agent_in_wrap_up() -> None:
    """FreeSWITCH tells no event of it; last_bridge_end and wrap_up_time in the list do."""
    story = Story()
    picture(story, 1000, wrap_up_until=Millis(T0 + 8000))
    assert story.label()[0] is AgentState.WRAP_UP
    story.passes(8000)
    assert story.label()[0] is AgentState.READY


def test_an_agent_whom_a_picture_of_statuses_does_not_name_is_gone() -> None:
    story = signed_in()
    story.tell(0, ev.AgentSignedIn, agent="1002")
    story.tell(60_000, ev.ResyncBegan)
    story.seen(60_000, queue="")
    story.tell(60_001, ev.AgentSignedIn, agent="1003")
    story.tell(60_002, ev.ResyncEnded)
    assert [story.label(agent)[0] for agent in ("1001", "1002", "1003")] == ["ready", "signed_out", "ready"]


def timed() -> Story:
    story = Story()
    story.tell(0, ev.SourceConnected, order=Order.TIMED)
    story.tell(1000, ev.AgentSignedIn, agent="1001")
    return story


def test_an_agents_news_that_comes_ten_minutes_late_holds_if_nothing_newer_was_heard() -> None:
    story = timed()
    story.passes(900_000)
    story.tell(300_000, ev.AgentNotReady, agent="1001", reason="lunch")
    story.passes(902_000)
    assert (story.label(), story.floor.state.anomalies) == ((AgentState.NOT_READY, "lunch"), {"late": 1})


def test_an_agents_late_news_is_dropped_where_newer_stands() -> None:
    story = timed()
    story.tell(600_000, ev.AgentReady, agent="1001")
    story.passes(900_000)
    story.tell(300_000, ev.AgentNotReady, agent="1001", reason="lunch")
    story.passes(902_000)
    assert (story.label()[0], story.floor.state.anomalies) == (AgentState.READY, {"late": 1, "late_dropped": 1})


def test_two_late_news_in_order_end_as_the_newer() -> None:
    story = timed()
    story.passes(900_000)
    story.tell(300_000, ev.AgentNotReady, agent="1001", reason="lunch")
    story.tell(400_000, ev.AgentReady, agent="1001")
    story.passes(990_000)
    assert story.label()[0] is AgentState.READY


def test_an_ordered_connection_changes_no_order() -> None:
    story = Story()
    story.tell(0, ev.SourceConnected, order=Order.TIMED)
    story.tell(1, ev.SourceConnected)
    assert story.floor.state.intake.orders == {"ast": Order.TIMED}
