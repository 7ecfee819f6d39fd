"""Commands over recogniser models: list, fetch, check. In: names, paths. Out: lines, progress, exit 0, 1 or 2.

May not know: how a model is fetched, loaded or read.
"""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from monitor.cli_text import complain, err, plain, say

model_app = typer.Typer(no_args_is_help=True)
DEFAULT_FOLDER = Path("models")

Folder = Annotated[
    Path | None, typer.Option("--folder", help="The folder of models; default: as configured, else ./models.")
]
ConfigFile = Annotated[Path | None, typer.Option("-c", "--config", help="floorwatch.toml, for its folder of models.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object for machines.")]


@model_app.command("list")
def model_list(folder: Folder = None, config: ConfigFile = None, as_json: Json = False) -> None:
    """The demo model that comes along, the models in the folder, and the official ones that `fetch` can get."""
    from asr.models import describe, models_in
    from monitor.model_catalogue import OFFERED

    place = _folder(folder, config)
    infos, faults = models_in(place)
    here = (describe(), *infos)
    names = {info.name for info in here}
    absent = [one for one in OFFERED if one.name not in names]
    if as_json:
        typer.echo(msgspec.json.encode(_listed(place, here, absent, faults)).decode())
    else:
        for info in here:
            say(f"{info.name}  {info.rate} Hz  {info.size_bytes / 1e6:.1f} MB  {info.path}")
            say(f"    {info.zh}\n    {info.en}")
        say(f"\nofficial models that are not in {place} (`floorwatch model fetch NAME`):")
        for one in absent:
            say(f"{one.name}  {one.language}  {'large' if one.large else 'small'}, {one.megabytes} MB to fetch")
    for fault in faults:
        complain(fault)
    raise typer.Exit(1 if faults else 0)


def _listed(place: Path, here: tuple[Any, ...], absent: list[Any], faults: tuple[Any, ...]) -> dict[str, Any]:
    models = [
        {"name": one.name, "path": str(one.path), "rate": one.rate, "size_bytes": one.size_bytes, "demo": one.demo}
        for one in here
    ]
    offered = [{"name": one.name, "language": one.language, "megabytes": one.megabytes} for one in absent]
    return {"folder": str(place), "models": models, "offered": offered, "faults": [str(fault) for fault in faults]}


@model_app.command("fetch")
def model_fetch(
    name: Annotated[str, typer.Argument(help="An official model's name, see `model list`.")] = "",
    file: Annotated[Path | None, typer.Option("--from", help="A zip archive that was brought here.")] = None,
    folder: Folder = None,
    config: ConfigFile = None,
    sha256: Annotated[str, typer.Option("--sha256", help="The digest that the archive must have.")] = "",
    base_url: Annotated[str, typer.Option(help="A mirror of the official site.")] = "",
) -> None:
    """Gets a model: resumes, checks the digest, unpacks safely, moves it into place in one step."""
    from monitor.model_unpack import FetchFault

    if bool(name) == (file is not None):
        complain(
            "name one model, or bring an archive with --from FILE.zip; `floorwatch model list` names the official ones"
        )
        raise typer.Exit(2)
    try:
        got = asyncio.run(_fetch(name, file, _folder(folder, config), sha256, base_url))
    except FetchFault as fault:
        complain(f"{fault.reason}: {fault}")
        raise typer.Exit(2) from fault
    except KeyboardInterrupt as stopped:
        complain("stopped; the same command goes on where it broke off")
        raise typer.Exit(1) from stopped
    say(f"{got.model.name}  {got.model.rate} Hz  {got.model.size_bytes / 1e6:.1f} MB  {got.model.path}")
    say(f"sha256 {got.sha256} ({_TRUST[got.trust]})")
    say(f'check it: floorwatch model check {got.model.path}\nuse it:   [recogniser] model = "{got.model.path}"')


_TRUST = {
    "told": "as it should be",
    "as_before": "the same as the first time",
    "first_use": "nobody told it beforehand: recorded, and every later fetch must have the same",
}


async def _fetch(name: str, file: Path | None, folder: Path, sha256: str, base_url: str) -> Any:
    from monitor import clock
    from monitor.model_catalogue import BASE_URL, OFFERED, offered
    from monitor.model_fetch import fetch, fetch_file
    from monitor.model_unpack import FetchFault, FetchReason

    if file is not None:
        return await fetch_file(file, folder, now=clock.now(), sha256=sha256)
    wanted = offered(name)
    if wanted is None:
        mend = f"name one of {', '.join(one.name for one in OFFERED)}; others can be brought with --from FILE.zip"
        raise FetchFault(FetchReason.UNKNOWN_MODEL, f"no official model {name!r} is known", mend)
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(wanted.name, total=None)
        return await fetch(
            wanted,
            folder,
            now=clock.now(),
            base_url=base_url or BASE_URL,
            sha256=sha256,
            progress=lambda done, whole: bar.update(task, completed=done, total=whole),
        )


@model_app.command("check")
def model_check(
    model: Annotated[
        str, typer.Argument(help="A model's folder, or its name in the folder of models; default: the demo model.")
    ] = "",
    folder: Folder = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Loads it in a child, puts a demo call through it: rate, words, memory, load time, cost, what it hears."""
    from asr.faults import AudioFault, ModelFault, RecognitionFault
    from monitor.model_check import check_model

    found = _folder(folder, config) / model
    path = (found if found.is_dir() else Path(model)) if model else None
    try:
        checked = asyncio.run(check_model(path))
    except ModelFault as fault:
        complain(fault)
        raise typer.Exit(2) from fault
    except (RecognitionFault, AudioFault) as fault:
        complain(f"{fault}\n    mend: fetch the model again; a full-size one needs three times its size of memory")
        raise typer.Exit(2) from fault
    if as_json:
        typer.echo(msgspec.json.encode(checked).decode())
    else:
        for line in _told(checked):
            say(plain(line))
    raise typer.Exit(0 if checked.writes else 1)


def _told(checked: Any) -> list[str]:
    return [
        f"{checked.name}  {checked.path}",
        checked.says,
        f"{checked.rate} Hz, {checked.words:,} words, {checked.size_bytes / 1e6:,.1f} MB on disk",
        f"loaded in {checked.load_ms / 1000:.2f} s, {checked.rss_mb:,} MB of memory",
        f"{checked.cpu_seconds_per_audio_second:.4f} CPU seconds per second of one channel",
        f"said:  {checked.expected}",
        f"heard: {checked.heard}"
        if checked.writes
        else "heard nothing: it does not know Mandarin, or not these synthetic voices; try a recording of your own",
    ]


def _folder(folder: Path | None, config: Path | None) -> Path:
    """As told, else as configured, else ./models."""
    if folder is not None or config is None:
        return folder or DEFAULT_FOLDER
    from monitor.config import ConfigFaults
    from monitor.config_read import load_config

    try:
        return load_config(config).recogniser.models.folder or DEFAULT_FOLDER
    except ConfigFaults as faults:
        for fault in faults.faults:
            complain(fault)
        raise typer.Exit(2) from faults
