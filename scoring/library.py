"""Schemes on disk. In: the name of a packaged scheme, or a path. Out: Scheme, or every fault.

The only file of scoring that opens files. May not know: what a scheme says.
"""

from pathlib import Path

from scoring.parse import Known, Reading, SchemeFaults, read_scheme
from scoring.rules import Scheme
from streams.toml_lines import Fault

PACKS_DIR = Path(__file__).parent / "packs"
GOLDEN_DIR = PACKS_DIR / "golden"
_OWN_GOLDEN = ".golden.toml"
_MOST_BYTES = 2_000_000


def packs() -> tuple[str, ...]:
    """Names of the packaged schemes."""
    return tuple(sorted(file.name.removesuffix(".toml") for file in PACKS_DIR.glob("*.toml")))


def load_scheme(name_or_path: str | Path) -> Scheme:
    """A packaged scheme by name, or any file by path. Raises SchemeFaults, also for a file that cannot be read."""
    reading = read_file(name_or_path)
    if reading.scheme is None:
        raise SchemeFaults(reading.faults)
    return reading.scheme


def read_file(name_or_path: str | Path, *, known: Known | None = None) -> Reading:
    """With its warnings; never raises."""
    file = str(name_or_path)
    try:
        text = scheme_text(name_or_path)
    except SchemeFaults as error:
        return Reading(scheme=None, faults=error.faults)
    return read_scheme(text, file=file, known=known)


def scheme_text(name_or_path: str | Path) -> str:
    """Raises SchemeFaults where the file cannot be read."""
    file = str(name_or_path)
    path = PACKS_DIR / f"{file}.toml" if file in packs() else Path(name_or_path)
    return _text(path, file, f"give a file, or one of: {', '.join(packs())}")


def scheme_and_golden(name_or_path: str | Path) -> tuple[Path | str, Path]:
    """What a scheme is told by, and where its golden dialogues are: NAME.golden.toml beside a file of one's own."""
    file = str(name_or_path)
    if file in packs():
        return file, GOLDEN_DIR / f"{file}.toml"
    if file.endswith(_OWN_GOLDEN):
        return Path(file.removesuffix(_OWN_GOLDEN) + ".toml"), Path(file)
    return Path(file), Path(file.removesuffix(".toml") + _OWN_GOLDEN)


def golden_text(path: Path) -> str:
    """Raises SchemeFaults where the file cannot be read."""
    return _text(path, str(path), "write dialogues there: see docs/packs.md")


def _text(path: Path, file: str, mend: str) -> str:
    try:
        with path.open("rb") as opened:
            raw = opened.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        told = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise _fault(file, 1, f"cannot be read: {told}", mend) from error
    if len(raw) > _MOST_BYTES:
        raise _fault(file, 1, f"has more than {_MOST_BYTES} bytes", "make two files of it")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _fault(file, line, "is not UTF-8 here", "save the file as UTF-8") from error


def _fault(file: str, line: int, message: str, mend: str) -> SchemeFaults:
    return SchemeFaults((Fault(file, line, message, mend),))
