"""Fields that are more than a text: ids, hosts, URLs, paths, secrets. In: a Table and its surroundings. Out: values.

A fault goes to the table and names the mend; no fault ever repeats a secret. May not know: which section it reads.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import re2

from alerts.senders.standard_webhooks import BadSecret, key_of
from monitor.config import Secret
from streams.toml_table import Table

_ID = re.compile(r"[\w.-]{1,64}")
_HOST_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_MOST_SECRET_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where relative paths begin, and where `…_env` keys look."""

    folder: Path
    env: Mapping[str, str] = field(repr=False)

    def resolve(self, written: str) -> Path:
        return (self.folder / Path(written).expanduser()).resolve()


def an_id(table: Table, key: str) -> str:
    value = table.text(key)
    if value and not _ID.fullmatch(value):
        table.fault(key, f"{value!r} is not an id", "use letters, digits, - _ . (at most 64)")
    return value


def host_name(table: Table, key: str, *, default: str | None = None) -> str:
    value = table.text(key, default=default)
    if value and not _is_host(value):
        table.fault(key, f"{value!r} is not a host", "write a name or an address without scheme, port or path")
    return value


def url(table: Table, key: str, schemes: tuple[str, ...]) -> str:
    """An absolute URL with one of `schemes`; the fault shows no more than the scheme, the rest may be secret."""
    value = table.text(key)
    if value and (wrong := url_fault(value, schemes)):
        table.fault(key, wrong, f'write a full address such as "{schemes[0]}://host:port/path"')
    return value


def file_path(table: Table, key: str, around: Surroundings) -> Path:
    path = around.resolve(table.text(key))
    if table.has(key) and not path.is_file():
        table.fault(key, f"no file at {path}", "give the path of a file; a relative one starts at this file's folder")
    return path


def folder_path(table: Table, key: str, around: Surroundings) -> Path:
    path = around.resolve(table.text(key))
    if table.has(key) and not path.is_dir():
        table.fault(
            key, f"no folder at {path}", "give the path of a folder; a relative one starts at this file's folder"
        )
    return path


def pattern_of(table: Table, key: str) -> str:
    """A regular expression with one group, in the linear dialect of RE2: no look-around, no back-references."""
    value = table.text(key)
    try:
        groups = re2.compile(value).groups if value else 1
    except re2.error as error:
        table.fault(key, f"is not a pattern ({error})", "write one such as '(\\d+)$'; RE2 knows no look-around")
        return ""
    if groups != 1:
        table.fault(key, f"has {groups} groups instead of one", "put ( ) around the agent's number, nothing else")
    return value


def secret_of(table: Table, around: Surroundings, *, required: bool) -> Secret | None:
    """From `secret`, `secret_env` (a variable's name) or `secret_file`; exactly one of them."""
    return hidden_of(table, around, key="secret", required=required)


def hidden_of(table: Table, around: Surroundings, *, key: str, required: bool) -> Secret | None:
    """The same under another name: `KEY`, `KEY_env` or `KEY_file`."""
    in_env, in_file = f"{key}_env", f"{key}_file"
    ways = [way for way in (key, in_env, in_file) if table.has(way)]
    if not ways:
        if required:
            mend = f'add {in_env} = "NAME", {in_file} = "PATH" or {key} = "…"'
            table.fault(None, f"{key} is missing", mend)
        return None
    if len(ways) > 1:
        table.fault(ways[1], f"{' and '.join(ways)} are both written", "keep one of them")
        return None
    if ways == [in_env]:
        return _secret_from_env(table, in_env, around)
    return _secret_from_file(table, in_file, around) if ways == [in_file] else Secret(table.text(key))


def webhook_key(table: Table, around: Surroundings) -> bytes | None:
    secret = secret_of(table, around, required=False)
    if secret is None or not secret.reveal():
        return None
    try:
        return key_of(secret.reveal())
    except BadSecret as error:
        way = next(key for key in ("secret", "secret_env", "secret_file") if table.has(key))
        mend = "make one: python3 -c \"import base64, os; print('whsec_' + base64.b64encode(os.urandom(32)).decode())\""
        table.fault(way, str(error), mend)
        return None


def _secret_from_env(table: Table, key: str, around: Surroundings) -> Secret:
    name = table.text(key)
    value = around.env.get(name, "")
    if name and not value:
        table.fault(key, f"the environment has no {name}", f"set {name} before starting")
    return Secret(value)


def _secret_from_file(table: Table, key: str, around: Surroundings) -> Secret:
    path = around.resolve(table.text(key))
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_SECRET_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        table.fault(key, f"{path}: {reason}", "give a readable text file that holds nothing but the secret")
        return Secret("")
    if not text:
        table.fault(key, f"{path} is empty", "write the secret into it")
    return Secret(text)


def url_fault(value: str, schemes: tuple[str, ...]) -> str | None:
    """What is wrong with it, showing no more than its scheme."""
    try:
        parts = urlsplit(value)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        return "is not a URL (address or port)"
    if parts.scheme not in schemes:
        return f"has the scheme {parts.scheme!r}, not {' or '.join(schemes)}" if "://" in value else "is not a URL"
    if any(char.isspace() for char in value) or not port_fits:
        return "is not a URL (a space, or port 0)"
    if parts.scheme == "unix":
        return None if parts.path else "names no socket file"
    return None if parts.hostname and _is_host(parts.hostname) else "has no host"


def _is_host(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        labels = value.removesuffix(".").split(".")
        return len(value) <= 253 and all(_HOST_LABEL.fullmatch(label) for label in labels)
    return True
