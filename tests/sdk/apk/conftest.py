from __future__ import annotations

from pathlib import Path

import pytest

from edgevit.sdk.apk.keys import SigningKey, debug_key


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """A debug key of the tests' own."""
    return debug_key(Path(tmp_path_factory.mktemp("keys")))
