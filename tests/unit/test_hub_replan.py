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


def test_a_large_floor_is_seated_in_parts_while_the_present_one_is_shown() -> None:
    """Nobody's wall stands still for it, and who changes meanwhile is right on both."""
    floor = SyntheticFloor(agents=1_000, now=NOW)
    hub = hub_over(floor, generate(1_000))
    browser = watching(hub)
    hub.tick(NOW)
    browser.read()
    shown = hub.version
    hub.replan(generate(1_040))
    assert hub.version == shown
    floor.put(AgentId("8003"), AgentState.ON_HOLD, NOW)
    hub.changed(AgentId("8003"))
    for tick in range(1, 5):
        hub.tick(Millis(NOW + 50 * tick))
        browser.read()
    assert browser.said["plan"]["version"] == hub.version != shown
    assert len(browser.view.columns) == len(hub.picture.columns) == 1_040
    assert (browser.view.columns.code == hub.picture.columns.code).all()
    assert len(hub.picture.people) == 1_000
    assert hub.counts[HubCount.HEALED] == 0


def test_who_signs_in_while_a_plan_is_coming_is_on_it() -> None:
    floor = SyntheticFloor(agents=900, now=NOW)
    hub = hub_over(floor, generate(900))
    hub.tick(NOW)
    hub.replan(generate(960))
    guest = SyntheticFloor(agents=901, now=NOW).agents[AgentId("8900")]
    floor.agents[guest.id] = guest
    hub.changed(guest.id)
    for tick in range(1, 6):
        hub.tick(Millis(NOW + 50 * tick))
    assert len(hub.picture.seating.plan.seats) == 960
    assert guest.id in hub.picture.seating.places


def test_of_two_plans_in_a_row_the_last_one_is_shown() -> None:
    floor = SyntheticFloor(agents=1_000, now=NOW)
    hub = hub_over(floor, generate(1_000))
    hub.tick(NOW)
    hub.replan(generate(1_040))
    hub.replan(generate(1_080))
    for tick in range(1, 6):
        hub.tick(Millis(NOW + 50 * tick))
    assert len(hub.picture.seating.plan.seats) == 1_080
