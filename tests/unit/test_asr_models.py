"""What a folder of a model says of itself, and what is said of one that is none."""

from pathlib import Path

import pytest

from asr.faults import ModelFault
from asr.models import describe


def lay_out(folder: Path, *files: str, mfcc: str = "--sample-frequency=16000\n") -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(mfcc if name == "conf/mfcc.conf" else "")
    return folder


def test_the_packaged_model_says_that_it_is_for_demonstration_only() -> None:
    """A person must not take its transcripts for what it could do with real callers."""
    model = describe()
    assert (model.name, model.rate, model.demo) == ("demo-zh", 8_000, True)
    assert "只认识它自己的合成语音" in model.zh
    assert "knows only its synthetic voices" in model.en


def test_another_model_is_named_after_its_folder(tmp_path: Path) -> None:
    """Rate from conf/mfcc.conf; no warning about synthetic voices."""
    folder = lay_out(tmp_path / "vosk-model-small-cn", "am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst")
    model = describe(folder)
    assert (model.name, model.rate, model.demo) == ("vosk-model-small-cn", 16_000, False)


@pytest.mark.parametrize(
    ("files", "mfcc", "problem"),
    [
        ((), "", "is not a folder"),
        (("conf/mfcc.conf", "graph/HCLG.fst"), "", "no am/final.mdl"),
        (("am/final.mdl", "graph/HCLG.fst"), "", "no conf/mfcc.conf"),
        (("am/final.mdl", "conf/mfcc.conf", "graph/words.txt"), "", "neither HCLG.fst nor HCLr.fst"),
        (("am/final.mdl", "conf/mfcc.conf", "graph/HCLG.fst"), "--sample-frequency=0", "asks for 0 Hz"),
    ],
)
def test_what_is_no_model_is_refused_with_a_mend(
    tmp_path: Path, files: tuple[str, ...], mfcc: str, problem: str
) -> None:
    """vosk itself would look on the internet, hang (rate 0) or abort."""
    with pytest.raises(ModelFault, match=problem) as fault:
        describe(lay_out(tmp_path / "model", *files, mfcc=mfcc))
    assert fault.value.mend
