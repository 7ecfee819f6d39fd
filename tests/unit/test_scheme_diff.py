"""What differs between two texts of a scheme, told by rule and by line; and the numbers a new version gives."""

import tomllib

from monitor.rules_text import edited
from monitor.scheme_diff import Change, PartChange, differ, numbering
from tests.scheme_text import SCHEME as PACK


def test_the_same_text_differs_in_nothing() -> None:
    assert differ(PACK, PACK).nothing


def test_a_change_is_told_by_its_rule_and_key() -> None:
    """However far down it stands; a rule's number that follows is no change of its own."""
    after = PACK.replace('"是本人",', '"是本人吗",')
    assert differ(PACK, after).parts == [
        PartChange(kind="rule", id="identity_check", change=Change.CHANGED, keys=["condition.asks.any"])
    ]


def test_order_and_comments_are_lines_only() -> None:
    changes = differ(PACK, PACK.replace("# --- marks ---", "# --- tags ---"))
    assert changes.parts == []
    assert [row.text[:9] for row in changes.rows if not row.after] == ["# --- mar"]


def test_what_came_and_what_went_is_named() -> None:
    after = PACK.replace('id = "closing"', 'id = "ending"').replace('rule = "closing"', 'rule = "ending"')
    told = {(one.kind, one.id, one.change) for one in differ(PACK, after).parts}
    assert told == {
        ("item", "closing", Change.REMOVED),
        ("item", "ending", Change.ADDED),
        ("rule", "closing", Change.REMOVED),
        ("rule", "ending", Change.ADDED),
    }


def test_a_text_that_is_no_toml_is_compared_by_lines() -> None:
    changes = differ(PACK, PACK.replace("[scheme]", "[scheme"))
    assert any(row.text == "[scheme" and not row.before for row in changes.rows)


def test_a_version_numbers_the_scheme_and_the_rules_that_changed() -> None:
    """A rule whose author numbered it keeps his number."""
    after = PACK.replace('"是本人",', '"是本人吗",').replace('last_seconds = 30\nany = ["再见"]', 'any = ["再见"]')
    after = after.replace('id = "closing"\nversion = 1', 'id = "closing"\nversion = 7')
    values = tomllib.loads(edited(after, numbering(PACK, after, 12)))
    assert values["scheme"]["version"] == 12
    versions = {rule["id"]: rule["version"] for rule in values["rule"]}
    assert {name: number for name, number in versions.items() if number != 1} == {"identity_check": 2, "closing": 7}
