"""Arguments that several commands share, and how their text becomes values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import click
from click.shell_completion import CompletionItem

__all__ = ["FILE", "INPUT_SIZE", "MODEL_NAME", "Named", "model_options"]

_FunctionT = TypeVar("_FunctionT", bound=Callable[..., object])


class Named(click.ParamType[str]):
    """A name out of a table, checked before anything heavy is imported."""

    def __init__(self, name: str, resolve: Callable[[str], str], known: Callable[[], Iterable[str]]) -> None:
        """Describe the table.

        Args:
            name: What is named, for help.
            resolve: Returns the name, or raises what the table says about it.
            known: Returns all names, for completion.
        """
        self.name = name
        self._resolve, self._known = resolve, known

    def convert(
        self,
        value: object,
        param: click.Parameter | None,  # noqa: ARG002 - click's signature
        ctx: click.Context | None,  # noqa: ARG002
    ) -> str:
        """Return ``value``, or raise what the table says about it."""
        return self._resolve(str(value))

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Return the names that begin as typed."""
        return [CompletionItem(name) for name in self._known() if name.startswith(incomplete)]


def _model(name: str) -> str:
    from edgevit.models.registry import get_spec

    return get_spec(name).name


def _models() -> Iterable[str]:
    from edgevit.models.registry import list_models

    return (spec.name for spec in list_models())


MODEL_NAME = Named("name", _model, _models)
"""A registry name."""


class _InputSize(click.ParamType[tuple[int, int]]):
    """``256``, or height x width as in ``256x192``."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Return (height, width) in pixels."""
        match = re.fullmatch(r"(\d{1,6})(?:x(\d{1,6}))?", str(value), re.ASCII)
        if match is None:
            self.fail(f"'{value}' is neither a side like 256 nor a height and width like 256x192.", param, ctx)
        return int(match[1]), int(match[2] or match[1])


INPUT_SIZE = _InputSize()

FILE = click.Path(path_type=Path)
"""A path as it was typed; the library says what is wrong with it."""


def model_options(function: _FunctionT) -> _FunctionT:
    """Add what decides a network and its numbers: name, weights, classes, size, seed."""
    for decorate in reversed(_MODEL):
        function = decorate(function)
    return function


_MODEL = (
    click.argument("name", type=MODEL_NAME),
    click.option(
        "--weights",
        default="auto",
        show_default=True,
        metavar="SOURCE",
        help="auto, pretrained, pretrained:TAG, random, hf:OWNER/REPO[:FILE], or a file.",
    ),
    click.option("--num-classes", type=int, metavar="N", help="Classes of the classifier. Default: 1000."),
    click.option(
        "--input-size", type=INPUT_SIZE, metavar="HxW", help="Side, or height and width. Default: the native size."
    ),
    click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Seed of random weights."),
)
