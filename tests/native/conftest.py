"""The Swift root for all native tests: built once, skipped with a plain line where it cannot be, never in CI."""

from __future__ import annotations

import os

import pytest

from tests.native.toolchain import CannotBuildRootError, SwiftRoot, swift_root


@pytest.fixture(scope="session")
def root() -> SwiftRoot:
    """Return the Swift root, built where it is missing (a few minutes, 2.7 GB)."""
    try:
        return swift_root()
    except CannotBuildRootError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
