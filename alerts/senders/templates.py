"""The one door to Jinja for what alerts say: sandboxed. In: a template's text, values. Out: text, or TemplateFault.

A template sees values only; attributes that begin with _ and changes of values are refused, repetition and powers too
(a short template could fill the memory), and the output is capped. May not know: what is said.
"""

from collections.abc import Mapping
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST: Final = 20_000
"""Characters of output."""


_FAULTS: Final = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What a template can make Python raise."""


class TemplateFault(ValueError):
    """Says in one line what is wrong, without any value."""


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise SecurityError(f"{operator} is for two numbers (and ** for none)")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        # 'x'.ljust(10**9) is a method; texts and numbers need none, there are filters
        return isinstance(obj, LoopContext) and super().is_safe_attribute(obj, attr, value)


def _environment() -> _Sandbox:
    sandbox = _Sandbox(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    for name in ("range", "lipsum", "cycler", "joiner", "namespace"):
        sandbox.globals.pop(name)
    for name in ("batch", "center", "format", "indent", "wordwrap", "xmlattr", "attr", "map", "pprint", "slice"):
        sandbox.filters.pop(name)
    return sandbox


_SANDBOX: Final = _environment()


def check(text: str) -> str | None:
    """What is wrong with the template before any value is known; None: it can be read."""
    try:
        _SANDBOX.parse(text)
    except TemplateSyntaxError as error:
        return f"line {error.lineno}: {error.message}"
    return None


def render(text: str, values: Mapping[str, object]) -> str:
    """Raises TemplateFault."""
    try:
        pieces = []
        size = 0
        for piece in _SANDBOX.from_string(text).generate(**values):
            size += len(piece)
            if size > MOST:
                raise TemplateFault(f"it makes more than {MOST} characters")
            pieces.append(piece)
    except TemplateFault:
        raise
    except _FAULTS as error:
        said = error.message if isinstance(error, TemplateError) else None
        raise TemplateFault(f"{said or type(error).__name__}"[:200]) from error
    return "".join(pieces)
