"""Write what the Android template holds of generated files: ``python -m tests.sdk.refresh_android_template``.

The sample model in the data slots, the golden vectors of the tests, and the lock with the digests of all constant
files. Run it after a change to the template, the writer or the preprocessing; a test fails until then.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from edgevit.sdk import jsonfile
from edgevit.sdk.android import ANDROID_DATA_FOLDER, ANDROID_DATA_SLOTS, write_android_project
from edgevit.sdk.manifest import MANIFEST_NAME
from edgevit.sdk.template import LOCK_NAME, LOCK_SCHEMA
from edgevit.store.digest import file_digest, tree_files
from tests.sdk.android_sample import android_sample
from tests.sdk.android_vectors import android_vectors

ANDROID_TEMPLATE = Path(__file__).parents[2] / "android_template"
"""The template in this checkout."""

_VECTORS = "core/src/test/resources/vectors"
_MODULES = ("core", "edgevit", "bench", "microbenchmark")
_LEFT_OUT = (".gradle/", ".idea/", ".kotlin/", "build/", *(f"{module}/build/" for module in _MODULES))
_NOT_CONSTANT = (*ANDROID_DATA_SLOTS, *_LEFT_OUT, "local.properties", MANIFEST_NAME, LOCK_NAME)


def generated_android_vectors(project: Path) -> dict[str, bytes]:
    """Return the golden vectors as they must be in the template: relative POSIX path -> bytes.

    Args:
        project: The sample's project. Its description and golden outputs are vectors as well, since a generated
            project runs the same tests beside another model.
    """
    data = project / ANDROID_DATA_FOLDER
    vectors = android_vectors() | {
        f"sample-{name}": (data / name).read_bytes() for name in ("edgevit.json", "golden.json")
    }
    return {f"{_VECTORS}/{name}": content for name, content in vectors.items()}


def expected_android_lock() -> bytes:
    """Return the lock of the template's constant files as they are now."""
    files = {name: file_digest(file) for name, file in _constant_files()}
    return jsonfile.encode({"schema": LOCK_SCHEMA, "files": files})


def generated_project(folder: Path) -> Path:
    """Write the project of the sample model, as a build would, into a new folder below ``folder``."""
    project = folder / "project"
    project.mkdir()
    write_android_project(project, android_sample(folder))
    return project


def _constant_files() -> Iterator[tuple[str, Path]]:
    for name, file in tree_files(ANDROID_TEMPLATE):
        if not name.startswith(_NOT_CONSTANT):
            yield name, file


def _refresh() -> None:
    lock = ANDROID_TEMPLATE / LOCK_NAME
    lock.write_bytes(expected_android_lock())
    with tempfile.TemporaryDirectory() as folder:
        project = generated_project(Path(folder))
        for name, data in generated_android_vectors(project).items():
            (ANDROID_TEMPLATE / name).write_bytes(data)
        shutil.rmtree(ANDROID_TEMPLATE / ANDROID_DATA_FOLDER, ignore_errors=True)
        shutil.copytree(project / ANDROID_DATA_FOLDER, ANDROID_TEMPLATE / ANDROID_DATA_FOLDER)
        shutil.copyfile(project / "README.md", ANDROID_TEMPLATE / "README.md")
    lock.write_bytes(expected_android_lock())


if __name__ == "__main__":
    _refresh()
