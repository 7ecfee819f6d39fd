"""Where a service keeps what, and why a place is refused."""

import os
import stat
from pathlib import Path

import pytest

from monitor import places
from monitor.config import Config
from monitor.config_read import load_config
from streams.vocabulary.ids import SourceId

GOOD = """
[site]
id = "hz"
[store]
data = "{data}"
[[source]]
kind = "asterisk"
id = "pbx"
host = "127.0.0.1"
username = "floorwatch"
secret = "s"
"""


def config_in(folder: Path, data: str = "data", more: str = "") -> Config:
    file = folder / "floorwatch.toml"
    file.write_text(GOOD.format(data=data) + more, encoding="utf-8")
    return load_config(file, env={})


def test_embedded_stores_lie_in_the_data_folder(tmp_path: Path) -> None:
    """One folder to back up, one to delete."""
    config = config_in(tmp_path)
    assert places.bus_url(config).startswith("unix://")
    assert places.warehouse_url(config) == f"chdb://{tmp_path}/data/warehouse"
    assert places.history_socket(config) == tmp_path / "data" / "run" / "history.sock"
    assert places.log_file(config, "live") == tmp_path / "data" / "log" / "live.log"


def test_servers_of_ones_own_win(tmp_path: Path) -> None:
    """The URLs as configured, passwords included: connecting needs them."""
    more = '[redis]\nurl = "redis://:pw@10.0.0.5:6379/0"\n[clickhouse]\nurl = "clickhouse://u:pw@10.0.0.6:9000/fw"\n'
    config = config_in(tmp_path, more=more)
    assert places.bus_url(config) == "redis://:pw@10.0.0.5:6379/0"
    assert places.warehouse_url(config) == "clickhouse://u:pw@10.0.0.6:9000/fw"


def test_the_sockets_folder_is_private(tmp_path: Path) -> None:
    """Whoever reaches the socket may read everything; a folder left open is closed."""
    (tmp_path / "data" / "run").mkdir(parents=True, mode=0o777)
    (tmp_path / "data" / "run").chmod(0o777)
    socket = places.history_socket(config_in(tmp_path))
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700


def test_a_long_data_folder_has_a_short_socket(tmp_path: Path) -> None:
    """A Unix socket's path has 107 bytes; every process of the service finds the same one."""
    config = config_in(tmp_path, data="深" * 40)
    socket = places.history_socket(config)
    assert len(os.fsencode(socket)) <= 107
    assert places.history_socket(config) == socket
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    socket.parent.rmdir()


def test_a_link_where_the_sockets_folder_should_be_is_refused(tmp_path: Path) -> None:
    """Somebody else's link would lead us to change the mode of a folder that is not meant."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "run").symlink_to(elsewhere)
    with pytest.raises(places.PlaceRefused, match="remove it"):
        places.history_socket(config_in(tmp_path))
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755


def test_a_data_folder_that_cannot_be_made_is_refused_with_its_mend(tmp_path: Path) -> None:
    """A file stands in the way, a disk is read-only."""
    (tmp_path / "file").write_text("")
    config = config_in(tmp_path, data="file/data")
    for place in (places.history_socket, lambda one: places.log_file(one, "live")):
        with pytest.raises(places.PlaceRefused, match=r"name another folder as \[store\] data"):
            place(config)


def test_without_recordings_the_folder_is_an_empty_one_of_ours(tmp_path: Path) -> None:
    """So that nothing outside it is ever served."""
    assert places.recordings_folder(config_in(tmp_path)) == tmp_path / "data" / "no-recordings"


def test_what_is_made_for_data_is_nobody_elses_to_read(tmp_path: Path) -> None:
    """The bus's files and the store's hold customers' numbers; neither server is asked how it makes them."""
    places.made(places.spool_folder(config_in(tmp_path), SourceId("pbx")))
    for made in ("data", "data/spool", "data/spool/pbx"):
        assert stat.S_IMODE((tmp_path / made).stat().st_mode) == 0o700
