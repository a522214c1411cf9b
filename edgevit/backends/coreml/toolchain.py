"""coremltools, imported late, checked, kept quiet, and patched only while a conversion runs."""

from __future__ import annotations

import gc
import importlib
import logging
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TypeVar

from edgevit.errors import ToolMissingError

__all__ = ["TESTED_VERSION", "conversion", "preload", "without_nonreplaceable_marks"]

TESTED_VERSION = "9.0"
"""The only coremltools release that edgevit drives: it calls single passes, whose names and order are internal."""

_NUMPY_LIMIT = (2, 4)
"""From this numpy on, the tracing frontend of coremltools 9.0 fails on scalar casts (fixed upstream after 9.0)."""

_LOCK = threading.RLock()
"""coremltools counts names and symbols in module globals, so two conversions must not interleave."""

ItemT = TypeVar("ItemT")


def preload() -> ModuleType:
    """Import coremltools (about a second) without its notices and return it.

    Raises:
        ToolMissingError: coremltools is missing, or it or numpy is not the release that edgevit drives.
    """
    with _LOCK, _quiet():
        try:
            coremltools = importlib.import_module("coremltools")
        except ImportError as error:
            raise ToolMissingError(
                "Writing Core ML packages needs coremltools.",
                why=f"It cannot be imported: {error}.",
                help="Install it with: pip install 'edgevit-slim[ios]' (the plain edgevit brings it along).",
            ) from error
        _check_versions(coremltools)
    return coremltools


@contextmanager
def conversion() -> Iterator[list[str]]:
    """Hold the converter for one conversion: names start from zero, and nothing is printed or logged.

    Yields:
        Messages of level ERROR that coremltools logs meanwhile; they name the operator that fails.
    """
    with _LOCK:
        preload()
        ops = importlib.import_module("coremltools.converters.mil.frontend.torch.ops")
        converter = importlib.import_module("coremltools.converters.mil.converter")
        converter._reset_conversion_state()
        try:
            with (
                _quiet() as errors,
                _without_warnings(),
                _replaced(ops, "_tqdm", _no_progress_bar),
                _without_garbage_collection(),
            ):
                yield errors
        finally:
            converter._reset_conversion_state()


@contextmanager
def without_nonreplaceable_marks(program: object) -> Iterator[None]:
    """Skip, for programs without compressed weights, a bookkeeping step that coremltools repeats after every pass.

    The step marks everything upstream of a ``constexpr_*`` operator as not to be replaced. Without such operators it
    visits every variable to mark nothing, which is a third of the time that the passes take.
    """
    block = importlib.import_module("coremltools.converters.mil.mil.block").Block
    if any(op.op_type.startswith("constexpr_") for op in program.functions["main"].operations):  # type: ignore[attr-defined]
        yield
        return
    with _replaced(block, "_propagate_nonreplaceable_vars", lambda _block: None):
        yield


def _check_versions(coremltools: ModuleType) -> None:
    found = str(coremltools.__version__)
    if found != TESTED_VERSION:
        raise ToolMissingError(
            f"edgevit drives coremltools {TESTED_VERSION}, but {found} is installed.",
            why="It runs the converter's passes one by one and guards the defects of that very release.",
            help=f"pip install coremltools=={TESTED_VERSION}",
        )
    numpy_version = str(importlib.import_module("numpy").__version__)
    if tuple(int(part) for part in numpy_version.split(".")[:2]) >= _NUMPY_LIMIT:
        raise ToolMissingError(
            f"coremltools {TESTED_VERSION} does not work with numpy {numpy_version}.",
            why="Its PyTorch frontend casts one-element arrays in a way that numpy 2.4 removed.",
            help="pip install 'numpy<2.4'",
        )


@contextmanager
def _quiet() -> Iterator[list[str]]:
    """Keep coremltools' log records from the application's handlers, and collect its errors."""
    logger = logging.getLogger("coremltools")
    errors = _Errors()
    before = logger.propagate, list(logger.handlers)
    logger.propagate, logger.handlers = False, [errors]
    try:
        yield errors.messages
    finally:
        logger.propagate, logger.handlers = before


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Ignore the notices of torch's tracer and of coremltools, none of which a user can act upon."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Pause the cycle collector: a conversion makes a million objects and little garbage; saves a sixth of its time.

    Afterwards only the objects made meanwhile are looked at, which frees programs at once and costs next to nothing.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect(0)
        if enabled:
            gc.enable()


class _Errors(logging.Handler):
    """Keeps the messages of errors and drops the rest."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(" ".join(record.getMessage().split()))


@contextmanager
def _replaced(owner: object, name: str, value: object) -> Iterator[None]:
    """Set an attribute for the duration of the body."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _no_progress_bar(items: Iterable[ItemT], **_: object) -> Iterable[ItemT]:
    return items
