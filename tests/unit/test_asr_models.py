"""What a folder of a model says of itself, and what is said of one that is none."""

from pathlib import Path

import pytest

from asr.faults import ModelFault
from asr.models import describe, models_in, read_vocabulary
from tests.unit.model_folders import MODEL_FILES, fst_head, lay_out


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


def test_a_folder_of_models_tells_its_models_and_what_is_wrong_with_the_rest(tmp_path: Path) -> None:
    """What is being unpacked (hidden) is neither."""
    lay_out(tmp_path / "good", *MODEL_FILES)
    (tmp_path / "half" / "am").mkdir(parents=True)
    lay_out(tmp_path / ".unpacking", *MODEL_FILES)
    infos, faults = models_in(tmp_path)
    assert [info.name for info in infos] == ["good"]
    assert ["half has no am/final.mdl" in str(fault) for fault in faults] == [True]


def test_the_words_come_from_words_txt_or_from_the_head_of_the_graph(tmp_path: Path) -> None:
    """Small models of the official site have no words.txt."""
    assert len(read_vocabulary(describe())) == 770
    model = lay_out(tmp_path / "small", "am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst")
    (model / "graph" / "Gr.fst").write_bytes(fst_head("<eps>", "您好", "携号转网", "[unk]", "#0"))
    assert sorted(read_vocabulary(describe(model)).words()) == ["您好", "携号转网"]


@pytest.mark.parametrize("graph", [b"", b"\0" * 40, fst_head("您好")[:-9], fst_head("您好", symbols=7)])
def test_a_graph_without_words_is_a_fault_with_a_mend(tmp_path: Path, graph: bytes) -> None:
    """Empty, no graph, cut off, or with fewer symbols than it announces."""
    model = lay_out(tmp_path / "small", "am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst")
    (model / "graph" / "Gr.fst").write_bytes(graph)
    with pytest.raises(ModelFault, match=r"words of small cannot be read.*alphacephei"):
        read_vocabulary(describe(model))
