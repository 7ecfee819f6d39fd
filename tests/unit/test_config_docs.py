"""Every key that can be written is in the documentation: what nobody can find does not exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READERS = (
    "monitor/config_read.py",
    "monitor/config_sites.py",
    "monitor/config_sources.py",
    "monitor/config_wall_read.py",
    "monitor/config_intake.py",
    "monitor/config_limits.py",
    "alerts/parse.py",
)
ASKED = re.compile(
    r"\.(?:text|integer|number|flag|choice|texts|has|table|tables|named_tables)\(\s*\"(\w+)\""
    r"|(?:an_id|host_name|url|file_path|folder_path|pattern_of|_seconds|_section)\(\w+(?:, toml)?, \"(\w+)\""
)


@pytest.mark.parametrize("page", ["docs/configuration.md and docs/alerts.md", "floorwatch.example.toml"])
def test_every_key_is_documented(page: str) -> None:
    keys = {
        one or other for reader in READERS for one, other in ASKED.findall((ROOT / reader).read_text(encoding="utf-8"))
    }
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in page.split(" and "))
    assert len(keys) > 30
    assert not [key for key in sorted(keys) if not re.search(rf"\b{key}\b", text)]
