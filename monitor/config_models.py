"""Which model hears which recordings. In: [recogniser] of a Table. Out: `ModelChoice`; faults with place and mend.

A model is a folder's name in `folder`, or a path. A queue's model goes before its site's, that before the one for all.
May not know: what a model is like inside beyond its layout.
"""

from pathlib import Path

from asr.faults import ModelFault
from asr.models import describe
from monitor.config_fields import Surroundings
from monitor.model_choice import ModelChoice
from streams.toml_table import Table
from streams.vocabulary.ids import QueueName, SiteId


def read_models(section: Table, around: Surroundings, *, sites: tuple[SiteId, ...]) -> ModelChoice:
    """`section` is [recogniser]; its `model` and its tables `models`, `models.queues`, `models.sites` are read here."""
    models = section.table("models")
    folder = around.resolve(models.text("folder", default="models")) if models is not None else None
    if models is not None and models.has("folder") and folder is not None and not folder.is_dir():
        mend = "make it, or fetch a model into it: floorwatch model fetch NAME --folder " + str(folder)
        models.fault("folder", f"no folder at {folder}", mend)
    default = _model(section, "model", folder, around) if section.has("model") else None
    by_queue = _named(models.table("queues") if models else None, folder, around)
    by_site = _named(models.table("sites") if models else None, folder, around)
    if models is not None:
        if (table := models.table("sites")) is not None:
            for name in by_site:
                if name not in sites:
                    table.fault(name, f"no site {name!r}", f"name one of {', '.join(sites)}")
        models.close()
    return ModelChoice(
        folder=folder,
        default=default,
        by_queue={QueueName(name): path for name, path in by_queue.items()},
        by_site={SiteId(name): path for name, path in by_site.items()},
    )


def _named(table: Table | None, folder: Path | None, around: Surroundings) -> dict[str, Path]:
    return {name: _model(table, name, folder, around) for name in table.names()} if table is not None else {}


def _model(table: Table, key: str, folder: Path | None, around: Surroundings) -> Path:
    written = table.text(key)
    named = folder / written if folder is not None and written and "/" not in written else None
    path = named if named is not None and named.is_dir() else around.resolve(written)
    if not written:
        return path
    try:
        describe(path)
    except ModelFault as fault:
        mend = fault.mend
        if not path.is_dir() and named is not None:
            mend = f"write a folder's name in {folder} or a path; fetch one with floorwatch model fetch NAME"
        table.fault(key, fault.problem, mend)
    return path
