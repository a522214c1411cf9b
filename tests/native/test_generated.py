"""Generated packages, one of each family: they build, pass their tests and type check beside their own model."""

from __future__ import annotations

import re
import shutil

import pytest

from edgevit import BuildSpec, build
from tests.native.toolchain import SwiftRoot

pytestmark = [pytest.mark.native, pytest.mark.xdist_group("swift")]


@pytest.mark.parametrize(
    ("model", "ios"), [("fastvit_t8", 16), ("efficientvit_m0", 15), ("sepvit_lite", 17), ("nextvit_small", 18)]
)
def test_a_generated_package_builds_and_passes_its_tests(root: SwiftRoot, model: str, ios: int) -> None:
    package = root.work / "generated"
    shutil.rmtree(package, ignore_errors=True)
    report = build(BuildSpec(model, out=package, weights="random", ios_min=ios))
    assert report.artifact.minimum_os == f"iOS {ios}"
    tested = root.run("swift test --package-path /work/generated --scratch-path /work/generated-build")
    assert tested.returncode == 0, (tested.stdout + tested.stderr)[-6000:]
    assert re.search(r"Test run with \d+ tests passed", tested.stdout + tested.stderr)
    platform = f"x86_64-apple-ios{ios}.0-simulator"
    checked = root.run(f"/src/tests/native/typecheck.sh {platform} /work/generated /work/typecheck-{platform}")
    assert checked.returncode == 0, (checked.stdout + checked.stderr)[-6000:]
    shutil.rmtree(package)
