"""What a stranger's clone must hold: nothing of our machines, and words for every command."""

import ast
import re
import tomllib

from tests.architecture.tree import ROOT, our_modules, report, tracked_files

# Spelt in halves, so that this file may be read by its own test.
OF_A_MACHINE = re.compile(
    "|".join(
        [
            "/wo" + r"rk/(main|shared)\b",
            "/ro" + r"ot/",
            "/ho" + r"me/[a-z]",
            "/opt/py" + "pi",
            "pypi" + r"\.org",
            "python" + r"hosted\.org",
            "registry\\.npm" + r"js\.org",
            "deb\\.deb" + r"ian\.org",
        ]
    )
)
PACKED = frozenset({".zst", ".raw", ".wav", ".flac", ".fst", ".mdl", ".png", ".woff2", ".gz", ".int"})


def test_no_tracked_file_names_a_machine_or_a_package_host() -> None:
    """Paths of one machine and addresses of one registry break every other machine, and tell about ours."""
    faults = []
    for path in tracked_files():
        if path.suffix in PACKED or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        for number, line in enumerate(text.split("\n"), start=1):
            if found := OF_A_MACHINE.search(line):
                faults.append(f"{path.relative_to(ROOT)}:{number}: {found.group()}")
    assert not faults, report(faults)


def test_every_locked_package_is_pinned_by_hash() -> None:
    """`pip --require-hashes` would refuse it anyway, but only at the next stranger's first start."""
    for name in ("requirements-build.lock", "requirements.lock", "requirements-dev.lock"):
        for block in re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8")):
            if block and not block.startswith("#"):
                assert re.match(r"[a-z0-9._-]+==[^\s;]+( ;[^\\]+)? \\\n    --hash=sha256:", block), block[:200]


def test_the_lock_holds_every_package_the_project_asks_for() -> None:
    """A dependency that was added without `make lock` would be missing only on a new machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime, everything = _locked("requirements.lock"), _locked("requirements-dev.lock")
    assert _names(project["project"]["dependencies"]) <= runtime
    assert _names(project["dependency-groups"]["dev"]) | runtime <= everything
    assert _names(project["dependency-groups"]["build"]) <= _locked("requirements-build.lock")


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", one, maxsplit=1)[0].lower().replace("_", "-") for one in requirements}


def _locked(name: str) -> set[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {match.group(1) for match in re.finditer(r"^([a-z0-9._-]+)==", text, re.MULTILINE)}


def test_operators_find_what_changed_and_under_which_licence() -> None:
    """A change log with an entry for what is not released yet, and the licence's text."""
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_every_command_is_in_the_docs() -> None:
    """A command that only the source knows does not exist for the person who needs it."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    words = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    missing = [command for command in _commands() if not re.search(rf"floorwatch( \w+)? {re.escape(command)}\b", words)]
    assert not missing, report([f"floorwatch {command}" for command in missing])


def _commands() -> list[str]:
    """Names given to typer in monitor/cli: `@app.command("name")`, or the function's name without one."""
    return [
        _name_of(decorator, function.name)
        for module in our_modules()
        if module.path.startswith("monitor/cli")
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr == "command"
    ]


def _name_of(decorator: ast.Call, function: str) -> str:
    given = decorator.args[0] if decorator.args else None
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return given.value
    return function.replace("_", "-")


def test_every_decision_is_one_page() -> None:
    """Context, choice, consequence; numbered without a gap."""
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    faults = []
    for page in pages:
        text = page.read_text(encoding="utf-8")
        if len(text.splitlines()) > 60:
            faults.append(f"{page.name}: longer than a page")
        faults += [
            f"{page.name}: no {part}" for part in ("## Context", "## Choice", "## Consequence") if part not in text
        ]
    assert not faults, report(faults)
