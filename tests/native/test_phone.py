"""``edgevit probe`` against the real adb and adbd, in a network namespace of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from edgevit.sdk.apk.archive import Entry, write_archive
from tests.native.apk_root import ApkRoot, apk_root
from tests.native.toolchain import REPOSITORY, CannotBuildRootError
from tests.probe.conftest import DIGEST, FINISHED, sample_report

pytestmark = [pytest.mark.native, pytest.mark.xdist_group("apk")]

_PHONE = Path(__file__).parent / "phone" / "phone.sh"
_LOG = ["I/EdgeVitBench( 4711): started standard cpu", "I/EdgeVitBench( 4711): phase measured", FINISHED]


@pytest.fixture(scope="module")
def root() -> ApkRoot:
    try:
        return apk_root()
    except CannotBuildRootError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def scene() -> Iterator[Path]:
    """What the phone will do; below /tmp, which the root shares."""
    with TemporaryDirectory(dir="/tmp") as folder:
        path = Path(folder)
        config = json.dumps({"artifact": {"sha256": DIGEST}}).encode()
        entries = [
            Entry("assets/edgevit/edgevit.json", config),
            Entry("assets/model.tflite", os.urandom(3_000_000), False),
        ]
        (path / "bench.apk").write_bytes(write_archive(entries))
        (path / "report.json").write_text(json.dumps(sample_report()), encoding="utf-8")
        (path / "log.txt").write_text("".join(f"{line}\n" for line in _LOG), encoding="utf-8")
        yield path


def _probe(root: ApkRoot, scene: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(_PHONE), str(root.path), str(scene), sys.executable, "-m", "edgevit", "probe", f"{scene}/bench.apk"]
    return subprocess.run(
        [*command, "--json", *arguments], cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False
    )


def test_install_run_fetch_and_clean_up(root: ApkRoot, scene: Path) -> None:
    done = _probe(root, scene, "--protocol", "modelbench", "--accelerator", "gpu")
    assert done.returncode == 0, done.stdout + done.stderr
    data = json.loads(done.stdout)
    assert data["device"] == "127.0.0.1:6555"
    assert data["report"] == sample_report()
    assert (scene / "installed.apk").read_bytes() == (scene / "bench.apk").read_bytes()
    assert "--es protocol modelbench --es accelerator gpu" in (scene / "started.txt").read_text(encoding="utf-8")
    assert (scene / "uninstalled").exists()


@pytest.mark.parametrize(
    ("file", "text", "arguments", "code"),
    [
        ("report.json", None, (), "pull-failed"),
        ("report.json", "{}", (), "bad-report"),
        ("log.txt", "E/EdgeVitBench( 1): failed no GPU\n", (), "probe-failed"),
        ("log.txt", "", ("--timeout", "2"), "probe-timeout"),
        ("log.txt", "", ("--device", "9Z"), "no-device"),
    ],
)
def test_failures_keep_their_names(
    root: ApkRoot, scene: Path, file: str, text: str | None, arguments: tuple[str, ...], code: str
) -> None:
    if text is None:
        (scene / file).unlink()
    else:
        (scene / file).write_text(text, encoding="utf-8")
    done = _probe(root, scene, *arguments)
    assert done.returncode == 11, done.stdout + done.stderr
    assert json.loads(done.stdout)["error"]["code"] == code
    assert (scene / "uninstalled").exists() == (code != "no-device")
