"""Schemes on disk. In: the name of a packaged scheme, or a path. Out: Scheme, or SchemeFaults.

The only file of scoring that opens files. May not know: what a scheme says.
"""

from pathlib import Path

from scoring.parse import SchemeFaults, parse_scheme
from scoring.rules import Scheme
from streams.toml_lines import Fault

PACKS_DIR = Path(__file__).parent / "packs"
_MOST_BYTES = 2_000_000


def packs() -> tuple[str, ...]:
    """Names of the packaged schemes."""
    return tuple(sorted(file.name.removesuffix(".toml") for file in PACKS_DIR.glob("*.toml")))


def load_scheme(name_or_path: str | Path) -> Scheme:
    """A packaged scheme by name, or any file by path. Raises SchemeFaults, also for a file that cannot be read."""
    packed = str(name_or_path) in packs()
    path = PACKS_DIR / f"{name_or_path}.toml" if packed else Path(name_or_path)
    file = str(name_or_path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        mend = f"give a file, or one of: {', '.join(packs())}"
        raise _fault(file, 1, f"cannot be read: {error.strerror}", mend) from error
    if len(raw) > _MOST_BYTES:
        raise _fault(file, 1, f"has {len(raw)} bytes", f"a scheme has at most {_MOST_BYTES}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _fault(file, line, "is not UTF-8 here", "save the file as UTF-8") from error
    return parse_scheme(text, file=file)


def _fault(file: str, line: int, message: str, mend: str) -> SchemeFaults:
    return SchemeFaults((Fault(file, line, message, mend),))
