"""What the form of alert rules offers is what the parser takes."""

import pytest

from alerts.parse import AlertFaults, parse_rules
from monitor.alert_language import COMMON, CONDITION, KINDS, WHERE, KindTold, alert_language
from monitor.api.alerts_edit import EditAsked, edited_text
from monitor.rules_text import Act, Edit, EditFault, edited, written

CHANNELS = ("duty",)


def text_of(kind: KindTold) -> str:
    return edited("", [Edit(act=Act.ADD, path=["rule"], values=kind.start)])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_rule_that_the_form_adds_is_sound(kind: KindTold) -> None:
    (*_, rule) = [one for one in parse_rules(text_of(kind), file="rules", channels=CHANNELS) if one.label.zh]
    assert rule.label.zh


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_key_that_the_form_offers_is_one_of_the_language(kind: KindTold) -> None:
    """A value may be wrong; the key is known."""
    where = [told for told in WHERE if told.key in kind.where]
    offered = [*COMMON, *kind.fields, *where, *(CONDITION if kind.conditions else [])]
    text = text_of(kind) + "".join(f"\n{told.key} = {written('?')}" for told in offered if told.key not in kind.start)
    with pytest.raises(AlertFaults) as told:
        parse_rules(text, file="rules", channels=CHANNELS)
    assert [str(fault) for fault in told.value.faults if "unknown key" in str(fault)] == []


def test_a_form_knows_which_metrics_have_windows_and_samples() -> None:
    language = alert_language()
    assert {"service_level", "abandon_percent", "asa"} <= set(language.windowed)
    assert "longest_wait" not in language.windowed + language.sampled
    assert "abandon_percent" in language.sampled


def test_one_key_is_changed_and_told_where_it_stands() -> None:
    """Comments and order stay; conditions written in place have their lines."""
    text = '# mine\n[[rule]]\nkind = "threshold" # so\nname = "w"\nall = [\n  { metric = "waiting", fire = 5 },\n]\n'
    edit = Edit(act=Act.SET, path=["rule", 0, "all", 0, "fire"], value=7)
    done = edited_text(EditAsked(text=text, edits=[edit]))
    assert done.text == text.replace("5", "7")
    assert done.values["rule"][0]["all"] == [{"metric": "waiting", "fire": 7}]
    assert done.lines["rule/0"] == 2
    assert done.lines["rule/0/all/0"] == 6


def test_a_text_that_is_no_toml_is_refused_by_its_line() -> None:
    with pytest.raises(EditFault, match="text_not_toml"):
        edited_text(EditAsked(text="[[rule\n"))
