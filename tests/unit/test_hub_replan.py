"""A new plan while people watch: who sits where, what each viewer is told."""

from monitor.hub import HubCount
from seat_map.generate import generate
from streams.vocabulary.ids import AgentId, Millis
from streams.vocabulary.states import AgentState
from tests.browser.synthetic import SyntheticFloor
from tests.wall_room import hub_over, watching

NOW = Millis(1_800_000_000_000)


def test_a_new_plan_is_told_and_everybody_gets_a_snapshot_of_it() -> None:
    floor = SyntheticFloor(agents=30, now=NOW)
    hub = hub_over(floor, generate(40))
    browser = watching(hub)
    hub.tick(NOW)
    browser.read()
    before, revision = browser.said["plan"]["version"], hub.picture.revision
    hub.replan(generate(120))
    hub.tick(Millis(NOW + 50))
    browser.read()
    assert browser.said["plan"]["version"] == hub.version != before
    assert len(browser.view.columns) == 120
    assert hub.picture.revision > revision
    assert hub.counts[HubCount.REPLANNED] == 1


def test_what_follows_a_new_plan_is_a_delta_again() -> None:
    floor = SyntheticFloor(agents=30, now=NOW)
    hub = hub_over(floor, generate(40))
    browser = watching(hub)
    hub.tick(NOW)
    hub.replan(generate(80))
    hub.tick(Millis(NOW + 50))
    floor.put(AgentId("8003"), AgentState.ON_HOLD, NOW)
    hub.changed(AgentId("8003"))
    hub.tick(Millis(NOW + 100))
    browser.read()
    row = hub.picture.seating.places[AgentId("8003")].index
    assert browser.view.columns.code[row] == hub.picture.columns.code[row]
    assert hub.counts[HubCount.HEALED] == 0


def test_the_same_plan_has_the_same_version_in_every_process() -> None:
    """So a browser that comes back after a restart draws anew only if it must."""
    floor = SyntheticFloor(agents=0, now=NOW)
    assert hub_over(floor, generate(40)).version == hub_over(floor, generate(40)).version


def test_a_viewer_who_comes_later_is_told_the_plan_too() -> None:
    hub = hub_over(SyntheticFloor(agents=5, now=NOW), generate(40))
    hub.tick(NOW)
    browser = watching(hub)
    hub.tick(Millis(NOW + 50))
    browser.read()
    assert browser.said["plan"] == {"t": "plan", "version": hub.version}
    assert {"numbers", "line", "lines", "alerts", "reasons"} <= browser.said.keys()
