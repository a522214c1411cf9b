"""``edgevit probe``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from edgevit.cli.group import Choice, Command
from edgevit.cli.output import Block, Facts, Json, Level, Notice, Output, Table, to_json
from edgevit.cli.session import Session, common_options
from edgevit.cli.values import FILE
from edgevit.probe.android import PROTOCOLS, ProbeRequest, ProbeResult
from edgevit.probe.report import DeviceReport

__all__ = ["command"]


@click.command(
    "probe",
    cls=Command,
    examples=[
        ("probe bench.apk", "On the phone that is connected"),
        ("probe bench.apk --protocol sustained --minutes 10", "How far heat slows it down"),
        ("probe bench.apk --device 3A021JEHN02756 --out pixel.json", "One of several; keep the report"),
    ],
)
@click.argument("apk", type=FILE)
@click.option("--device", metavar="SERIAL", help="Which phone, as 'adb devices' calls it.")
@click.option(
    "--protocol", type=Choice(list(PROTOCOLS)), default="standard", show_default=True, help="What to measure."
)
@click.option(
    "--accelerator",
    type=Choice(["cpu", "gpu", "npu"]),
    default="cpu",
    show_default=True,
    help="Which processor to try first.",
)
@click.option(
    "--minutes", type=click.IntRange(1, 120), default=5, show_default=True, metavar="N", help="Length of 'sustained'."
)
@click.option(
    "--timeout", type=click.FloatRange(min=1), metavar="SECONDS", help="How long to wait. Default: by protocol."
)
@click.option("--out", type=FILE, metavar="FILE", help="Write the phone's report there.")
@common_options
@click.pass_obj
def command(
    session: Session,
    *,
    apk: Path,
    device: str | None,
    protocol: str,
    accelerator: str,
    minutes: int,
    timeout: float | None,
    out: Path | None,
) -> Output:
    """Measure a model on an Android phone: install the benchmark app, run it, fetch and check its report.

    Afterwards the app is removed, unless it was there before. Keep the phone unlocked, unplugged from fast chargers
    and cool.
    """
    request = ProbeRequest(apk, device, protocol, accelerator, minutes, timeout)
    with session.listening() as listen:
        from edgevit.probe.adb import Adb
        from edgevit.probe.android import probe_android
        from edgevit.sdk.apk.tools import require

        result = probe_android(request, Adb(require("adb").paths[0]), listen)
    if out is not None:
        from edgevit.store.publish import write_file_atomically

        write_file_atomically(out, result.data)
    return Output(_data(result, out), list(_blocks(result, out)))


def _data(result: ProbeResult, out: Path | None) -> dict[str, Json]:
    report = result.report
    return {
        "schema": "edgevit-probe/1",
        "device": result.serial,
        "valid": not report.reasons,
        "reasons": to_json(report.reasons),
        "load_ms": report.load_ms,
        "first_ms": report.first_ms,
        "latency_ms": to_json(report.latency),
        "self_test": to_json(report.self_test),
        "thermal": to_json(report.thermal),
        "saved": str(out) if out else None,
        "report": to_json(report.content),
    }


def _blocks(result: ProbeResult, out: Path | None) -> Iterator[Block]:
    report = result.report
    subject = report.content["subject"]
    yield Facts(f"{subject['model']} on {subject['device']}", list(_facts(result)))
    yield _table(report)
    if report.reasons:
        yield Notice(Level.WARNING, f"Not to be compared with other figures: {', '.join(report.reasons)}.")
    else:
        yield Notice(Level.OK, "The figures are good.")
    if not subject["weights_are_trained"]:
        yield Notice(Level.WARNING, "The weights are random: speed and size are real, predictions are not.")
    if out is not None:
        yield Notice(Level.NOTE, f"The report is in {out}.")


def _facts(result: ProbeResult) -> Iterator[tuple[str, str]]:
    report = result.report
    content, placement = report.content, report.content["placement"]
    yield "phone", f"{result.serial}, {content['subject']['system']}"
    stride = content["sample_stride"]
    kept = f", 1 of {stride} kept" if stride > 1 else ""
    yield "protocol", f"{content['plan']['layout']}, {content['runs']} runs{kept}"
    yield "processor", f"{placement.get('used', 'none')}, asked for {placement['asked']}"
    yield from (("", f"not {failure['units']}: {failure['reason']}") for failure in placement["failures"])
    yield "heat", ", ".join(report.thermal) or "-"
    if report.self_test is None:
        yield "self-test", "not run"
    else:
        yield "self-test", f"{report.self_test[0]} of {report.self_test[1]} photographs as PyTorch"


def _table(report: DeviceReport) -> Table:
    latency = report.latency
    values = {"load": report.load_ms, "first run": report.first_ms}
    if latency is not None:
        values |= {"p50": latency.p50, "p90": latency.p90, "p99": latency.p99, "mean": latency.mean}
        values |= {} if latency.modelbench is None else {"modelbench": latency.modelbench}
    rows = [(name, "-" if value is None else f"{value:.2f}") for name, value in values.items()]
    return Table("", ("what", "ms"), rows, frozenset({"ms"}))
