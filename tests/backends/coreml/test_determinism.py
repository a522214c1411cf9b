"""The same inputs give the same bytes, in any process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from edgevit.store.digest import tree_digest
from tests.backends.coreml.toy import LABELS, toy

ROOT = Path(__file__).parents[3]
SCRIPT = """
import sys
from pathlib import Path
from edgevit.backends.base import ConversionRequest
from edgevit.backends.coreml import convert
from tests.backends.coreml.toy import LABELS, toy
request = ConversionRequest(labels=LABELS, metadata={f"com.example.{key}": key for key in "zyxabc"})
print(convert(toy(), request, Path(sys.argv[1]) / "M.mlpackage").sha256)
"""


def in_process(folder: Path, hash_seed: str) -> str:
    folder.mkdir()
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT, str(folder)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.strip()


def test_processes_with_different_hash_seeds_write_the_same_bytes(tmp_path: Path) -> None:
    digests = [in_process(tmp_path / seed, seed) for seed in ("1", "2")]
    assert digests[0] == digests[1]
    assert digests[0] == tree_digest(tmp_path / "1" / "M.mlpackage")


def test_a_twin_and_earlier_conversions_do_not_change_the_package(tmp_path: Path) -> None:
    request = ConversionRequest(labels=LABELS)
    alone = convert(toy(), request, tmp_path / "A.mlpackage")
    paired = convert(toy(), request, tmp_path / "B.mlpackage", twin=tmp_path / "C.mlpackage")
    assert alone.sha256 == paired.sha256


def test_other_weights_give_other_bytes_and_other_manifest_identifiers(tmp_path: Path) -> None:
    model = toy()
    first = convert(model, ConversionRequest(), tmp_path / "A.mlpackage").path
    model.module.get_parameter("stem.bias").data.add_(1)
    second = convert(model, ConversionRequest(), tmp_path / "B.mlpackage").path
    assert (first / "Manifest.json").read_bytes() != (second / "Manifest.json").read_bytes()


def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        path = convert(toy(), ConversionRequest(), tmp_path / "M.mlpackage").path
    finally:
        os.umask(before)
    modes = {file.is_dir(): oct(file.stat().st_mode & 0o777) for file in [path, *path.rglob("*")]}
    assert modes == {True: "0o755", False: "0o644"}
