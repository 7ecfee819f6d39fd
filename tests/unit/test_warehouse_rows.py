"""Vocabulary values as columns, and the schema files as statements."""

import re

import msgspec
import pytest

from streams.vocabulary import facts
from streams.vocabulary.codec import decode_event_json
from streams.vocabulary.events import AgentReady, ContactQueued
from streams.vocabulary.facts import ContactLeg, Fact, ScoreFact, StateInterval, UtteranceFact
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.warehouse.errors import BatchTooLarge, RowsRefused, StoreRefused, StoreUnavailable, store_error
from streams.warehouse.migrate import Migration, known_migrations, unwrap
from streams.warehouse.native import decode_blocks, encode_block
from streams.warehouse.rows import event_columns, fact_columns, search_form
from streams.warehouse.sql_parts import span
from streams.warehouse.tables import TABLES

FACT_KINDS: tuple[type[facts.FactBase], ...] = Fact.__args__


@pytest.mark.parametrize("kind", FACT_KINDS, ids=lambda kind: kind.__name__)
def test_every_field_of_a_fact_has_its_column(kind: type[facts.FactBase]) -> None:
    """A new optional field without a column would be dropped without a word."""
    table = TABLES[str(kind.__struct_config__.tag)]
    fields = {field.name for field in msgspec.structs.fields(kind)}
    assert fields <= set(table.types)
    moments = {name for name in fields if table.types[name].startswith("DateTime")}
    extra = {
        UtteranceFact: {"text_search"},
        ContactLeg: {"retracted"},
        StateInterval: {"retracted"},
        ScoreFact: {"withdrawn"},
    }.get(kind, set())
    assert set(table.types) == fields | {f"{name}_ms" for name in moments} | extra


def test_moment_becomes_seconds_and_the_rest() -> None:
    """1970 means: did not happen."""
    leg = ContactLeg(
        site=SiteId("hz"), ver=1, queued_at=Millis(1_500), contact=ContactId("1"), leg=1, queue=QueueName("q")
    )
    columns = fact_columns("contact_legs", [leg])
    assert (columns["queued_at"], columns["queued_at_ms"]) == ([1], [500])
    assert (columns["answered_at"], columns["answered_at_ms"]) == ([0], [0])


def test_event_columns_name_what_people_filter_by() -> None:
    """And its body is the whole event again."""
    event = ContactQueued(
        at=Millis(5),
        site=SiteId("hz"),
        source=SourceId("a"),
        seq=7,
        contact=ContactId("1.2"),
        leg=1,
        queue=QueueName("vip"),
    )
    (row,) = zip(*event_columns([event]).values(), strict=True)
    *words, body, version = row
    assert (words, version) == ([0, 5, "hz", "a", 7, "contact_queued", "vip", "", "1.2"], 7)
    assert decode_event_json(body) == event
    ready = AgentReady(
        at=Millis(5), site=SiteId("hz"), source=SourceId("a"), seq=8, agent=AgentId("8001"), queue=QueueName("q")
    )
    assert event_columns([event, ready])["agent"] == ["", "8001"]


@pytest.mark.parametrize(
    ("said", "asked"), [("办理ＶＩＰ业务", "vip业务"), ("STRASSE", "straße"), ("①号", "1号"), ("ﾃｽﾄ", "テスト")]
)
def test_search_ignores_width_and_case(said: str, asked: str) -> None:
    """Recogniser and keyboard write the same word in other forms."""
    assert search_form(asked) in search_form(said)


def test_native_block_comes_back() -> None:
    """What we write for chDB we also read."""
    names, types = ["a", "s", "l", "n"], ["UInt64", "String", "Array(UInt32)", "Nullable(Float64)"]
    block = encode_block(names, types, [[1, 2**64 - 1], ["", "x" * 300_000], [[], [1, 2]], [None, 0.5]])
    result = decode_blocks(block + block)
    assert (result.columns, result.types) == (tuple(names), tuple(types))
    assert [(row[0], len(row[1]), list(row[2]), row[3]) for row in result.rows] == [
        (1, 0, [], None),
        (2**64 - 1, 300_000, [1, 2], 0.5),
    ] * 2


def test_native_block_refuses_what_does_not_fit() -> None:
    """With the column's name, so that the dead letter says why."""
    with pytest.raises(RowsRefused, match="leg"):
        encode_block(["leg"], ["UInt8"], [[256]])


def test_gated_ddl_opens_where_the_server_is_new_enough() -> None:
    """An old server reads a comment, a new one a codec."""
    text = "a /*@19.14 LowCardinality( */ String /*@19.14 ) */ /*@21.1 CODEC(ZSTD(1)) */"
    assert unwrap(text, (18, 16)) == text
    assert unwrap(text, (19, 14)).split() == ["a", "LowCardinality(", "String", ")", "/*@21.1", "CODEC(ZSTD(1))", "*/"]
    assert "/*" not in unwrap(text, (26, 9))


def test_migrations_are_numbered_without_gaps() -> None:
    """And shipped inside the package."""
    assert [migration.number for migration in known_migrations()] == list(range(1, len(known_migrations()) + 1))
    statements = [statement for one in known_migrations() for statement in one.statements((26, 9))]
    made = re.findall(r"^CREATE TABLE IF NOT EXISTS (\w+)", "\n".join(statements), re.MULTILINE)
    assert set(TABLES) - {"schema_migrations"} <= set(made)
    assert all(re.match(r"CREATE TABLE IF NOT EXISTS |ALTER TABLE \w+ ADD COLUMN ", one) for one in statements)


def test_checksum_follows_the_text() -> None:
    """An edited migration is noticed."""
    one = Migration(number=1, name="a", text="SELECT 1")
    assert one.checksum != Migration(number=1, name="a", text="SELECT 2").checksum


@pytest.mark.parametrize(
    ("code", "text", "inserting", "expected"),
    [
        (53, "Type mismatch", True, RowsRefused),
        (252, "Too many partitions for single INSERT block", True, RowsRefused),
        (252, "Too many parts (300). Merges are processing slower", True, StoreUnavailable),
        (241, "Memory limit exceeded", True, BatchTooLarge),
        (241, "Memory limit exceeded", False, StoreRefused),
        (60, "Table x doesn't exist", True, StoreUnavailable),
        (60, "Table x doesn't exist", False, StoreRefused),
        (243, "Not enough space", False, StoreUnavailable),
        (16, "No such column", True, StoreUnavailable),
        (62, "Syntax error", False, StoreRefused),
    ],
)
def test_whose_fault_an_error_is(code: int, text: str, inserting: bool, expected: type[Exception]) -> None:
    """Rows are given up only when they are at fault; an insert that fails for any other reason is tried again."""
    error = store_error(code, f"{text}. Stack trace: 0. main", inserting=inserting)
    assert type(error) is expected
    assert "Stack trace" not in str(error)


def test_span_stays_inside_what_a_date_can_hold() -> None:
    """Before 1970 and after 2106 there is nothing to find, and no error."""
    assert span(Millis(-5_000), Millis(2**50))["since_s"] == 0
    assert span(Millis(-5_000), Millis(2**50))["until_s"] == 2**32 - 1
    assert span(Millis(1), Millis(1_001))["until_s"] == 2
