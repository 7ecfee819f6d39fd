"""[[alerts.channel]] as people write it: each kind's settings, secrets from elsewhere, and what is told of a slip."""

from pathlib import Path

import pytest

from alerts.senders.dingtalk import DingTalk
from alerts.senders.registry import SPECS
from alerts.senders.sms import Sms
from alerts.senders.spec import NEEDED, SECRETS, FieldKind
from alerts.senders.wecom import WeCom
from tests.unit.test_config import SITE, faults, read

DOCUMENT = Path(__file__).parents[2] / "docs" / "channels.md"


def channel(kind: str, rest: str, *, name: str = "duty") -> str:
    return f'{SITE}[[alerts.channel]]\nkind = "{kind}"\nname = "{name}"\n{rest}'


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    """And rules that name no channel use it."""
    (tmp_path / "ding").write_text("SECabc\n")
    config = read(tmp_path, channel("dingtalk", 'token_env = "DING"\nsecret_file = "ding"\n'), DING="t0ken")
    (one,) = config.alerts.channels
    assert one.asked == DingTalk(token="t0ken", secret="SECabc")
    assert config.alerts.channel_names == ("duty",)
    assert {rule.channels for rule in config.alerts.rules} == {("duty",), ()}  # some stand on the page only
    assert "SECabc" not in f"{config!r}"


def test_a_short_message_is_what_its_provider_wants(tmp_path: Path) -> None:
    text = """url_env = "SMS_URL"
to = ["13800000000"]
body = '{"to": {{ to|tojson }}, "text": {{ text|tojson }}}'
success_path = "result.code"
success_value = "0"
[alerts.channel.headers]
Authorization = "Bearer {{ secret }}"
"""
    (one,) = read(tmp_path, channel("sms", text), SMS_URL="https://sms.example/send").alerts.channels
    assert isinstance(one.asked, Sms)
    assert one.asked.headers == (("Authorization", "Bearer {{ secret }}"),)


@pytest.mark.parametrize(
    ("kind", "rest", "told"),
    [
        ("wecom", "", "key is missing"),
        ("wecom", 'key = "k"\nkey_env = "K"\n', "key and key_env are both written"),
        ("wecom", 'key = "k"\nurl = "http://x/"\n', "http:// would show the secret on the way"),
        ("wecom", 'key = "k"\ntemplate = "{% if %}"\n', "is no template: line 1"),
        ("wecom", 'key = "k"\nlanguage = "fr"\n', "unknown language 'fr'"),
        ("wecom", 'key = "k"\nsecret = "s"\n', "unknown key"),
        ("slack", 'url = "hunter2"\n', "is not a URL"),
        ("smtp", 'host = "m"\nsender = "x"\nto = ["a@b"]\n', "is not an address of mail"),
        ("smtp", 'host = "m"\nsender = "a@b"\nto = ["a@b"]\nsecurity = "none"\n', "for our own network only"),
        ("smtp", 'host = "m"\nsender = "a@b"\nto = ["a@b"]\nusername = "u"\n', "go together"),
        ("sms", 'url = "https://x/"\nto = []\nbody = "x"\n', "names nobody"),
        ("pigeon", 'key = "k"\n', "unknown kind 'pigeon'"),
    ],
)
def test_a_slip_is_told_at_its_place(tmp_path: Path, kind: str, rest: str, told: str) -> None:
    """Without the value where that may be secret."""
    found = faults(tmp_path, channel(kind, rest))
    assert any(told in fault.message and fault.mend for fault in found), found
    assert "hunter2" not in "".join(map(str, found))


def test_two_channels_have_two_names(tmp_path: Path) -> None:
    """A webhook's counts, too: rules name both."""
    webhook = '[[alerts.webhook]]\nname = "duty"\nurl = "https://x/"\n'
    (fault,) = faults(tmp_path, channel("wecom", 'key = "k"\n') + webhook)
    assert fault.message == "alerts.channel[0].name: 'duty' names two channels"


def test_a_private_gateway_may_speak_without_tls(tmp_path: Path) -> None:
    text = 'key = "k"\nurl = "http://gateway.internal/send"\nallow_private = true\n'
    (one,) = read(tmp_path, channel("wecom", text)).alerts.channels
    assert one.asked == WeCom(key="k", url="http://gateway.internal/send")


def test_every_setting_of_every_kind_is_in_the_document() -> None:
    """With its default; a new sender is documented or this fails."""
    written = DOCUMENT.read_text(encoding="utf-8")
    for spec in SPECS:
        _, found, section = written.partition(f"## `{spec.name}`")
        assert found, spec.name
        section = section.partition("\n## ")[0]
        for one in spec.fields:
            named = f"`{one.key}`, `{one.key}_env`, `{one.key}_file`" if one.kind in SECRETS else f"`{one.key}`"
            assert f"| {named} |" in section, (spec.name, one.key)
            if one.default is not NEEDED and one.kind in (FieldKind.CHOICE, FieldKind.INTEGER, FieldKind.URL):
                assert f"`{one.default}`" in section, (spec.name, one.key)
