"""adb, Android's debug bridge, as typed calls. Its own program is run; nothing of its protocol is spoken here."""

from __future__ import annotations

import queue
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edgevit.errors import (
    DeviceError,
    DeviceNotFoundError,
    DeviceUnauthorizedError,
    ProbeTimeoutError,
    SeveralDevicesError,
    ToolMissingError,
)

__all__ = ["Adb", "Device", "choose"]

_PATIENCE = 30.0
"""Seconds that a short command may take."""


@dataclass(frozen=True, slots=True)
class Device:
    """One line of ``adb devices -l``.

    Attributes:
        state: ``device`` when it can be used, or what is in the way.
    """

    serial: str
    state: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended; output and errors together, as adb mixes them."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Adb:
    """adb, for all devices or for one.

    Attributes:
        program: adb itself.
        serial: The device that commands go to; None before one is chosen.
    """

    program: Path
    serial: str | None = None

    def run(self, *arguments: str, timeout: float = _PATIENCE) -> Done:
        """Run one adb command to its end.

        Raises:
            ToolMissingError: adb does not start.
            ProbeTimeoutError: It does not end in time.
            DeviceNotFoundError: The phone is gone.
        """
        command = self._command(*arguments)
        try:
            done = subprocess.run(  # noqa: S603 - adb by its path, no shell on this side
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                timeout=timeout,
                check=False,
            )
        except OSError as error:
            raise self._cannot_start(error) from error
        except subprocess.TimeoutExpired as error:
            raise ProbeTimeoutError(
                f"The phone did not answer within {timeout:g} s.", why=f"adb {' '.join(arguments[:3])}", help=_REPLUG
            ) from error
        text = done.stdout.decode(errors="replace").replace("\r\n", "\n")
        if done.returncode != 0 and re.search(r"device '.*' not found|device offline|no devices", text):
            raise DeviceNotFoundError("The phone is gone.", why=text.strip().splitlines()[-1], help=_REPLUG)
        return Done(done.returncode, text)

    def shell(self, command: str, *, timeout: float = _PATIENCE) -> Done:
        """Run a command line in the phone's shell; quote what is not fixed with :func:`shlex.quote`."""
        return self.run("shell", command, timeout=timeout)

    def devices(self) -> list[Device]:
        """Return all devices that adb knows of; its server is started where it does not run."""
        done = self.run("devices", "-l")
        if done.status != 0:
            raise DeviceError("adb cannot list devices.", why=done.text.strip(), help="Try: adb kill-server")
        return [Device(match[1], match[2], _model(match[3])) for match in _DEVICE.finditer(done.text)]

    @contextmanager
    def lines(self, *arguments: str) -> Iterator[queue.Queue[str | None]]:
        """Give the lines that a long adb command prints, as they come, and None at its end; it is ended at the end."""
        try:
            process = subprocess.Popen(  # noqa: S603 - as above
                self._command(*arguments),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise self._cannot_start(error) from error
        lines: queue.Queue[str | None] = queue.Queue()
        reader = threading.Thread(target=_forward, args=(process, lines), daemon=True)
        reader.start()
        try:
            yield lines
        finally:
            process.kill()
            process.wait()
            reader.join()
            if process.stdout is not None:
                process.stdout.close()

    def _command(self, *arguments: str) -> list[str]:
        return [str(self.program), *(("-s", self.serial) if self.serial else ()), *arguments]

    def _cannot_start(self, error: OSError) -> ToolMissingError:
        return ToolMissingError(
            "adb cannot be started.", why=f"{self.program}: {error.strerror}", help="Install Android's platform tools."
        )


_DEVICE = re.compile(
    r"^(\S+)[ \t]+(device|offline|unauthorized|authorizing|connecting|recovery|sideload|bootloader|no permissions)\b"
    r"(.*)$",
    re.MULTILINE,
)

_REPLUG = "Check the cable and the phone's screen, then try again; 'adb devices' must list it as 'device'."

_IN_THE_WAY = {
    "unauthorized": "Unlock the phone and allow debugging from this computer.",
    "authorizing": "Unlock the phone and allow debugging from this computer.",
    "no permissions": "This user may not reach the phone: install the udev rules (on Debian: 'apt-get install "
    "android-sdk-platform-tools-common') and plug it in again.",
}
"""State -> what helps, for phones that are there but do not talk to this user."""


def choose(adb: Adb, serial: str | None) -> Adb:
    """Return adb for one phone: the named one, or the only one.

    Raises:
        ToolMissingError: adb does not start.
        DeviceNotFoundError: There is none, or it is offline.
        DeviceUnauthorizedError: It does not trust this computer.
        SeveralDevicesError: There are more, and none was named.
    """
    devices = [device for device in adb.devices() if serial in {None, device.serial}]
    if not devices:
        named = f"There is no phone '{serial}'." if serial else "No phone is connected."
        raise DeviceNotFoundError(named, help=f"Connect one and switch on USB debugging. {_REPLUG}")
    ready = [device for device in devices if device.state == "device"]
    if len(ready) > 1:
        raise SeveralDevicesError(
            f"{len(ready)} phones are connected.",
            why="\n".join(f"{device.serial}  {device.model}" for device in ready),
            help="Choose one with --device SERIAL.",
        )
    if not ready:
        raise _not_ready(devices[0])
    return Adb(adb.program, ready[0].serial)


def _not_ready(device: Device) -> DeviceError:
    advice = _IN_THE_WAY.get(device.state)
    if advice is not None:
        return DeviceUnauthorizedError(
            f"The phone '{device.serial}' does not accept commands.", why=f"adb says: {device.state}.", help=advice
        )
    return DeviceNotFoundError(
        f"The phone '{device.serial}' is not ready.", why=f"adb says: {device.state}.", help=_REPLUG
    )


def _model(details: str) -> str:
    match = re.search(r"\bmodel:(\S+)", details)
    return match[1].replace("_", " ") if match else ""


def _forward(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    for line in process.stdout or ():
        lines.put(line.rstrip("\r\n"))
    lines.put(None)
