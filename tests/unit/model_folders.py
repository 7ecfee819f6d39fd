"""Builders of folders that look like models, and of archives of them. None of them can be loaded."""

import struct
import zipfile
from pathlib import Path

MODEL_FILES = ("am/final.mdl", "conf/mfcc.conf", "graph/HCLG.fst")


def lay_out(folder: Path, *files: str, mfcc: str = "--sample-frequency=16000\n") -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(mfcc if name == "conf/mfcc.conf" else "")
    return folder


def zipped(file: Path, *, top: str = "vosk-model-small-cn-0.22", size: int = 100) -> Path:
    """A model's archive as the official site has them: one folder on top. `size`: bytes of am/final.mdl."""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{top}/conf/mfcc.conf", "--sample-frequency=16000\n")
        archive.writestr(f"{top}/graph/HCLG.fst", "graph")
        archive.writestr(f"{top}/am/final.mdl", bytes(number * 31 % 251 for number in range(size)))
    return file


def fst_head(*words: str, symbols: int | None = None) -> bytes:
    """An OpenFst file's head with an input symbol table, as tools write it; `symbols`: how many it announces."""
    blob = struct.pack("<i", 2_125_659_606) + _text("ngram") + _text("standard")
    blob += struct.pack("<iiQqqq", 4, 1, 0, 0, 1, 0)
    blob += struct.pack("<i", 2_125_658_996) + _text("words.txt")
    blob += struct.pack("<qq", len(words), len(words) if symbols is None else symbols)
    return blob + b"".join(_text(word) + struct.pack("<q", key) for key, word in enumerate(words))


def _text(text: str) -> bytes:
    return struct.pack("<i", len(text.encode())) + text.encode()
