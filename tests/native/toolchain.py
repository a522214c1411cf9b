"""Run commands inside the Swift root that ``swift_root.sh`` builds."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
"""The checkout; ``/src`` inside the root, read-only."""

_BUILDER = Path(__file__).with_name("swift_root.sh")
_CANNOT = 77
_ENTER = """
mount -t proc proc "$0/proc"
mount --bind "$1" "$0/src" && mount -o remount,bind,ro "$0/src"
mount --bind "$2" "$0/work"
exec chroot "$0" env -i HOME=/work PATH=/usr/bin:/bin LANG=C.UTF-8 TERM=dumb sh -c "$3"
"""


class CannotBuildRootError(Exception):
    """This machine cannot have a Swift root; the message says why."""


@dataclass(frozen=True)
class SwiftRoot:
    """A Debian system with a Swift toolchain.

    Attributes:
        path: Its folder.
        work: Folder that commands see as ``/work``; kept between runs, so that builds are incremental.
    """

    path: Path
    work: Path

    def run(self, command: str, *, timeout: float = 900) -> subprocess.CompletedProcess[str]:
        """Run a shell command line inside, the checkout at ``/src``; mounts live in a private namespace."""
        arguments = ["unshare", "--mount", "--propagation", "private", "sh", "-euc", _ENTER]
        arguments += [str(self.path), str(REPOSITORY), str(self.work), command]
        return subprocess.run(arguments, capture_output=True, text=True, timeout=timeout, check=False)

    def swift(self, *arguments: str, timeout: float = 900) -> subprocess.CompletedProcess[str]:
        """Run one program of the toolchain with arguments."""
        return self.run(shlex.join(arguments), timeout=timeout)


def swift_root() -> SwiftRoot:
    """Return the root, built where it is missing.

    Raises:
        CannotBuildRootError: Not a Debian machine, or not root.
    """
    built = subprocess.run([_BUILDER], capture_output=True, text=True, check=False)
    if built.returncode == _CANNOT:
        raise CannotBuildRootError(built.stderr.strip().splitlines()[-1])
    if built.returncode != 0:
        raise RuntimeError(f"swift_root.sh failed:\n{built.stderr[-4000:]}")
    path = Path(built.stdout.strip())
    checkout = hashlib.sha256(os.fsencode(REPOSITORY)).hexdigest()[:12]
    work = path.with_name(f"{path.name}-work-{checkout}")
    work.mkdir(parents=True, exist_ok=True)
    return SwiftRoot(path, work)
