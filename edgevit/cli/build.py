"""``edgevit build``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgevit.cli import figures
from edgevit.cli.build_apk import ApkOptions, apk_blocks, apk_data, apk_options
from edgevit.cli.build_quantized import quantization_blocks, quantization_data, quantization_options, write_charts
from edgevit.cli.group import Choice, Command
from edgevit.cli.output import Block, Facts, Json, Level, Notice, Output, to_json
from edgevit.cli.session import Session, common_options
from edgevit.cli.values import FILE, model_options
from edgevit.cli.verdicts import fidelity_data, fidelity_facts
from edgevit.cli.weights_notice import weights_fact, weights_notices
from edgevit.errors import UsageError
from edgevit.types import (
    MAX_BATCH,
    BuildReport,
    BuildSpec,
    Converter,
    Head,
    PixelType,
    PlatformReport,
    Precision,
    Runtime,
    Size,
)

if TYPE_CHECKING:
    from edgevit.sdk.apk.assemble import Apk

__all__ = ["command"]


@click.command(
    "build",
    cls=Command,
    examples=[
        ("build fastvit_t8 --ios", "Pretrained weights if they can be had"),
        ("build fastvit_t8 --ios --weights mine.safetensors --labels birds.txt", "Your own classes"),
        ("build efficientvit_m2 --ios --android", "Both phones from one folded model"),
        ("build efficientvit_m2 --android --apk", "And the benchmark app, without an Android SDK"),
        ("build fastvit_t8 --ios --quant w8 --calib photos/", "Half the size, and what that costs"),
        ("build nextvit_small --ios --head features --input-size 640", "Four stage maps, for detection"),
        ("build efficientvit_m0 --ios --json -q", "For scripts"),
    ],
)
@click.option("--ios", is_flag=True, help="Make a Swift package with a Core ML model.")
@click.option("--android", is_flag=True, help="Make a Gradle project with a Kotlin library and a TFLite model.")
@click.option(
    "--out",
    type=FILE,
    metavar="DIR",
    help="Folder to make; for both systems it holds ios and android. Default: NAME-ios, NAME-android.",
)
@apk_options
@model_options
@click.option("--labels", type=FILE, metavar="FILE", help="Class names: one a line, or JSON. Default: ImageNet-1k.")
@click.option(
    "--head",
    type=Choice([head.value for head in Head]),
    default=Head.PROBABILITIES.value,
    show_default=True,
    help="What the model returns.",
)
@click.option(
    "--precision",
    type=Choice([precision.value for precision in Precision]),
    default=Precision.FP16.value,
    show_default=True,
    help="Number format of weights and arithmetic.",
)
@click.option(
    "--ios-min",
    type=int,
    metavar="[15|16|17|18]",
    help="Oldest iOS that must run it. Default: 16, or what --quant needs.",
)
@click.option(
    "--converter",
    type=Choice([converter.value for converter in Converter]),
    default=Converter.EDGEVIT.value,
    show_default=True,
    help="What writes the Android model; litert-torch is an extra, and its file is proven like ours.",
)
@click.option(
    "--runtime",
    type=Choice([runtime.value for runtime in Runtime]),
    default=Runtime.LITERT.value,
    show_default=True,
    help="Oldest TFLite runtime that must run the Android model well.",
)
@click.option(
    "--input-type",
    type=Choice([kind.value for kind in PixelType]),
    default=PixelType.UINT8.value,
    show_default=True,
    help="Numbers of the image that the Android model takes, 0 to 255 in either; normalization is inside.",
)
@click.option(
    "--batch",
    type=click.IntRange(1, MAX_BATCH),
    default=1,
    show_default=True,
    metavar="N",
    help="Images that the Android model takes at once.",
)
@quantization_options
@click.option("--skip-rewrite", multiple=True, metavar="NAME", help="Leave a phone rewrite out. May be repeated.")
@common_options
@click.pass_obj
def command(
    session: Session,
    *,
    name: str,
    ios: bool,
    android: bool,
    apk: bool,
    aars: tuple[Path, ...],
    apk_without_runtime: bool,
    keystore: Path | None,
    out: Path | None,
    weights: str,
    num_classes: int | None,
    input_size: Size | None,
    seed: int,
    labels: Path | None,
    head: str,
    precision: str,
    ios_min: int | None,
    converter: str,
    runtime: str,
    input_type: str,
    batch: int,
    quant: str | None,
    calib: Path | None,
    calib_count: int,
    calib_seed: int,
    keep: tuple[str, ...],
    max_drop: float | None,
    data: Path | None,
    data_count: int,
    chart: Path | None,
    fp16_islands: str,
    skip_rewrite: tuple[str, ...],
) -> Output:
    """Take a model to a phone: fold it, rewrite it, convert it, and prove the written file.

    The folder appears only when the proof holds; an older result of edgevit there is replaced, anything else is
    refused.
    """
    if not (ios or android):
        raise UsageError(
            "Nothing was chosen to build.", help=f"Add the phone system: edgevit build {name} --ios, or --android"
        )
    spec = BuildSpec(
        model=name,
        out=out,
        ios=ios,
        android=android,
        weights=weights,
        num_classes=num_classes,
        input_size=input_size,
        head=Head(head),
        precision=Precision(precision),
        ios_min=ios_min,
        converter=Converter(converter),
        runtime=Runtime(runtime),
        input_type=PixelType(input_type),
        batch=batch,
        labels=labels,
        seed=seed,
        skip_rewrites=skip_rewrite,
        quant=quant,
        calib=calib,
        calib_count=calib_count,
        calib_seed=calib_seed,
        keep=keep,
        max_drop=max_drop,
        data=data,
        data_count=data_count,
        islands=fp16_islands == "auto",
    )
    report, app = _build(spec, ApkOptions(apk, aars, apk_without_runtime, keystore), session)
    write_charts(chart, report)
    blocks = [*_blocks(report), *(apk_blocks(app) if app is not None else ())]
    return Output(_data(report) | {"apk": apk_data(app)}, blocks)


def _build(spec: BuildSpec, options: ApkOptions, session: Session) -> tuple[BuildReport, Apk | None]:
    with session.listening() as listen:
        prepared = options.prepare(android=spec.android, on_event=listen)
        from edgevit.pipeline import build

        report = build(spec, on_event=listen)
        if prepared is None:
            return report, None
        project = next(part.sdk for part in report.platforms if part.platform == "android")
        return report, prepared.build(project, listen)


def _data(report: BuildReport) -> dict[str, Json]:
    artifact = report.artifact
    return {
        "schema": "edgevit-build/1",
        "model": {
            "name": report.spec.name,
            "family": report.spec.family,
            "input_size": to_json(report.spec.input_size),
            "num_classes": report.spec.num_classes,
        },
        "sdk": str(report.sdk),
        "artifact": to_json(artifact),
        "weights": to_json(report.weights),
        "fidelity": fidelity_data(report.verdict),
        "fold_max_rel_error": to_json(report.fold_max_rel_error),
        "rewrites": to_json(report.rewrites),
        "stage_seconds": to_json(report.stage_seconds),
        "total_seconds": sum(report.stage_seconds.values()),
        "warnings": to_json(report.warnings),
        "platforms": [_platform_data(part) for part in report.platforms],
    }


_TOOLS = {"ios": "an Xcode project", "android": "Android Studio"}


def _platform_facts(report: BuildReport, part: PlatformReport) -> Facts:
    artifact = part.artifact
    return Facts(
        f"{report.spec.title} for {artifact.minimum_os} and later",
        [
            ("package", str(part.sdk)),
            ("model", f"{artifact.path.name}, {figures.megabytes(artifact.size_bytes)}, {_numbers(part)}"),
            ("digest", artifact.sha256),
            *fidelity_facts(part.verdict),
            ("operations", f"{sum(artifact.ops.values())}"),
        ],
    )


def _numbers(part: PlatformReport) -> str:
    precision = part.artifact.precision.value
    return precision if part.quantization is None else f"{part.quantization.scheme}, {precision} elsewhere"


def _platform_data(part: PlatformReport) -> Json:
    return {
        "platform": part.platform,
        "sdk": str(part.sdk),
        "artifact": to_json(part.artifact),
        "fidelity": fidelity_data(part.verdict),
        "rewrites": to_json(part.rewrites),
        "quantization": quantization_data(part.quantization),
    }


def _blocks(report: BuildReport) -> Iterator[Block]:
    for part in report.platforms:
        yield _platform_facts(report, part)
        if part.quantization is not None:
            yield from quantization_blocks(part.quantization, part.verdict.cost)
    slowest = sorted(report.stage_seconds.items(), key=lambda item: -item[1])[:3]
    yield Facts(
        "Build",
        [
            ("weights", weights_fact(report.weights)),
            ("folding", f"largest relative error {figures.error(report.fold_max_rel_error)} in float64"),
            (
                "time",
                f"{figures.seconds(sum(report.stage_seconds.values()))} "
                f"({', '.join(f'{name} {figures.seconds(value)}' for name, value in slowest)})",
            ),
        ],
    )
    for part in report.platforms:
        readme = part.sdk / "README.md"
        yield Notice(Level.NOTE, f"Next: add the folder to {_TOOLS[part.platform]}; {readme} says how.")
    note = report.weights.note  # told below, at the end
    yield from (Notice(Level.WARNING, text) for text in report.warnings if not note or note not in text)
    yield from weights_notices(report.weights)
