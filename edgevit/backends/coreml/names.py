"""Names of inputs, outputs and files that Core ML, Xcode and Swift all accept as they are.

coremltools replaces characters that ML Programs do not allow, and some reserved words, without a word; Xcode makes a
class from the file's name and its members from the feature names. So names are checked before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from edgevit.errors import UsageError

__all__ = ["CLASS_LABEL", "CLASS_PROBABILITIES", "check_feature_names", "check_package_name"]

CLASS_LABEL = "classLabel"
"""Output with the most probable label of a classifier; Apple's name for it."""

CLASS_PROBABILITIES = "classLabel_probs"
"""Output with a dictionary from label to probability; coremltools derives it from the label's name."""

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

_SWIFT = """
    associatedtype borrowing class consuming deinit enum extension fileprivate func import init inout internal let
    nonisolated open operator precedencegroup private protocol public rethrows static struct subscript typealias var
    break case catch continue default defer do else fallthrough for guard if in repeat return switch throw where while
    Any as await false is nil self Self super throws true try actor async
"""
_SWIFT_KEYWORDS = frozenset(_SWIFT.split())
"""Words that the Swift language reference reserves in declarations, statements or expressions, and ``actor``."""

_MIL = """
    any bool bf16 cond const dict else fp16 fp32 fp64 func if int8 int16 int32 int64 list program state str string
    tensor true tuple uint8 uint16 uint32 uint64 unknown while
"""
_MIL_RESERVED = frozenset(_MIL.split())
"""Words of the textual form of ML Programs; coremltools renames some of them to ``<word>_workaround``."""


def check_feature_names(inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """Raise unless all names are distinct identifiers that neither Swift nor ML Programs reserve.

    Raises:
        UsageError: One sentence for each name that cannot be used.
    """
    names = [*inputs, *outputs]
    problems = [problem for name in names if (problem := _problem(name))]
    problems += [f"'{name}' is used more than once." for name in sorted({n for n in names if names.count(n) > 1})]
    if problems:
        raise UsageError(
            "Input and output names must be distinct Swift identifiers.",
            why="\n".join(problems),
            help="Use letters, digits and underscores, starting with a letter.",
        )


def check_package_name(path: Path) -> None:
    """Raise unless ``path`` ends in ``.mlpackage`` and its stem can name a Swift class.

    Raises:
        UsageError: It cannot.
    """
    problem = _problem(path.stem) if path.suffix == ".mlpackage" else f"'{path.name}' does not end in '.mlpackage'."
    if problem:
        raise UsageError(
            f"A Core ML package cannot be named '{path.name}'.",
            why=f"{problem} Xcode makes a Swift class of the file's name.",
            help="Name it like 'EdgeVitModel.mlpackage'.",
        )


def _problem(name: str) -> str:
    if not _IDENTIFIER.fullmatch(name):
        return f"'{name}' is no identifier."
    if name in _SWIFT_KEYWORDS:
        return f"'{name}' is a Swift keyword."
    return f"'{name}' is reserved in ML Programs." if name.lower() in _MIL_RESERVED else ""
