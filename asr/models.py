"""Where recogniser models are. In: a folder or nothing (the packaged demo model). Out: `ModelInfo`, or ModelFault.

Reads the folder's layout only; loading it is the recogniser's affair. May not know: vosk.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from asr.faults import ModelFault

DEMO_DIR = Path(__file__).parent / "demo"
DEMO_MODEL_DIR = DEMO_DIR / "model"
DEMO_CALLS_DIR = DEMO_DIR / "calls"
DEMO_MODEL_NAME = "demo-zh"

_MEND = "Give a folder with am/final.mdl, conf/mfcc.conf and graph/, as the archives at alphacephei.com/vosk hold."
_DEMO_ZH = "演示模型：只认识它自己的合成语音和约 770 个电信服务词汇，不能识别真实通话；正式使用请换用完整模型。"
_DEMO_EN = (
    "Demo model: it knows only its synthetic voices and some 770 words of a telecom-service vocabulary and cannot "
    "recognise real callers; bring a full model for real use."
)
_RATE = re.compile(r"^--sample-frequency=(\d+)(?:\.0*)?\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    name: str
    path: Path
    rate: int
    """Hz; the only rate its recogniser is ever given."""
    size_bytes: int
    demo: bool
    zh: str
    en: str
    """What a person must know of it, shown where its transcripts are."""


def find_model(model_dir: Path | str | None = None) -> Path:
    """The folder to use: the one named, else the packaged demo model."""
    return DEMO_MODEL_DIR if model_dir is None else Path(model_dir)


def describe(model_dir: Path | str | None = None) -> ModelInfo:
    """What the folder holds. Raises ModelFault with its mend when it is not a model."""
    path = find_model(model_dir)
    if not path.is_dir():
        raise ModelFault(f"No recogniser model: {path} is not a folder.", _MEND)
    for needed in ("am/final.mdl", "conf/mfcc.conf", "graph"):
        if not (path / needed).exists():
            raise ModelFault(f"Not a recogniser model: {path} has no {needed}.", _MEND)
    if not any((path / "graph" / name).is_file() for name in ("HCLG.fst", "HCLr.fst")):
        raise ModelFault(f"Not a recogniser model: {path}/graph has neither HCLG.fst nor HCLr.fst.", _MEND)
    demo = path.resolve() == DEMO_MODEL_DIR.resolve()
    name = DEMO_MODEL_NAME if demo else path.resolve().name
    return ModelInfo(
        name=name,
        path=path.resolve(),
        rate=_rate(path / "conf" / "mfcc.conf"),
        size_bytes=sum(file.stat().st_size for file in path.rglob("*") if file.is_file()),
        demo=demo,
        zh=_DEMO_ZH if demo else f"识别模型 {name}",
        en=_DEMO_EN if demo else f"Recogniser model {name}",
    )


def _rate(mfcc_conf: Path) -> int:
    found = _RATE.search(mfcc_conf.read_text(encoding="utf-8", errors="replace"))
    rate = int(found.group(1)) if found else 16_000  # Kaldi's own default when the line is absent
    if rate not in (8_000, 16_000):
        raise ModelFault(f"{mfcc_conf} asks for {rate} Hz.", "Only models for 8000 or 16000 Hz are supported.")
    return rate
