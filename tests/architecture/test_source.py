"""How our source may read: clocks, chance, swallowed errors, package files, lengths. Each rule names file and line."""

import ast

import pytest

from tests.architecture.tree import CLOCK, ROOMS, Module, contract, is_shell, module_of, our_modules, report

TIME_OF_DAY = frozenset(
    {
        "time.time",
        "time.time_ns",
        "time.localtime",
        "time.gmtime",
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
    }
)
MEASURED_OR_DRAWN = ("time.monotonic", "time.perf_counter", "time.process_time", "time.sleep", "uuid.uuid", "secrets.")
SEEDED = ("random.Random", "random.SystemRandom")
OUTSIDE = frozenset(contract("pure", "forbidden_modules"))
LONGEST = 400
"""Aim for 300; beyond 400 a file holds two nouns."""


def clock_faults(module: Module) -> list[str]:
    faults = []
    for line, name in module.names():
        if name in TIME_OF_DAY and module.path != CLOCK:
            faults.append(f"{module.path}:{line}: {name}: take `now: Millis`, or ask {CLOCK}")
        elif not module.is_shell and (name.startswith(MEASURED_OR_DRAWN) or _draws(name)):
            faults.append(f"{module.path}:{line}: {name}: only a shell may; take it as an argument")
    return faults


def _draws(name: str) -> bool:
    return name.startswith("random.") and not name.startswith(SEEDED)


def swallow_faults(module: Module) -> list[str]:
    return [
        f"{module.path}:{node.lineno}: catches everything and goes on; name one error, or raise from it"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and _catches_all(node) and not _raises(node)
    ]


def _catches_all(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        one is None or (isinstance(one, ast.Name) and one.id in ("Exception", "BaseException")) for one in caught
    )


def _raises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for statement in handler.body for node in ast.walk(statement))


def pure_faults(module: Module) -> list[str]:
    if module.is_shell:
        return []
    faults = []
    for line, name in module.imports():
        room = name.partition(".")[0]
        if room in OUTSIDE:
            faults.append(f"{module.path}:{line}: imports {name}; the pure core takes values and gives values")
        elif room in ROOMS and is_shell(name.replace(".", "/") + ".py"):
            faults.append(f"{module.path}:{line}: imports the shell {name}; shells call the core, not the other way")
    return faults


def test_nobody_but_the_clock_knows_the_time_of_day() -> None:
    """Time is an argument, so replay, tests and back-tests are the same code."""
    faults = [fault for module in our_modules() for fault in clock_faults(module)]
    assert not faults, report(faults)


def test_nothing_swallows_every_error() -> None:
    """A wall that catches everything looks calm when it is dead."""
    faults = [fault for module in our_modules() for fault in swallow_faults(module)]
    assert not faults, report(faults)


def test_the_pure_core_imports_nothing_from_outside() -> None:
    """Neither an outside library with effects nor one of our own shells."""
    faults = [fault for module in our_modules() for fault in pure_faults(module)]
    assert not faults, report(faults)


def test_package_files_are_empty() -> None:
    """No import has a side effect, and a name has one address."""
    faults = [module.path for module in our_modules() if module.path.endswith("__init__.py") and module.tree.body]
    assert not faults, report(faults)


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    """Split by noun."""
    faults = [f"{module.path}: {module.lines} lines" for module in our_modules() if module.lines > LONGEST]
    assert not faults, report(faults)


def test_every_module_opens_with_its_contract() -> None:
    """What flows in, what flows out, what this file may not know; at most five lines of text."""
    faults = []
    for module in our_modules():
        text = ast.get_docstring(module.tree)
        if module.tree.body and text is None:
            faults.append(f"{module.path}: no docstring")
        elif text is not None and len([line for line in text.splitlines() if line.strip()]) > 6:
            faults.append(f"{module.path}: the contract has {len(text.splitlines())} lines")
    assert not faults, report(faults)


@pytest.mark.parametrize(
    "source",
    [
        "import time\nat = time.time()\n",
        "from time import time as t\nat = t()\n",
        "from datetime import datetime\nat = datetime.now()\n",
        "import datetime as d\nat = d.datetime.utcnow()\n",
        "import time\ndef f(now=time.time): ...\n",
        "import random\nx = random.random()\n",
        "from random import choice\nx = choice([1])\n",
        "import time\nx = time.monotonic()\n",
        "import uuid\nx = uuid.uuid4()\n",
    ],
)
def test_the_clock_rule_sees_through_aliases(source: str) -> None:
    """However it is imported, called or handed on."""
    assert clock_faults(module_of("scoring/match.py", source))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (CLOCK, "import time\nat = time.time_ns()\n"),
        ("streams/bus/consume.py", "import time\nx = time.monotonic()\n"),
        ("monitor/demo/switch/laws.py", "from random import Random\nx = Random(7)\n"),
        ("scoring/match.py", "def f(random): return random.choice([1])\n"),
    ],
)
def test_the_clock_rule_lets_pass_what_is_allowed(path: str, source: str) -> None:
    """The clock's own file, durations in shells, a seeded source of chance that came in as an argument."""
    assert clock_faults(module_of(path, source)) == []


@pytest.mark.parametrize(
    "line", ["import socket", "from os import path", "from streams.bus import consume", "import alerts.engine"]
)
def test_the_purity_rule_knows_effects_and_shells(line: str) -> None:
    """However they are imported."""
    assert pure_faults(module_of("scoring/match.py", line))
    assert pure_faults(module_of("monitor/live.py", line)) == []


def test_the_contract_and_the_tests_name_the_same_shells() -> None:
    """Two lists of one thing are kept equal by a machine or not at all."""
    named = {line.partition(" ->")[0] for line in contract("pure", "ignore_imports")}
    for module in our_modules():
        dotted = module.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if module.tree.body and not module.path.startswith("monitor/"):
            listed = dotted in named or any(dotted.startswith(one[:-2]) for one in named if one.endswith(".**"))
            assert listed is module.is_shell, module.path


@pytest.mark.parametrize(
    ("body", "caught"),
    [
        ("except Exception:\n    pass", True),
        ("except:\n    x = 1", True),
        ("except (ValueError, Exception):\n    x = 1", True),
        ("except Exception as error:\n    raise RuntimeError from error", False),
        ("except BaseException:\n    close()\n    raise", False),
        ("except ValueError:\n    pass", False),
    ],
)
def test_the_swallowing_rule_knows_a_handler_that_raises(body: str, caught: bool) -> None:
    """Cleaning up and raising again is no swallowing."""
    assert bool(swallow_faults(module_of("x.py", f"try:\n    f()\n{body}\n"))) is caught
