from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from edgevit.errors import (
    AppCrashedError,
    BadReportError,
    DeviceError,
    DeviceNotFoundError,
    DeviceUnauthorizedError,
    EdgeVitError,
    InputError,
    InstallRefusedError,
    ProbeFailedError,
    ProbeTimeoutError,
    PullFailedError,
    SeveralDevicesError,
    ToolMissingError,
)
from edgevit.probe import watch
from edgevit.probe.adb import Adb
from edgevit.probe.android import ProbeRequest, probe_android
from edgevit.types import Event
from tests.probe.conftest import FINISHED, PLACE, Phone, sample_report

_TWO = ["1A2B\tdevice model:Pixel_9", "3C4D\tdevice model:SM_S928B"]
_CRASH = [
    "E/AndroidRuntime( 4711): FATAL EXCEPTION: edgevit",
    "E/AndroidRuntime( 4711): Process: dev.edgevit.bench, PID: 4711",
    "E/AndroidRuntime( 4711): java.lang.UnsatisfiedLinkError: dlopen failed: library libLiteRt.so not found",
    "E/AndroidRuntime( 4711): \tat java.lang.Runtime.loadLibrary0(Runtime.java:1081)",
    "E/AndroidRuntime( 4711): \tat java.lang.System.loadLibrary(System.java:1765)",
    "E/AndroidRuntime( 4711): \tat com.google.ai.edge.litert.Environment.<clinit>(Environment.kt:20)",
]


def test_a_good_run(phone: Phone, apk: Path) -> None:
    heard: list[Event] = []
    result = probe_android(ProbeRequest(apk), phone.adb(), heard.append)
    assert result.serial == "1A2B"
    assert json.loads(result.data) == sample_report() == result.report.content
    assert result.report.reasons == ()
    assert any("measured" in event.message for event in heard)


def test_the_app_is_started_as_it_expects(phone: Phone, apk: Path) -> None:
    probe_android(ProbeRequest(apk, protocol="sustained", accelerator="gpu", minutes=7), phone.adb())
    (start,) = [call for call in phone.calls if "am start" in call]
    assert "-n dev.edgevit.bench/.BenchActivity --ez autorun true" in start
    assert "--es protocol sustained --es accelerator gpu --ei minutes 7" in start


def test_lines_of_earlier_runs_are_left_out_by_the_phones_clock(phone: Phone, apk: Path) -> None:
    probe_android(ProbeRequest(apk), phone.adb(date="1700000123"))
    (log,) = [call for call in phone.calls if call.startswith("logcat")]
    assert "-T 1700000123.000 -s EdgeVitBench:V" in log
    assert not any("-c" in call.split() for call in phone.calls), "the owner's log stays"


@pytest.mark.parametrize("was_there", [False, True])
def test_the_phone_is_left_as_it_was(phone: Phone, apk: Path, was_there: bool) -> None:
    if was_there:
        (phone.folder / "installed").touch()
    probe_android(ProbeRequest(apk), phone.adb())
    assert phone.has_app is was_there
    assert "shell am force-stop dev.edgevit.bench" in phone.calls


def test_a_named_phone_gets_all_commands(phone: Phone, apk: Path) -> None:
    assert probe_android(ProbeRequest(apk, serial="3C4D"), phone.adb(devices=_TWO)).serial == "3C4D"
    lines = (phone.folder / "calls.txt").read_text(encoding="utf-8").splitlines()
    assert {line.split()[0] for line in lines if "devices" not in line} == {"3C4D"}


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"devices": []}, DeviceNotFoundError, "No phone is connected"),
        ({"devices": ["1A2B\toffline transport_id:1"]}, DeviceNotFoundError, "adb says: offline"),
        ({"devices": ["1A2B\tunauthorized usb:1-1"]}, DeviceUnauthorizedError, "allow debugging"),
        (
            {"devices": ["1A2B\tno permissions (user in plugdev group); see [http://x]"]},
            DeviceUnauthorizedError,
            "udev",
        ),
        ({"devices": _TWO}, SeveralDevicesError, "3C4D  SM S928B"),
        (
            {"install": "INSTALL_FAILED_UPDATE_INCOMPATIBLE: signatures differ"},
            InstallRefusedError,
            "adb uninstall dev",
        ),
        ({"install": "INSTALL_FAILED_NO_MATCHING_ABIS"}, InstallRefusedError, "processor"),
        ({"install": "INSTALL_FAILED_SOMETHING_NEW"}, InstallRefusedError, "INSTALL_FAILED_SOMETHING_NEW"),
        ({"start": "Error type 3\nError: Activity class does not exist."}, AppCrashedError, "does not exist"),
        ({"log": _CRASH}, AppCrashedError, "libLiteRt.so not found"),
        ({"log": [], "dead": True}, AppCrashedError, "no Java exception"),
        ({"log": ["E/EdgeVitBench( 4711): failed no accelerator tpu"]}, ProbeFailedError, "no accelerator tpu"),
        ({"log": ["I/EdgeVitBench( 1): finished report=/data/report.json"]}, ProbeFailedError, "/data/report.json"),
        ({"log": [], "log_ends": True}, DeviceError, "log ended"),
        ({"report": None}, PullFailedError, "No such file"),
        ({"report": "{}"}, BadReportError, "$ has no phase"),
        ({"report": "no JSON"}, BadReportError, "no JSON"),
        (
            {"report": json.dumps(sample_report(subject={**sample_report()["subject"], "sha256": "00"}))},
            BadReportError,
            "00",
        ),
    ],
)
def test_each_failure_has_its_own_error_and_leaves_no_app(
    phone: Phone,
    apk: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, object],
    error: type[EdgeVitError],
    says: str,
) -> None:
    monkeypatch.setattr(watch, "_QUIET_SECONDS", 0.2)
    with pytest.raises(error) as caught:
        probe_android(ProbeRequest(apk), phone.adb(**changes))
    assert type(caught.value) is error
    assert says in str(caught.value)
    assert caught.value.help
    assert not phone.has_app


def test_codes_tell_the_failures_apart() -> None:
    kinds: list[type[EdgeVitError]] = [DeviceError, *DeviceError.__subclasses__()]
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert {kind.exit_status for kind in kinds} == {11}


@pytest.mark.parametrize(
    ("log", "says"), [([], "may be locked"), (["I/EdgeVitBench( 4711): started standard cpu"], "still runs")]
)
def test_a_run_that_takes_too_long(phone: Phone, apk: Path, log: list[str], says: str) -> None:
    with pytest.raises(ProbeTimeoutError, match=says):
        probe_android(ProbeRequest(apk, timeout=0.5), phone.adb(log=log))
    assert not phone.has_app


def test_a_phone_that_is_not_there(phone: Phone, apk: Path) -> None:
    with pytest.raises(DeviceNotFoundError, match="'9Z'"):
        probe_android(ProbeRequest(apk, serial="9Z"), phone.adb())


def test_adb_is_not_there(apk: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolMissingError, match="platform tools"):
        probe_android(ProbeRequest(apk), Adb(tmp_path / "adb"))


def test_another_apps_crash_is_not_ours(phone: Phone, apk: Path) -> None:
    others = [line.replace("dev.edgevit.bench", "com.example.other") for line in _CRASH]
    assert probe_android(ProbeRequest(apk), phone.adb(log=[*others, FINISHED])).report.reasons == ()


def test_only_the_apps_own_folder_is_read(phone: Phone, apk: Path) -> None:
    """Any app can write such a line into the log."""
    escape = PLACE.replace("files/", "files/../../../../secret/")
    with pytest.raises(ProbeFailedError, match="not where it can be fetched"):
        probe_android(ProbeRequest(apk), phone.adb(log=[FINISHED.replace(PLACE, escape)]))
    assert not any(call.startswith("pull") for call in phone.calls)


@pytest.mark.parametrize("data", [b"", b"no zip"])
def test_a_file_that_is_no_app_of_ours_is_not_installed(phone: Phone, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "other.apk").write_bytes(data)
    with pytest.raises(InputError, match="no benchmark app of edgevit"):
        probe_android(ProbeRequest(tmp_path / "other.apk"), phone.adb())
    assert not (phone.folder / "calls.txt").exists()


@pytest.mark.parametrize(("protocol", "seconds"), [("standard", 300), ("sustained", 900), ("modelbench", 1800)])
def test_how_long_a_protocol_may_take(apk: Path, protocol: str, seconds: float) -> None:
    assert ProbeRequest(apk, protocol=protocol, minutes=10).seconds == seconds


def test_the_marker_is_the_apps() -> None:
    """The app's words, from its source."""
    bench = Path(__file__).resolve().parents[2] / "android_template/bench/src/main/kotlin/dev/edgevit/bench"
    if not bench.is_dir():
        pytest.skip("needs a source checkout")
    source = "".join(file.read_text(encoding="utf-8") for file in bench.glob("*.kt"))
    for text in (
        'TAG = "EdgeVitBench"',
        '"finished valid=',
        " report=$path",
        '"failed $reason"',
        '"started ',
        '"phase ',
    ):
        assert text in source
    for extra in ("autorun", "protocol", "accelerator", "minutes"):
        assert re.search(rf'get\w+Extra\("{extra}"', source)
