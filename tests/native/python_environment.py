"""Python environments of their own for runtimes and tools that do not go together with edgevit's dependencies."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edgevit-native"


def python_with(*packages: str, sees_ours: bool = False) -> Path:
    """Return the Python of an environment that holds the packages, made where it is missing.

    Args:
        packages: What pip is to install, with versions.
        sees_ours: Whether what this process can import can be imported there too; packages come without their
            dependencies then.

    Skips the test where they cannot be installed, and fails it in CI.
    """
    name = hashlib.sha256(repr((sys.version, sys.prefix, packages, sees_ours)).encode()).hexdigest()[:16]
    folder = _CACHE / f"python-{name}"
    if not folder.exists():
        _make(folder, packages, sees_ours=sees_ours)
    return folder / "bin" / "python"


def _make(folder: Path, packages: Sequence[str], *, sees_ours: bool) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as parent:
        made = Path(parent) / "environment"
        _run(sys.executable, "-m", "venv", str(made))
        python = str(made / "bin" / "python")
        if sees_ours:
            place = made / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages" / "ours.pth"
            place.write_text(f"{sysconfig.get_path('purelib')}\n")
        flags = ["--no-deps"] if sees_ours else ["--only-binary", ":all:"]
        _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *flags, *packages)
        made.rename(folder)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        message = f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)


def run_script(python: Path, script: Path, *arguments: str) -> str:
    """Return what a script prints; the test fails if the script does."""
    done = subprocess.run(
        [str(python), "-P", str(script), *arguments], capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
