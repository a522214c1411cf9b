"""The Swift package on Linux: built, tested, type checked, and run against a scripted Core ML."""

from __future__ import annotations

import csv
import functools
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.native.mistakes import MISTAKES, Mistake
from tests.native.toolchain import REPOSITORY, SwiftRoot

pytestmark = [pytest.mark.native, pytest.mark.xdist_group("swift")]

_HERE = "/src/tests/native"
_TEMPLATE = "/src/ios_template"
_MODULES = ("AppleCore", "CoreGraphics", "CoreML", "CoreVideo", "ImageIO")
_APP_MODULES = ("AVFoundation", "Charts", "PhotosUI", "SwiftUI", "UIKit", "XCTest", "os")
_FLOOR = (15, 0)
"""Oldest deployment target; what Apple's systems had by then needs no availability in the stubs."""

_WITNESSES = {"SwiftUI.Never.body"}
"""What only makes a stub a view; Apple documents it with the protocol."""

_SKIPPED = {".build", ".swiftpm"}


def _check(root: SwiftRoot, command: str) -> str:
    done = root.run(command)
    text = done.stdout + done.stderr
    assert done.returncode == 0, text[-8000:]
    return text


def test_the_core_builds_and_passes_its_tests(root: SwiftRoot) -> None:
    text = _check(root, f"swift test --package-path {_TEMPLATE} --scratch-path /work/core")
    ran = re.search(r"Test run with (\d+) tests passed", text)
    assert ran is not None, text[-4000:]
    assert int(ran[1]) >= 45


def test_the_core_builds_optimized(root: SwiftRoot) -> None:
    _check(root, f"swift build -c release --package-path {_TEMPLATE} --scratch-path /work/core-release")


def test_sources_are_formatted(root: SwiftRoot) -> None:
    lint = "swift format lint --strict --recursive --configuration ios_template/.swift-format"
    _check(root, f"cd /src && {lint} ios_template tests/native")


@pytest.mark.parametrize(
    "platform", ["linux", *(f"x86_64-apple-ios{version}.0-simulator" for version in (15, 16, 17, 18))]
)
def test_the_package_and_its_app_type_check_unchanged(checked: Callable[[str], str], platform: str) -> None:
    assert checked(platform)


def test_the_shell_behaves_against_a_scripted_core_ml(root: SwiftRoot) -> None:
    text = _check(root, f"{_HERE}/harness/harness.sh {_TEMPLATE} /work/harness")
    ran = re.search(r"Test run with (\d+) tests passed", text)
    assert ran is not None, text[-4000:]
    assert int(ran[1]) >= 46


@pytest.fixture
def edited(root: SwiftRoot) -> Iterator[Path]:
    """A copy of the package to plant a mistake in; ``/work/edited`` inside the root."""
    copy = root.work / "edited"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(REPOSITORY / "ios_template", copy, ignore=lambda _folder, names: _SKIPPED & set(names))
    yield copy
    shutil.rmtree(copy)


@pytest.fixture(scope="session")
def checked(root: SwiftRoot) -> Callable[[str], str]:
    """Type check the unchanged package once for each platform; return where its modules are."""

    @functools.cache
    def folder(platform: str) -> str:
        out = f"/work/typecheck-{platform}"
        _check(root, f"{_HERE}/typecheck.sh {platform} {_TEMPLATE} {out}")
        return out

    return folder


_PARTS = {"Sources/EdgeVitCore": "core", "Sources/EdgeVitKit": "kit", "Bench": "app", "BenchTests": "app"}
"""Folder -> the part of the check that reads it."""


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_planted_mistake_is_refused(
    root: SwiftRoot, edited: Path, checked: Callable[[str], str], mistake: Mistake
) -> None:
    source = edited / mistake.file
    text = source.read_text(encoding="utf-8")
    assert text.count(mistake.old) == 1, f"{mistake.file} has changed: adapt the mistake"
    source.write_text(text.replace(mistake.old, mistake.new), encoding="utf-8")
    part = next(part for folder, part in _PARTS.items() if mistake.file.startswith(f"{folder}/"))
    out = checked(mistake.platform)
    done = root.run(f"{_HERE}/typecheck.sh {mistake.platform} /work/edited {out} {part}")
    assert done.returncode != 0
    assert mistake.says in done.stdout + done.stderr


@pytest.fixture(scope="session")
def stub_symbols(root: SwiftRoot, checked: Callable[[str], str]) -> Counter[tuple[str, tuple[int, int]]]:
    """What the stub modules declare as Apple's: (module.symbol, iOS version where newer than the floor)."""
    out = checked("linux")
    tool = "/usr/libexec/swift/bin/swift-symbolgraph-extract -target x86_64-pc-linux-gnu -minimum-access-level public"
    shutil.rmtree(root.work / "graph", ignore_errors=True)
    paths = f"-I {out}/modules -I {out}/app -output-dir /work/graph"
    found: Counter[tuple[str, tuple[int, int]]] = Counter()
    for module in (*_MODULES, *_APP_MODULES):
        _check(root, f"mkdir -p /work/graph && {tool} {paths} -module-name {module}")
        # A module's extensions of other modules' types are in files of their own, "module@other".
        for file in (root.work / "graph").glob(f"{module}[.@]*json"):
            found.update(_symbols(module, json.loads(file.read_bytes())["symbols"]))
    return found


def _symbols(module: str, symbols: list[dict[str, object]]) -> Iterator[tuple[str, tuple[int, int]]]:
    for symbol in symbols:
        identifier, path = symbol["identifier"], symbol["pathComponents"]
        assert isinstance(identifier, dict)
        assert isinstance(path, list)
        name = ".".join(path)
        hidden = "SYNTHESIZED" in identifier["precise"] or "stub" in name.lower() or "rawvalue" in name.lower()
        if not hidden and f"{module}.{name}" not in _WITNESSES:
            yield f"{module}.{name}", _introduced(symbol.get("availability"))


def _introduced(availability: object) -> tuple[int, int]:
    for entry in availability if isinstance(availability, list) else []:
        if entry["domain"] == "iOS":
            return max(_FLOOR, (entry["introduced"]["major"], entry["introduced"].get("minor", 0)))
    return _FLOOR


def test_every_stub_is_documented_by_apple_with_this_availability(
    stub_symbols: Counter[tuple[str, tuple[int, int]]],
) -> None:
    table = Path(__file__).with_name("declarations.tsv")
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    documented = Counter((row["symbol"], max(_FLOOR, _version(row["ios"]))) for row in rows)
    assert stub_symbols == documented
    assert all(row["page"].startswith("https://developer.apple.com/documentation/") for row in rows)


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)
