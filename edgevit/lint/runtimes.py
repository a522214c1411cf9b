"""Which builtins a runtime has, up to which version.

``runtimes.json`` was measured: for every builtin and version, whether the runtime's release takes a file that asks for
it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources

from edgevit.errors import UsageError
from edgevit.lint.findings import Check, Graph, Level, Processor, Rule
from edgevit.verification.tflite.model import Operator

__all__ = ["NEWEST", "runtime_names", "runtime_rule", "versions"]

NEWEST = "litert-2.3"
"""The runtime that edgevit itself runs files with."""


@functools.cache
def _tables() -> Mapping[str, Mapping[str, int]]:
    tables: Mapping[str, Mapping[str, int]] = json.loads(
        resources.files(__package__).joinpath("runtimes.json").read_text()
    )
    return tables


def runtime_names() -> tuple[str, ...]:
    """Return the names of the runtimes that are known, the newest first."""
    return tuple(_tables())


def versions(runtime: str) -> Mapping[str, int]:
    """Return builtin -> highest version that the runtime has.

    Raises:
        UsageError: The runtime is unknown.
    """
    if runtime not in _tables():
        raise UsageError(f"There is no runtime '{runtime}'.", help=f"Use one of: {', '.join(runtime_names())}.")
    return _tables()[runtime]


def runtime_rule(runtime: str) -> Rule:
    """Return the rule that every operator must be one that the runtime has.

    Raises:
        UsageError: The runtime is unknown.
    """
    return Rule(
        "runtime-version",
        Level.ERROR,
        Processor.ANY,
        f"{runtime} does not load the file.",
        f"measured with {runtime}",
        _newer_than(versions(runtime)),
    )


def _newer_than(known: Mapping[str, int]) -> Check:
    def check(operator: Operator, _: Graph) -> str | None:
        if operator.kind.startswith("CUSTOM:"):
            return "needs a kernel that the app brings along"
        highest = known.get(operator.kind, 0)
        if not highest:
            return "not there"
        return f"version {operator.version}, has {highest}" if operator.version > highest else None

    return check
