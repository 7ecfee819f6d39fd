"""A collector of FreeSWITCH that was killed: the next one goes on with the contacts and legs that it told of."""

from collections.abc import Callable

import pytest

from streams.translate.freeswitch import FreeswitchTranslator
from streams.translate.freeswitch_resync import Lists
from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis, SiteId, SourceId
from tests.fs_story import SALES, T0, Centre, listed_agent, listed_channel, listed_member

SUPPORT = "support@default"
SESSION = "m1-session"
OFFERS = (ev.ContactDeclined, ev.ContactOffered)


def killed(before: Centre, at: float) -> Centre:
    """A new collector of the same floor, that knows only what the old one told."""
    translator = FreeswitchTranslator(site=SiteId("s"), source=SourceId("fs"))
    translator.recall(before.told)
    before.apply(translator.started(Millis(T0 + round(at * 1000))))
    before.apply(translator.connected(Millis(T0 + round(at * 1000))))
    return Centre(translator=translator, floor=before.floor)


def visits(centre: Centre) -> list[tuple[int, str, str | None]]:
    return [(one.leg, one.queue, one.agent) for one in centre.floor.state.visits.values()]


def waits(centre: Centre) -> None:
    centre.join(1, "m1")


def left(centre: Centre) -> None:
    centre.join(1, "m1")
    centre.cancel(4, "m1", "TIMEOUT")


def seen(centre: Centre) -> None:
    centre.lose(1.0)
    centre.picture(2, members=(listed_member("m1", joined=1),))


@pytest.mark.parametrize(
    ("before", "queue", "joined", "leg"),
    [
        pytest.param(waits, SALES, 1, 1, id="he waits where he waited"),
        pytest.param(waits, SUPPORT, 9, 2, id="he went to another queue in the gap"),
        pytest.param(waits, SALES, 9, 2, id="he left the queue and joined it again in the gap"),
        pytest.param(left, SUPPORT, 9, 2, id="he had left the first queue"),
        pytest.param(left, SALES, 9, 2, id="he had left the queue and is back in it"),
        pytest.param(seen, SALES, 1, 1, id="he had only been found in a list"),
        pytest.param(seen, SUPPORT, 9, 2, id="he had been found in a list and went on"),
    ],
)
def test_a_caller_found_after_a_kill_has_the_leg_of_his_visit(
    before: Callable[[Centre], None], queue: str, joined: float, leg: int
) -> None:
    """The floor shows him once, in the queue where he is."""
    centre = Centre().start()
    before(centre)
    after = killed(centre, 20)
    after.picture(21, members=(listed_member("m1", queue=queue, joined=joined),))
    assert visits(after) == [(leg, queue, None)]


def test_a_contact_keeps_its_name_though_the_list_of_channels_is_refused() -> None:
    """Only that list says when the caller's channel was made, of which the name is half."""
    centre = Centre().start()
    centre.join(5, "m1")
    after = killed(centre, 20)
    row = listed_member("m1", joined=5)
    lists = Lists(agents=(listed_agent("1001"),), tiers=(), members=(row,), channels=None)
    after.apply(after.translator.picture_asked(Millis(T0 + 21_000)))
    after.apply(after.translator.picture(lists, Millis(T0 + 21_000)))
    names = {one.contact for one in (*centre.told, *after.told) if isinstance(one, ev.ContactQueued | ev.ContactSeen)}
    assert len(names) == 1
    assert visits(after) == [(1, SALES, None)]


def test_a_talk_that_goes_on_is_the_same_leg() -> None:
    centre = Centre().start()
    centre.join(1, "m1")
    centre.bridge(3, "m1", "1001")
    after = killed(centre, 20)
    after.picture(
        21,
        agents=(listed_agent("1001", state="In a queue call", channel="leg-1001"), listed_agent("1002")),
        members=(listed_member("m1", state="Answered", joined=1, bridged=T0 // 1000 + 3, agent="1001"),),
        channels=(listed_channel(SESSION), listed_channel("leg-1001", call_uuid=SESSION)),
    )
    assert visits(after) == [(1, SALES, "1001")]


@pytest.mark.parametrize("alive", [True, False], ids=["caller lives", "caller is gone"])
def test_a_recording_that_began_before_the_kill_is_not_forgotten(alive: bool) -> None:
    """It is ready when its end is told, or when the caller's channel is gone."""
    centre = Centre().start()
    centre.join(1, "m1")
    record = {"Unique_ID": SESSION, "Record_File_Path": "/rec/1.wav"}
    centre.event(2, "RECORD_START", **record)
    after = killed(centre, 20)
    after.picture(21, members=(listed_member("m1", joined=1),) if alive else ())
    ready = [one for one in after.told if isinstance(one, ev.RecordingReady)]
    if alive:
        assert not ready
        ready = [one for one in after.event(30, "RECORD_STOP", **record) if isinstance(one, ev.RecordingReady)]
    assert [one.path for one in ready] == ["/rec/1.wav"]


def test_a_recording_whose_end_a_gap_swallowed_is_ready_with_the_picture() -> None:
    """No kill: the connection alone was lost while the caller hung up."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.event(2, "RECORD_START", Unique_ID=SESSION, Record_File_Path="/rec/1.wav")
    centre.lose(5)
    told = centre.picture(20)
    assert [one.path for one in told if isinstance(one, ev.RecordingReady)] == ["/rec/1.wav"]


def test_a_telephone_that_rings_for_another_caller_no_longer_rings_for_the_first() -> None:
    """The offer that the killed collector told of is taken back before the one that the lists show."""
    centre = Centre().start()
    centre.join(1, "m1")
    centre.join(1, "m2")
    centre.member(2, "agent-offering", "m1", CC_Agent="1001")
    after = killed(centre, 20)
    after.picture(
        21,
        agents=(listed_agent("1001", state="Receiving"), listed_agent("1002")),
        members=(listed_member("m1", joined=1), listed_member("m2", state="Trying", joined=1, agent="1001")),
    )
    told = [(type(one).__name__, one.contact) for one in after.told if isinstance(one, OFFERS)]
    first, second = (one.contact for one in centre.told if isinstance(one, ev.ContactQueued))
    assert told == [("ContactDeclined", first), ("ContactOffered", second)]
