"""What a person may ask the store: a table of statements, each with its verdict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.warehouse.sql_guard import Allowed, Refusal, Refused, check

ALLOWED = [
    "SELECT 1",
    "select 1;",
    "  SELECT 1 ; ; \n",
    "WITH 5 AS n SELECT n",
    "(SELECT 1)",
    "SHOW TABLES",
    "DESCRIBE TABLE contact_legs",
    "SELECT * FROM contact_legs FINAL WHERE queue = 'into outfile; file('",
    "SELECT 'it''s', 'a\\'; DROP TABLE x', \"odd;name\", `b;c` FROM t",
    "SELECT 1 -- ; DROP TABLE x\n",
    "SELECT /* ; INTO OUTFILE 'x' */ 1",
    "SELECT $$ ; INTO OUTFILE 'x' $$",
    "SELECT format('{} {}', 1, 2)",
    "SELECT value FROM system.settings WHERE name = 'x'",
    "SELECT count() FROM numbers(10)",
    "SELECT a FROM (SELECT 1 AS a) JOIN (SELECT 1 AS a) USING a",
    "SELECT profile, filename, url, t.file FROM t",
    "SELECT '中文' AS `总数`, ‘a’",
    "SELECT name FROM system.columns WHERE database = currentDatabase()",
    "SHOW CREATE TABLE events",
]

REFUSED = [
    ("", Refusal.EMPTY),
    (" ; -- nothing\n", Refusal.EMPTY),
    ("DROP TABLE events", Refusal.NOT_A_QUERY),
    ("INSERT INTO events VALUES (1)", Refusal.NOT_A_QUERY),
    ("INSERT INTO FUNCTION file('x') SELECT 1", Refusal.NOT_A_QUERY),
    ("KILL QUERY WHERE 1", Refusal.NOT_A_QUERY),
    ("SET readonly = 0", Refusal.NOT_A_QUERY),
    ("SYSTEM SHUTDOWN", Refusal.NOT_A_QUERY),
    ("/* SELECT */ ALTER TABLE events DELETE WHERE 1", Refusal.NOT_A_QUERY),
    ("(DROP TABLE events)", Refusal.NOT_A_QUERY),
    ("'SELECT' 1", Refusal.NOT_A_QUERY),
    ("WITH 1 AS a INSERT INTO events SELECT a", Refusal.NOT_A_QUERY),
    ("SELECT 1; DROP TABLE events", Refusal.SEVERAL_STATEMENTS),
    ("SELECT 'a\\\\'; DROP TABLE events", Refusal.SEVERAL_STATEMENTS),
    ("SELECT 'a'''; DROP TABLE events", Refusal.SEVERAL_STATEMENTS),
    ("SELECT 1 /* '*/ ; DROP TABLE events -- '", Refusal.SEVERAL_STATEMENTS),
    ("SELECT 1 INTO OUTFILE '/tmp/x'", Refusal.WRITES_A_FILE),
    ("SELECT 1 into/**/outfile '/tmp/x'", Refusal.WRITES_A_FILE),
    ("SELECT file('/etc/passwd')", Refusal.REACHES_OUTSIDE),
    ("SELECT * FROM file('/etc/passwd')", Refusal.REACHES_OUTSIDE),
    ("SELECT * FROM FILE /* x */ ('/etc/passwd')", Refusal.REACHES_OUTSIDE),
    ("SELECT * FROM `url`('http://169.254.169.254/')", Refusal.REACHES_OUTSIDE),
    ('SELECT * FROM "s3"(1)', Refusal.REACHES_OUTSIDE),
    ("SELECT * FROM t1, remote('h', 'd', 't')", Refusal.REACHES_OUTSIDE),
    ("SELECT 1 IN mysql('h:1', 'd', 't', 'u', 'p')", Refusal.REACHES_OUTSIDE),
    ("SELECT * FROM Python(secret)", Refusal.REACHES_OUTSIDE),
    ("SELECT * FROM executable('sh', TSV, 'x String')", Refusal.REACHES_OUTSIDE),
    ("SELECT * FROM t JOIN jdbc('x', 'y') USING a", Refusal.REACHES_OUTSIDE),
    ("SELECT * FROM function_of_next_year('x')", Refusal.REACHES_OUTSIDE),
    ("DESCRIBE s3('x')", Refusal.REACHES_OUTSIDE),
    ("SELECT sleep(3)", Refusal.REACHES_OUTSIDE),
    ("SELECT dictGetString('d', 'a', 1)", Refusal.REACHES_OUTSIDE),
    ("SELECT `fi\\x6ce`('/etc/passwd')", Refusal.BROKEN),  # the engine reads the escape: it is file()
    ("SELECT \"fi\\x6ce\"('/etc/passwd')", Refusal.BROKEN),
    ("SELECT 1 AS a$b$, file('/etc/passwd'), 2 AS c$b$", Refusal.REACHES_OUTSIDE),  # names with $, no heredoc
    ("SELECT file\u200b('/etc/passwd')", Refusal.BROKEN),  # the engine skips what nobody sees
    ("SELECT file\ufeff('/etc/passwd')", Refusal.BROKEN),
    ("SELECT file\u00a0('/etc/passwd')", Refusal.BROKEN),
    ("SELECT 1 SETTINGS\u2060max_execution_time = 0", Refusal.BROKEN),
    ("SELECT \uff46ile('/etc/passwd')", Refusal.BROKEN),
    ("SELECT $ x $ 1 $ x $", Refusal.BROKEN),
    ("SELECT arrayMap(file, ['/etc/passwd'])", Refusal.REACHES_OUTSIDE),
    ("SELECT * APPLY(file) FROM t", Refusal.REACHES_OUTSIDE),
    ("SELECT * APPLY `FILE` FROM t", Refusal.REACHES_OUTSIDE),
    ("SELECT * FROM numbers(1) AS a, eval('SELECT 1') AS b", Refusal.REACHES_OUTSIDE),
    ("SELECT * FROM numbers(1) AS a, merge('system', 'users') AS b", Refusal.REACHES_OUTSIDE),
    ("SELECT aiGenerate('c', 'x')", Refusal.REACHES_OUTSIDE),
    ("SELECT * FROM system.users", Refusal.REACHES_OUTSIDE),
    ('SELECT * FROM `system` . "query_log"', Refusal.REACHES_OUTSIDE),
    ("SHOW PROCESSLIST", Refusal.NOT_A_QUERY),
    ("SHOW", Refusal.NOT_A_QUERY),
    ("SELECT 1 SETTINGS max_execution_time = 0", Refusal.OWN_SETTINGS),
    ("SELECT 1 FORMAT Native", Refusal.OWN_FORMAT),
    ("SELECT 'abc", Refusal.BROKEN),
    ("SELECT /* abc", Refusal.BROKEN),
    ("SELECT $$ abc", Refusal.BROKEN),
    ("SELECT `abc", Refusal.BROKEN),
    ("SELECT 'abc\\", Refusal.BROKEN),
]


@pytest.mark.parametrize("sql", ALLOWED)
def test_reading_our_tables_is_allowed(sql: str) -> None:
    """Words inside quotes and comments are nobody's business."""
    assert isinstance(check(sql), Allowed)


@pytest.mark.parametrize(("sql", "reason"), REFUSED)
def test_everything_else_is_refused_with_its_reason(sql: str, reason: Refusal) -> None:
    """Each refusal names what it saw and what to do instead."""
    verdict = check(sql)
    assert isinstance(verdict, Refused)
    assert verdict.reason is reason
    assert verdict.mend


@given(st.text(alphabet="SELECT select'\"`\\;-/*#$ \n()ab1‘’"))
def test_any_text_gets_a_verdict(sql: str) -> None:
    """The tokenizer ends, whatever it is given; what it allows holds one statement that begins with a reading word."""
    verdict = check(sql)
    if isinstance(verdict, Allowed):
        assert not verdict.sql.endswith(";")
