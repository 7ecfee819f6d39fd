"""The demo centre on paper: its size, its names, its queues.conf."""

import pytest

from monitor.demo.switch.centre import build, queues_conf
from monitor.demo.switch.names import HOSTILE_AGENTS
from streams.translate.asterisk_words import parse_queues_conf


@pytest.mark.parametrize("agents", [20, 200, 5000])
def test_every_queue_has_agents_of_its_own(agents: int) -> None:
    """From the smallest to the largest centre no queue is without a first skill."""
    firsts = {agent.skills[0].queue for agent in build(agents).agents}
    assert firsts == {"billing", "broadband", "complaints", "sales", "vip", "roaming"}


def test_staff_numbers_teams_and_skills() -> None:
    """Numbers run from 10001, forty to a team, one to three queues each."""
    agents = build(200).agents
    assert [agents[0].interface, agents[-1].interface] == ["PJSIP/10001", "PJSIP/10200"]
    assert [agents[39].team, agents[40].team, agents[199].team] == [1, 2, 5]
    assert {len(agent.skills) for agent in agents} == {1, 2, 3}


def test_some_names_are_hostile_and_none_is_longer_than_asterisk_keeps() -> None:
    """A page that trusts a name is found out by the demo itself."""
    names = {agent.name for agent in build(200).agents}
    assert len(names & set(HOSTILE_AGENTS)) >= 4
    assert max(len(name.encode()) for name in names) <= 79


@pytest.mark.parametrize(("agents", "speed"), [(19, 1.0), (10_000, 1.0), (200, 0.0), (200, 61.0)])
def test_a_centre_that_cannot_be_is_refused_with_its_limits(agents: int, speed: float) -> None:
    """The text names the range that is allowed."""
    with pytest.raises(ValueError, match=r"20 to 9999|between 0\.1 and 60"):
        build(agents, speed=speed)


def test_queues_conf_tells_the_product_targets_and_wrap_up() -> None:
    """The product's own parser reads back what the centre says, at any speed."""
    for speed in (1.0, 4.0):
        centre = build(40, speed=speed)
        settings = parse_queues_conf(queues_conf(centre))
        assert settings.shared_lastcall
        said = {name: (one.target_s, one.wrap_up_s) for name, one in settings.queues.items()}
        assert said == {queue.name: (queue.target_s, queue.wrap_up_s) for queue in centre.queues}


def test_speed_shortens_every_duration() -> None:
    """Four times as fast: a quarter of the talk, the target and the wrap-up."""
    usual, fast = build(20).queue("billing"), build(20, speed=4).queue("billing")
    assert (fast.talk_ms, fast.target_s, fast.wrap_up_s) == (usual.talk_ms // 4, 5, 3)
