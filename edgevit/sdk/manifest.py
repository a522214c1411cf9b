"""``manifest.json``: every file of an SDK with its digest. Written last, it marks a folder as complete and as ours."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import edgevit
from edgevit.sdk import jsonfile
from edgevit.store.digest import file_digest, tree_files

__all__ = ["MANIFEST_NAME", "MANIFEST_SCHEMA", "generator", "write_manifest"]

MANIFEST_NAME = "manifest.json"
"""At the top of an SDK."""

MANIFEST_SCHEMA = "edgevit-manifest/1"
"""Value of ``schema``. Later releases that only add keys keep it."""


def generator(*packages: str) -> dict[str, str]:
    """Return the versions of edgevit and of the named distributions that are installed."""
    versions = {"edgevit": edgevit.__version__}
    for package in packages:
        try:
            # A local tag (torch's "+cpu") says how the wheel was built, not which release it is.
            versions[package] = version(package).split("+")[0]
        except PackageNotFoundError:
            continue
    return versions


def write_manifest(folder: Path, *, platform: str, config: str) -> None:
    """Write the manifest of all files below ``folder``.

    Args:
        folder: The SDK; it has no manifest yet.
        platform: ``ios`` or ``android``.
        config: Relative POSIX path of the SDK's ``edgevit.json``.
    """
    files = {
        name: {"bytes": file.stat().st_size, "sha256": file_digest(file)}
        for name, file in tree_files(folder)
        if name != MANIFEST_NAME
    }
    manifest = {
        "schema": MANIFEST_SCHEMA,
        "platform": platform,
        "config": config,
        "generator": generator(),
        "files": files,
    }
    (folder / MANIFEST_NAME).write_bytes(jsonfile.encode(manifest))
