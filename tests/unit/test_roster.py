"""Facts that no event tells: the agent's team, the queue's skills; unknown only where nothing here says so."""

from pathlib import Path

from asr.transcript import Transcript
from monitor.config import Site
from monitor.roster import NOBODY, Roster, with_roster
from monitor.roster_watch import teams_of_plan
from scoring.case import Case, Fact
from scoring.fault_words import in_chinese
from scoring.parse import Known, read_scheme
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from tests.scheme_text import SCHEME

SEATED = Roster({AgentId("8001"): "A01", AgentId("8002"): ""}, {QueueName("vip"): ("gold", "english")})


def case(**facts: Fact) -> Case:
    transcript = Transcript(
        site=SiteId("hz"),
        contact=ContactId("c"),
        contact_at=Millis(0),
        model="m",
        duration_ms=1,
        channels=2,
        utterances=(),
    )
    return Case(transcript=transcript, facts=facts)


def test_team_and_skill_follow_from_agent_and_queue() -> None:
    assert with_roster(case(agent="8001", queue="vip"), SEATED).facts == {
        "agent": "8001", "queue": "vip", "team": "A01", "skill": ("gold", "english"),
    }  # fmt: skip


def test_who_sits_nowhere_is_in_no_team_and_another_queue_asks_for_nothing() -> None:
    """Known, not unknown: others have them."""
    assert SEATED.facts({"agent": "8009", "queue": "sales"}) == {"team": "", "skill": ()}
    assert SEATED.facts({"agent": "8002"}) == {"team": ""}


def test_where_nobody_tells_them_they_are_not_known() -> None:
    assert NOBODY.facts({"agent": "8001", "queue": "vip"}) == {}
    assert Roster({AgentId("8001"): ""}).facts({"agent": "8001"}) == {}
    assert with_roster(case(agent="8001"), NOBODY).facts == {"agent": "8001"}


def test_a_rule_that_nothing_here_can_answer_is_warned_of_with_what_mends_it() -> None:
    """In both languages; a team that nobody is in is another warning."""
    text = SCHEME.replace(
        'id = "greeting"\nversion', 'id = "greeting"\nwhen = \'team == "A01" and skill contains "gold"\'\nversion'
    )
    nothing = read_scheme(text, file="x", known=Known(facts=NOBODY.known()))
    assert nothing.scheme is not None
    assert sorted(one.mend for one in nothing.warnings) == [
        "publish a plan with teams at /plan; until then the rule cannot tell",
        'write skills = ["…"] below [queues.NAME] of floorwatch.toml; until then the rule cannot tell',
    ]
    assert all(in_chinese(one.message) and in_chinese(one.mend) for one in nothing.warnings)
    assert read_scheme(text, file="x", known=Known(facts=SEATED.known())).warnings == ()
    other = read_scheme(text.replace("A01", "B07"), file="x", known=Known(facts=SEATED.known()))
    assert ["B07" in one.message for one in other.warnings] == [True]


def test_reserved_desks_tell_teams_before_anybody_sits(tmp_path: Path) -> None:
    """By the plan file; the generated plan reserves none."""
    file = tmp_path / "plan.csv"
    file.write_text("seat,x,y,room,team,agent\ns1,1,1,一楼,A01,8001\ns2,3,1,一楼,A01,\n", "utf-8")
    assert teams_of_plan(tmp_path, Site(id=SiteId("hz"), name="hz", timezone="UTC", plan=file)) == {"8001": "A01"}
    assert teams_of_plan(tmp_path, Site(id=SiteId("nj"), name="nj", timezone="UTC")) == {}
