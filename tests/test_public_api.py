from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import edgevit
from edgevit import types
from edgevit.models.registry import list_models

ROOT = Path(__file__).resolve().parent.parent


def test_every_public_name_loads() -> None:
    for name in edgevit.__all__:
        assert getattr(edgevit, name) is not None
    assert set(edgevit.__all__) <= set(dir(edgevit))


def test_names_are_the_things_themselves() -> None:
    assert edgevit.BuildSpec is types.BuildSpec
    assert edgevit.list_models is list_models


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'bild'"):
        _ = edgevit.bild  # type: ignore[attr-defined]


def test_importing_costs_nothing() -> None:
    program = "import sys, edgevit; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


def test_types_are_shipped() -> None:
    assert (ROOT / "edgevit" / "py.typed").exists()
