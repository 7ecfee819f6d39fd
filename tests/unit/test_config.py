"""The configuration as people write it, and what they are told when they slip."""

from pathlib import Path

import pytest

from alerts.defaults import default_rules
from alerts.rules import ServiceLevelRule
from monitor.config import Config, ConfigFaults, FreeSwitchSource, Secret
from monitor.config_read import load_config
from streams.toml_lines import Fault
from tests.unit.model_folders import lay_out

EXAMPLE = Path(__file__).parents[2] / "floorwatch.example.toml"
SITE = '[site]\nid = "gz"\n'
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def read(folder: Path, text: str, **env: str) -> Config:
    file = folder / "floorwatch.toml"
    file.write_text(text, encoding="utf-8")
    return load_config(file, env=env)


def faults(folder: Path, text: str, **env: str) -> tuple[Fault, ...]:
    with pytest.raises(ConfigFaults) as caught:
        read(folder, text, **env)
    return caught.value.faults


def test_the_example_is_valid() -> None:
    config = load_config(EXAMPLE, env={})
    assert config.site.name == "广州客服中心"
    assert [type(rule).__name__ for rule in config.alerts.rules] == ["ServiceLevelRule", "SourceSilentRule"]


def test_every_line_that_the_example_comments_out_is_valid_too(tmp_path: Path) -> None:
    """With the comment signs of its keys and tables taken away, and its files made."""
    (tmp_path / "alerts.toml").write_text("")
    for name in ("queues.conf", "pbx-ca.pem", "cti.mapping.toml", "floor.toml", "tianhe.toml"):
        (tmp_path / name).write_text("")
    (tmp_path / "connect").mkdir()
    for name in ("model", "vosk-model-small-en-us-0.15"):
        lay_out(tmp_path / name, "am/final.mdl", "conf/mfcc.conf", "graph/HCLG.fst")
    rows = []
    for row in EXAMPLE.read_text(encoding="utf-8").split("\n"):
        bare = row.removeprefix("# ")
        rows.append(bare if bare.startswith("[") or " = " in bare.partition("#")[0] else row)
    text = "\n".join(rows)
    for written, here in (
        ("/etc/asterisk/queues.conf", "queues.conf"),
        ("/var/spool/asterisk/monitor", "."),
        ("/opt/vosk/vosk-model-cn-0.22", "model"),
        ('"/opt/vosk"', '"."'),
    ):
        text = text.replace(written, here)
    tokens = dict.fromkeys(
        ("ESL_SECRET", "CONNECT_TOKEN", "CTI_TOKEN", "PUSH_TOKEN", "RECORDINGS_TOKEN", "WECOM_KEY"), "a-token"
    )
    config = read(tmp_path, text, DUTY_ROOM_SECRET=WEBHOOK_SECRET, **tokens)
    assert [type(one).__name__ for one in config.sources] == [
        "AsteriskSource",
        "FreeSwitchSource",
        "ConnectSource",
        "WebSocketSource",
        "PushSource",
    ]
    assert [(one.id, one.parent) for one in config.sites] == [("gz", None), ("gz-tianhe", "gz")]
    assert config.store.redis_url is not None
    assert config.recordings is not None
    rule = config.alerts.rules[0]
    assert isinstance(rule, ServiceLevelRule)
    assert rule.channels == ("duty-room",)


def test_a_site_id_is_enough(tmp_path: Path) -> None:
    """Everything else has a default: embedded stores in the folder beside the file, loopback, the default rules."""
    config = read(tmp_path, SITE)
    assert (config.store.data, config.store.redis_url) == (tmp_path / "data", None)
    assert (config.web.host, config.web.port) == ("127.0.0.1", 8080)
    assert config.alerts.rules == default_rules(channels=())


def test_who_writes_no_rule_on_purpose_keeps_the_one_for_silence(tmp_path: Path) -> None:
    config = read(tmp_path, SITE + "[alerts]\nrule = []\n")
    assert [rule.name for rule in config.alerts.rules] == ["source_silent"]


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = """[site]
id = gz
timezone = "Asia/Shanghei"
[web]
prot = 80
port = "80"
[[source]]
kind = "asterix"
id = "a"
host = "http://pbx"
secret = "hunter2"
secret_env = "X"
[recordings]
folder = "nowhere"
[[alerts.rule]]
kind = "service_level"
name = "a"
channels = ["ops"]
[[alerts.webhook]]
name = "opz"
url = "ftp://user:hunter2@x"
secret = "whsec_hunter2"
[queus.sales]
"""
    told = {fault.line: fault for fault in faults(tmp_path, text)}
    assert sorted(told) == [2, 3, 5, 6, 7, 8, 10, 12, 14, 18, 21, 22, 23]
    assert told[3].mend == "did you mean 'Asia/Shanghai'?"
    assert told[5].mend == "did you mean 'port'?"
    assert told[6].mend == "write port = 8080"
    assert told[7].message == "source[0]: username is missing"
    assert told[23].mend == "did you mean 'queues'?"
    assert "hunter2" not in "".join(map(str, told.values()))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[web]\nport = 0\n", 4),
        ("[web]\nport = 65536\n", 4),
        ("[web]\nport = true\n", 4),
        ('[web]\nhost = "a b"\n', 4),
        ('[web]\npublic_url = "floor.example.com"\n', 4),
        ('[store]\ndata = ""\n', 4),
        ('[redis]\nurl = "http://x"\n', 4),
        ('[redis]\nurl = "redis://"\n', 4),
        ("[redis]\n", 3),
        ('[clickhouse]\nurl = "clickhouse://x:99999/"\n', 4),
        ('[recogniser]\nmodel = "."\n', 4),
        ("[recogniser]\nprocesses = 1.5\n", 4),
        ('[scoring]\nscheme = "mine.toml"\n', 4),
        ('[alerts]\nrules = "none.toml"\n', 4),
        ('[source]\nkind = "asterisk"\n', 3),
        ("[queues]\nsales = 1\n", 4),
        ("[queues.sales]\ntarget_s = 0\n", 4),
    ],
)
def test_a_value_that_cannot_work_is_refused_where_it_stands(tmp_path: Path, text: str, line: int) -> None:
    assert [fault.line for fault in faults(tmp_path, SITE + text)] == [line]


def test_faults_of_a_rules_file_carry_that_files_name(tmp_path: Path) -> None:
    (tmp_path / "alerts.toml").write_text('[[rule]]\nkind = "service_level"\nname = "a"\nfire_below = 0\n')
    (fault,) = faults(tmp_path, SITE + '[alerts]\nrules = "alerts.toml"\n')
    assert (Path(fault.path).name, fault.line) == ("alerts.toml", 4)


SOURCE = SITE + '[[source]]\nkind = "asterisk"\nid = "a"\nhost = "pbx"\nusername = "u"\n'


def test_a_secret_comes_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "ami.secret").write_text("hunter2\n")
    from_file = read(tmp_path, SOURCE + 'secret_file = "ami.secret"\n').sources[0].secret
    from_env = read(tmp_path, SOURCE + 'secret_env = "AMI"\n', AMI="hunter2").sources[0].secret
    assert from_file.reveal() == from_env.reveal() == "hunter2"


def test_a_secret_that_is_nowhere_is_a_fault(tmp_path: Path) -> None:
    assert [fault.line for fault in faults(tmp_path, SOURCE + 'secret_env = "AMI"\n')] == [8]
    assert [fault.line for fault in faults(tmp_path, SOURCE + 'secret_file = "none"\n')] == [8]
    assert [fault.line for fault in faults(tmp_path, SOURCE)] == [3]


def test_no_secret_shows_in_a_configuration_that_is_printed(tmp_path: Path) -> None:
    text = SOURCE + (
        'secret = "hunter2"\n[redis]\nurl = "redis://:hunter2@x"\n'
        '[[alerts.webhook]]\nname = "d"\nurl = "https://x/hunter2"\n'
    )
    config = read(tmp_path, text)
    assert "hunter2" not in f"{config!r} {config} {config.sources[0].secret} {config.store.redis_url}"


def test_tls_has_a_port_of_its_own(tmp_path: Path) -> None:
    """Asterisk listens for TLS on 5039."""
    assert read(tmp_path, SOURCE + 'secret = "s"\ntls = true\n').sources[0].port == 5039


def test_a_freeswitch_may_stand_behind_a_tls_proxy_and_take_a_user(tmp_path: Path) -> None:
    """The event socket has no TLS of its own; a directory user has fewer rights than the socket's password."""
    (tmp_path / "ca.pem").write_text("", "utf-8")
    text = SITE + '[[source]]\nkind = "freeswitch"\nid = "fs-1"\nhost = "10.0.0.7"\nsecret = "s"\n'
    (source,) = read(tmp_path, text + 'username = "watch@example"\ntls = true\ntls_ca = "ca.pem"\n').sources
    assert isinstance(source, FreeSwitchSource)
    assert (source.username, source.tls, source.tls_ca) == ("watch@example", True, tmp_path / "ca.pem")


def test_two_of_a_name_are_refused(tmp_path: Path) -> None:
    twice = SOURCE + 'secret = "s"\n' + SOURCE.removeprefix(SITE) + 'secret = "s"\n'
    (fault,) = faults(tmp_path, twice)
    assert (fault.line, fault.message) == (11, "source[1].id: 'a' names two sources")


@pytest.mark.parametrize("blob", [b'\xef\xbb\xbf[site]\r\nid = "gz"\r\n', b'[site]\r\nid = "gz"'], ids=["bom", "crlf"])
def test_an_editor_of_windows_does_no_harm(tmp_path: Path, blob: bytes) -> None:
    file = tmp_path / "floorwatch.toml"
    file.write_bytes(blob)
    assert load_config(file, env={}).site.id == "gz"


@pytest.mark.parametrize(
    ("blob", "line"),
    [('[site]\nname = "广州"\n'.encode("gbk"), 2), (None, 1)],
    ids=["not UTF-8", "no such file"],
)
def test_a_file_that_cannot_be_read_is_one_fault(tmp_path: Path, blob: bytes | None, line: int) -> None:
    file = tmp_path / "floorwatch.toml"
    if blob is not None:
        file.write_bytes(blob)
    with pytest.raises(ConfigFaults) as caught:
        load_config(file, env={})
    assert [fault.line for fault in caught.value.faults] == [line]


def test_a_secret_compares_but_does_not_show() -> None:
    assert Secret("a") == Secret("a")
    assert repr(Secret("hunter2")) == "Secret(…)"


@pytest.mark.parametrize(
    ("branches", "fault"),
    [
        ('[[branch]]\nid = "gz"\n', "branch[0].id: 'gz' names two sites"),
        ('[[branch]]\nid = "a"\nparent = "b"\n', "branch[0].parent: no site 'b'"),
        (
            '[[branch]]\nid = "a"\nparent = "b"\n[[branch]]\nid = "b"\nparent = "a"\n',
            "branch[0].parent: 'a' is above itself",
        ),
        ('[[source]]\nkind = "push"\nid = "p"\nsite = "sz"\nsecret = "x"\n', "source[0].site: no site 'sz'"),
        ('[[source]]\nkind = "connect"\nid = "c"\n', "source[0]: neither folder nor secret"),
        (
            "[[source]]\nkind = 'asterisk'\nid = 'a'\nhost = 'h'\nusername = 'u'\nsecret = 's'\n"
            "agent_pattern = '(?=x)'\n",
            "source[0].agent_pattern: is not a pattern",
        ),
    ],
)
def test_sites_and_sources_that_do_not_fit_together_are_named(tmp_path: Path, branches: str, fault: str) -> None:
    assert any(one.message.startswith(fault) for one in faults(tmp_path, SITE + branches))
