"""Who may import whom: rooms point down only, and heavy packages stay in theirs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "edgevit"

BASE = {"errors", "types"}
ROOMS = {
    "backends",
    "datasets",
    "evaluation",
    "images",
    "labels",
    "lint",
    "mobile",
    "models",
    "probe",
    "profiling",
    "quantize",
    "reparam",
    "schemas",
    "sdk",
    "store",
    "verification",
    "weights",
}

MAY_IMPORT = {
    "errors": set[str](),
    "types": set[str](),
    "threads": set[str](),
    "schemas": set[str](),
    "store": BASE,
    "labels": BASE,
    "images": BASE,
    "datasets": BASE | {"images", "labels"},
    "models": BASE,
    "sdk": BASE | {"store"},
    "probe": BASE | {"schemas", "store"},
    "reparam": BASE | {"models", "threads"},
    "mobile": BASE | {"models", "reparam"},
    "weights": BASE | {"images", "labels", "models", "reparam", "store"},
    "verification": BASE | {"images", "labels", "models", "store", "threads"},
    "quantize": BASE | {"images", "store", "threads"},
    "backends": BASE | {"quantize", "store"},
    "evaluation": BASE | {"datasets", "images", "labels", "models", "store", "threads", "verification", "weights"},
    "lint": BASE | {"verification"},
    "profiling": BASE | {"verification"},
    "platforms": BASE | {"backends", "mobile", "sdk"},
    "quantizing": BASE | {"datasets", "images", "mobile", "platforms", "quantize", "store", "verification"},
    "pipeline": BASE | ROOMS | {"platforms", "quantizing", "threads"},
    "cli": BASE | ROOMS | {"pipeline"},
}
"""Room -> rooms that it may import, at the top of a file or inside a function. A new room needs a line here."""

PROFILERS = ("profiling/child.py", "profiling/ratio_child.py")

HOMES = {
    "click": ("cli/",),
    "cryptography": ("sdk/apk/keys.py",),
    "rich": ("cli/",),
    "coremltools": ("backends/coreml", "verification/", "quantize/"),
    "ai_edge_litert": ("backends/tflite", "verification/", "quantize/", "lint/", *PROFILERS),
    "flatbuffers": ("backends/tflite", "verification/", "quantize/"),
    "huggingface_hub": ("weights/",),
    "safetensors": ("weights/",),
    "PIL": ("images/", "verification/"),
}
"""Outside package -> where it may be imported."""

NO_TORCH = (
    "errors.py",
    "types.py",
    "cli/",
    "labels/",
    "probe/",
    "schemas/",
    "sdk/",
    "store/",
    "models/family.py",
    "models/registry.py",
    "models/sizes.py",
)
"""Without torch so that listing, checking and writing stay fast and testable alone; variant tables as well."""

PROGRAMS = ("__main__.py", "cli/", "lint/partitions_child.py", *PROFILERS, "verification/litert_child.py")
"""What runs as a process of its own, and so may write and exit."""

FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@dataclass(frozen=True)
class Import:
    """One imported module, and whether it is imported only for a type checker."""

    module: str
    for_types: bool
    line: int


def imports_of(file: str) -> list[Import]:
    tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"))
    guarded = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for statement in block.body
        for node in ast.walk(statement)
    }
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return [Import(name, id(node) in guarded, node.lineno) for node in statements for name in _modules(node)]


def _modules(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Yield the modules that a statement imports; ``from edgevit import x`` counts as ``edgevit.x``."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    else:
        assert node.level == 0, "relative imports hide the room"
        module = node.module or ""
        yield from (f"edgevit.{alias.name}" for alias in node.names) if module == "edgevit" else (module,)


def room_of(file: str) -> str:
    return Path(file).parts[0].removesuffix(".py")


@pytest.mark.parametrize("file", FILES)
def test_rooms_import_downwards(file: str) -> None:
    room = room_of(file)
    if room in {"__init__", "__main__"}:  # the public face loads everything, when asked
        return
    allowed = MAY_IMPORT[room] | {room, "__version__", ""}
    wrong = [
        f"line {item.line}: {item.module}"
        for item in imports_of(file)
        if item.module.split(".")[0] == "edgevit"
        and item.module.removeprefix("edgevit").removeprefix(".").split(".")[0] not in allowed
    ]
    assert not wrong


@pytest.mark.parametrize("file", FILES)
def test_outside_packages_stay_in_their_rooms(file: str) -> None:
    wrong = [
        f"line {item.line}: {item.module}"
        for item in imports_of(file)
        if (homes := HOMES.get(item.module.split(".")[0])) is not None and not file.startswith(homes)
    ]
    assert not wrong


@pytest.mark.parametrize("file", [file for file in FILES if file.startswith(NO_TORCH) or file.endswith("/variants.py")])
def test_no_torch(file: str) -> None:
    assert not [item for item in imports_of(file) if item.module.split(".")[0] == "torch" and not item.for_types]


@pytest.mark.parametrize("file", [file for file in FILES if not file.startswith(PROGRAMS)])
def test_the_library_neither_exits_nor_talks_to_the_terminal(file: str) -> None:
    called = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse((PACKAGE / file).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }
    talk = {"print", "input", "sys.exit", "exit", "quit", "os._exit", "sys.stdout.write", "sys.stderr.write"}
    assert not called & talk


def test_the_table_has_no_circles() -> None:
    seen: set[str] = set()
    while len(seen) < len(MAY_IMPORT):
        ready = {room for room, below in MAY_IMPORT.items() if room not in seen and below <= seen}
        assert ready, f"rooms in a circle: {MAY_IMPORT.keys() - seen}"
        seen |= ready
