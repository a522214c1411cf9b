from __future__ import annotations

from edgevit.models.registry import FAMILIES, list_models
from edgevit.quantize.schemes import list_schemes
from tests.cli.conftest import Run

FORMS = ("mlpackage", "tflite")


def test_every_model_has_a_line(edgevit: Run) -> None:
    lines = edgevit("list").out.splitlines()
    for spec in list_models():
        line = next(line for line in lines if line.split()[:1] == [spec.name])
        assert f"{spec.native_size[0]}x{spec.native_size[1]}" in line
        assert (f"{spec.top1:.1f}" if spec.top1 else " - ") in line
        assert spec.top1_source.split(" (")[0] in line


def test_json_has_the_registry_itself(edgevit: Run) -> None:
    data = edgevit("list", "--json").data
    assert data["schema"] == "edgevit-list/1"
    for spec, row in zip(list_models(), data["models"], strict=True):
        assert (row["name"], row["params"], row["macs"], row["top1"]) == (spec.name, spec.params, spec.macs, spec.top1)
        assert [item["repo"] for item in row["releases"]] == [item.repo for item in spec.releases]
        assert row["native_size"] == list(spec.native_size)


def test_one_family(edgevit: Run) -> None:
    for family in FAMILIES:
        names = {row["name"] for row in edgevit("list", "--family", family, "--json").data["models"]}
        assert names == {spec.name for spec in list_models() if spec.family == family}


def test_one_model(edgevit: Run) -> None:
    out = edgevit("list", "fastvit_t8").out
    assert "4,026,232" in out
    assert "pretrained:apple_in1k" in out


def test_a_model_without_public_weights_says_so(edgevit: Run) -> None:
    assert "--weights PATH" in edgevit("list", "sepvit_lite").out


def test_the_ambiguous_name_is_explained(edgevit: Run) -> None:
    result = edgevit("list", "efficientvit")
    assert result.status == 2
    assert "MIT" in result.err
    assert "efficientvit_m0" in result.err


def test_schemes_say_what_they_need_and_buy(edgevit: Run) -> None:
    out = edgevit("list", "--schemes").out
    for scheme in list_schemes():
        row = next(line for line in out.splitlines() if line.startswith(f"{scheme.name} "))
        needs = [str(scheme.formats[form].minimum_os) if form in scheme.formats else "-" for form in FORMS]
        assert row.removesuffix("images").split()[-2:] == needs
        assert row.endswith("images") == scheme.needs_calibration
        assert all(chosen.buys in out for chosen in scheme.formats.values())


def test_schemes_as_data(edgevit: Run) -> None:
    data = edgevit("list", "--schemes", "--json").data
    assert data["schema"] == "edgevit-schemes/1"
    rows = {row["name"]: row for row in data["schemes"]}
    assert list(rows) == [scheme.name for scheme in list_schemes()]
    assert rows["pal4-grouped"]["formats"]["mlpackage"]["minimum_os"] == 18
    assert rows["w8a8"]["formats"]["tflite"]["activation_bits"] == 8


def test_schemes_belong_to_no_model(edgevit: Run) -> None:
    assert edgevit("list", "fastvit_t8", "--schemes").status == 2
