"""The template in the checkout is what its lock, its generators and a build say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from edgevit.errors import DigestMismatchError, InputError
from edgevit.sdk import template as template_module
from edgevit.sdk.ios import DATA_FOLDER, DATA_SLOTS, MODEL_NAME
from edgevit.sdk.manifest import MANIFEST_NAME
from edgevit.sdk.template import LOCK_NAME, LOCK_SCHEMA, Template
from edgevit.store.digest import tree_files
from edgevit.types import Head
from edgevit.verification.golden import read_golden
from tests.sdk.ios_vectors import ios_report_vector
from tests.sdk.refresh_template import TEMPLATE, expected_lock, generated_package, generated_vectors
from tests.support.schema import violations

_STALE = "the template is not current: python -m tests.sdk.refresh_template"
_SWIFT = sorted(TEMPLATE.rglob("*.swift"))


def test_the_lock_lists_every_constant_file() -> None:
    assert (TEMPLATE / LOCK_NAME).read_bytes() == expected_lock(), _STALE


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's package, built now."""
    return generated_package(tmp_path_factory.mktemp("sample"))


def test_golden_vectors_are_current(package: Path) -> None:
    for name, data in generated_vectors(package).items():
        assert _measured_left_out(name, (TEMPLATE / name).read_bytes()) == _measured_left_out(name, data), _STALE


def test_a_build_of_the_sample_gives_the_template_back_byte_for_byte(package: Path) -> None:
    made = {name: file.read_bytes() for name, file in tree_files(package)}
    made.pop(MANIFEST_NAME)
    kept = set(Template("ios").digests) | {name for name, _ in tree_files(TEMPLATE) if name.startswith(DATA_SLOTS)}
    assert made.keys() == kept, _STALE
    for name, data in made.items():
        assert _measured_left_out(name, data) == _measured_left_out(name, (TEMPLATE / name).read_bytes()), _STALE


def test_the_sample_computes_what_the_template_says(package: Path) -> None:
    made, kept = (
        read_golden(json.loads((folder / DATA_FOLDER / "golden.json").read_bytes()), Head.PROBABILITIES, ("p",))
        for folder in (package, TEMPLATE)
    )
    assert made.keys() == kept.keys()
    for name, (digest, outputs) in made.items():
        assert digest == kept[name][0]
        np.testing.assert_allclose(outputs.values["p"], kept[name][1].values["p"], rtol=1e-4, atol=1e-5)


def _measured_left_out(name: str, data: bytes) -> bytes:
    """Return a file without the figures that differ in their last digits from one processor type to another."""
    text = data.decode("latin-1")
    if name.endswith("README.md"):
        text = re.sub(r"(?m)^(\| (?:Float32|PSNR|Cosine).*\|) .* \|$", r"\1", text)
    elif name.endswith("edgevit.json"):
        text = re.sub(r'"(cosine|graph_max_rel|max_abs|psnr_db|rounding_max_rel)": [\d.e-]+', r"\1", text)
    elif name.endswith("golden.json"):
        text = re.sub(r'"float32": "[^"]*"', "", text)
    return text.encode("latin-1")


def test_the_report_vector_keeps_its_schema() -> None:
    schema = json.loads((TEMPLATE.parent / "edgevit/schemas/edgevit-report-1.schema.json").read_bytes())
    assert violations(ios_report_vector(), schema) == []
    assert violations({**ios_report_vector(), "load_ns": 1.5}, schema)


@pytest.mark.parametrize("source", _SWIFT, ids=lambda path: path.name)
def test_swift_sources_cannot_trap_by_intent(source: Path) -> None:
    code = "\n".join(line.split("//")[0] for line in source.read_text(encoding="utf-8").splitlines())
    code = re.sub(r'"(\\.|[^"\\])*"', '""', code)
    assert not re.search(
        r"try!|as!|fatalError|preconditionFailure|\w\)?!(?![=\w])|@unchecked|nonisolated\(unsafe\)", code
    )


def test_no_swift_type_has_the_models_name() -> None:
    stem = MODEL_NAME.removesuffix(".mlpackage")
    declared = re.compile(rf"\b(class|struct|enum|actor|protocol|typealias)\s+{stem}\w*")
    assert not [source.name for source in _SWIFT if declared.search(source.read_text(encoding="utf-8"))]


def test_sources_are_short_enough_to_read() -> None:
    long = {file.name: n for file in _SWIFT if (n := len(file.read_text(encoding="utf-8").splitlines())) > 400}
    assert not long
    assert not [f.name for f in _SWIFT if any(len(line) > 120 for line in f.read_text(encoding="utf-8").splitlines())]


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for an installed template of one file, to be damaged by the test."""
    (tmp_path / "A.swift").write_bytes(b"let a = 1\n")
    digest = "8fbc0ba5bf3a5b9dd0a46ff7d0e2ff1d85f6ddc37a9b2e4ed6cdd4d4a1bb0d0e"
    (tmp_path / LOCK_NAME).write_text(json.dumps({"schema": LOCK_SCHEMA, "files": {"A.swift": digest}}))
    monkeypatch.setattr(template_module, "_find", lambda _name: tmp_path)
    return tmp_path


def test_a_changed_file_is_refused(broken: Path, tmp_path: Path) -> None:
    assert (broken / "A.swift").is_file()
    with pytest.raises(DigestMismatchError, match=r"A\.swift.* not as released"):
        Template("ios").copy(tmp_path / "out")


def test_a_missing_file_is_refused(broken: Path, tmp_path: Path) -> None:
    (broken / "A.swift").unlink()
    with pytest.raises(InputError, match=r"has no 'A\.swift'"):
        Template("ios").copy(tmp_path / "out")


def test_a_file_outside_the_lock_is_not_read(broken: Path) -> None:
    (broken / "B.swift").write_bytes(b"")
    with pytest.raises(InputError, match=r"has no 'B\.swift'"):
        Template("ios").read("B.swift")


@pytest.mark.parametrize(
    "lock", ["", "[]", "{}", '{"schema": "other/1", "files": {}}', '{"schema": "edgevit-template/1"}']
)
def test_an_unreadable_lock_is_refused(broken: Path, lock: str) -> None:
    (broken / LOCK_NAME).write_text(lock)
    with pytest.raises(InputError, match="cannot be used"):
        Template("ios")


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(InputError, match="psion template is missing"):
        Template("psion")
