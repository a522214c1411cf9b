"""Reading the phone's log until the app says that it is done, crashes, or takes too long."""

from __future__ import annotations

import queue
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from edgevit.errors import AppCrashedError, DeviceError, ProbeFailedError, ProbeTimeoutError
from edgevit.probe.adb import Adb

__all__ = ["TAG", "Watch"]

TAG = "EdgeVitBench"
"""Tag of the app's lines; the last one begins with ``finished`` or ``failed``."""

_QUIET_SECONDS = 3.0
"""After this long without a line it is worth asking whether the app still runs."""

_OWN_LINE = re.compile(rf"[VDIWEF]/{TAG}\s*\(\s*\d+\): (?P<word>\w+) ?(?P<rest>.*)")
_CRASH_LINE = re.compile(r"E/AndroidRuntime\s*\(\s*\d+\): (?P<text>.*)")
_CRASH_LINES = 6

_PLACE = re.compile(r"report=(/[\w./-]+)")

_FAILED_HELP = (
    "If the reason names a processor, choose another one with --accelerator. An APK that was built with "
    "--apk-without-runtime cannot measure."
)
_CRASHED_HELP = "Look at the phone's log: adb logcat -b crash"


@dataclass(slots=True)
class Watch:
    """One wait for one run of the app.

    Attributes:
        phone: adb for the phone.
        package: Name of the app.
        protocol: For progress.
        say: Receives progress, a line at a time.
    """

    phone: Adb
    package: str
    protocol: str
    say: Callable[[str], None]
    _begun: bool = False
    _crash: list[str] = field(default_factory=list)

    def until_finished(self, lines: queue.Queue[str | None], seconds: float) -> str:
        """Return where the report is on the phone.

        Args:
            lines: The log, in adb's format ``brief``; None at its end.
            seconds: How long to wait.

        Raises:
            ProbeFailedError: The app says so.
            AppCrashedError: It ended without a word.
            ProbeTimeoutError: It took longer.
            DeviceError: The log ended.
        """
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = lines.get(timeout=min(left, _QUIET_SECONDS))
            except queue.Empty:
                self._check_alive()
                continue
            if line is None:
                raise DeviceError("The phone's log ended.", why="adb logcat has stopped.", help="Check the cable.")
            place = self._read(line)
            if place is not None:
                return place
        raise ProbeTimeoutError(
            f"The measurement was not done after {seconds:g} s.",
            why="The app still runs." if self._begun else "The app has not begun; the phone may be locked.",
            help="Keep the phone unlocked with the app in front, or allow more time with --timeout SECONDS.",
        )

    def _read(self, line: str) -> str | None:
        own = _OWN_LINE.match(line)
        if own is None:
            self._note_crash(line)
            return None
        match own["word"]:
            case "finished":
                return self._place(own["rest"])
            case "failed":
                raise ProbeFailedError("The app cannot measure on this phone.", why=own["rest"], help=_FAILED_HELP)
            case "started":
                self._begun = True
            case "phase":
                self.say(f"Measuring ({self.protocol}): {own['rest']}")
        return None

    def _place(self, rest: str) -> str:
        """Return the path in a marker; only the app's own folder counts, since any app can write to the log."""
        match = _PLACE.search(rest)
        if match is None or f"/Android/data/{self.package}/files/" not in match[1] or "/../" in match[1]:
            raise ProbeFailedError(
                "The app's report is not where it can be fetched.",
                why=rest,
                help="The phone has no shared storage now.",
            )
        return match[1]

    def _note_crash(self, line: str) -> None:
        """Collect the first lines that Android logs of an app's uncaught exception, then raise them."""
        match = _CRASH_LINE.match(line)
        if match is None:
            return
        if match["text"].startswith("FATAL EXCEPTION"):
            self._crash = []
        self._crash.append(match["text"])
        is_ours = any(text.startswith(f"Process: {self.package},") for text in self._crash)
        if is_ours and len(self._crash) >= _CRASH_LINES:
            raise self._crashed()

    def _check_alive(self) -> None:
        if not self.phone.shell(f"pidof {self.package}").text.strip():
            raise self._crashed()

    def _crashed(self) -> AppCrashedError:
        why = "\n".join(self._crash) or "Its process is gone; there is no Java exception in the log."
        return AppCrashedError("The app crashed on the phone.", why=why, help=_CRASHED_HELP)
