"""The generated Gradle project: complete, exact, deterministic, and data in data slots only."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from edgevit.errors import UnsupportedError
from edgevit.sdk.android import (
    ANDROID_DATA_FOLDER,
    ANDROID_DATA_SLOTS,
    ANDROID_MODEL_NAME,
    write_android_project,
)
from edgevit.sdk.config import SdkContent
from edgevit.sdk.template import Template
from edgevit.store.digest import file_digest, tree_digest, tree_files
from edgevit.store.listing import Changes, changes, is_ours
from edgevit.types import Artifact, Head, Precision, Verdict, WeightsInfo
from tests.sdk.refresh_android_template import ANDROID_TEMPLATE
from tests.sdk.sample import PHOTOS, sample_model
from tests.support.schema import violations

_HOSTILE = ("${System.exit(1)}", '"""', "*/ fun main()", "</string>", "`rm -rf`", "@string/x", "\U0001f98e", "a|b")
_SCHEMA = Path(__file__).parents[2] / "edgevit/schemas/edgevit-sdk-1.schema.json"
_BUDGET = {"psnr_db": 70.0, "probability_max_abs": 0.02, "top1_margin": 0.01}

Write = Callable[..., Path]


@pytest.fixture
def content(tmp_path: Path) -> SdkContent:
    """The template's own model as if it had just been converted; no converter is run."""
    path = tmp_path / "made.tflite"
    shutil.copyfile(ANDROID_TEMPLATE / ANDROID_DATA_FOLDER / ANDROID_MODEL_NAME, path)
    artifact = Artifact(path, "tflite", Precision.FP16, file_digest(path), path.stat().st_size, {}, "LiteRT 1.0")
    verdict = Verdict("", "LiteRT 2.3.0", True, 1e-7, 1e-4, 71.5, 0.99999, 1e-3, 1.0, _BUDGET, ())
    golden = json.loads((ANDROID_TEMPLATE / ANDROID_DATA_FOLDER / "golden.json").read_bytes())
    return SdkContent(
        spec=sample_model().spec, head=Head.PROBABILITIES,
        weights=WeightsInfo("file", "mine.safetensors", "ab" * 32, "MIT"), artifact=artifact, verdict=verdict,
        labels=_HOSTILE, outputs=("probabilities",), golden=golden, photos=tuple(photo.path for photo in PHOTOS),
    )  # fmt: skip


@pytest.fixture
def write(tmp_path: Path, content: SdkContent) -> Write:
    """Write the content with some fields replaced; return the project's folder."""

    def project(**replaced: object) -> Path:
        folder = tmp_path / f"project{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        write_android_project(folder, dataclasses.replace(content, **replaced))  # type: ignore[arg-type]
        return folder

    return project


def _config(project: Path) -> dict[str, object]:
    value: dict[str, object] = json.loads((project / ANDROID_DATA_FOLDER / "edgevit.json").read_bytes())
    return value


def test_the_manifest_lists_every_file_and_marks_the_folder_as_ours(write: Write) -> None:
    project = write()
    manifest = json.loads((project / "manifest.json").read_bytes())
    listed = {name: entry["sha256"] for name, entry in manifest["files"].items()}
    assert listed == {name: file_digest(file) for name, file in tree_files(project) if name != "manifest.json"}
    assert manifest["platform"] == "android"
    assert (project / manifest["config"]).is_file()
    assert is_ours(project)
    assert changes(project) == Changes()


def test_what_gradle_and_android_studio_make_is_not_the_owners_work(write: Write) -> None:
    project = write()
    made = (
        "gradlew",
        "local.properties",
        ".idea/workspace.xml",
        "bench/build/x.apk",
        "gradle/wrapper/gradle-wrapper.jar",
    )
    for name in made:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_bytes(b"")
    assert changes(project) == Changes()
    (project / "core/Mine.kt").write_bytes(b"")
    assert changes(project) == Changes(added=("core/Mine.kt",))


def test_nothing_but_constant_files_and_slots_is_written(write: Write) -> None:
    project = write()
    names = {name for name, _ in tree_files(project)}
    assert {n for n in names if not n.startswith(ANDROID_DATA_SLOTS)} == {*Template("android").digests, "manifest.json"}
    for name in Template("android").digests:
        assert (project / name).read_bytes() == (ANDROID_TEMPLATE / name).read_bytes(), name


def test_hostile_labels_are_data(write: Write) -> None:
    project = write()
    text = (project / ANDROID_DATA_FOLDER / "labels.txt").read_text(encoding="utf-8")
    assert tuple(text.split("\n")[:-1]) == _HOSTILE
    for name, file in tree_files(project):
        if not name.startswith(ANDROID_DATA_FOLDER):
            assert b"rm -rf" not in file.read_bytes(), name


def test_the_config_says_what_was_built(write: Write, content: SdkContent) -> None:
    project = write()
    config = _config(project)
    assert config["artifact"] == {
        "file": ANDROID_MODEL_NAME, "format": "tflite", "precision": "fp16", "sha256": content.artifact.sha256,
        "bytes": content.artifact.size_bytes, "minimum_os": "LiteRT 1.0",
    }  # fmt: skip
    assert file_digest(project / ANDROID_DATA_FOLDER / ANDROID_MODEL_NAME) == content.artifact.sha256
    assert config["output"] == {"head": "probabilities", "names": ["probabilities"], "classes": len(_HOSTILE)}


@pytest.mark.parametrize("head", list(Head))
def test_the_config_keeps_its_schema(write: Write, head: Head) -> None:
    assert violations(_config(write(head=head)), json.loads(_SCHEMA.read_bytes())) == []


def test_photographs_travel_unchanged(write: Write) -> None:
    project = write()
    for photo in PHOTOS:
        copied = project / ANDROID_DATA_FOLDER / "photos" / f"{photo.name}.png"
        assert copied.read_bytes() == photo.path.read_bytes()


def test_untrained_weights_are_said_first_and_in_bold(write: Write) -> None:
    project = write(weights=WeightsInfo("random", "seed 0", "0" * 64, trained=False))
    text = (project / "README.md").read_text(encoding="utf-8")
    assert text.index("> **UNTRAINED WEIGHTS.") < text.index("```kotlin")
    assert "UNTRAINED" not in (write() / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("head", "call"),
    [
        (Head.PROBABILITIES, "classify("),
        (Head.LOGITS, "classify("),
        (Head.EMBEDDING, "embedding("),
        (Head.FEATURES, "features("),
    ],
)
def test_the_readme_shows_the_call_of_its_head(write: Write, head: Head, call: str) -> None:
    readme = (write(head=head) / "README.md").read_text(encoding="utf-8")
    assert call in readme.split("```")[1]


def test_text_of_users_stands_in_code_spans(write: Write) -> None:
    weights = WeightsInfo("file", "a`b\n# Heading", "ab" * 32, "MIT`*x*", note="note ``x")
    readme = (write(weights=weights) / "README.md").read_text(encoding="utf-8")
    assert "``a`b # Heading``" in readme
    assert "``MIT`*x*``" in readme
    assert "```note ``x```" in readme


def test_another_format_is_refused(write: Write, content: SdkContent) -> None:
    with pytest.raises(UnsupportedError, match="mlpackage"):
        write(artifact=dataclasses.replace(content.artifact, format="mlpackage"))


def test_a_model_without_image_input_is_refused(write: Write) -> None:
    with pytest.raises(UnsupportedError, match="takes an image"):
        write(input_kind="tokens")


@pytest.mark.parametrize("missing", [{"golden": {}}, {"photos": ()}])
def test_a_project_that_cannot_test_itself_is_refused(write: Write, missing: dict[str, object]) -> None:
    with pytest.raises(UnsupportedError, match="golden outputs"):
        write(**missing)


def test_an_artifact_inside_the_folder_is_moved(tmp_path: Path, content: SdkContent) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    inside = content.artifact.path.rename(folder / "model.tflite")
    artifact = write_android_project(
        folder, dataclasses.replace(content, artifact=dataclasses.replace(content.artifact, path=inside))
    )
    assert not inside.exists()
    assert artifact.path == folder / ANDROID_DATA_FOLDER / ANDROID_MODEL_NAME
    assert file_digest(artifact.path) == artifact.sha256


def test_equal_content_gives_equal_bytes(write: Write) -> None:
    first, second = write(), write()
    assert tree_digest(first) == tree_digest(second)
