"""Schemes are data: every file is read, and says what it needs."""

from __future__ import annotations

import pytest

from edgevit.errors import UnsupportedError
from edgevit.quantize.schemes import Granularity, Scheme, get_scheme, list_schemes

SCHEMES = list_schemes()


def test_the_schemes_of_both_phones_are_there() -> None:
    offered = {form: [s.name for s in SCHEMES if form in s.formats] for form in ("mlpackage", "tflite")}
    assert offered == {
        "mlpackage": ["fp16", "pal8", "w8", "w8-block32", "w8a8", "pal6", "pal4", "pal4-grouped", "w4-block32"],
        "tflite": ["fp16", "w8", "dyn8", "w8a8", "w4-block"],
    }


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)
def test_a_scheme_says_what_it_needs_and_buys(scheme: Scheme) -> None:
    assert get_scheme(scheme.name) is scheme
    for form in scheme.formats.values():
        assert form.minimum_os >= 15
        assert form.buys.endswith(".")
        if form.weights is not None:
            assert form.weights.bits in {4, 6, 8}
            assert (form.weights.block > 0) == (form.weights.granularity is Granularity.BLOCK)


def test_only_static_activations_need_images() -> None:
    assert [scheme.name for scheme in SCHEMES if scheme.needs_calibration] == ["w8a8"]


def test_an_unknown_scheme_names_the_known_ones() -> None:
    with pytest.raises(UnsupportedError, match="no scheme 'w7'") as caught:
        get_scheme("w7")
    assert "w8a8" in str(caught.value.help)
