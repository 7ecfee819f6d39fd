"""Who the agent is, where nobody told."""

import pytest

from asr.roles import agent_by_rule, with_roles
from tests.unit.asr_builders import dialogue


@pytest.mark.parametrize(
    ("lines", "channel"),
    [
        (("A: 您好 工号 零五五零 为您 服务", "C: 我 要 查 话费"), 0),
        (("A: 喂 你好", "C: 您好 请问 有 什么 可以 帮您"), 1),
        (("A: 喂", "C: 喂"), None),
        ((), None),
    ],
)
def test_the_agent_is_who_speaks_like_one(lines: tuple[str, ...], channel: int | None) -> None:
    """Not known stays not known."""
    assert agent_by_rule(dialogue(*lines, agent_channel=None).utterances) == channel


def test_roles_by_rule_name_both_sides() -> None:
    """The other channel is the customer's."""
    said = with_roles(dialogue("A: 喂", "C: 工号 零五", agent_channel=None).utterances, 1)
    assert [one.role for one in said] == ["customer", "agent"]
