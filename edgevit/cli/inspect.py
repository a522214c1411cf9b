"""``edgevit inspect``."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Protocol, cast

import click

from edgevit.cli.group import Command
from edgevit.cli.output import Output
from edgevit.cli.session import common_options
from edgevit.cli.values import FILE
from edgevit.errors import InputError, UnsupportedError
from edgevit.store.listing import is_ours

__all__ = ["command"]


@click.command(
    "inspect",
    cls=Command,
    examples=[
        ("inspect model.safetensors", "Which model it is, how many classes, which form"),
        ("inspect checkpoint.pth", "The same; nothing in the file is executed"),
        ("inspect Model.mlpackage", "Inputs, outputs, operations, minimum iOS"),
        ("inspect model.tflite", "Inputs, outputs, operations, labels"),
        ("inspect fastvit_t8-ios", "What an SDK holds, and what was edited in it"),
    ],
)
@click.argument("path", type=FILE)
@common_options
def command(path: Path) -> Output:
    """Show what a checkpoint, a Core ML package, a TFLite file or an SDK folder holds."""
    return _inspector(path).inspect(path)


class _Inspector(Protocol):
    """What ``edgevit.cli.inspect_<kind>`` offers."""

    def inspect(self, path: Path) -> Output: ...


def _inspector(path: Path) -> _Inspector:
    """Return the module for what is at ``path``, chosen by content."""
    kind = _kind(path)
    return cast("_Inspector", importlib.import_module(f"edgevit.cli.inspect_{kind}"))


def _kind(path: Path) -> str:
    if not path.exists():
        raise InputError(f"'{path}' does not exist.", help="Check the path.")
    if path.is_file():
        return "tflite" if _is_tflite(path) else "checkpoint"
    if is_ours(path):
        return "sdk"
    if path.suffix == ".mlpackage" or (path / "Manifest.json").is_file():
        return "package"
    raise UnsupportedError(
        f"'{path}' is a folder that edgevit does not know.",
        why="It holds neither edgevit's manifest.json nor the Manifest.json of a Core ML package.",
        help="Give a checkpoint file, a .mlpackage, a .tflite file, or a folder made by 'edgevit build'.",
    )


def _is_tflite(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError as error:
        raise InputError(f"'{path}' cannot be read.", why=str(error.strerror), help="Check its permissions.") from error
    return head[4:] == b"TFL3"
