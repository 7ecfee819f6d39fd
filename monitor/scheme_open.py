"""Schemes that are there before anybody publishes one. In: the configured scheme. Out: version 0 of each.

May not know: the bus.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from monitor.scheme_store import GOLDEN_MAX, KeptScheme, SchemeOrigin, SchemeVersion
from scoring.library import PACKS_DIR, packs, scheme_and_golden
from scoring.parse import read_scheme
from streams.vocabulary.ids import Millis


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def fixed_schemes(configured: str) -> Mapping[str, KeptScheme]:
    """The packaged ones and the configured one, which alone is in use. One with faults stands there to be mended, and
    nothing is scored by it. Blocks. Raises OSError where a file cannot be read."""
    found = {}
    for name in packs():
        kept = _kept(PACKS_DIR / f"{name}.toml", SchemeOrigin.PACKAGED, in_use=name == configured)
        found[kept.about.name] = kept
    if configured not in packs():
        kept = _kept(Path(configured), SchemeOrigin.CONFIGURED, in_use=True)
        found[kept.about.name] = kept
    return found


def _kept(path: Path, origin: SchemeOrigin, *, in_use: bool) -> KeptScheme:
    golden = scheme_and_golden(path.stem if origin is SchemeOrigin.PACKAGED else path)[1]
    told = golden.read_text(encoding="utf-8-sig", errors="replace")[:GOLDEN_MAX] if golden.is_file() else ""
    return version_0(path.stem, path.read_text(encoding="utf-8"), origin, in_use=in_use, golden=told)


def version_0(name: str, text: str, origin: SchemeOrigin, *, in_use: bool, golden: str = "") -> KeptScheme:
    """`name`: of a text that has faults."""
    scheme = read_scheme(text, file=name).scheme
    about = SchemeVersion(
        name=name if scheme is None else scheme.name,
        version=0,
        parent=None,
        author="",
        at=Millis(0),
        note="",
        origin=origin,
        digest=digest_of(text),
        items=0 if scheme is None else len(scheme.items),
        rules=0 if scheme is None else len({item.rule.id for item in scheme.items}),
        in_use=in_use,
        scored_as=0 if scheme is None else scheme.version,
        dialogues=golden.count("[[dialogue]]"),
    )
    return KeptScheme(about=about, text=text, golden=golden)
