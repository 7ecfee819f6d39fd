"""Rules on contacts as they happen: a hit is told at once, words of calls are not waited for, memory is bounded."""

from monitor.live_rules import LiveRules
from monitor.roster import Roster
from scoring.parse import parse_scheme
from scoring.rules import Scheme
from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import Channel, Role

START = 1_795_291_200_000
TEXT = """
[scheme]
name = "live"
version = 1
zh = "实时"
en = "live"
[[item]]
id = "long_hold"
zh = "保持过长"
en = "hold too long"
kind = "deduct"
points = 5
rule = "held"
[[item]]
id = "threat"
zh = "威胁投诉"
en = "threat"
kind = "tag"
rule = "threat"
[[rule]]
id = "held"
version = 1
[[rule.condition]]
id = "held"
operator = "hold"
above = 60
[[rule]]
id = "threat"
version = 1
[[rule.condition]]
id = "said"
operator = "keyword"
role = "customer"
any = ["工信部"]
"""
SCHEME = parse_scheme(TEXT, file="live.toml")


def current(site: SiteId, queue: QueueName) -> tuple[Scheme, ...]:
    return (SCHEME,)


def base(at_ms: int, seq: int) -> dict[str, object]:
    return {"at": Millis(START + at_ms), "site": SiteId("s"), "source": SourceId("x"), "seq": seq}


def queued(channel: Channel = Channel.VOICE) -> ev.Event:
    return ev.ContactQueued(**base(0, 1), contact=ContactId("1.0"), leg=0, queue=QueueName("q"), channel=channel)


def held(at_ms: int) -> ev.Event:
    return ev.ContactHeld(
        **base(at_ms, 3), contact=ContactId("1.0"), leg=0, queue=QueueName("q"), agent=AgentId("1001")
    )


def written(at_ms: int, text: str) -> ev.Event:
    return ev.ContactMessage(
        **base(at_ms, 4),
        contact=ContactId("1.0"),
        leg=0,
        queue=QueueName("q"),
        number=1,
        role=Role.CUSTOMER,
        text=text,
    )


def names(rules: LiveRules, at_ms: int) -> list[str]:
    return [hit.item.id for hit in rules.hits(Millis(START + at_ms))]


def test_a_hold_asks_for_attention_while_it_still_lasts() -> None:
    """At 60 s, not when it ends; after ten minutes it is no news."""
    rules = LiveRules(SiteId("s"), current)
    rules.take(queued())
    rules.take(held(10_000))
    rules.tick(Millis(START + 65_000))
    assert names(rules, 65_000) == []
    rules.tick(Millis(START + 71_000))
    assert names(rules, 71_000) == ["long_hold"]
    assert names(rules, 671_001) == []


def test_a_chat_message_is_judged_as_it_is_written() -> None:
    """With who wrote it, and to whom the queue belongs."""
    rules = LiveRules(SiteId("s"), current)
    rules.take(queued(Channel.CHAT))
    rules.take(written(3_000, "我要去工信部投诉"))
    (hit,) = rules.hits(Millis(START + 3_000))
    assert (hit.item.id, hit.contact, hit.queue, hit.at) == ("threat", "1.0", "q", START + 3_000)
    assert rules.counts["hit_tag"] == 1


def test_a_contact_that_ended_is_forgotten() -> None:
    """Whatever comes for it later is of a contact nobody watches."""
    rules = LiveRules(SiteId("s"), current)
    rules.take(queued())
    rules.take(ev.ContactLost(**base(5_000, 2), contact=ContactId("1.0"), leg=0, queue=QueueName("q")))
    rules.take(held(10_000))
    rules.tick(Millis(START + 90_000))
    assert names(rules, 90_000) == []


def test_a_rule_for_a_team_waits_until_somebody_takes_the_contact() -> None:
    """The desk's team and the queue's skills are known from the roster, asked at each look."""
    text = TEXT.replace(
        '[[rule]]\nid = "threat"', '[[rule]]\nid = "threat"\nwhen = \'team == "A01" and skill contains "vip"\''
    )
    scheme = parse_scheme(text, file="live.toml")
    rules = LiveRules(SiteId("s"), lambda site, queue: (scheme,))
    rules.roster = lambda: Roster({AgentId("1001"): "A01"}, {QueueName("q"): ("vip",)})
    rules.tick(Millis(START))
    rules.take(queued(Channel.CHAT))
    rules.take(written(3_000, "我要去工信部投诉"))
    assert names(rules, 3_000) == []
    rules.take(
        ev.ContactAnswered(
            **base(4_000, 5), contact=ContactId("1.0"), leg=0, queue=QueueName("q"), agent=AgentId("1001")
        )
    )
    assert names(rules, 4_000) == ["threat"]


def test_what_a_contact_begins_with_is_known_to_live_rules() -> None:
    """Channel, direction, tier: a rule for chats is none for calls."""
    text = TEXT.replace('[[rule]]\nid = "held"', '[[rule]]\nid = "held"\nwhen = \'channel == "chat"\'')
    scheme = parse_scheme(text, file="live.toml")
    for channel, found in ((Channel.VOICE, []), (Channel.CHAT, ["long_hold"])):
        rules = LiveRules(SiteId("s"), lambda site, queue: (scheme,))
        rules.take(queued(channel))
        rules.take(held(10_000))
        rules.tick(Millis(START + 71_000))
        assert names(rules, 71_000) == found
