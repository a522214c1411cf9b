"""Run Android's own checkers inside the root that ``apk_tools.sh`` builds."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.native.toolchain import CannotBuildRootError

_BUILDER = Path(__file__).with_name("apk_tools.sh")
_CANNOT = 77
_ENTER = """
mount -t proc proc "$0/proc"
mount --bind "$1" "$0/work"
exec chroot "$0" env -i HOME=/work PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 sh -c "cd /work; $2"
"""


@dataclass(frozen=True)
class ApkRoot:
    """A Debian system with apksigner, zipalign, aapt2, dexdump, adb and adbd."""

    path: Path

    def run(self, command: str, work: Path, *, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a shell command line inside, with ``work`` as ``/work``; mounts live in a private namespace."""
        arguments = ["unshare", "--mount", "--net", "--propagation", "private", "sh", "-euc", _ENTER]
        arguments += [str(self.path), str(work), command]
        return subprocess.run(arguments, capture_output=True, text=True, timeout=timeout, check=False)


def apk_root() -> ApkRoot:
    """Return the root, built where it is missing.

    Raises:
        CannotBuildRootError: Not a Debian machine, or not root.
    """
    built = subprocess.run([_BUILDER], capture_output=True, text=True, check=False)
    if built.returncode == _CANNOT:
        raise CannotBuildRootError(built.stderr.strip().splitlines()[-1])
    if built.returncode != 0:
        raise RuntimeError(f"apk_tools.sh failed:\n{built.stderr[-4000:]}")
    return ApkRoot(Path(built.stdout.strip()))
