"""Where recogniser models are. In: a folder or nothing (the packaged demo model). Out: `ModelInfo`, or ModelFault.

Reads the folder's layout and its list of words only; loading it is the recogniser's affair. May not know: vosk.
"""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asr.faults import ModelFault
from asr.vocabulary import Vocabulary, vocabulary_of
from asr.vocabulary_read import BadWords, words_of_graph, words_of_text

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


def models_in(folder: Path) -> tuple[tuple[ModelInfo, ...], tuple[ModelFault, ...]]:
    """What lies in a folder of models, by name, and what is wrong with the rest; hidden folders are ours."""
    infos, faults = [], []
    for path in _folders(folder):
        try:
            infos.append(describe(path))
        except ModelFault as fault:
            faults.append(fault)
    return tuple(infos), tuple(faults)


def _folders(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def read_vocabulary(model: ModelInfo) -> Vocabulary:
    """Every word the model can write; a full model's half a million take some seconds. Raises ModelFault.

    Small models keep them in the head of a graph instead of in words.txt.
    """
    graph = model.path / "graph"
    try:
        if (graph / "words.txt").is_file():
            return vocabulary_of(words_of_text((graph / "words.txt").read_bytes()))
        file = next((graph / name for name in ("Gr.fst", "HCLG.fst") if (graph / name).is_file()), graph / "words.txt")
        with (
            file.open("rb") as opened,
            mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as view,
        ):
            return vocabulary_of(words_of_graph(view))
    except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
        raise ModelFault(f"The words of {model.name} cannot be read ({error}).", _MEND) from error
    except BadWords as error:
        raise ModelFault(f"The words of {model.name} cannot be read: {error}.", _MEND) from error


def _rate(mfcc_conf: Path) -> int:
    found = _RATE.search(mfcc_conf.read_text(encoding="utf-8", errors="replace"))
    rate = int(found.group(1)) if found else 16_000  # Kaldi's own default when the line is absent
    if rate not in (8_000, 16_000):
        raise ModelFault(f"{mfcc_conf} asks for {rate} Hz.", "Only models for 8000 or 16000 Hz are supported.")
    return rate
