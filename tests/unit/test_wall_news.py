"""What changed since the last second, and the whole put together again from it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from monitor.api.wall_news import AGENT_STATES, ListNews, NumbersNews, apply, attend, thin, whole
from streams.vocabulary.ids import Millis

AT = Millis(1_800_000_000_000)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "queue": st.sampled_from("abcd"),
            "waiting": st.integers(0, 3),
            "longest_wait_ms": st.sampled_from([0, 1500, 90_000]),
            "agents": st.dictionaries(st.sampled_from(AGENT_STATES), st.integers(1, 3), max_size=3),
            "level": st.lists(st.integers(0, 2), min_size=2, max_size=2),
            "asa_ms": st.none() | st.just(812.5),
        },
        optional={"outbound": st.integers(1, 2)},
    ),
    unique_by=lambda row: row["queue"],
)
items = st.lists(
    st.fixed_dictionaries(
        {"key": st.sampled_from("abcdef"), "since": st.integers(0, 2)},
        optional={
            "values": st.dictionaries(st.sampled_from(["waiting", "busy", "tier"]), st.integers(0, 3)),
            "also": st.lists(st.integers(0, 2), max_size=2),
        },
    ),
    unique_by=lambda item: item["key"],
)


def row(**more: object) -> dict[str, object]:
    return {"queue": "q", "at": AT, "waiting": 1, "longest_wait_ms": 7000, "agents": {"ready": 2}, **more}


@given(st.lists(rows, min_size=1, max_size=6))
def test_the_changes_of_each_second_make_the_whole(seconds: list[list[dict[str, object]]]) -> None:
    news = NumbersNews()
    known: dict[str, dict[str, object]] = {}
    for number, told in enumerate(seconds):
        at = Millis(AT + 1000 * number)
        queues = [{**one, "at": at} for one in told]
        word = json.loads(news.take(at=at, viewers=1, queues=queues, groups=[], total={}))
        apply(known, word.get("queues", {}), word.get("queues_gone", ()))
        rebuilt = {queue: whole(one, at) for queue, one in known.items()}
        assert rebuilt == {str(one["queue"]): one for one in queues}


@given(st.lists(items, min_size=1, max_size=6))
def test_the_changes_of_a_list_make_the_list(lists: list[list[dict[str, object]]]) -> None:
    news = ListNews()
    known: list[dict[str, object]] = []
    for told in lists:
        word = news.take(told, 0)
        known = known if word is None else attend(known, json.loads(word))
        assert known == told


def test_of_an_item_in_which_more_people_wait_only_that_travels() -> None:
    news = ListNews()
    item = {"key": "q", "kind": "wait_long", "rows": [1, 2], "values": {"waiting": 3, "limit_ms": 60_000}}
    news.take([item], 0)
    told = news.take([{**item, "values": {"waiting": 4, "limit_ms": 60_000}}], 0)
    assert told is not None
    assert json.loads(told) == {"t": "attending", "changed": {"q": {"values": {"waiting": 4}}}}


def test_a_wait_that_only_grows_says_nothing() -> None:
    """The longest waiter waits a second longer: the same moment, so no byte."""
    news = NumbersNews()
    news.take(at=AT, viewers=1, queues=[row()], groups=[], total={"longest_wait_ms": 7000})
    later = Millis(AT + 1000)
    told = news.take(
        at=later, viewers=1, queues=[row(at=later, longest_wait_ms=8000)], groups=[], total={"longest_wait_ms": 8000}
    )
    assert json.loads(told) == {"t": "news", "at": later}


def test_a_field_that_is_no_more_is_named() -> None:
    news = NumbersNews()
    news.take(at=AT, viewers=1, queues=[row(outbound=2)], groups=[], total={})
    assert json.loads(news.take(at=AT, viewers=1, queues=[row()], groups=[], total={}))["queues"] == {
        "q": {"-": ["outbound"]}
    }


def test_a_queue_that_is_no_more_is_named() -> None:
    news = NumbersNews()
    news.take(at=AT, viewers=1, queues=[row()], groups=[], total={})
    assert json.loads(news.take(at=AT, viewers=1, queues=[], groups=[], total={}))["queues_gone"] == ["q"]


def test_a_row_of_another_moment_keeps_its_own() -> None:
    """A site that tells nothing any more: its numbers are of then, and its waits are counted up to then."""
    old = row(at=Millis(AT - 60_000))
    assert whole(thin(old, AT), AT) == old
