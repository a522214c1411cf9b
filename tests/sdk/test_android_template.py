"""The Android template in the checkout is what its lock, its generators and a build say, and what its README says."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgevit.sdk.android import ANDROID_DATA_FOLDER, ANDROID_DATA_SLOTS
from edgevit.sdk.manifest import MANIFEST_NAME
from edgevit.sdk.template import LOCK_NAME, Template
from edgevit.store.digest import tree_files
from tests.sdk.android_vectors import android_report_vector
from tests.sdk.frames import to_rgb
from tests.sdk.refresh_android_template import (
    ANDROID_TEMPLATE,
    expected_android_lock,
    generated_android_vectors,
    generated_project,
)
from tests.support.schema import violations

_STALE = "the template is not current: python -m tests.sdk.refresh_android_template"
_SCHEMAS = Path(__file__).parents[2] / "edgevit/schemas"
_MODULES = ("core", "edgevit", "bench")
_KOTLIN = sorted(file for module in _MODULES for file in (ANDROID_TEMPLATE / module).rglob("*.kt"))
_ANDROID = "{http://schemas.android.com/apk/res/android}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's project, built now."""
    return generated_project(tmp_path_factory.mktemp("sample"))


def _measured_left_out(name: str, data: bytes) -> bytes:
    """Return a file without the figures that differ in their last digits from one processor type to another."""
    text = data.decode("latin-1")
    if name.endswith("README.md"):
        text = re.sub(r"(?m)^(\| (?:PSNR|Cosine).*\|) .* \|$", r"\1", text)
    elif name.endswith("edgevit.json"):
        text = re.sub(r'"(cosine|max_abs|psnr_db)": [\d.e-]+', r"\1", text)
    elif name.endswith("golden.json"):
        text = re.sub(r'"float32": "[^"]*"', "", text)
    return text.encode("latin-1")


def test_the_lock_lists_every_constant_file() -> None:
    assert (ANDROID_TEMPLATE / LOCK_NAME).read_bytes() == expected_android_lock(), _STALE


def test_golden_vectors_are_current(project: Path) -> None:
    for name, data in generated_android_vectors(project).items():
        assert _measured_left_out(name, (ANDROID_TEMPLATE / name).read_bytes()) == _measured_left_out(name, data), (
            _STALE
        )


def test_a_build_of_the_sample_gives_the_template_back(project: Path) -> None:
    made = {name: file.read_bytes() for name, file in tree_files(project) if name != MANIFEST_NAME}
    slots = {name for name, _ in tree_files(ANDROID_TEMPLATE) if name.startswith(ANDROID_DATA_SLOTS)}
    assert made.keys() == set(Template("android").digests) | slots, _STALE
    for name, data in made.items():
        kept = (ANDROID_TEMPLATE / name).read_bytes()
        assert _measured_left_out(name, data) == _measured_left_out(name, kept), _STALE


def test_the_swift_and_the_kotlin_core_read_the_same_vectors() -> None:
    swift = ANDROID_TEMPLATE.with_name("ios_template") / "Tests/EdgeVitCoreTests/Vectors"
    kotlin = ANDROID_TEMPLATE / "core/src/test/resources/vectors"
    for name in ("preprocessing.json", "ranking.json", "photos.json", "statistics.json"):
        assert (swift / name).read_bytes() == (kotlin / name).read_bytes(), name


def test_the_report_vector_keeps_its_schema() -> None:
    schema = json.loads((_SCHEMAS / "edgevit-report-1.schema.json").read_bytes())
    assert violations(android_report_vector(), schema) == []


def test_camera_frames_become_what_pillow_makes_of_them() -> None:
    planes = np.random.default_rng(0).integers(0, 256, (3, 200, 200), dtype=np.uint8)
    pillow = np.asarray(Image.fromarray(np.moveaxis(planes, 0, -1), "YCbCr").convert("RGB")).astype(int)
    assert np.abs(pillow - to_rgb(*planes)).max() <= 1


@pytest.mark.parametrize("source", _KOTLIN, ids=lambda path: path.name)
def test_kotlin_sources_cannot_crash_by_intent(source: Path) -> None:
    code = "\n".join(line.split("//")[0] for line in source.read_text(encoding="utf-8").splitlines())
    code = re.sub(r'"(\\.|[^"\\])*"', '""', code)
    assert not re.search(r"!!|\blateinit\b|\bTODO\(|\bSystem\.exit|\bprintln?\(|runBlocking", code)


def test_sources_are_short_enough_to_read() -> None:
    texts = {file: file.read_text(encoding="utf-8").splitlines() for file in _KOTLIN}
    assert not {file.name: len(lines) for file, lines in texts.items() if len(lines) > 300}
    assert not {file.name for file, lines in texts.items() if any(len(line) > 120 for line in lines)}


def test_the_app_uses_the_systems_widgets_alone() -> None:
    for file in (file for module in _MODULES for file in (ANDROID_TEMPLATE / module).rglob("*.kt*")):
        assert "androidx." not in file.read_text(encoding="utf-8"), file.name


def test_manifests_name_classes_that_exist_and_ask_for_nothing() -> None:
    manifest = ET.parse(ANDROID_TEMPLATE / "bench/src/main/AndroidManifest.xml").getroot()  # noqa: S314 - our own file
    tools = "{http://schemas.android.com/tools}node"
    assert all(node.get(tools) == "remove" for node in manifest.iter("uses-permission"))
    for tag in ("activity", "provider"):
        for node in manifest.iter(tag):
            name = str(node.get(f"{_ANDROID}name"))
            assert (ANDROID_TEMPLATE / "bench/src/main/kotlin/dev/edgevit/bench" / f"{name[1:]}.kt").is_file()
    library = ET.parse(ANDROID_TEMPLATE / "edgevit/src/main/AndroidManifest.xml").getroot()  # noqa: S314 - our own file
    assert not list(library)


def test_the_readme_names_what_the_app_reads() -> None:
    readme = (ANDROID_TEMPLATE / "README.md").read_text(encoding="utf-8")
    request = (ANDROID_TEMPLATE / "bench/src/main/kotlin/dev/edgevit/bench/Request.kt").read_text(encoding="utf-8")
    extras = set(re.findall(r"--e\w (\w+)", readme))
    assert extras == set(re.findall(r'get\w+Extra\("(\w+)"', request)) - {"scenario"}
    slots = (ANDROID_TEMPLATE / ANDROID_DATA_FOLDER).is_dir()
    assert slots
