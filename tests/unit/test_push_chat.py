"""What of a chat is hidden before it goes anywhere, and what stays readable."""

import asyncio
import json

import pytest

from monitor.api.push_chat import REMEMBERED_CONTACTS, ChatRedactor, Said, hide, redacted_texts, redacting
from streams.vocabulary.codec import decode_event_json
from streams.vocabulary.events import ContactDescribed, ContactMessage
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import Role
from tests.push_room import line, message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我的手机是13800138000", "我的手机是●●●●●●●●●●●"),
        ("138-0013-8000", "●●●-●●●●-●●●●"),
        ("138.0013.8000", "●●●.●●●●.●●●●"),
        ("1 3 8 0 0 1 3 8 0 0 0", "● ● ● ● ● ● ● ● ● ● ●"),
        ("１３８００１３８０００", "●●●●●●●●●●●"),
        ("一三八零零一三八零零零", "●●●●●●●●●●●"),
        ("壹叁捌零零壹叁捌零零零", "●●●●●●●●●●●"),
        ("①③⑧00①③⑧000", "●●●●●●●●●●●"),
        ("1\u200b3\u200b8\u200b00138000", "●\u200b●\u200b●\u200b●●●●●●●●"),
        ("6222 0212 3456 7890 123", "●●●● ●●●● ●●●● ●●●● ●●●"),
        ("11010519491231002X", "●●●●●●●●●●●●●●●●●●"),
        ("验证码 8832", "验证码 ●●●●"),
        ("邮箱 zhang.san@163.com 谢谢", "邮箱 ●●●●●●●●●●●●●●●●● 谢谢"),
        ("jo@x.cn", "●●●●●●●"),
        ("登录密码：Ab@12345", "登录密码：●●●●●●●●"),
        ("your verification code is 889900", "your verification code is ●●●●●●"),
        ("车牌京A·12345", "车牌●●●●●●●●"),
        ("订单号202611221380", "订单号202611221380"),
        ("2026-11-22 10:30 到期", "2026-11-22 10:30 到期"),
        ("我要办 99 元套餐", "我要办 99 元套餐"),
        ("工号8001为您服务", "工号8001为您服务"),
        ("", ""),
        ("好的😀", "好的😀"),
    ],
)
def test_a_secret_number_is_hidden_however_it_is_written(text, shown):
    assert hide(text) == shown


def test_the_question_may_stand_in_the_message_before():
    """Both in one batch, or the answer a batch later."""
    chat = ChatRedactor()
    ask = decode_event_json(message(1, "请提供验证码", role="agent"))
    tell = decode_event_json(message(2, "8832"))
    together = ChatRedactor().redacted([ask, tell])
    chat.redacted([ask])
    apart = chat.redacted([tell])
    assert [one.text for one in (*together, *apart)] == ["请提供验证码", "●●●●", "●●●●"]


def test_a_number_in_pieces_is_hidden_from_the_piece_that_makes_it_one():
    texts = redacted_texts([Said(Millis(n), n, Role.CUSTOMER, text) for n, text in enumerate(["138", "0013", "8000"])])
    assert texts == ["●●●", "●●●●", "●●●●"]


def test_other_events_pass_untouched_and_in_order():
    events = [decode_event_json(one) for one in (line(1), message(2, "13800138000"), line(3))]
    clean = ChatRedactor().redacted(events)
    assert (clean[0], clean[2]) == (events[0], events[2])
    assert isinstance(clean[1], ContactMessage)
    assert clean[1].text == "●" * 11


def test_a_message_sent_again_reads_the_same():
    """It is not taken for a second piece of the number."""
    chat = ChatRedactor()
    event = decode_event_json(message(1, "1380 元"))
    assert chat.redacted([event]) == chat.redacted([event]) == (event,)


def test_two_contacts_do_not_mix():
    chat = ChatRedactor()
    chat.redacted([decode_event_json(message(1, "验证码", role="agent", contact="a"))])
    (other,) = chat.redacted([decode_event_json(message(2, "8832", contact="b"))])
    assert isinstance(other, ContactMessage)
    assert other.text == "8832"


def test_memory_is_bounded():
    chat = ChatRedactor()
    chat.redacted([decode_event_json(message(n, "好", contact=str(n))) for n in range(1, REMEMBERED_CONTACTS + 50)])
    assert len(chat._before) == REMEMBERED_CONTACTS


def test_a_collector_s_chats_are_redacted_on_their_way():
    told = []

    async def publish(events):
        told.extend(events)

    asyncio.run(redacting(publish)([decode_event_json(message(1, "13800138000"))]))
    assert [one.text for one in told] == ["●" * 11]


def test_what_describes_a_contact_is_redacted_value_by_value():
    """An amount stays, a telephone number does not."""
    told = line(
        1, kind="contact_described", fields={"amount": "128.5", "call_back": "13800138000"}, leg=None, queue=None
    )
    body = {name: value for name, value in json.loads(told).items() if value is not None}
    (clean,) = ChatRedactor().redacted([decode_event_json(json.dumps(body).encode())])
    assert isinstance(clean, ContactDescribed)
    assert clean.fields == {"amount": "128.5", "call_back": "●" * 11}
