"""One measurement on one Android phone, from the APK to the checked report."""

from __future__ import annotations

import json
import re
import shlex
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from edgevit.errors import (
    AppCrashedError,
    BadReportError,
    EdgeVitError,
    InputError,
    InstallRefusedError,
    PullFailedError,
)
from edgevit.probe.adb import Adb, choose
from edgevit.probe.refusals import refusal_help
from edgevit.probe.report import DeviceReport, read_report
from edgevit.probe.watch import TAG, Watch
from edgevit.store.diskerrors import reading
from edgevit.types import Event, EventSink

__all__ = ["PACKAGE", "PROTOCOLS", "ProbeRequest", "ProbeResult", "probe_android"]

PACKAGE = "dev.edgevit.bench"
"""Name of the benchmark app; the same in every project that edgevit generates."""

_ACTIVITY = f"{PACKAGE}/.BenchActivity"
PROTOCOLS = {"standard": 300.0, "sustained": 300.0, "modelbench": 1800.0}
"""Protocol -> seconds that it may take, besides the minutes that were asked for."""

_INSTALL_SECONDS = 600.0
_START_SECONDS = 60.0
_PULL_SECONDS = 120.0

_CONFIG = "assets/edgevit/edgevit.json"


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """What to measure where.

    Attributes:
        apk: The benchmark app with its model.
        serial: The phone, as ``adb devices`` calls it; None takes the only one.
        protocol: One of :data:`PROTOCOLS`.
        accelerator: ``cpu``, ``gpu`` or ``npu``: what to try first.
        minutes: How long ``sustained`` runs.
        timeout: Seconds for the measurement; None takes the protocol's.
    """

    apk: Path
    serial: str | None = None
    protocol: str = "standard"
    accelerator: str = "cpu"
    minutes: int = 5
    timeout: float | None = None

    @property
    def seconds(self) -> float:
        """How long to wait for the measurement."""
        extra = 60.0 * self.minutes if self.protocol == "sustained" else 0.0
        return self.timeout if self.timeout is not None else PROTOCOLS[self.protocol] + extra


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The phone and its report; ``data`` has the report's bytes as they came."""

    serial: str
    report: DeviceReport
    data: bytes


def probe_android(request: ProbeRequest, adb: Adb, on_event: EventSink | None = None) -> ProbeResult:
    """Measure on a phone. Afterwards the app is gone again, unless it was there before.

    Raises:
        InputError: The file is no benchmark app of edgevit.
        ToolMissingError: adb does not start.
        DeviceNotFoundError, DeviceUnauthorizedError, SeveralDevicesError: There is not one phone to use.
        InstallRefusedError: The phone refuses the app.
        AppCrashedError: The app did not start, or ended before it was done.
        ProbeFailedError: The app says that it could not measure.
        ProbeTimeoutError: It was not done in time.
        PullFailedError: The report cannot be fetched.
        BadReportError: The report breaks its schema, or is about another model.
    """
    say = _teller(on_event)
    digest = _model_digest(request.apk)
    phone = choose(adb, request.serial)
    with _app(phone):
        say("Installing the app")
        _install(phone, request.apk)
        say(f"Measuring ({request.protocol})")
        place = _measure(phone, request, say)
        data = _pull(phone, place)
    report = read_report(data)
    found = report.content["subject"]["sha256"]
    if found != digest:
        raise BadReportError(
            "The report is about another model.", why=f"Its sha256 is {found}, the APK's {digest}.", help="Try again."
        )
    return ProbeResult(phone.serial or "", report, data)


def _model_digest(apk: Path) -> str:
    """Return the digest of the model inside, which the report must name."""
    with reading(apk):
        try:
            with zipfile.ZipFile(apk) as archive:
                return str(json.loads(archive.read(_CONFIG))["artifact"]["sha256"])
        except (zipfile.BadZipFile, NotImplementedError, KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"'{apk}' is no benchmark app of edgevit.",
                why=f"{error}",
                help="Make one with: edgevit build NAME --android --apk",
            ) from error


@contextmanager
def _app(phone: Adb) -> Iterator[None]:
    """Leave the phone as it was: end the app, and remove it unless it was there before."""
    was_there = phone.shell(f"pm path {PACKAGE}").text.startswith("package:")
    try:
        yield
    finally:
        with suppress(EdgeVitError):  # what ended the measurement is what the user must hear of
            phone.shell(f"am force-stop {PACKAGE}")
            if not was_there:
                phone.run("uninstall", PACKAGE)


def _install(phone: Adb, apk: Path) -> None:
    done = phone.run("install", "-r", "--no-streaming", str(apk), timeout=_INSTALL_SECONDS)
    if done.status == 0 and "Success" in done.text:
        return
    match = re.search(r"INSTALL_[A-Z_]+", done.text)
    lines = [line for line in done.text.splitlines() if line.strip()]
    raise InstallRefusedError(
        "The phone refuses the app.", why="\n".join(lines[-3:]), help=refusal_help(match[0] if match else "", PACKAGE)
    )


def _measure(phone: Adb, request: ProbeRequest, say: Callable[[str], None]) -> str:
    """Start the app, wait until it is done, and return where its report is."""
    phone.shell("input keyevent KEYCODE_WAKEUP; wm dismiss-keyguard")
    now = phone.shell("date +%s").text.strip()
    # By the phone's own clock, so that no line of an earlier run is taken for one of this run.
    since = f"{now}.000" if now.isdecimal() else "1"
    with phone.lines("logcat", "-v", "brief", "-T", since, "-s", f"{TAG}:V", "AndroidRuntime:E") as lines:
        _start(phone, request)
        return Watch(phone, PACKAGE, request.protocol, say).until_finished(lines, request.seconds)


def _start(phone: Adb, request: ProbeRequest) -> None:
    extras = f"--ez autorun true --es protocol {shlex.quote(request.protocol)}"
    extras += f" --es accelerator {shlex.quote(request.accelerator)} --ei minutes {request.minutes:d}"
    done = phone.shell(f"am start -W -S -n {_ACTIVITY} {extras}", timeout=_START_SECONDS)
    if done.status != 0 or re.search(r"^Error", done.text, re.MULTILINE):
        raise AppCrashedError(
            "The app does not start on the phone.", why=done.text.strip()[-1000:], help="Unlock the phone, try again."
        )


def _pull(phone: Adb, place: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="edgevit-probe-") as folder:
        target = Path(folder) / "report.json"
        done = phone.run("pull", place, str(target), timeout=_PULL_SECONDS)
        if done.status != 0 or not target.is_file():
            raise PullFailedError(
                "The report cannot be fetched from the phone.",
                why=done.text.strip()[-1000:],
                help="Check the phone's storage, then try again.",
            )
        return target.read_bytes()


def _teller(on_event: EventSink | None) -> Callable[[str], None]:
    """Return what reports one line of progress."""
    if on_event is None:
        return lambda _: None
    on_event(Event("probe", "start", "Looking for the phone"))
    return lambda message: on_event(Event("probe", "progress", message))
