"""How far a seat can be trusted: sure, stale, contradictory; and what pictures repaired, by name."""

from typing import Any

from streams.floor.certainty import Doubt
from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import Certainty, Device, Order
from tests.floor_story import T0, Story


def certain(story: Story, at: int) -> tuple[Certainty, Doubt]:
    return story.floor.certainty(story.agent(), Millis(T0 + at))


def pictured() -> Story:
    story = Story()
    story.tell(0, ev.ResyncBegan)
    story.seen(0)
    story.tell(0, ev.ResyncEnded)
    return story


def again(story: Story, at: int, **agent: Any) -> None:
    story.tell(at, ev.ResyncBegan)
    story.seen(at, **agent)
    story.tell(at, ev.ResyncEnded)


def test_heard_of_lately_is_sure() -> None:
    assert certain(pictured(), 90_000) == (Certainty.SURE, Doubt.NONE)


def test_a_source_that_says_nothing_for_ninety_seconds_is_stale() -> None:
    assert certain(pictured(), 90_001) == (Certainty.STALE, Doubt.SILENT)


def test_a_sign_of_life_is_enough() -> None:
    story = pictured()
    story.tell(60_000, ev.SourceHeard)
    assert certain(story, 140_000) == (Certainty.SURE, Doubt.NONE)


def test_a_lost_source_is_stale_at_once() -> None:
    story = pictured()
    story.lose(1000)
    assert certain(story, 1000) == (Certainty.STALE, Doubt.SOURCE_LOST)


def test_a_picture_that_differs_without_a_gap_is_a_contradiction_until_one_confirms() -> None:
    story = pictured()
    again(story, 60_000, not_ready=True, reason="lunch")
    assert certain(story, 60_000) == (Certainty.CONTRADICTORY, Doubt.NOT_READY_DIFFERS)
    assert story.floor.state.repairs == {"repaired_not_ready": 1}
    again(story, 120_000, not_ready=True, reason="lunch")
    assert certain(story, 120_000) == (Certainty.SURE, Doubt.NONE)


def test_after_a_gap_a_difference_is_a_repair_and_no_contradiction() -> None:
    story = pictured()
    story.lose(1000)
    again(story, 60_000, device=Device.IN_USE)
    assert certain(story, 60_000) == (Certainty.SURE, Doubt.NONE)
    assert story.floor.state.repairs == {"repaired_device": 1}


def test_a_first_picture_repairs_nothing() -> None:
    story = pictured()
    assert (story.floor.state.repairs, certain(story, 0)[0]) == ({}, Certainty.SURE)


def test_a_talk_that_one_picture_misses_is_doubted_and_the_second_ends_it() -> None:
    story = pictured()
    story.queue_up(1000)
    story.answer(2000)
    again(story, 60_000)
    assert certain(story, 60_000) == (Certainty.CONTRADICTORY, Doubt.TALK_DIFFERS)
    again(story, 120_000)
    assert (story.label()[0], story.legs()[0].witnesses) == ("ready", "ended=picture")
    assert story.floor.state.repairs == {"repaired_talk": 1}


def test_a_switch_that_says_in_contact_where_nobody_talks_is_doubted() -> None:
    story = pictured()
    again(story, 60_000, in_contact=True)
    assert certain(story, 60_000) == (Certainty.CONTRADICTORY, Doubt.TALK_DIFFERS)


def test_a_hold_that_the_picture_knows_is_repaired() -> None:
    story = pictured()
    story.queue_up(1000)
    story.answer(2000)
    story.tell(60_000, ev.ResyncBegan)
    story.seen(60_000)
    story.contact(60_000, ev.TalkSeen, agent="1001", held=True)
    story.tell(60_000, ev.ResyncEnded)
    assert (story.label()[0], story.floor.state.repairs) == ("on_hold", {"repaired_hold": 1})


def test_an_answer_whose_moments_the_picture_knows_has_its_wait() -> None:
    """FreeSWITCH lists joined and bridged times: nothing of such a visit is unseen."""
    story = pictured()
    story.lose(1000)
    story.tell(60_000, ev.ResyncBegan)
    story.seen(60_000)
    moments: dict[str, Any] = {"queued_at": Millis(T0 + 10_000), "answered_at": Millis(T0 + 18_000)}
    story.contact(60_000, ev.TalkSeen, agent="1001", **moments)
    story.tell(60_000, ev.ResyncEnded)
    today = story.numbers(60_000).today
    assert (today.answered_unseen, today.wait_ms, today.answered_in_target) == (0, 8000, 1)


def test_numbers_that_never_came_make_a_source_doubtful_until_its_next_picture() -> None:
    story = pictured()
    story.tell(1000, ev.SourceConnected, order=Order.NUMBERED)
    story.seq += 1
    story.tell(2000, ev.SourceHeard)
    assert certain(story, 2000)[0] is Certainty.SURE
    story.passes(32_000)
    assert certain(story, 32_000) == (Certainty.STALE, Doubt.MISSING_NUMBERS)
    assert [(gap.reason, gap.ended) for gap in story.floor.gaps] == [("missing_numbers", T0 + 2000)]
    again(story, 60_000)
    assert certain(story, 60_000)[0] is Certainty.SURE


def test_nothing_stays_open_beyond_the_first_picture_after_a_restart() -> None:
    story = pictured()
    story.queue_up(1000, "c1")
    story.answer(2000, "c1")
    story.queue_up(3000, "c2")
    story.lose(4000)
    again(story, 30_000)
    assert story.floor.state.visits == {}
