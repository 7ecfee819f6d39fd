"""The doctor against real servers, a real port and a real folder."""

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.config import Config, Secret
from monitor.config_read import load_config
from monitor.doctor import run_doctor
from monitor.doctor_checks import Finding, Level
from tests.servers import free_port

pytestmark = pytest.mark.servers


def configured(folder: Path, extra: str = "") -> Config:
    file = folder / "floorwatch.toml"
    file.write_text(f'[site]\nid = "gz"\n[web]\nport = {free_port()}\n{extra}', encoding="utf-8")
    return load_config(file, env={})


def examine(config: Config) -> dict[str, Finding]:
    return {finding.subject: finding for finding in asyncio.run(run_doctor(config))}


def test_a_fit_machine_has_no_problem(tmp_path: Path) -> None:
    assert not [one for one in examine(configured(tmp_path)).values() if one.level is Level.PROBLEM]


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    config = configured(tmp_path)
    with socket.create_server(("127.0.0.1", config.web.port)):
        assert examine(config)["web port"].level is Level.WARNING


def test_a_redis_that_answers_tells_its_version(tmp_path: Path, redis_url: str) -> None:
    config = configured(tmp_path)
    found = examine(replace(config, store=replace(config.store, redis_url=Secret(redis_url))))["bus (Redis)"]
    assert found.level is Level.OK
    assert "noeviction" in found.what


def test_stores_that_do_not_answer_are_two_problems(tmp_path: Path) -> None:
    """Told together, not one after the other."""
    config = configured(tmp_path)
    store = replace(
        config.store,
        redis_url=Secret("redis://127.0.0.1:9/0"),
        clickhouse_url=Secret("clickhouse://default@127.0.0.1:9/default"),
    )
    found = examine(replace(config, store=store))
    assert [found[name].level for name in ("bus (Redis)", "warehouse (ClickHouse)")] == [Level.PROBLEM] * 2


def test_something_that_is_not_a_switch_is_told_apart(tmp_path: Path) -> None:
    """It listens, but does not speak like a manager interface."""
    port = free_port()
    source = (
        f'[[source]]\nkind = "asterisk"\nid = "a"\nhost = "127.0.0.1"\nport = {port}\nusername = "u"\nsecret = "s"\n'
    )
    config = configured(tmp_path, source)

    async def scenario() -> list[Finding]:
        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(greet, "127.0.0.1", port):
            return await run_doctor(config)

    found = {finding.subject: finding for finding in asyncio.run(scenario())}
    assert "something else" in found["source a"].what


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    config = configured(tmp_path)
    found = examine(replace(config, store=replace(config.store, data=tmp_path / "file" / "data")))
    assert found["data folder"].level is Level.PROBLEM
