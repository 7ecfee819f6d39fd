"""Commands that meet a store, a bus or a port: by subprocess, as ops would call them."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.facts import leg, migrated, store
from tests.servers import Place, free_port

pytestmark = pytest.mark.servers

CONFIG = """
[site]
id = "hz"
[web]
port = {port}
[[source]]
kind = "asterisk"
id = "pbx"
host = "127.0.0.1"
port = 1
username = "floorwatch"
secret = "hunter2-secret"
"""


def floorwatch(*arguments: object, within_s: float = 120) -> "subprocess.CompletedProcess[str]":
    command = (sys.executable, "-m", "monitor.cli", *map(str, arguments))
    return subprocess.run(command, capture_output=True, text=True, timeout=within_s)


def config_in(folder: Path, more: str = "", *, port: int = 8080) -> Path:
    file = folder / "floorwatch.toml"
    file.write_text(CONFIG.format(port=port) + more, encoding="utf-8")
    return file


@pytest.fixture
def stored(tmp_path: Path, clickhouse_url: str, fresh_name: str) -> Iterator[Path]:
    """The configuration of a stopped service whose store holds one contact with an ugly name."""
    place = Place(clickhouse_url, fresh_name)
    opened = place.open()
    store(migrated(opened), leg(1, customer="[/red]\x1b]0;owned\x07"))
    yield config_in(tmp_path, f'[clickhouse]\nurl = "{clickhouse_url}/{fresh_name}"\n')
    opened.execute(f"DROP DATABASE IF EXISTS `{fresh_name}`")
    opened.close()


# --- sql -----------------------------------------------------------------------------------------------------------


def test_sql_asks_the_store_itself_where_no_service_runs(stored: Path) -> None:
    """Columns and rows, for machines."""
    answer = floorwatch("sql", "SELECT queue, count() AS n FROM contact_legs GROUP BY queue", "-c", stored, "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == {"columns": ["queue", "n"], "rows": [["vip", 1]]}


def test_sql_opens_the_embedded_store_too(tmp_path: Path) -> None:
    """Even an empty one."""
    answer = floorwatch("sql", "SELECT 1 AS one", "-c", config_in(tmp_path), "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == {"columns": ["one"], "rows": [[1]]}


def test_what_a_row_holds_is_neither_markup_nor_a_terminals_command(stored: Path) -> None:
    """Customers' names come from the network."""
    answer = floorwatch("sql", "SELECT customer FROM contact_legs", "-c", stored)
    assert answer.returncode == 0, answer.stderr
    assert "[/red]" in answer.stdout
    assert "\x1b" not in answer.stdout


def test_a_statement_that_writes_is_refused_with_its_mend(stored: Path) -> None:
    """Exit code 2; nothing has changed."""
    answer = floorwatch("sql", "DROP TABLE contact_legs", "-c", stored)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("refused: not_a_query")
    assert "mend: " in answer.stderr
    assert floorwatch("sql", "SELECT count() FROM contact_legs", "-c", stored).returncode == 0


def test_a_statement_the_store_does_not_understand_is_refused_in_its_words(stored: Path) -> None:
    """Exit code 2, no traceback."""
    answer = floorwatch("sql", "SELECT no_such_column FROM contact_legs", "-c", stored)
    assert answer.returncode == 2
    assert "no_such_column" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_sql_without_a_store_names_what_to_look_at(tmp_path: Path) -> None:
    """Nobody listens there."""
    file = config_in(tmp_path, f'[clickhouse]\nurl = "clickhouse://127.0.0.1:{free_port()}/fw"\n')
    answer = floorwatch("sql", "SELECT 1", "-c", file)
    assert answer.returncode == 2
    assert "mend: " in answer.stderr
    assert "Traceback" not in answer.stderr


# --- doctor --------------------------------------------------------------------------------------------------------


def test_doctor_finds_everything_at_once_for_machines(tmp_path: Path, valkey_url: str) -> None:
    """A bus that is well, a store and a switch that do not answer: exit code 1, each problem with its mend."""
    more = f'[redis]\nurl = "{valkey_url}"\n[clickhouse]\nurl = "clickhouse://127.0.0.1:{free_port()}/fw"\n'
    answer = floorwatch("doctor", "-c", config_in(tmp_path, more, port=free_port()), "--json")
    findings = json.loads(answer.stdout)
    problems = [one for one in findings if one["level"] == "problem"]
    assert answer.returncode == 1
    assert len(problems) >= 2
    assert all(one["mend"] for one in problems)
    assert {one["level"] for one in findings} >= {"ok", "problem"}
    assert "hunter2" not in answer.stdout


# --- serve ---------------------------------------------------------------------------------------------------------


def test_a_role_without_its_bus_ends_with_a_sentence(tmp_path: Path) -> None:
    """Exit code 1 for its supervisor, and what to look at."""
    file = config_in(tmp_path, f'[redis]\nurl = "redis://127.0.0.1:{free_port()}/0"\n')
    answer = floorwatch("serve", "-c", file, "--roles", "score")
    assert answer.returncode == 1
    assert "check that the Redis of redis.url runs" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_role_without_its_store_ends_with_a_sentence(tmp_path: Path, valkey_url: str) -> None:
    """Also when the fault arises among other tasks of the process."""
    more = f'[redis]\nurl = "{valkey_url}"\n[clickhouse]\nurl = "clickhouse://127.0.0.1:{free_port()}/fw"\n'
    answer = floorwatch("serve", "-c", config_in(tmp_path, more), "--roles", "archive,score")
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr, answer.stderr
    assert "clickhouse.url" in answer.stderr


def test_a_page_whose_port_is_taken_ends_with_a_sentence(tmp_path: Path, valkey_url: str) -> None:
    """It names the key to change."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        more = f'[redis]\nurl = "{valkey_url}"\n'
        file = config_in(tmp_path, more, port=taken.getsockname()[1])
        answer = floorwatch("serve", "-c", file, "--roles", "web")
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr, answer.stderr
    assert "choose another [web] host or port" in answer.stderr


def test_a_data_folder_that_cannot_be_made_ends_with_a_sentence(tmp_path: Path) -> None:
    """Of every command that needs it."""
    (tmp_path / "file").write_text("")
    file = config_in(tmp_path, '[store]\ndata = "file/data"\n')
    for arguments in (("serve", "-c", file), ("sql", "SELECT 1", "-c", file)):
        answer = floorwatch(*arguments)
        assert answer.returncode in (1, 2)
        assert "Traceback" not in answer.stderr, answer.stderr
        assert "file/data" in answer.stderr
