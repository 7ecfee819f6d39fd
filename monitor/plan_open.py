"""A site's plan desk opened. In: the data folder, the site's configuration. Out: `PlanDesk`; a plan file read.

A file that cannot be read is a fault on the page, and the generated plan is shown. May not know: HTTP, the hub.
"""

from pathlib import Path

from monitor.config import Site
from monitor.plan_desk import FirstPlan, PlanDesk
from monitor.plan_store import Origin, PlanStore
from seat_map.generate import generate
from seat_map.parse import parse
from seat_map.plan_csv import read_csv
from seat_map.plan_draft import Draft, Parsed, settle
from seat_map.plan_faults import FaultKind, PlanFault
from seat_map.plan_words import doc_of, read_doc

FILE_MAX = 32 * 1024 * 1024


def plan_folder(data: Path, site: str) -> Path:
    """A site's id may be `..`, which is no folder of its own: so it never stands alone in the name."""
    return data / "plans" / (site if site.strip(".") else f"site-{site}")


def open_desk(data: Path, site: Site) -> PlanDesk:
    return PlanDesk(PlanStore(plan_folder(data, site.id)), first_plan(site))


def first_plan(site: Site) -> FirstPlan:
    made = read_doc(doc_of(generate(site.seats, name=site.name)))  # as the store would give it back
    if site.plan is None:
        return FirstPlan(parsed=made, origin=Origin.GENERATED)
    found = read_plan_file(site.plan)
    if found.plan.seats:
        return FirstPlan(parsed=found, origin=Origin.CONFIGURED, note=site.plan.name)
    return FirstPlan(parsed=Parsed(made.plan, found.faults, found.more), origin=Origin.GENERATED, note=site.plan.name)


def read_plan_file(path: Path) -> Parsed:
    """By its ending: .csv, else TOML. What cannot be read is a fault, too."""
    try:
        with path.open("rb") as file:
            blob = file.read(FILE_MAX + 1)
    except OSError as error:
        return _unread(path, error.strerror or "cannot be opened", "give the path of a readable plan file")
    if len(blob) > FILE_MAX:
        return _unread(path, "is larger than 32 MB", "give a plan file: .toml or .csv")
    return read_plan_bytes(blob, path.name, table=path.suffix.lower() == ".csv")


def read_plan_bytes(blob: bytes, name: str, *, table: bool) -> Parsed:
    """UTF-8, or what a Chinese spreadsheet writes (GB 18030), which only a table may be."""
    try:
        text = blob.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        try:
            text = blob.decode("gb18030" if table else "ascii")
        except UnicodeDecodeError:
            line = 1 + blob.count(b"\n", 0, error.start)
            return _unread(Path(name), "is not UTF-8", "save the file as UTF-8", line=line)
    return read_csv(text) if table else parse(text)


def _unread(path: Path, why: str, mend: str, *, line: int = 0) -> Parsed:
    draft = Draft()
    draft.faults.append(
        PlanFault(kind=FaultKind.BAD_SYNTAX, place=path.name, told={"why": why, "mend": mend}, line=line)
    )
    return settle(draft)
