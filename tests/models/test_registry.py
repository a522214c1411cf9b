from __future__ import annotations

import pytest

from edgevit.errors import UnknownModelError, UsageError
from edgevit.models.registry import FAMILIES, MAX_CLASSES, get_spec, list_models, resolve


def test_twenty_variants_with_names_of_their_own_grouped_by_family() -> None:
    names = [spec.name for spec in list_models()]
    assert len(names) == len(set(names)) == 20
    assert list(dict.fromkeys(spec.family for spec in list_models())) == list(FAMILIES)


@pytest.mark.parametrize("name", [spec.name for spec in list_models()])
def test_rows_are_complete(name: str) -> None:
    row = get_spec(name)
    assert row.params > row.folded_params > 0
    assert row.macs > 0
    assert all(side > 0 for side in row.native_size)
    assert row.licence
    assert row.paper
    assert row.size_rule
    assert (row.top1 is None) == (row.top1_source == "")
    assert len({release.tag for release in row.releases}) == len(row.releases)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("fastvit_t9", "fastvit_t8"), ("FastViT-T8", "fastvit_t8"), ("nextvit", "nextvit_small"), ("efficientvit", "MIT")],
)
def test_an_unknown_name_is_answered_with_near_ones(name: str, hint: str) -> None:
    with pytest.raises(UnknownModelError) as caught:
        get_spec(name)
    assert hint in str(caught.value)


@pytest.mark.parametrize("classes", [0, -1, MAX_CLASSES + 1, 10**15])
def test_impossible_class_counts(classes: int) -> None:
    with pytest.raises(UsageError, match="number of classes"):
        resolve("fastvit_t8", num_classes=classes)


def test_resolving_fills_size_and_classes() -> None:
    assert resolve("fastvit_t8").input_size == (256, 256)
    spec = resolve("fastvit_t8", num_classes=7, input_size=(192, 320))
    assert (spec.num_classes, spec.input_size) == (7, (192, 320))
    assert resolve("fastvit_t8", input_size=224).input_size == (224, 224)
