"""Schemes that are there before anybody publishes one. In: the configured scheme. Out: version 0 of each.

May not know: the bus.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from monitor.scheme_store import KeptScheme, SchemeOrigin, SchemeVersion
from scoring.library import PACKS_DIR, load_scheme, packs, scheme_and_golden
from streams.vocabulary.ids import Millis


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def fixed_schemes(configured: str) -> Mapping[str, KeptScheme]:
    """The packaged ones and the configured one, which alone is in use. Blocks. Raises SchemeFaults."""
    found = {}
    for name in packs():
        kept = _kept(name, PACKS_DIR / f"{name}.toml", SchemeOrigin.PACKAGED, in_use=name == configured)
        found[kept.about.name] = kept
    if configured not in packs():
        kept = _kept(configured, Path(configured), SchemeOrigin.CONFIGURED, in_use=True)
        found[kept.about.name] = kept
    return found


def golden_files(configured: str) -> Mapping[str, Path]:
    """Where each fixed scheme's golden dialogues are, if there are any."""
    files = {name: scheme_and_golden(name)[1] for name in packs()}
    return files if configured in files else {**files, load_scheme(configured).name: scheme_and_golden(configured)[1]}


def _kept(name_or_path: str, path: Path, origin: SchemeOrigin, *, in_use: bool) -> KeptScheme:
    scheme = load_scheme(name_or_path)
    text = path.read_text(encoding="utf-8")
    about = SchemeVersion(
        name=scheme.name,
        version=0,
        parent=None,
        author="",
        at=Millis(0),
        note="",
        origin=origin,
        digest=digest_of(text),
        items=len(scheme.items),
        rules=len({item.rule.id for item in scheme.items}),
        in_use=in_use,
        scored_as=scheme.version,
    )
    return KeptScheme(about=about, text=text)
