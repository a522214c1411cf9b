"""A scripted adb: answers as the real one does for one phone, and fails in the ways that phones fail."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

HERE = Path(os.environ["FAKE_ADB"])
SCENE = json.loads((HERE / "scene.json").read_text(encoding="utf-8"))
PACKAGE = "dev.edgevit.bench"
REPORT = f"/storage/emulated/0/Android/data/{PACKAGE}/files/report.json"
TAG = "EdgeVitBench"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    serial = None
    if arguments[0] == "-s":
        serial, arguments = arguments[1], arguments[2:]
    with (HERE / "calls.txt").open("a", encoding="utf-8") as calls:
        calls.write(" ".join([serial or "-", *arguments]) + "\n")
    return {
        "devices": devices,
        "install": install,
        "uninstall": uninstall,
        "shell": shell,
        "logcat": logcat,
        "pull": pull,
    }[arguments[0]](arguments[1:])


def devices(_: list[str]) -> int:
    say("* daemon started successfully\nList of devices attached")
    for line in SCENE["devices"]:
        say(line)
    say("")
    return 0


def install(arguments: list[str]) -> int:
    if SCENE["install"]:
        say(f"Performing Push Install\nadb: failed to install {arguments[-1]}: Failure [{SCENE['install']}]")
        return 1
    (HERE / "installed").touch()
    say("Performing Push Install\nSuccess")
    return 0


def uninstall(_: list[str]) -> int:
    (HERE / "installed").unlink()
    say("Success")
    return 0


def shell(arguments: list[str]) -> int:
    words = arguments[0].split()
    match words[:2]:
        case ["pm", "path"]:
            is_there = (HERE / "installed").exists()
            if is_there:
                say(f"package:/data/app/{PACKAGE}/base.apk")
            return 0 if is_there else 1
        case ["date", _]:
            say(SCENE["date"])
        case ["am", "start"]:
            say("Starting: Intent { cmp=dev.edgevit.bench/.BenchActivity (has extras) }")
            say(SCENE["start"])
            (HERE / "started").touch()
        case ["pidof", _]:
            say("" if SCENE["dead"] else "4711")
            return int(SCENE["dead"])
        case ["input", _] | ["am", "force-stop"]:
            pass
        case _:
            raise SystemExit(f"the fake phone does not know: {arguments}")
    return 0


def logcat(_: list[str]) -> int:
    while not (HERE / "started").exists():
        time.sleep(0.01)
    for line in SCENE["log"]:
        say(line)
    if SCENE["log_ends"]:
        return 0
    time.sleep(60)
    return 1


def pull(arguments: list[str]) -> int:
    if SCENE["report"] is None or arguments[0] != REPORT:
        say(f"adb: error: failed to stat remote object '{arguments[0]}': No such file or directory")
        return 1
    Path(arguments[1]).write_text(SCENE["report"], encoding="utf-8")
    say(f"{arguments[0]}: 1 file pulled, 0 skipped.")
    return 0


COMMANDS = {
    "devices": devices,
    "install": install,
    "uninstall": uninstall,
    "shell": shell,
    "logcat": logcat,
    "pull": pull,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
