"""What the form changes in a text: ids renamed wherever they are named; a language that tells every operator."""

import tomllib

import msgspec
import pytest

from monitor.rules_language import language
from monitor.rules_names import renamed
from monitor.rules_text import Act, Edit, EditFault, EditReason, edited
from scoring.operators.registry import SPECS
from tests.scheme_text import SCHEME as PACK


def said(text: str) -> dict[str, object]:
    return tomllib.loads(text)


def test_a_rule_that_is_renamed_keeps_its_items() -> None:
    values = tomllib.loads(edited(PACK, renamed(said(PACK), ["rule", 0], "hello_rule")))
    assert values["rule"][0]["id"] == "hello_rule"
    assert values["item"][0]["rule"] == "hello_rule"


def test_a_condition_that_is_renamed_is_so_in_formula_and_anchors() -> None:
    text = PACK.replace('id = "offer"\n', 'id = "offer"\nafter = "hello"\n', 1)
    rule = tomllib.loads(edited(text, renamed(said(text), ["rule", 0, "condition", 0], "greets")))["rule"][0]
    assert (rule["formula"], rule["condition"][1]["after"]) == ("greets and offer", "greets")


def test_an_item_beside_the_others_ends_the_text() -> None:
    """Items and rules stand by turns: between an item and its rule nothing is put."""
    text = edited(PACK, [Edit(act=Act.ADD, path=["item"], values={"id": "new", "points": 5})])
    assert text.startswith(PACK.rstrip("\n"))
    assert text.rstrip("\n").endswith('[[item]]\nid = "new"\npoints = 5')


def test_a_pattern_is_written_as_it_reads() -> None:
    text = edited(PACK, [Edit(act=Act.SET, path=["rule", 0, "condition", 0, "pattern"], value=r"\d{3}元")])
    assert r"pattern = '\d{3}元'" in text


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (Edit(act=Act.SET, path=["rule", 99, "id"], value="x"), EditReason.NO_SUCH_PLACE),
        (Edit(act=Act.SET, path=["rule", 0], value="x"), EditReason.NO_SUCH_PLACE),
        (Edit(act=Act.SET, path=["scheme"], value="x"), EditReason.NO_SUCH_PLACE),
        (Edit(act=Act.REMOVE, path=["rule"]), EditReason.NO_SUCH_PLACE),
        (Edit(act=Act.ADD, path=["scheme", "name"]), EditReason.NO_SUCH_PLACE),
        (Edit(act=Act.SET, path=[]), EditReason.NO_SUCH_PLACE),
        (Edit(act=Act.SET, path=["scheme", "least_confidence"], value=float("inf")), EditReason.NO_VALUE),
        (Edit(act=Act.SET, path=["scheme", "zh"], value="\ud800"), EditReason.NO_VALUE),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(edit: Edit, reason: EditReason) -> None:
    with pytest.raises(EditFault) as refused:
        edited(PACK, [edit])
    assert refused.value.reason is reason


def test_a_text_that_is_no_toml_is_left_alone() -> None:
    with pytest.raises(EditFault) as refused:
        edited("[scheme", [Edit(act=Act.SET, path=["scheme", "zh"], value="x")])
    assert refused.value.reason is EditReason.NOT_TOML


def test_the_form_knows_every_operator_and_every_setting() -> None:
    told = {one.name: [field.key for field in one.fields] for one in language().operators}
    assert told == {spec.name: [field.key for field in spec.fields] for spec in SPECS}
    assert len(msgspec.json.encode(language())) < 100_000
