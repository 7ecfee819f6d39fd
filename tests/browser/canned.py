"""A history for browser tests: the warehouse's own row types, made of the demo calls. No store.

`CannedHistory` fits monitor.api.history.History.
"""

import json
from pathlib import Path

import msgspec

from asr.analysis import Analysis, encoded
from asr.transcript import Span
from monitor.api.history import HistoryUnavailable
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from streams.warehouse.contacts import (
    ContactDetail,
    LegRow,
    ListedContact,
    MomentRow,
    RecordingRow,
    ScoreRow,
    UtteranceRow,
)
from streams.warehouse.queries import AlertRow, RecordingCount, TableCount
from tests.browser.canned_day import day_so_far
from tests.browser.synthetic import HOSTILE, QUEUES
from tests.stored_cases import case_of_detail

CALLS = Path(__file__).parents[2] / "asr/demo/calls"


class CannedHistory:
    """Answers with the warehouse's own row types, as builtins, as the history service does."""

    def __init__(self, now: Millis) -> None:
        self.unavailable = ""
        self.details = {detail.contact: detail for detail in _details(now)}
        self._now = now

    async def ask(self, name: str, **params: object) -> list[dict[str, object]]:
        if self.unavailable:
            raise HistoryUnavailable(self.unavailable)
        rows: list[object] = list(self._rows(name, params))
        builtins: list[dict[str, object]] = msgspec.to_builtins(rows)
        return builtins

    def _rows(self, name: str, params: dict[str, object]) -> list[object]:
        match name:
            case "contact_list":
                return self._list(params)
            case "agent_intervals":
                return day_so_far(AgentId(str(params["agent"])), self._now)
            case "contact_detail":
                detail = self.details.get(ContactId(str(params["contact"])))
                return [] if detail is None else [detail]
            case "stored_case":
                stored = self.details.get(ContactId(str(params["contact"])))
                return [] if stored is None else [case_of_detail(stored)]
            case "scores_list":
                return [score for detail in self.details.values() for score in detail.scores]
            case "alerts_list":
                return [_alert(self._now, number) for number in range(4)]
            case "recordings_ledger":
                return [
                    RecordingCount("done", "", 23, 1_400_000, 300_000),
                    RecordingCount("quarantined", "not_audio", 1, 0, 40),
                ]
            case "verdicts_of":
                return []
            case "table_counts":
                return [TableCount("contact_legs", 12_345), TableCount("events", 1_234_567)]
        raise HistoryUnavailable(f"no question is called {name}")

    def _list(self, params: dict[str, object]) -> list[object]:
        choose = params["choose"]
        assert isinstance(choose, dict)
        rows: list[object] = [
            ListedContact(leg=leg, recording=detail.recording, scores=detail.scores)
            for detail in self.details.values()
            for leg in detail.legs
            if choose["queue"] in (None, leg.queue)
            and choose["agent"] in (None, leg.agent)
            and choose["outcome"] in (None, leg.outcome)
        ]
        offset, limit = int(str(params["offset"])), int(str(params["limit"]))
        return rows[offset : offset + limit]


def _details(now: Millis) -> list[ContactDetail]:
    calls = sorted(CALLS.glob("*.json"))
    spoken = [_detail(json.loads(path.read_text("utf-8")), number, now) for number, path in enumerate(calls)]
    return [*spoken, chat_detail(now, number=len(spoken))]


CHAT = (
    ("unknown", 0, "您已进入在线客服，当前排队 2 人"),
    ("customer", 4, "你好，我的宽带从昨天晚上开始就上不了网"),
    ("customer", 9, "光猫的红灯一直亮\n重启过两次，没有用"),
    ("agent", 47, "您好，工号 8006 为您服务。请提供一下宽带账号绑定的手机号，我帮您查一下线路。"),
    ("customer", 66, "●●●●●●●●●●●"),
    ("agent", 118, "查到了：您所在的小区昨晚 22:40 起光缆检修，预计今天 18:00 前恢复，给您带来不便非常抱歉。"),
    ("customer", 140, HOSTILE),
    ("customer", 151, "Can I get a refund for today? https://example.com/" + "very-long-" * 14),
    ("agent", 190, "可以的，停机当天的费用会在下个账期自动退还。"),
    ("customer", 214, "好的，谢谢 😀"),
)


def chat_detail(now: Millis, *, number: int) -> ContactDetail:
    """A text chat as it stands in the warehouse: messages are utterances of the model `chat`."""
    began = Millis(now - 120_000 * (number + 1))
    contact = ContactId(f"{began // 1000}.{number}")
    queue, agent = QueueName(QUEUES[1]), AgentId("8006")
    ended = Millis(began + 230_000)
    leg = LegRow(
        began,
        SiteId("上海中心"),
        contact,
        1,
        queue,
        agent,
        "chat",
        "inbound",
        "VIP",
        "web-7781",
        Millis(began + 40_000),
        ended,
        40_000,
        2_000,
        190_000,
        0,
        15_000,
        60_000,
        "answered",
        "",
        "customer",
        "",
        witnesses="queued=log answered=picture",
        tags="consulted",
    )
    channels = {"customer": 0, "agent": 1, "unknown": 2}
    messages = tuple(
        UtteranceRow(
            Millis(began + 1000 * second),
            channels[role],
            role,
            place,
            1000 * second,
            1000 * second,
            text,
            [],
            [],
            [],
            [],
            1.0,
            "chat",
        )
        for place, (role, second, text) in enumerate(CHAT, start=1)
    )
    return ContactDetail(contact=contact, legs=(leg,), recording=None, utterances=messages, scores=())


def _detail(call: dict[str, object], number: int, now: Millis) -> ContactDetail:
    began = Millis(now - 120_000 * (number + 1))
    contact = ContactId(f"{began // 1000}.{number}")
    queue, agent = QueueName(QUEUES[number % len(QUEUES)]), AgentId(str(8001 + number))
    lasted = round(float(str(call["duration"])) * 1000)
    abandoned = number % 11 == 9
    leg = LegRow(
        began,
        SiteId("上海中心"),
        contact,
        1,
        queue,
        AgentId("") if abandoned else agent,
        "voice",
        "inbound",
        "VIP" if number % 5 == 0 else "",
        HOSTILE if number == 0 else "138****0001",
        Millis(0 if abandoned else began + 12_000),
        Millis(began + 12_000 + lasted),
        12_000 + 3000 * number,
        4000,
        0 if abandoned else lasted,
        6000 if number % 3 == 0 else 0,
        0 if abandoned else 21_000,
        20_000,
        "abandoned" if abandoned else "answered",
        "",
        "customer",
        "",
    )
    quarantined = number == 7
    recording = RecordingRow(
        began,
        contact,
        "quarantined" if quarantined else "done",
        "not_audio" if quarantined else "",
        str(CALLS / str(call["file"])),
        queue,
        agent,
        lasted,
        2,
        1,
        "vosk-demo-zh",
        9000,
    )
    said = () if quarantined or abandoned else tuple(_utterances(call, began))
    scores = () if not said else (_score(began, contact, agent, queue, number, said),)
    return ContactDetail(
        contact=contact,
        legs=(leg,),
        recording=None if abandoned else recording,
        utterances=said,
        scores=scores,
        analysis=encoded(HIDING) if number == HIDES else "",
        moments=_moments(began) if number == HIDES else (),
    )


HIDES = 2
"""The number of the contact in which something is hidden and which was on hold."""
HIDING = Analysis(
    redacted=(Span(channel=1, start_ms=14_000, end_ms=17_000, kind="mobile"),),
    non_speech=(Span(channel=0, start_ms=24_000, end_ms=27_000, kind="music"),),
)


def _moments(began: Millis) -> tuple[MomentRow, ...]:
    at = {"recording_started": 0, "contact_held": 22_000, "contact_resumed": 28_000}
    return tuple(MomentRow(Millis(began + after), kind) for kind, after in at.items())


def _utterances(call: dict[str, object], began: Millis) -> list[UtteranceRow]:
    rows = []
    turns = call["turns"]
    assert isinstance(turns, list)
    for number, turn in enumerate(turns):
        words = turn["words"]
        rows.append(
            UtteranceRow(
                Millis(began + int(turn["start"] * 1000)),
                turn["channel"],
                turn["speaker"],
                number,
                int(turn["start"] * 1000),
                int(turn["end"] * 1000),
                turn["text"],
                [word["word"] for word in words],
                [int(word["start"] * 1000) for word in words],
                [int(word["end"] * 1000) for word in words],
                [110 if k % 9 == 5 else 245 for k in range(len(words))],
                0.93,
                "vosk-demo-zh",
            )
        )
    return rows


def _score(
    began: Millis, contact: ContactId, agent: AgentId, queue: QueueName, number: int, said: tuple[UtteranceRow, ...]
) -> ScoreRow:
    def item(
        name: str, zh: str, en: str, outcome: str, points: float, most: float, at: int, kind: str = "earn"
    ) -> dict[str, object]:
        row = said[min(at, len(said) - 1)]
        evidence = [
            {
                "condition": "c",
                "operator": "near",
                "role": row.role,
                "utterance": row.number,
                "start_ms": row.start_ms,
                "end_ms": row.end_ms,
                "text": row.text,
                "confidence": 0.9,
            }
        ]
        why = {"key": "k", "params": {}, "zh": "在规定时间内找到", "en": "found within the stated time"}
        return {
            "id": name,
            "zh": zh,
            "en": en,
            "kind": kind,
            "dimension": {"id": "service", "zh": "服务规范", "en": "Service"} if kind == "earn" else None,
            "outcome": outcome,
            "matters": outcome == "cannot_tell",
            "listen": [{"start_ms": row.start_ms, "end_ms": row.end_ms}] if outcome == "cannot_tell" else [],
            "points": points,
            "points_low": 0 if outcome == "cannot_tell" else points,
            "points_high": most if outcome == "cannot_tell" else points,
            "points_max": most,
            "rule": name,
            "rule_version": 1,
            "reason": why,
            "evidence": evidence if outcome != "miss" else [],
        }

    fatal = number in (9, 11)
    items = [
        item("greeting", "规范问候", "Greeting", "hit", 10, 10, 0),
        item(
            "identity",
            "身份核实",
            "Identity check",
            "miss" if number % 3 == 2 else "hit",
            0 if number % 3 == 2 else 20,
            20,
            2,
        ),
        item("confirm", "办理前确认", "Confirmation before a change", "cannot_tell", 10, 20, 4),
        item("closing", "规范结束语", "Closing", "hit", 10, 10, 99),
        item("forbidden", "服务禁语", "Forbidden phrase", "hit" if fatal else "miss", 0, 0, 3, "fatal"),
    ]
    points = 60.0 + 3 * (number % 10)
    passed = 0 if fatal or points < 70 else 1
    return ScoreRow(
        began,
        contact,
        "telecom-service.zh",
        1,
        agent,
        queue,
        points,
        points - 5,
        points + 5,
        100,
        passed,
        int(fatal),
        json.dumps(items, ensure_ascii=False),
        began,
    )


def _alert(now: Millis, number: int) -> AlertRow:
    raised = Millis(now - 3_600_000 * (number + 2))
    detail = {
        "label_zh": "服务水平低",
        "label_en": "Service level low",
        "formula": "answered_abandoned",
        "window_minutes": 5,
        "part": 31,
        "whole": 44,
    }
    return AlertRow(
        raised,
        SiteId("上海中心"),
        f"sl-5m/queue:投诉专席/{raised}",
        "sl-5m",
        "queue:投诉专席",
        "warning",
        "resolved",
        "resolved",
        70.5,
        80,
        Millis(raised + 340_000),
        Millis(0),
        "",
        json.dumps(detail),
        Millis(raised + 340_000),
    )
