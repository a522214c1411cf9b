from __future__ import annotations

from pathlib import Path

import pytest

from edgevit.sdk.apk.keys import SigningKey, debug_key

VARIABLES = ("ANDROID_HOME", "ANDROID_SDK_ROOT", "KOTLIN_HOME", "JAVA_HOME", "GRADLE_USER_HOME")


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """A debug key of the tests' own."""
    return debug_key(Path(tmp_path_factory.mktemp("keys")))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any tool, the cache inside; ``bin`` is all of PATH."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path
