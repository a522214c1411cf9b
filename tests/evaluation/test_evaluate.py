from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import edgevit
from edgevit.errors import BadDataError, BadImageError, UnsupportedError, UsageError
from edgevit.evaluation import ranking
from edgevit.evaluation.classifier import Target, check_head, open_classifier
from edgevit.images.noise import structured_noise
from edgevit.images.preprocess import to_pixels
from edgevit.models.registry import resolve
from edgevit.types import Event
from edgevit.weights import load_model, save_training

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ios_template/Sources/EdgeVitKit/ModelData/EdgeVitModel.mlpackage"
TFLITE = ROOT / "android_template/edgevit/src/main/assets/edgevit/model.tflite"
LABELS = ("ant", "bee", "cow", "doe")
IMAGES = 12


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A network of four classes for 32 pixels, in a file that says so."""
    spec = resolve("efficientvit_m0", num_classes=4, input_size=32)
    module = load_model("efficientvit_m0", "random", 4, 32).module
    save_training(module, spec, tmp_path / "net.safetensors", labels=LABELS)
    return tmp_path / "net.safetensors"


def fill(folder: Path, path: Path, wrong: int) -> Path:
    """Put noise images into the folders of the classes that the model sees in them, but ``wrong`` into others."""
    classifier = open_classifier(Target(path))
    for seed in range(IMAGES):
        image = Image.fromarray(structured_noise((40, 48), seed))
        pixels = to_pixels(image, classifier.size, classifier.preprocessing)
        scores = classifier.scores(pixels[np.newaxis])[0]
        label = int(scores.argmax()) if seed >= wrong else int(scores.argmin())
        place = folder / f"{label}"
        place.mkdir(parents=True, exist_ok=True)
        image.save(place / f"{seed}.png")
    return folder


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "_PIECE_IMAGES", (4, 4))


def test_a_weight_file_is_measured_as_it_classifies(tmp_path: Path, network: Path) -> None:
    found = edgevit.evaluate(network, fill(tmp_path / "data", network, wrong=3))
    assert found.images == IMAGES
    assert found.top1 == 1 - 3 / IMAGES
    assert found.top5 is None, "with four classes it would always be 1"
    assert sum(item.count for item in found.confusions) == 3
    assert {item.label for item in found.classes} <= set(LABELS)


@pytest.mark.parametrize("path", [PACKAGE, TFLITE], ids=["mlpackage", "tflite"])
def test_written_files_are_measured(path: Path, tmp_path: Path) -> None:
    found = edgevit.evaluate(path, fill(tmp_path / "data", path, wrong=6))
    assert found.top1 == 0.5
    assert found.sha256 == open_classifier(Target(path)).digest


@pytest.mark.usefixtures("small_pieces")
def test_other_processes_find_the_same(tmp_path: Path, network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = fill(tmp_path / "data", network, wrong=2)
    one = edgevit.evaluate(network, data)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    two = edgevit.evaluate(network, data, jobs=2)
    assert two.known == 0
    assert (two.top1, two.classes, two.confusions) == (one.top1, one.classes, one.confusions)


@pytest.mark.usefixtures("small_pieces")
def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path, network: Path) -> None:
    data = fill(tmp_path / "data", network, wrong=0)

    def stop(event: Event) -> None:
        if event.fraction is not None and event.fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        edgevit.evaluate(network, data, on_event=stop)
    assert edgevit.evaluate(network, data).known == 8
    assert edgevit.evaluate(network, data).known == IMAGES


@pytest.mark.usefixtures("small_pieces")
def test_what_changed_is_measured_again(tmp_path: Path, network: Path) -> None:
    data = fill(tmp_path / "data", network, wrong=0)
    first = edgevit.evaluate(network, data)
    image = sorted(data.rglob("*.png"))[0]
    Image.fromarray(structured_noise((40, 48), 99)).save(image)
    again = edgevit.evaluate(network, data)
    assert again.known == IMAGES - 4
    assert again.data_sha256 != first.data_sha256
    for file in (tmp_path / "cache").rglob("*.json"):
        file.write_text("[[")
    assert edgevit.evaluate(network, data).known == 0


def test_a_part_of_the_images(tmp_path: Path, network: Path) -> None:
    data = fill(tmp_path / "data", network, wrong=0)
    found = edgevit.evaluate(network, data, limit=5)
    assert found.images == 5
    assert "5 of 12 images" in found.data


def test_what_cannot_be_measured_is_refused(tmp_path: Path, network: Path) -> None:
    data = fill(tmp_path / "data", network, wrong=0)
    with pytest.raises(UsageError, match="neither a file nor a model") as caught:
        edgevit.evaluate("fastvit_t9", data)
    assert "fastvit_t8" in caught.value.help
    with pytest.raises(UsageError, match="processes"):
        edgevit.evaluate(network, data, jobs=0)
    with pytest.raises(UsageError, match="images"):
        edgevit.evaluate(network, data, limit=0)
    with pytest.raises(BadDataError):
        edgevit.evaluate(network, tmp_path / "nowhere")
    (data / "0").mkdir(exist_ok=True)
    (data / "0" / "text.png").write_text("no image")
    with pytest.raises(BadImageError, match="1 of 13"):
        edgevit.evaluate(network, data)


@pytest.mark.parametrize("head", [edgevit.Head.EMBEDDING, edgevit.Head.FEATURES])
def test_what_does_not_classify_is_refused(head: edgevit.Head) -> None:
    with pytest.raises(UnsupportedError, match="does not classify"):
        check_head(head, "model.tflite")


def test_weights_that_do_not_say_their_network_need_its_name(tmp_path: Path, network: Path) -> None:
    from safetensors.torch import load_file, save_file

    bare = tmp_path / "bare.safetensors"
    save_file(load_file(network), bare)
    data = fill(tmp_path / "data", network, wrong=0)
    with pytest.raises(UsageError, match="does not say which network"):
        edgevit.evaluate(bare, data)
    found = edgevit.evaluate("efficientvit_m0", data, weights=bare, num_classes=4, input_size=32)
    assert found.top1 == 1.0


def test_a_package_scores_images_together_as_one_by_one() -> None:
    classifier = open_classifier(Target(PACKAGE))
    images = np.stack([structured_noise(classifier.size, seed) for seed in range(3)])
    together = classifier.scores(images)
    alone = np.concatenate([classifier.scores(image[np.newaxis]) for image in images])
    assert np.abs(together - alone).max() <= 2e-3 * alone.max()
    assert np.ptp(together, axis=0).max() > 0.01, "the images are told apart"
