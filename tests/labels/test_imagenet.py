from __future__ import annotations

import pytest

from edgevit.labels import imagenet1k, load_labels


def test_there_are_a_thousand_names_and_no_two_read_alike() -> None:
    names = imagenet1k()
    assert len(names) == 1000
    assert len({name.casefold() for name in names}) == 1000


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (0, "tench"),
        (134, "crane (bird)"),
        (264, "Cardigan (dog)"),
        (474, "cardigan (jacket)"),
        (517, "crane (machine)"),
        (638, "maillot (tights)"),
        (639, "maillot (tank suit)"),
        (999, "toilet tissue"),
    ],
)
def test_names_stand_at_their_class_index(index: int, name: str) -> None:
    assert imagenet1k()[index] == name


def test_a_thousand_classes_without_a_file_are_imagenet() -> None:
    assert load_labels(None, 1000) == imagenet1k()


def test_other_counts_without_a_file_get_neutral_names() -> None:
    assert load_labels(None, 3) == ("class 0", "class 1", "class 2")
