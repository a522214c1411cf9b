"""Verification of what lies on disk: a Core ML package, a TFLite file, or a whole SDK folder."""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePosixPath
from typing import cast

from edgevit.errors import ArtifactCorruptError, DigestMismatchError, InputError, UnsafeInputError, UnsupportedError
from edgevit.store.digest import file_digest, tree_digest
from edgevit.store.diskerrors import reading
from edgevit.store.listing import changes
from edgevit.types import Verdict
from edgevit.verification.check import check_golden
from edgevit.verification.evaluator import Evaluator
from edgevit.verification.package import read_package
from edgevit.verification.record import Json, read_golden_text
from edgevit.verification.tflite.check import check_tflite
from edgevit.verification.tflite.model import IDENTIFIER

__all__ = ["artifact_path", "sdk_folders", "verify"]

_AUTO = "auto"
_RUNTIMES = {"mlpackage": ("evaluator", "coreml"), "tflite": ("litert",)}
"""Format -> what can run it; the first one is what ``auto`` means."""

_MANIFEST = "manifest.json"
_MANIFEST_SCHEMA = "edgevit-manifest/"


def verify(path: Path | str, *, runtime: str = _AUTO) -> Verdict:
    """Return whether a written file computes what PyTorch computed when it was built; no weights are needed.

    Of an SDK folder every file's digest is checked first.

    Args:
        path: An ``.mlpackage``, a ``.tflite`` file or an SDK folder that ``edgevit build`` wrote.
        runtime: ``evaluator`` (any system) or ``coreml`` (macOS) for Core ML, ``litert`` for TFLite; ``auto`` takes
            the first of the format.

    Raises:
        InputError: There is nothing at ``path``, it is neither, or it holds several SDKs (:func:`sdk_folders`).
        DigestMismatchError: A file of the SDK was changed, removed or added.
        ArtifactCorruptError: The file is damaged.
        UnsupportedError: It carries no reference outputs, or the runtime is not there.
    """
    path = Path(path)
    known = sorted({_AUTO, *(name for names in _RUNTIMES.values() for name in names)})
    if runtime not in known:
        raise UnsupportedError(f"There is no runtime '{runtime}'.", help=f"Use one of: {', '.join(known)}.")
    path = artifact_path(path)
    form = _format(path)
    if runtime not in (_AUTO, *_RUNTIMES[form]):
        raise UnsupportedError(
            f"The runtime '{runtime}' does not run {path.name}.", help=f"Use {' or '.join(_RUNTIMES[form])}."
        )
    if form == "tflite":
        return check_tflite(path)
    return _verify_package(path, _RUNTIMES[form][0] if runtime == _AUTO else runtime)


def artifact_path(path: Path) -> Path:
    """Return the file or package at ``path``, or the one inside the SDK folder there, whose digests are checked.

    Raises:
        InputError: There is nothing at ``path``, or it holds several SDKs.
        DigestMismatchError: A file of the SDK was changed, removed or added.
        ArtifactCorruptError: The SDK's own lists are damaged.
    """
    if not path.exists():
        raise InputError(f"There is nothing at {path}.", help="Give an .mlpackage, a .tflite file or an SDK folder.")
    if _is_sdk(path):
        return _checked_artifact(path)
    inside = sdk_folders(path)
    if inside:
        raise InputError(
            f"'{path}' holds {len(inside)} SDKs: {', '.join(folder.name for folder in inside)}.",
            help=f"Give one of them, for example {inside[0]}.",
        )
    return path


def sdk_folders(path: Path) -> tuple[Path, ...]:
    """Return the SDKs in a folder that holds those of several phone systems, by name; none where it is no such one."""
    if not path.is_dir() or _is_sdk(path):
        return ()
    with reading(path):
        return tuple(folder for folder in sorted(path.iterdir()) if _is_sdk(folder))


def _is_sdk(path: Path) -> bool:
    return path.is_dir() and _MANIFEST in os.listdir(path)  # noqa: PTH208 - exact case: packages have a Manifest.json


def _format(path: Path) -> str:
    if path.is_dir():
        return "mlpackage"
    with reading(path), path.open("rb") as file:
        head = file.read(8)
    if path.suffix == ".tflite" or head[4:] == IDENTIFIER:
        return "tflite"
    raise UnsupportedError(
        f"{path.name} is neither a Core ML package nor a TFLite file.",
        help="Give an .mlpackage, a .tflite file or an SDK folder that edgevit build wrote.",
    )


def _verify_package(path: Path, runtime: str) -> Verdict:
    package = read_package(path)
    golden = read_golden_text(package)
    if golden is None:
        # Damage is worth more to know than the missing reference, so everything that can be read is read first.
        Evaluator(package)
        raise UnsupportedError(
            f"{path.name} carries no reference outputs.",
            why="It can be read and its operations are known, but it does not say what PyTorch computed.",
            help="Verify packages that edgevit build wrote; 'edgevit inspect' shows what is in others.",
        )
    return check_golden(path, golden, runtime=runtime)


def _checked_artifact(folder: Path) -> Path:
    """Return the package inside an SDK after checking the digests of all files."""
    manifest = _object(folder / _MANIFEST)
    files, config = manifest.get("files"), manifest.get("config")
    if not str(manifest.get("schema")).startswith(_MANIFEST_SCHEMA) or not isinstance(files, dict):
        raise _malformed(folder / _MANIFEST)
    _check_files(folder)
    settings_path = _inside(folder, str(config))
    artifact = _object(settings_path).get("artifact")
    if not isinstance(artifact, dict) or not isinstance(artifact.get("file"), str):
        raise _malformed(settings_path)
    path = _inside(settings_path.parent, artifact["file"])
    digest = tree_digest(path) if path.is_dir() else file_digest(path)
    if digest != artifact.get("sha256"):
        raise _changed(folder, [f"{path.name} is not the file that {settings_path.name} names"])
    return path


def _check_files(folder: Path) -> None:
    """Raise one error that names every file that is missing, added or changed; build products do not count."""
    with reading(folder):
        found = changes(folder)
    problems = [f"{name} is missing" for name in found.missing]
    problems += [f"{name} was added" for name in found.added]
    problems += [f"{name} was changed" for name in found.edited]
    if problems:
        raise _changed(folder, problems)


def _object(path: Path) -> Json:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise _malformed(path) from error
    if not isinstance(value, dict):
        raise _malformed(path)
    return cast("Json", value)


def _inside(folder: Path, name: str) -> Path:
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts:
        raise UnsafeInputError(
            f"The SDK refers to a file outside itself: {name!r}.", help="Do not use it; edgevit build did not write it."
        )
    return folder.joinpath(*pure.parts)


def _malformed(path: Path) -> ArtifactCorruptError:
    return ArtifactCorruptError(
        f"{path.name} of the SDK is missing or malformed.", help="Build the SDK again with edgevit build."
    )


def _changed(folder: Path, problems: list[str]) -> DigestMismatchError:
    shown = problems[:20]
    more = [f"... and {len(problems) - len(shown)} more"] if len(problems) > len(shown) else []
    return DigestMismatchError(
        f"{folder.name} is not as edgevit built it: {len(problems)} files differ.",
        why="\n".join([*shown, *more]),
        help="Build it again, or verify the model inside it alone.",
    )
