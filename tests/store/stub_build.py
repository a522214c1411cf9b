"""A build in miniature: writes an SDK of a few files through the store. Also a program: TARGET TEXT [PAUSE_SECONDS]."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from edgevit.store.digest import file_digest, tree_files
from edgevit.store.publish import scratch

_FILES = ("README.md", "Sources/Core/Model.swift", "Sources/Kit/EdgeVit.swift", "Resources/weights.bin")


def build(target: Path, text: str, *, pause: float = 0.0) -> None:
    """Publish an SDK at ``target`` whose files all say ``text``; sleep ``pause`` seconds before each file."""
    with scratch(target) as draft:
        fill(draft.path, text, pause=pause)
        draft.publish()


def fill(folder: Path, text: str, *, pause: float = 0.0) -> None:
    """Write the files, the manifest last."""
    for name in _FILES:
        time.sleep(pause)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name}: {text}\n" * 100, encoding="utf-8")
    files = {name: {"sha256": file_digest(path)} for name, path in tree_files(folder)}
    (folder / "manifest.json").write_text(json.dumps({"schema": "edgevit-manifest/1", "files": files}))


def text_of(target: Path) -> str | None:
    """Return the text of a whole SDK, or None where there is no folder; fail on anything in between."""
    if not target.exists():
        return None
    manifest = json.loads((target / "manifest.json").read_text())
    texts = set()
    for name in _FILES:
        assert file_digest(target / name) == manifest["files"][name]["sha256"], f"{name} is not what the manifest says"
        texts.add((target / name).read_text(encoding="utf-8").splitlines()[-1].removeprefix(f"{name}: "))
    assert len(texts) == 1, f"files of two builds are mixed: {texts}"
    return texts.pop()


def names(folder: Path) -> list[str]:
    """Return the names in a folder, hidden ones too, sorted."""
    return sorted(entry.name for entry in folder.iterdir())


def main(arguments: list[str]) -> int:
    """Run one build with SIGTERM as the command line handles it: as an interrupt that cleans up."""

    def terminate(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, terminate)
    target, text, *rest = arguments
    try:
        build(Path(target), text, pause=float(rest[0]) if rest else 0.0)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
