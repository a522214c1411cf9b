from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgevit.datasets import labelled_images
from edgevit.datasets.decoding import decode
from edgevit.datasets.folder import image_files, pick
from edgevit.errors import BadDataError, BadImageError, UsageError
from edgevit.labels.imagenet import imagenet1k
from edgevit.types import Preprocessing

WHOLE = Preprocessing(crop_pct=1.0)


def save(path: Path, value: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((8, 8, 3), value, np.uint8)).save(path)
    return path


def test_images_are_found_at_any_depth_in_the_order_of_their_names(tmp_path: Path) -> None:
    expected = [save(tmp_path / name) for name in ("a/2.PNG", "a/deep/1.png", "b.jpg")]
    save(tmp_path / ".hidden/1.png")
    (tmp_path / "notes.txt").write_text("no image")
    assert image_files(tmp_path) == tuple(expected)


@pytest.mark.parametrize(("name", "expected"), [("x.heic", ".heic"), ("x.txt", "1 other"), (None, "empty")])
def test_a_folder_without_images_says_what_is_there_instead(tmp_path: Path, name: str | None, expected: str) -> None:
    if name is not None:
        (tmp_path / name).write_bytes(b"?")
    with pytest.raises(BadDataError) as caught:
        image_files(tmp_path)
    assert expected in caught.value.why


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="does not exist"):
        image_files(tmp_path / "nowhere")


def test_a_part_is_drawn_in_turns_from_all_folders_and_depends_on_the_seed() -> None:
    files = [Path(folder, f"{i}.png") for folder, count in (("a", 100), ("b", 3), ("c", 50)) for i in range(count)]
    chosen = pick(files, 9, seed=1)
    assert [sum(file.parent == Path(folder) for file in chosen) for folder in "abc"] == [3, 3, 3]
    assert chosen == pick(files, 9, seed=1) != pick(files, 9, seed=2)
    assert list(chosen) == [file for file in files if file in chosen]
    assert pick(files, 1000, seed=1) == tuple(files)


def test_no_images_cannot_be_picked() -> None:
    with pytest.raises(UsageError):
        pick([Path("a.png")], 0, seed=0)


def test_all_bad_files_are_named_at_once(tmp_path: Path) -> None:
    good = tmp_path / "good.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)).save(good)
    truncated = tmp_path / "cut.png"
    truncated.write_bytes(good.read_bytes()[:150])
    text = tmp_path / "text.png"
    text.write_text("no image")
    with pytest.raises(BadImageError) as caught:
        decode([good, truncated, text], (8, 8), WHOLE)
    assert "cut.png" in caught.value.why
    assert "text.png" in caught.value.why
    assert "good.png" not in caught.value.why


def test_labels_are_matched_by_name_whatever_the_spelling(tmp_path: Path) -> None:
    first, second = save(tmp_path / "ankle_boot/1.png"), save(tmp_path / "T-Shirt or top/1.png")
    labels = ("T-shirt or top", "Trouser", "Ankle boot")
    found = {image.path: image.label for image in labelled_images(tmp_path, labels)}
    assert found == {first: 2, second: 0}


def test_labels_are_matched_by_index_and_by_wordnet_id(tmp_path: Path) -> None:
    for name in ("0", "002"):
        save(tmp_path / "numbers" / name / "1.png")
    assert [image.label for image in labelled_images(tmp_path / "numbers", ("x", "y", "z"))] == [0, 2]
    save(tmp_path / "wordnet" / "n01443537" / "1.png")
    assert [image.label for image in labelled_images(tmp_path / "wordnet", imagenet1k())] == [1]


def test_an_unknown_class_is_answered_with_the_nearest(tmp_path: Path) -> None:
    save(tmp_path / "Trousers/1.png")
    save(tmp_path / "Bag/1.png")
    with pytest.raises(BadDataError) as caught:
        labelled_images(tmp_path, ("Trouser", "Bag"))
    assert "did you mean 'Trouser'?" in caught.value.why


def test_two_folders_of_one_class_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "ankle boot/1.png")
    save(tmp_path / "ankle-boot/1.png")
    with pytest.raises(BadDataError, match="same class"):
        labelled_images(tmp_path, ("Ankle boot",))


def test_images_outside_of_class_folders_have_no_label(tmp_path: Path) -> None:
    save(tmp_path / "loose.png")
    with pytest.raises(BadDataError, match="no label"):
        labelled_images(tmp_path, ("a",))
