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
from edgevit.sdk.ios import DATA_FOLDER, DATA_SLOTS
from edgevit.sdk.manifest import MANIFEST_NAME
from edgevit.sdk.template import LOCK_NAME, LOCK_SCHEMA
from edgevit.store.digest import file_digest, tree_files
from tests.sdk.ios_vectors import ios_report_vector
from tests.sdk.sample import sample_content
from tests.sdk.vectors import (
    canonical,
    photo_vectors,
    preprocessing_vectors,
    ranking_vectors,
    statistics_vectors,
)

TEMPLATE = Path(__file__).parents[2] / "ios_template"
"""The template in this checkout."""

_VECTORS = "Tests/EdgeVitCoreTests/Vectors"
_BUILT = (".build/", ".swiftpm/", "Package.resolved", MANIFEST_NAME, LOCK_NAME)


def generated_vectors(package: Path) -> dict[str, bytes]:
    """Return the golden vectors as they must be in the template: relative POSIX path -> bytes.

    Args:
        package: The sample's package. Its description and golden outputs are vectors as well, since a generated
            package runs the same tests beside another model.
    """
    data = package / DATA_FOLDER
    return {
        f"{_VECTORS}/sample-edgevit.json": (data / "edgevit.json").read_bytes(),
        f"{_VECTORS}/sample-golden.json": (data / "golden.json").read_bytes(),
        f"{_VECTORS}/preprocessing.json": jsonfile.encode(preprocessing_vectors()),
        f"{_VECTORS}/ranking.json": jsonfile.encode(ranking_vectors()),
        f"{_VECTORS}/photos.json": canonical(photo_vectors()),
        f"{_VECTORS}/statistics.json": canonical(statistics_vectors()),
        f"{_VECTORS}/report.json": canonical(ios_report_vector()),
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
    with tempfile.TemporaryDirectory() as folder:
        package = _write_sample(Path(folder))
        for name, data in generated_vectors(package).items():
            (TEMPLATE / name).write_bytes(data)
        for slot in DATA_SLOTS:
            target = TEMPLATE / slot
            if slot.endswith("/"):
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(package / slot, target)
            else:
                shutil.copyfile(package / slot, target)
    (TEMPLATE / LOCK_NAME).write_bytes(expected_lock())


def _write_sample(folder: Path) -> Path:
    """Write the sample's package although the lock is not current yet."""
    (TEMPLATE / LOCK_NAME).write_bytes(expected_lock())
    return generated_package(folder)


if __name__ == "__main__":
    _refresh()
