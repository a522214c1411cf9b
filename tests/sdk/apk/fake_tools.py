"""Stand-ins for Java and aapt2 that write what the real ones write, and keep what they were given."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

HERE = Path(os.environ["FAKE_TOOLS"])


def main(tool: str, arguments: list[str]) -> int:
    with (HERE / "calls.jsonl").open("a", encoding="utf-8") as calls:
        calls.write(json.dumps([tool, *arguments]) + "\n")
    if (HERE / "broken").exists() and (HERE / "broken").read_text(encoding="utf-8") in arguments:
        sys.stderr.write("first line\nBench.kt:7:1: error: unresolved reference 'x'.\n")
        return 1
    if "com.android.tools.r8.D8" in arguments:
        (Path(arguments[arguments.index("--output") + 1]) / "classes.dex").write_bytes(b"dex\n037\0")
    elif tool == "java":
        _zip(Path(arguments[arguments.index("-d") + 1]), {"A.class": b"class"})
    elif arguments[0] == "compile":
        _zip(Path(arguments[arguments.index("-o") + 1]), {"values_strings.arsc.flat": b"flat"})
    else:
        shutil.copy(arguments[arguments.index("--manifest") + 1], HERE / "manifest.xml")
        files = {"AndroidManifest.xml": b"binary", "resources.arsc": b"table", "res/icon.png": b"png"}
        _zip(Path(arguments[arguments.index("-o") + 1]), files)
    return 0


def _zip(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
