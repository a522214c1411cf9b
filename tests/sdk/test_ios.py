"""The generated Swift package: complete, exact, deterministic, and data in data slots only."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from edgevit.errors import ConversionError, UnsupportedError
from edgevit.sdk import write_ios_package
from edgevit.sdk.config import SdkContent
from edgevit.sdk.ios import DATA_FOLDER, DATA_SLOTS, MODEL_NAME
from edgevit.sdk.template import Template
from edgevit.store.digest import file_digest, tree_digest, tree_files
from edgevit.store.listing import Changes, changes, is_ours
from edgevit.types import Head, Verdict, WeightsInfo
from tests.sdk.refresh_template import TEMPLATE
from tests.sdk.sample import PHOTOS, sample_model
from tests.support.schema import violations

_HOSTILE = ('"""\\("\\(fatalError())', "</plist>", "`rm -rf`", "\u202eabc"[1:], "a|b", "\U0001f98e", "*/ import Darwin")
_SCHEMA = Path(__file__).parents[2] / "edgevit/schemas/edgevit-sdk-1.schema.json"
_BUDGET = {"psnr_db": 70.0, "probability_max_abs": 0.02, "top1_margin": 0.01}

Write = Callable[..., Path]


@pytest.fixture
def content(tmp_path: Path) -> SdkContent:
    """The template's own model as if it had just been converted; no converter is run."""
    from edgevit.types import Artifact, Precision

    path = tmp_path / MODEL_NAME
    shutil.copytree(TEMPLATE / DATA_FOLDER / MODEL_NAME, path)
    artifact = Artifact(path, "mlpackage", Precision.FP16, tree_digest(path), 6659, {}, "iOS 16")
    verdict = Verdict("", "the evaluator", True, 1e-7, 1e-4, 71.5, 0.99999, 1e-3, 1.0, _BUDGET, ())
    return SdkContent(
        spec=sample_model().spec, head=Head.PROBABILITIES,
        weights=WeightsInfo("file", "mine.safetensors", "ab" * 32, "MIT"), artifact=artifact, verdict=verdict,
        labels=_HOSTILE, outputs=("probabilities",), golden={"cases": [1.5]},
    )  # fmt: skip


@pytest.fixture
def write(tmp_path: Path, content: SdkContent) -> Write:
    """Write the content with some fields replaced; return the package's folder."""

    def package(**changes: object) -> Path:
        folder = tmp_path / f"package{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        write_ios_package(folder, dataclasses.replace(content, **changes))  # type: ignore[arg-type]
        return folder

    return package


def _config(package: Path) -> dict[str, object]:
    value: dict[str, object] = json.loads((package / DATA_FOLDER / "edgevit.json").read_bytes())
    return value


def test_the_manifest_lists_every_file_and_marks_the_folder_as_ours(write: Write) -> None:
    package = write()
    manifest = json.loads((package / "manifest.json").read_bytes())
    listed = {name: entry["sha256"] for name, entry in manifest["files"].items()}
    assert listed == {name: file_digest(file) for name, file in tree_files(package) if name != "manifest.json"}
    assert (package / manifest["config"]).is_file()
    assert is_ours(package)
    assert changes(package) == Changes()


def test_constant_files_are_the_templates(write: Write) -> None:
    package = write()
    for name in Template("ios").digests:
        assert (package / name).read_bytes() == (TEMPLATE / name).read_bytes(), name


def test_nothing_but_constant_files_and_slots_is_written(write: Write) -> None:
    names = {name for name, _ in tree_files(write())}
    assert {n for n in names if not n.startswith(DATA_SLOTS)} == {*Template("ios").digests, "manifest.json"}


def test_hostile_labels_are_data(write: Write) -> None:
    package = write()
    text = (package / DATA_FOLDER / "labels.txt").read_text(encoding="utf-8")
    assert tuple(text.split("\n")[:-1]) == _HOSTILE
    for name, file in tree_files(package):
        if not name.startswith(DATA_FOLDER):
            assert b"rm -rf" not in file.read_bytes(), name


def test_the_config_says_what_was_built(write: Write, content: SdkContent) -> None:
    package = write()
    config = _config(package)
    assert config["artifact"] == {
        "file": MODEL_NAME, "format": "mlpackage", "precision": "fp16", "sha256": content.artifact.sha256,
        "bytes": 6659, "minimum_os": "iOS 16",
    }  # fmt: skip
    assert tree_digest(package / DATA_FOLDER / MODEL_NAME) == content.artifact.sha256
    assert config["output"] == {"head": "probabilities", "names": ["classLabel", "classLabel_probs"], "classes": 7}


@pytest.mark.parametrize("head", list(Head))
def test_the_config_keeps_its_schema(write: Write, head: Head) -> None:
    schema = json.loads(_SCHEMA.read_bytes())
    infinite = Verdict("", "x", True, None, None, float("inf"), 1.0, 0.0, 1.0, _BUDGET, ())
    assert violations(_config(write(head=head, verdict=infinite)), schema) == []
    assert violations(_config(TEMPLATE), schema) == []


def test_the_schema_refuses_what_the_app_cannot_read(write: Write) -> None:
    schema = json.loads(_SCHEMA.read_bytes())
    config = _config(write())
    for key in list(config):
        assert violations({k: v for k, v in config.items() if k != key}, schema), key
    assert violations(config | {"schema": "edgevit-sdk/2"}, schema)
    assert violations(config | {"surprise": 1}, schema)


def test_untrained_weights_are_said_first_and_in_bold(write: Write) -> None:
    random = WeightsInfo("random", "seed 0", "0" * 64, trained=False)
    package = write(weights=random)
    weights = _config(package)["weights"]
    assert isinstance(weights, dict)
    assert weights["trained"] is False
    text = (package / "README.md").read_text(encoding="utf-8")
    assert text.index("> **UNTRAINED WEIGHTS.") < text.index("```swift")
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


@pytest.mark.parametrize(("ios", "macos"), [(15, 12), (16, 13), (17, 14), (18, 15)])
def test_the_package_states_the_models_oldest_system(write: Write, content: SdkContent, ios: int, macos: int) -> None:
    package = write(artifact=dataclasses.replace(content.artifact, minimum_os=f"iOS {ios}"))
    expected = (TEMPLATE / "Package.swift").read_text(encoding="utf-8")
    expected = expected.replace("[.iOS(.v16), .macOS(.v13)]", f"[.iOS(.v{ios}), .macOS(.v{macos})]")
    assert (package / "Package.swift").read_text(encoding="utf-8") == expected


def test_an_unknown_system_is_a_bug_not_a_wrong_package(write: Write, content: SdkContent) -> None:
    with pytest.raises(ConversionError, match="iOS 99"):
        write(artifact=dataclasses.replace(content.artifact, minimum_os="iOS 99"))


@pytest.mark.parametrize(("model", "app"), [("iOS 15", "16.0"), ("iOS 16", "16.0"), ("iOS 18", "18.0")])
def test_the_app_is_as_old_as_its_charts_and_the_model_allow(
    write: Write, content: SdkContent, model: str, app: str
) -> None:
    package = write(artifact=dataclasses.replace(content.artifact, minimum_os=model))
    settings = (package / "BenchConfig/Bench.xcconfig").read_text(encoding="utf-8")
    assert settings == f"IPHONEOS_DEPLOYMENT_TARGET = {app}\n"


def test_another_format_is_refused(write: Write, content: SdkContent) -> None:
    with pytest.raises(UnsupportedError, match="tflite"):
        write(artifact=dataclasses.replace(content.artifact, format="tflite"))


def test_a_model_without_image_input_is_refused(write: Write) -> None:
    with pytest.raises(UnsupportedError, match="takes an image"):
        write(input_kind="normalized")


def test_an_artifact_inside_the_folder_is_moved(tmp_path: Path, content: SdkContent) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    inside = content.artifact.path.rename(folder / MODEL_NAME)
    artifact = write_ios_package(
        folder, dataclasses.replace(content, artifact=dataclasses.replace(content.artifact, path=inside))
    )
    assert not inside.exists()
    assert artifact.path == folder / DATA_FOLDER / MODEL_NAME
    assert tree_digest(artifact.path) == artifact.sha256


def test_photographs_travel_unchanged(write: Write) -> None:
    package = write(photos=tuple(photo.path for photo in PHOTOS))
    for photo in PHOTOS:
        assert (package / DATA_FOLDER / "photos" / f"{photo.name}.png").read_bytes() == photo.path.read_bytes()


def test_equal_content_gives_equal_bytes(write: Write) -> None:
    first, second = write(), write()
    assert tree_digest(first) == tree_digest(second)
