"""The two distributions must not drift apart."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _project(path: Path) -> dict[str, list[str]]:
    """Return the requirement lists of a ``pyproject.toml`` by group; ``""`` is the plain install."""
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    return {"": project["dependencies"], **project["optional-dependencies"]}


def test_slim_with_all_extras_needs_what_the_plain_install_needs() -> None:
    plain = _project(ROOT / "pyproject.toml")
    slim = _project(ROOT / "packaging" / "slim" / "pyproject.toml")
    assert sorted(plain[""]) == sorted(slim[""] + slim["ios"] + slim["android"])


def test_one_side_does_not_install_the_other() -> None:
    slim = _project(ROOT / "packaging" / "slim" / "pyproject.toml")
    assert not any("litert" in line for line in slim[""] + slim["ios"])
    assert not any("coremltools" in line for line in slim[""] + slim["android"])


def test_wheels_carry_every_template() -> None:
    templates = {path.name for path in ROOT.glob("*_template")}
    assert templates >= {"ios_template"}
    for path in (ROOT / "pyproject.toml", ROOT / "packaging" / "slim" / "pyproject.toml"):
        wheel = tomllib.loads(path.read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
        placed = {Path(source).name: target for source, target in wheel["force-include"].items()}
        for name in templates:
            assert placed[name] == f"edgevit/sdk/templates/{name.removesuffix('_template')}"
