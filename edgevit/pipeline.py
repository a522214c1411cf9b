"""One build from end to end, readable top to bottom; it moves values from room to room and knows no domain."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from edgevit.errors import ParityError, TargetExistsError, UnsupportedError, UsageError
from edgevit.platforms import Platform, asked_for
from edgevit.quantizing import (
    QuantizationImages,
    Quantized,
    check_quantization,
    oldest_ios,
    quantization_images,
    quantized_for,
)
from edgevit.store.diskerrors import writing
from edgevit.types import (
    MAX_BATCH,
    AdaptedModel,
    Artifact,
    BuildReport,
    BuildSpec,
    Converter,
    Event,
    EventSink,
    FoldedModel,
    Head,
    LoadedModel,
    ModelSpec,
    PixelType,
    PlatformReport,
    Precision,
    Quantization,
    Runtime,
    Verdict,
)

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["build"]

_GOLDEN_KEY = "com.edgevit.golden"
_IOS = (15, 16, 17, 18)
_CLASSIFIERS = (Head.LOGITS, Head.PROBABILITIES)


def build(request: BuildSpec, *, on_event: EventSink | None = None) -> BuildReport:
    """Make a verified SDK, or leave nothing behind.

    Args:
        request: What to build.
        on_event: Receives progress and warnings, in this thread.

    Returns:
        Where everything is, and every figure that was measured.

    Raises:
        EdgeVitError: See :mod:`edgevit.errors`; the target folder is as it was before.
    """
    from edgevit.store.publish import scratch

    stages = _Stages(on_event)
    with stages("check", "Checking the request"):
        targets, labels = _check(request)
    with _one_thread(), ExitStack() as folders:
        folders.enter_context(_parents(targets.values()))
        works = {
            name: folders.enter_context(scratch(target, on_wait=stages.waiting)) for name, target in targets.items()
        }
        with stages("weights", f"Loading {request.model}"):
            loaded = _load(request, labels, stages.emit)
        with stages("fold", "Folding training-time branches, proven in float64"):
            folded = _fold(loaded)
        with stages("golden", "Running PyTorch on the photographs"):
            golden = _golden(loaded, request.head)
        names = _labels(labels or loaded.labels or None, loaded.spec, request.head)
        images = quantization_images(request, loaded.spec, names, stages.emit)
        model = _Model(request, loaded, folded, golden, names, images)
        made = [_make(platform, model, works[platform.name].path, stages) for platform in asked_for(request)]
        with stages("publish", "Moving the finished folders into place"):
            parts = tuple(_published(part, works[part.platform].publish()) for part in made)
    return _report(model, parts, stages)


@dataclass(frozen=True, slots=True)
class _Model:
    """What is the same for all phones."""

    request: BuildSpec
    loaded: LoadedModel
    folded: FoldedModel
    golden: Mapping[str, object]
    labels: tuple[str, ...]
    images: QuantizationImages | None


def _make(platform: Platform, model: _Model, folder: Path, stages: _Stages) -> PlatformReport:
    """Adapt, convert and prove the model for one phone system, and write its project into ``folder``."""
    from edgevit.images.photos import photos
    from edgevit.sdk.config import SdkContent

    model = _for_runtime(model, platform)
    request, loaded = model.request, model.loaded
    with stages("adapt", f"Rewriting for {platform.title}, proven in float64"):
        adapted = _adapt(model.folded, request, platform)
    quantized = None
    if request.quant is not None:
        with stages("quantize", f"Quantizing for {platform.title}: {request.quant}"):
            quantized = quantized_for(platform, adapted, request, model.images, stages.emit)
            model = _with_golden_of(model, quantized)
    with stages("convert", f"Writing the {platform.file_title}"):
        artifact, twin = _convert(platform, adapted, model, folder, quantized)
    report = None if quantized is None else _timed(quantized.report, artifact, twin, stages)
    with stages("verify", f"Running the written {platform.file_title} against PyTorch"):
        verdict = _verify(platform, artifact, twin, model, adapted=adapted, quantized=quantized)
    with stages("sdk", f"Writing the {platform.project_title}"):
        content = SdkContent(
            spec=loaded.spec,
            head=request.head,
            weights=loaded.weights,
            artifact=artifact,
            verdict=verdict,
            labels=model.labels,
            outputs=adapted.output_names,
            golden=model.golden,
            photos=tuple(photo.path for photo in photos()),
            input_kind=adapted.input_kind,
            input_type=request.input_type,
            batch=request.batch,
            quantization=None if quantized is None else quantized.report,
        )
        placed = platform.write(folder, content)
    return PlatformReport(platform.name, folder, placed, verdict, adapted.rewrites, report)


def _timed(report: Quantization, artifact: Artifact, twin: Path | None, stages: _Stages) -> Quantization:
    """Return the report with the file's speed where its runtime is here."""
    from edgevit.profiling.ratio import speed_ratio

    if artifact.format != "tflite" or twin is None:
        return report
    with stages("speed", "Timing the file against float32 weights"):
        return dataclasses.replace(report, speed=speed_ratio(artifact.path, twin))


def _published(part: PlatformReport, sdk: Path) -> PlatformReport:
    """Return the report with the places that the folder and the file have now."""
    artifact = dataclasses.replace(part.artifact, path=sdk / part.artifact.path.relative_to(part.sdk))
    return dataclasses.replace(part, sdk=sdk, artifact=artifact)


def _report(model: _Model, parts: tuple[PlatformReport, ...], stages: _Stages) -> BuildReport:
    first = parts[0]
    return BuildReport(
        spec=model.loaded.spec,
        weights=model.loaded.weights,
        sdk=first.sdk,
        artifact=first.artifact,
        verdict=first.verdict,
        fold_max_rel_error=model.folded.max_rel_error,
        rewrites=first.rewrites,
        stage_seconds=dict(stages.seconds),
        warnings=(*stages.warnings, *(note for part in parts for note in part.artifact.notes)),
        platforms=parts,
    )


@contextmanager
def _parents(targets: Iterable[Path]) -> Iterator[None]:
    """Make the folder that the targets of several systems lie in, and remove it if it is still empty at the end."""
    made = {target.parent for target in targets if not target.parent.exists()}
    for folder in made:
        with writing(folder):
            folder.mkdir()
    try:
        yield
    finally:
        for folder in made:
            with suppress(OSError):  # it holds a result
                folder.rmdir()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute on one thread: the order of sums, and so the last bits, must not depend on the machine."""
    from edgevit.threads import one_thread

    with one_thread():
        yield


def _check(request: BuildSpec) -> tuple[dict[str, Path], tuple[str, ...] | None]:
    """Refuse at once what cannot work, and return each system's target and the user's labels, if any."""
    from edgevit.models.registry import resolve

    platforms = asked_for(request)
    if not platforms:
        raise UsageError("Nothing to build.", help="Choose a phone system: --ios, --android, or both.")
    if request.ios and request.ios_min not in (None, *_IOS):
        raise UnsupportedError(f"iOS {request.ios_min} cannot be the minimum.", help="Use 15, 16, 17 or 18.")
    if request.labels is not None and request.head not in _CLASSIFIERS:
        raise UsageError(
            f"Labels make no sense for the head '{request.head.value}'.",
            help="Leave the labels out, or use --head probabilities or logits.",
        )
    check_quantization(request, platforms)
    _check_runtime(request)
    _check_input(request)
    if request.converter is Converter.LITERT_TORCH:
        _check_litert_torch(request)
    spec = resolve(request.model, num_classes=request.num_classes, input_size=request.input_size)
    _check_rewrites(spec, request.skip_rewrites, platforms)
    return _targets(request, spec, platforms), _given_labels(request)


def _check_runtime(request: BuildSpec) -> None:
    if request.runtime is Runtime.LITERT:
        return
    if not request.android:
        raise UsageError(
            f"The runtime {request.runtime} is Android's, and no Android project was asked for.", help="Add --android."
        )
    if request.quant is not None:
        raise UsageError(
            f"Quantized files are not made for {request.runtime}.",
            why="Their operators' versions are newer than that runtime.",
            help="Leave --runtime out, or --quant.",
        )


def _check_input(request: BuildSpec) -> None:
    if request.input_type is not PixelType.UINT8 and not request.android:
        raise UsageError(
            f"An input of {request.input_type} is Android's, and no Android project was asked for.",
            why="A Core ML package takes an image, whose pixels iOS hands over.",
            help="Add --android.",
        )
    if not 1 <= request.batch <= MAX_BATCH:
        raise UsageError(f"A batch of {request.batch} images cannot be built.", help=f"Choose 1 to {MAX_BATCH}.")
    if request.batch > 1 and not request.android:
        raise UsageError(
            f"A batch of {request.batch} images is for Android, and no Android project was asked for.",
            why="Core ML takes as many images as it is given; a Swift package needs no fixed number.",
            help="Add --android.",
        )


def _check_litert_torch(request: BuildSpec) -> None:
    """Refuse what litert-torch does not write, or where it is not installed."""
    from edgevit.backends.tflite.litert_torch import check_installed

    for is_wrong, reason, help_ in (
        (not request.android, "no Android project was asked for", "Add --android."),
        (request.ios, "the number format would hold for iOS as well", "Build for iOS in a call of its own."),
        (request.precision is not Precision.FP32, "it writes float32 weights", "Add --precision fp32."),
        (request.runtime is not Runtime.LITERT, "it writes for LiteRT", "Leave --runtime out."),
        (request.input_type is not PixelType.UINT8, "its image is uint8", "Leave --input-type out."),
        (request.batch != 1, "it writes for one image", "Leave --batch out."),
        (request.head is Head.FEATURES, "it lays maps out in another order", "Choose another --head."),
    ):
        if is_wrong:
            raise UsageError(f"The converter litert-torch does not fit: {reason}.", help=help_)
    check_installed()


def _check_rewrites(spec: ModelSpec, names: tuple[str, ...], platforms: tuple[Platform, ...]) -> None:
    """Refuse names that no system's rewrites have."""
    from edgevit.mobile.adapt import check_rewrite_names, rewrite_names

    for name in names:
        if not any(name in rewrite_names(spec, platform.target()) for platform in platforms):
            check_rewrite_names(spec, (name,), platforms[-1].target())


def _targets(request: BuildSpec, spec: ModelSpec, platforms: tuple[Platform, ...]) -> dict[str, Path]:
    """Return where each system's folder goes, checked."""
    from edgevit.store.target import check_target, resolve_target

    if request.out is None:
        return {p.name: check_target(Path(f"{spec.name}-{p.name}")) for p in platforms}
    if len(platforms) == 1:
        return {platforms[0].name: check_target(request.out)}
    parent = resolve_target(request.out)
    if parent.exists():
        _refuse_project(parent)
        return {p.name: check_target(parent / p.name) for p in platforms}
    check_target(parent)
    return {p.name: parent / p.name for p in platforms}


def _refuse_project(folder: Path) -> None:
    """Refuse to put two projects into one."""
    from edgevit.store.listing import is_ours

    if folder.is_dir() and is_ours(folder):
        raise TargetExistsError(
            f"'{folder}' is a project of one phone system.",
            why="For several systems it would have to hold one folder each.",
            help="Choose another place with --out.",
        )


def _given_labels(request: BuildSpec) -> tuple[str, ...] | None:
    """Return the user's labels; their count is the number of classes where none is said."""
    from edgevit.labels.file import load_labels, read_labels

    if request.labels is None:
        return None
    if request.num_classes is None:
        return read_labels(request.labels)
    return load_labels(request.labels, request.num_classes)


def _labels(given: tuple[str, ...] | None, spec: ModelSpec, head: Head) -> tuple[str, ...]:
    from edgevit.labels.file import load_labels

    if head not in _CLASSIFIERS:
        return ()
    return given if given is not None else load_labels(None, spec.num_classes)


def _load(request: BuildSpec, labels: tuple[str, ...] | None, emit: EventSink) -> LoadedModel:
    from edgevit.models.outputs import select_output
    from edgevit.weights import load_model

    classes = len(labels) if labels is not None else request.num_classes
    loaded = load_model(request.model, request.weights, classes, request.input_size, seed=request.seed, on_event=emit)
    return select_output(loaded, request.head)


def _fold(model: LoadedModel) -> FoldedModel:
    import torch

    from edgevit.images.photos import photos
    from edgevit.images.preprocess import normalize
    from edgevit.reparam.proof import reparameterize

    preprocessing = model.spec.preprocessing
    pixels = photos()[0].pixels(model.spec.input_size, preprocessing)
    return reparameterize(model, inputs=[torch.from_numpy(normalize(pixels, preprocessing))])


def _adapt(model: FoldedModel, request: BuildSpec, platform: Platform) -> AdaptedModel:
    from edgevit.mobile.adapt import adapt, rewrite_names

    target = platform.target()
    known = rewrite_names(model.spec, target)
    skip = [name for name in request.skip_rewrites if name in known]  # the others are the other system's
    return adapt(model, head=request.head, skip=skip, target=target)


def _golden(model: LoadedModel, head: Head) -> Mapping[str, object]:
    from edgevit.verification.golden import make_golden

    return make_golden(model.spec, head, _reference(model, head))


def _for_runtime(model: _Model, platform: Platform) -> _Model:
    """Return the build with PyTorch computing what the runtime's form of a function does, golden outputs as well."""
    from edgevit.mobile.gelu import with_tanh_gelu

    if platform.form != "tflite" or model.request.runtime is not Runtime.TFLITE_2_14:
        return model
    network = with_tanh_gelu(model.loaded.module)
    if network is None:
        return model
    loaded = dataclasses.replace(model.loaded, module=network)
    return dataclasses.replace(model, loaded=loaded, golden=_golden(loaded, model.request.head))


def _with_golden_of(model: _Model, quantized: Quantized | None) -> _Model:
    """Return the build with what the quantized network computes as its golden outputs.

    A self-test looks for mistakes in making pixels. Against these outputs it needs no room for the cost of a scheme, in
    which such mistakes could hide.
    """
    from edgevit.verification.golden import make_golden

    if quantized is None:
        return model
    golden = make_golden(model.loaded.spec, model.request.head, quantized.reference())
    return dataclasses.replace(model, golden=golden)


def _convert(
    platform: Platform, adapted: AdaptedModel, model: _Model, folder: Path, quantized: Quantized | None
) -> tuple[Artifact, Path | None]:
    """Write the file, and for half precision the float32 twin that proves its graph."""
    from edgevit.backends.base import ConversionRequest

    request = model.request
    path = folder / platform.file_name
    twin = path.with_stem("Twin") if request.precision is Precision.FP16 else None
    conversion = ConversionRequest(
        precision=request.precision,
        labels=model.labels or None,
        ios_min=oldest_ios(request),
        quantized=None if quantized is None else quantized.model,
        runtime=request.runtime,
        converter=request.converter,
        input_type=request.input_type,
        batch=request.batch,
        metadata={_GOLDEN_KEY: json.dumps(model.golden, sort_keys=True, separators=(",", ":"))},
    )
    artifact = platform.convert(adapted, conversion, path, twin)
    if not request.islands or twin is None or not platform.rounds_arithmetic:
        return artifact, twin
    islands = _islands(adapted, twin, model)
    if islands:
        shutil.rmtree(path)
        shutil.rmtree(twin)
        artifact = platform.convert(adapted, dataclasses.replace(conversion, islands=islands), path, twin)
    return artifact, twin


def _islands(adapted: AdaptedModel, twin: Path, model: _Model) -> frozenset[str]:
    """Return which values half precision may not hold, on the photographs and on the calibration images."""
    from edgevit.images.photos import photos
    from edgevit.verification.islands import find_islands

    spec = adapted.spec
    images = [photo.pixels(spec.input_size, spec.preprocessing) for photo in photos()]
    if model.images is not None:
        images += list(model.images.calibration.images)
    return frozenset(island.value for island in find_islands(twin, images, adapted.head, spec.preprocessing))


def _verify(
    platform: Platform,
    artifact: Artifact,
    twin: Path | None,
    model: _Model,
    *,
    adapted: AdaptedModel,
    quantized: Quantized | None,
) -> Verdict:
    """Return the verdict on the written file; it must pass, since what fails is not published."""
    from edgevit.mobile.halves import half_weights
    from edgevit.verification.verdict import judge

    halves = platform.rounds_arithmetic and artifact.precision is Precision.FP16
    verdict = judge(
        artifact,
        spec=adapted.spec,
        head=adapted.head,
        reference=_reference(model.loaded, adapted.head),
        half_reference=half_weights(adapted.module) if halves else None,
        twin=twin,
        labels=model.labels if adapted.head is Head.PROBABILITIES else None,
        written=None if quantized is None else quantized.written,
    )
    if twin is not None:
        shutil.rmtree(twin) if twin.is_dir() else twin.unlink()
    if not verdict.passed:
        raise ParityError(
            f"The {platform.file_title} of {adapted.spec.title} does not compute what PyTorch computes.",
            why="\n".join(verdict.failures),
            help="Nothing was published. --precision fp32 avoids half precision; report this if fp32 fails too.",
        )
    return verdict


def _reference(model: LoadedModel, head: Head) -> Callable[[Tensor], Tensor | tuple[Tensor, ...]]:
    """Return the source network, unfolded, as a function of normalized input (1, 3, H, W)."""
    if head is Head.PROBABILITIES:
        return lambda x: model.module(x).softmax(dim=-1)
    return model.module


@dataclass
class _Stages:
    """Times the stages of one build and tells the listener."""

    listener: EventSink | None
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @contextmanager
    def __call__(self, name: str, message: str) -> Iterator[None]:
        self.emit(Event(name, "start", message))
        begin = time.perf_counter()
        yield
        seconds = time.perf_counter() - begin
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds
        self.emit(Event(name, "end", message, seconds=seconds))

    def waiting(self, text: str) -> None:
        """Tell that another process holds a target."""
        self.emit(Event("check", "progress", text))

    def emit(self, event: Event) -> None:
        if event.kind == "warning":
            self.warnings.append(event.message)
        if self.listener is not None:
            self.listener(event)
