"""What the live process tells rules beside the queues' numbers, each agent as the floor knows it now."""

from collections.abc import Iterator

import pytest

from alerts.moment import AgentNow, HitNow, SiteMoment
from monitor.live_rules import RuleHit
from monitor.moments import PACKED_FROM, MomentMaker, MomentNotReadable, pack, unpack
from scoring.formula import Name
from scoring.rules import Item, ItemKind, Rule
from seat_map.generate import generate
from seat_map.picture import Picture
from streams.floor.certainty import Doubt
from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from tests.floor_story import SITE, T0, Story

NAMED = Rule(id="promise", version=1, formula=Name("said"), conditions=())
PHRASE = Item(id="promise", zh="违规承诺", en="Forbidden promise", kind=ItemKind.FATAL, points=0, rule=NAMED)


def moment(story: Story, at: int, *hits: RuleHit) -> SiteMoment:
    floor, picture = story.floor, Picture(generate(40))
    picture.update(floor.agents, floor.agents, lambda agent: Doubt.NONE)
    maker = MomentMaker(
        floor, picture=lambda: picture, hits=lambda now: hits, gauges=lambda site: {"disk_free_percent": 40.0}
    )
    made: list[SiteMoment] = []

    def whole() -> Iterator[None]:
        made.append((yield from maker.make(Millis(T0 + at))))

    for _ in whole():
        continue
    return made[0]


def talking() -> Story:
    story = Story()
    story.sign_in(0)
    story.sign_in(0, queue="vip")
    story.queue_up(1_000)
    story.offer(2_000)
    story.answer(5_000)
    return story


def test_an_agent_is_told_with_the_talk_and_its_beginning() -> None:
    """State and talk both begin at the answer; the desk's team, every queue served."""
    (told,) = moment(talking(), 60_000).agents
    assert told == AgentNow(
        AgentId("1001"),
        "on_contact",
        "",
        Millis(T0 + 5_000),
        "A01",
        (QueueName("sales"), QueueName("vip")),
        ContactId("c1"),
        Millis(T0 + 5_000),
    )


def test_between_contacts_there_is_none() -> None:
    story = talking()
    story.end(30_000)
    (told,) = moment(story, 60_000).agents
    assert (told.state, told.contact, told.contact_since) == ("ready", "", 0)


def test_a_talk_keeps_its_beginning_while_the_customer_is_on_hold() -> None:
    story = talking()
    story.contact(20_000, ev.ContactHeld, agent="1001")
    (told,) = moment(story, 60_000).agents
    assert (told.state, told.since - T0, told.contact_since - T0) == ("on_hold", 20_000, 5_000)


def test_who_was_last_heard_of_too_long_ago_is_unknown() -> None:
    """The map shows the old label hatched; a rule must not count on it."""
    story = talking()
    (sure,), (silent,) = moment(story, 90_000).agents, moment(story, 200_000).agents
    assert (sure.state, silent.state) == ("on_contact", "unknown")


def test_lost_sources_are_a_gauge_beside_those_of_the_service() -> None:
    story = talking()
    assert moment(story, 6_000).gauges == {"disk_free_percent": 40.0, "sources_lost": 0.0}
    story.lose(7_000)
    assert moment(story, 8_000).gauges["sources_lost"] == 1.0


def test_a_hit_is_told_with_both_labels() -> None:
    hit = RuleHit(
        contact=ContactId("c1"), at=Millis(T0 + 50), item=PHRASE, queue=QueueName("sales"), agent=AgentId("1001")
    )
    assert moment(talking(), 60_000, hit).hits == [
        HitNow(
            Millis(T0 + 50),
            "promise",
            "违规承诺",
            "Forbidden promise",
            ContactId("c1"),
            AgentId("1001"),
            QueueName("sales"),
        )
    ]


@pytest.mark.parametrize("agents", [1, 1_000], ids=["plain", "packed"])
def test_a_moment_comes_over_the_bus_as_it_was(agents: int) -> None:
    one = moment(talking(), 60_000).agents[0]
    whole = SiteMoment(at=Millis(T0), site=SITE, agents=[one] * agents, gauges={"disk": 1.0}, hits=[], quality=[])
    blob = pack(whole)
    assert len(blob) < PACKED_FROM
    assert unpack(blob) == whole


@pytest.mark.parametrize("blob", [b"", b"\x78\x01broken", b"\x81\xa2at\x01", b"\xc1"])
def test_another_versions_moment_is_refused_by_name(blob: bytes) -> None:
    with pytest.raises(MomentNotReadable):
        unpack(blob)
