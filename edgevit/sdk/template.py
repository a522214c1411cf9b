"""Templates: real projects that build as they stand. Generation copies them and replaces data, nothing else.

``template.lock`` in each template lists its constant files with their SHA-256, so it is the allow-list as well: a
file that is not listed does not reach a user, and one whose bytes differ is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from edgevit.errors import DigestMismatchError, InputError

__all__ = ["LOCK_NAME", "LOCK_SCHEMA", "Template"]

LOCK_NAME = "template.lock"
"""File with the digests, at the top of a template; it is not copied."""

LOCK_SCHEMA = "edgevit-template/1"
"""Value of ``schema`` in the lock."""

_HELP = "Install edgevit again; its files were changed or left out."


class Template:
    """The constant files of one template.

    Args:
        name: ``ios`` or ``android``: the folder in the installed package; a checkout has it as ``<name>_template``.

    Raises:
        InputError: The template is not there or its lock cannot be read.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._root = _find(name)
        self.digests = _read_lock(self._root, name)

    def read(self, path: str) -> bytes:
        """Return the bytes of one constant file, given by its relative POSIX path.

        Raises:
            DigestMismatchError: They are not what the lock says.
            InputError: The file is missing or is not in the lock.
        """
        expected = self.digests.get(path)
        file = self._root.joinpath(*path.split("/"))
        if expected is None or not file.is_file():
            raise InputError(f"edgevit's {self.name} template has no '{path}'.", help=_HELP)
        data = file.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if digest != expected:
            raise DigestMismatchError(
                f"'{path}' of edgevit's {self.name} template is not as released.",
                why=f"Its sha256 is {digest}, not {expected}.",
                help=_HELP,
            )
        return data

    def copy(self, folder: Path) -> None:
        """Write all constant files below ``folder``, which holds none of them yet.

        Raises:
            DigestMismatchError: A file is not what the lock says.
            InputError: A file is missing.
        """
        for path in self.digests:
            target = folder.joinpath(*path.split("/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.read(path))


def _find(name: str) -> Traversable:
    installed = resources.files("edgevit") / "sdk" / "templates" / name
    if installed.is_dir():
        return installed
    checkout = Path(__file__).parents[2] / f"{name}_template"
    if checkout.is_dir():
        return checkout
    raise InputError(f"edgevit's {name} template is missing.", help=_HELP)


def _read_lock(root: Traversable, name: str) -> Mapping[str, str]:
    try:
        lock = json.loads((root / LOCK_NAME).read_bytes())
        if lock["schema"] == LOCK_SCHEMA:
            return {str(path): str(digest) for path, digest in sorted(lock["files"].items())}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"edgevit's {name} template cannot be used.", why=f"{LOCK_NAME}: {error}", help=_HELP
        ) from error
    raise InputError(f"edgevit's {name} template cannot be used.", why=f"{LOCK_NAME} has another schema.", help=_HELP)
