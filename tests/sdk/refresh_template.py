"""Write what the iOS template holds of generated files: ``python -m tests.sdk.refresh_template``.

The sample model in the data slots, the golden vectors of the tests, and the lock with the digests of all constant
files. Run it after a change to the template, the writer or the preprocessing; a test fails until then.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from edgevit.sdk import jsonfile, write_ios_package
from edgevit.sdk.ios import DATA_SLOTS
from edgevit.sdk.manifest import MANIFEST_NAME
from edgevit.sdk.template import LOCK_NAME, LOCK_SCHEMA
from edgevit.store.digest import file_digest, tree_files
from tests.sdk.sample import sample_content
from tests.sdk.vectors import (
    canonical,
    preprocessing_vectors,
    ranking_vectors,
    report_vector,
    statistics_vectors,
)

TEMPLATE = Path(__file__).parents[2] / "ios_template"
"""The template in this checkout."""

_VECTORS = "Tests/EdgeVitCoreTests/Vectors"
_BUILT = (".build/", ".swiftpm/", "Package.resolved", MANIFEST_NAME, LOCK_NAME)


def generated_vectors() -> dict[str, bytes]:
    """Return the golden vectors as they must be in the template: relative POSIX path -> bytes."""
    return {
        f"{_VECTORS}/preprocessing.json": jsonfile.encode(preprocessing_vectors()),
        f"{_VECTORS}/ranking.json": jsonfile.encode(ranking_vectors()),
        f"{_VECTORS}/statistics.json": canonical(statistics_vectors()),
        f"{_VECTORS}/report.json": canonical(report_vector()),
    }


def expected_lock() -> bytes:
    """Return the lock of the template's constant files as they are now."""
    files = {name: file_digest(file) for name, file in _constant_files()}
    return jsonfile.encode({"schema": LOCK_SCHEMA, "files": files})


def generated_package(folder: Path) -> Path:
    """Write the package of the sample model, as a build would, into a new folder below ``folder``."""
    package = folder / "package"
    package.mkdir()
    write_ios_package(package, sample_content(folder))
    return package


def _constant_files() -> Iterator[tuple[str, Path]]:
    for name, file in tree_files(TEMPLATE):
        if not name.startswith((*DATA_SLOTS, *_BUILT)):
            yield name, file


def _refresh() -> None:
    for name, data in generated_vectors().items():
        (TEMPLATE / name).write_bytes(data)
    (TEMPLATE / LOCK_NAME).write_bytes(expected_lock())
    with tempfile.TemporaryDirectory() as folder:
        package = generated_package(Path(folder))
        for slot in DATA_SLOTS:
            target = TEMPLATE / slot
            if slot.endswith("/"):
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(package / slot, target)
            else:
                shutil.copyfile(package / slot, target)


if __name__ == "__main__":
    _refresh()
