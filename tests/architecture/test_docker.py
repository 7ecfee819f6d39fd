"""What docker/ promises, checked without an engine: its configuration is one we accept, its roles are all of ours."""

from pathlib import Path

import yaml

from monitor.config_read import load_config
from tests.architecture.tree import ROOT

ROLES = {"collect", "floor", "archive", "transcribe", "score", "alert", "web"}
COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "floorwatch"}


def test_the_configuration_of_the_containers_is_accepted(tmp_path: Path) -> None:
    """Only the folder that exists in the container is put elsewhere."""
    text = (ROOT / "docker" / "floorwatch.toml").read_text(encoding="utf-8")
    file = tmp_path / "floorwatch.toml"
    file.write_text(text.replace('"/recordings"', f'"{tmp_path.as_posix()}"'), encoding="utf-8")
    config = load_config(file, env={"AMI_SECRET": "only for this test"})
    assert config.store.redis_url is not None
    assert config.store.clickhouse_url is not None


def test_every_role_runs_in_exactly_one_service() -> None:
    """A role nobody runs is silence; a role that runs twice by accident is double work."""
    roles = [role for service in OURS.values() for role in service["command"][-1].split(",")]
    assert sorted(roles) == sorted(ROLES)


def test_our_containers_may_do_little() -> None:
    """No capability, no writable image, no port beyond loopback, and the stores publish none."""
    for service in OURS.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert not any("ports" in service for name, service in COMPOSE["services"].items() if name not in OURS)


def test_the_image_is_built_from_the_lock_and_runs_as_nobody_special() -> None:
    """The same hashes as everywhere else, and no root."""
    text = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes --no-build-isolation -r requirements.lock" in text
    assert "\nUSER floorwatch\n" in text
    assert ":latest" not in text
