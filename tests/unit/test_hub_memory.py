"""What a hub keeps does not grow with the day: reasons, agents that come and go, scopes that are opened and closed."""

import tracemalloc

from monitor.attention_desk import AttentionDesk
from monitor.config_wall import Scope
from monitor.hub_extras import Extras
from seat_map.generate import generate
from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.vocabulary.states import AgentState
from tests.browser.synthetic import QUEUES, SyntheticFloor
from tests.wall_room import Browser, hub_over

NOW = Millis(1_800_000_000_000)
SCOPES = [Scope(name=queue, label_zh="", label_en="", queues=(QueueName(queue),)) for queue in QUEUES]
STATES = (AgentState.READY, AgentState.ON_CONTACT, AgentState.SIGNED_OUT, AgentState.NOT_READY)


def test_a_shift_of_signing_in_and_out_leaves_nothing_behind() -> None:
    floor = SyntheticFloor(agents=60, now=NOW)
    hub = hub_over(floor, generate(40), extras=Extras(attention=AttentionDesk))
    agents = list(floor.agents)

    def minutes(first: int, last: int) -> int:
        for second in range(first * 60, last * 60, 3):
            now = Millis(NOW + second * 1_000)
            browser = Browser()
            viewer = browser.viewer()
            hub.attach(viewer, SCOPES[second % len(SCOPES)])
            for place in range(6):
                agent = agents[(second + place) % len(agents)]
                floor.put(AgentId(agent), STATES[(second + place) % len(STATES)], now)
                floor.agents[agent].reason = f"原因{(second + place) % 300}"
                hub.changed(agent)
            hub.tick(now)
            hub.detach(viewer)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before, after = minutes(0, 8), minutes(8, 16)
    finally:
        tracemalloc.stop()
    assert after - before < 200_000
    assert len(hub.picture.reasons.texts) <= 310
    assert not hub.viewers
