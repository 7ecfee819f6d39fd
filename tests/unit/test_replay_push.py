"""A file of pushed events, played: judged line by line as at the door, folded as live."""

import json
from pathlib import Path
from typing import Any

import pytest

from streams.collect.capture import CaptureError
from streams.collect.connect_replay import play_connect, play_push
from streams.floor.report import report
from streams.vocabulary.ids import SiteId
from streams.vocabulary.states import Order

AT = 1_795_291_200_000


def lines(*events: dict[str, Any]) -> str:
    base = {"site": "north", "source": "crm"}
    return "".join(json.dumps(base | event) + "\n" for event in events)


CHAT = (
    {"kind": "agent_signed_in", "at": AT, "seq": 1, "agent": "a"},
    {"kind": "contact_queued", "at": AT + 1000, "seq": 2, "contact": "c", "leg": 1, "queue": "chat", "channel": "chat"},
    {"kind": "contact_answered", "at": AT + 3000, "seq": 3, "contact": "c", "leg": 1, "queue": "chat", "agent": "a"},
    {"kind": "contact_ended", "at": AT + 9000, "seq": 4, "contact": "c", "leg": 1, "queue": "chat", "agent": "a"},
)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2), (2, 2, 3, 0, 1, 3)])
def test_lines_in_any_order_and_twice_are_the_same_chat(tmp_path: Path, order: tuple[int, ...]) -> None:
    file = tmp_path / "day.ndjson"
    file.write_text(lines(*(CHAT[number] for number in order)), encoding="utf-8")
    replayed = play_push(file)
    told = report(replayed.floor, now=replayed.ended_at)
    queue = told["queues"]["chat"]
    assert (queue["offered"], queue["answered"], queue["talk_ms"]["sum"]) == (1, 1, 6000)
    assert told["agents"]["a"]["state"] == "ready"
    assert replayed.refused == {}


def test_refused_lines_are_named_with_their_numbers_and_cost_no_other(tmp_path: Path) -> None:
    file = tmp_path / "day.ndjson"
    text = lines(*CHAT[:2]) + "{\n" + lines(CHAT[2] | {"leg": 0}, CHAT[3] | {"site": "south"})
    file.write_text(text, encoding="utf-8")
    replayed = play_push(file, order=Order.ARRIVAL)
    assert [(one.line, one.reason) for one in replayed.refused_lines] == [
        (3, "not_json"),
        (4, "number_absurd"),
        (5, "site_not_allowed"),
    ]
    assert replayed.events == 2


@pytest.mark.parametrize("play", [play_push, lambda path: play_connect(path, site=SiteId("s"))])
def test_what_is_not_there_is_a_sentence(tmp_path: Path, play: Any) -> None:
    with pytest.raises(CaptureError, match=r"missing|neither a file"):
        play(tmp_path / "nothing")


def test_an_empty_folder_and_a_packed_file_say_so(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="holds no file"):
        play_connect(tmp_path, site=SiteId("s"))
    (tmp_path / "a.gz").write_bytes(b"")
    with pytest.raises(CaptureError, match="packed"):
        play_connect(tmp_path, site=SiteId("s"))
    with pytest.raises(CaptureError, match="folder"):
        play_push(tmp_path)
