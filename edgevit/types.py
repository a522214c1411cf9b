"""The values that cross rooms: frozen dataclasses and enums, standard library only.

The pipeline reads as a chain of these types: :class:`BuildSpec` -> :class:`ModelSpec` -> :class:`LoadedModel` ->
:class:`FoldedModel` -> :class:`AdaptedModel` -> :class:`Artifact` -> :class:`Verdict` -> :class:`BuildReport`. A
converter that asks for an ``AdaptedModel`` cannot be handed an unfused network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

__all__ = [
    "IMAGENET_MEAN",
    "IMAGENET_STD",
    "MAX_BATCH",
    "AdaptedModel",
    "Artifact",
    "BlockError",
    "BuildReport",
    "BuildSpec",
    "Converter",
    "Cost",
    "Event",
    "EventSink",
    "FoldedModel",
    "Form",
    "Head",
    "InputMetrics",
    "LoadedModel",
    "ModelSpec",
    "PixelType",
    "PlatformReport",
    "Precision",
    "Preprocessing",
    "PretrainedRelease",
    "Quantization",
    "RewriteProof",
    "Runtime",
    "Size",
    "SkippedWeight",
    "Verdict",
    "WeightsInfo",
]

MAX_BATCH = 64
"""Images that a TFLite file takes at once, at most: more take memory and win no time."""

Size = tuple[int, int]
"""Height and width in pixels, in this order."""

IMAGENET_MEAN = (0.485, 0.456, 0.406)
"""Per-channel RGB mean of ImageNet, on a 0..1 scale; every released checkpoint of the four families uses it."""

IMAGENET_STD = (0.229, 0.224, 0.225)
"""Per-channel RGB standard deviation of ImageNet, on a 0..1 scale."""


class Head(StrEnum):
    """What the converted network returns.

    ``LOGITS``: (B, classes). ``PROBABILITIES``: (B, classes) after softmax. ``EMBEDDING``: (B, D), the pooled vector
    that the classifier reads. ``FEATURES``: four maps (B, C_i, H_i, W_i), one a stage, for dense tasks.
    """

    LOGITS = "logits"
    PROBABILITIES = "probabilities"
    EMBEDDING = "embedding"
    FEATURES = "features"


class Precision(StrEnum):
    """Number format of weights and activations in the artifact."""

    FP16 = "fp16"
    FP32 = "fp32"


class Runtime(StrEnum):
    """The oldest generation of TFLite's runtime that a file is meant for.

    ``LITERT``: LiteRT 1.0 and newer (2024). ``TFLITE_2_14``: TensorFlow Lite 2.14 (2023), whose exact GELU is a scalar
    loop, so that the tanh form is written there.
    """

    LITERT = "litert"
    TFLITE_2_14 = "tflite-2.14"


class Converter(StrEnum):
    """What turns a network into a TFLite graph: edgevit itself, or Google's litert-torch."""

    EDGEVIT = "edgevit"
    LITERT_TORCH = "litert-torch"


class PixelType(StrEnum):
    """Element type of the image that a TFLite file takes; values are 0..255 and normalization is inside in either."""

    UINT8 = "uint8"
    FLOAT32 = "float32"


class Form(StrEnum):
    """Which structure a network or checkpoint has.

    ``TRAINING``: with its training-time branches and norms, official key names. ``FUSED``: the official inference
    form (branches merged, some norms left). ``FOLDED``: edgevit's, with everything folded that folds exactly.
    """

    TRAINING = "training"
    FUSED = "fused"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a photograph becomes the network's input: resize, centre crop, ``(rgb / 255 - mean) / std``.

    The shorter side is resized to ``int(side / crop_pct)`` with antialiased bicubic interpolation, then the centre
    is cropped to the input size.
    """

    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    crop_pct: float = 0.875
    interpolation: str = "bicubic"


@dataclass(frozen=True, slots=True)
class PretrainedRelease:
    """One public set of weights.

    Attributes:
        tag: Short name of the release, for example ``apple_in1k``.
        repo: Repository on the Hugging Face hub, ``owner/name``.
        filename: File inside the repository.
        key_style: ``official`` or ``timm``: which names its tensors have.
        input_size: Size the weights were trained at.
        licence: Licence of the weights, as far as the owner states one.
        top1: Published ImageNet-1k top-1 accuracy in percent, or None.
        top1_source: Where ``top1`` was published.
        sha256: Digest of the file where known, else None.
        revision: Git revision of the repository that is pinned, where known.
    """

    tag: str
    repo: str
    filename: str
    key_style: str
    input_size: Size
    licence: str
    top1: float | None = None
    top1_source: str = ""
    sha256: str | None = None
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One variant of one family, at one input size and class count.

    Attributes:
        name: Registry name, for example ``fastvit_t8``.
        family: ``fastvit``, ``efficientvit_m``, ``sepvit`` or ``nextvit``.
        title: Name for people, for example ``FastViT-T8``.
        params: Parameters of the training form with 1000 classes.
        macs: Multiply-accumulates of the training form at the native size, batch 1 (convolutions, linears and
            attention products).
        folded_params: Parameters once everything that folds exactly is folded, 1000 classes.
        preprocessing: What the released weights expect.
        native_size: Size of the paper's headline result.
        size_rule: One sentence: which sizes the architecture allows.
        licence: Licence of the official code and, where not stated apart, of the weights.
        top1: Published ImageNet-1k top-1 accuracy in percent of the default release, or None.
        top1_source: Where ``top1`` was published.
        releases: Public weights, the default one first; empty when none exist.
        input_size: Size this spec is built for.
        num_classes: Classes this spec is built for.
    """

    name: str
    family: str
    title: str
    params: int
    macs: int
    folded_params: int
    preprocessing: Preprocessing
    native_size: Size
    size_rule: str
    licence: str
    paper: str
    top1: float | None = None
    top1_source: str = ""
    releases: tuple[PretrainedRelease, ...] = ()
    input_size: Size = (0, 0)
    num_classes: int = 1000


@dataclass(frozen=True, slots=True)
class WeightsInfo:
    """Where a network's numbers came from.

    Attributes:
        kind: ``pretrained``, ``hub``, ``file`` or ``random``.
        source: Repository and file, path name or seed, as text for reports (no absolute paths).
        sha256: Digest of the file's bytes, or of the state dict where there is no file.
        licence: Licence of these weights, or an empty string where unknown.
        trained: False for random weights: predictions mean nothing then.
        note: What the user must know, for example why random weights were taken.
    """

    kind: str
    source: str
    sha256: str
    licence: str = ""
    trained: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A network with weights, in eval mode: training or official fused form with official key names, or folded.

    Attributes:
        labels: Class names that came with the weights; empty where none did.
    """

    spec: ModelSpec
    module: nn.Module
    form: Form
    weights: WeightsInfo
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockError:
    """How far one folded block is from its source: max |difference| / max |source|, float64."""

    block: str
    max_rel_error: float


@dataclass(frozen=True, slots=True)
class FoldedModel:
    """A network with every exactly foldable structure folded, and the proof.

    Attributes:
        module: New float32 module in eval mode; the source is untouched.
        max_rel_error: Largest of ``blocks`` and of the whole network, float64.
        blocks: Error of each block, given the source's own input to that block.
    """

    spec: ModelSpec
    module: nn.Module
    weights: WeightsInfo
    max_rel_error: float
    blocks: tuple[BlockError, ...]


@dataclass(frozen=True, slots=True)
class RewriteProof:
    """One rewrite for phones: its name, its reason, how often it applied, and its float64 relative error."""

    name: str
    reason: str
    count: int
    max_rel_error: float


@dataclass(frozen=True, slots=True)
class AdaptedModel:
    """A folded network rewritten for a phone runtime.

    Its input is what ``input_kind`` says, float32 (1, 3, H, W) RGB. ``centred_pixels``: ``value - 255 * mean`` with
    value in 0..255 (1 / (255 std) is folded into the first convolution). ``normalized``: ``(rgb / 255 - mean) / std``.
    """

    spec: ModelSpec
    module: nn.Module
    head: Head
    weights: WeightsInfo
    input_kind: str
    rewrites: tuple[RewriteProof, ...]
    output_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file (or package folder) that a backend wrote.

    Attributes:
        path: Where it is now.
        format: ``mlpackage`` or ``tflite``.
        sha256: Digest of its bytes (tree digest for a folder).
        size_bytes: Sum of its files' sizes.
        ops: Operator type -> how many, constants not counted.
        minimum_os: For example ``iOS 16``.
        notes: What the user should know about how it was made (for example a raised minimum).
    """

    path: Path
    format: str
    precision: Precision
    sha256: str
    size_bytes: int
    ops: Mapping[str, int]
    minimum_os: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InputMetrics:
    """Fidelity on one input: reference against the artifact's output.

    Attributes:
        max_abs: Largest absolute difference.
        max_rel: ``max_abs`` / max |reference|.
        psnr_db: 20 log10((max - min of the reference) / RMS difference), in dB; infinite when equal.
        cosine: Cosine similarity.
        top1_equal: Whether the arg max agrees.
    """

    name: str
    max_abs: float
    max_rel: float
    psnr_db: float
    cosine: float
    top1_equal: bool


@dataclass(frozen=True, slots=True)
class Cost:
    """What a scheme of quantization changed: the written file against the network before it was quantized.

    Attributes:
        psnr_db: Lowest PSNR over the photographs, in dB.
        cosine: Lowest cosine similarity.
        top1_agreement: Share of inputs with the same arg max, 0..1.
        inputs: Figures of each input.
    """

    psnr_db: float
    cosine: float
    top1_agreement: float
    inputs: tuple[InputMetrics, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a written file computes what PyTorch computes, with the figures.

    Attributes:
        runtime: What ran the file, for example ``edgevit evaluator (fp16 rounding)``.
        passed: True when every budget is kept.
        graph_max_rel: fp32 twin against PyTorch: proves the graph.
        rounding_max_rel: The file against the same network with half-rounded weights: proves the weights.
        psnr_db: Lowest PSNR against PyTorch over the photographs, in dB.
        cosine: Lowest cosine similarity.
        top1_agreement: Share of inputs with the same arg max, 0..1.
        inputs: Figures of each input.
        failures: One sentence for each budget that is missed.
        range_report: Output of the fp16 guard: JSON-ready rows.
        cost: For quantized files, whose other figures are against PyTorch computing with the same codes.
    """

    artifact_sha256: str
    runtime: str
    passed: bool
    graph_max_rel: float | None
    rounding_max_rel: float | None
    psnr_db: float
    cosine: float
    max_abs: float
    top1_agreement: float
    budget: Mapping[str, float]
    inputs: tuple[InputMetrics, ...]
    failures: tuple[str, ...] = ()
    range_report: Mapping[str, object] = field(default_factory=dict)
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class SkippedWeight:
    """A tensor that a scheme of quantization left as it was.

    Attributes:
        parameter: Its name in the adapted network, for example ``stages.1.0.pw.weight``.
        bytes: What it takes in half precision.
        reason: For people, for example ``kept as asked``.
    """

    parameter: str
    bytes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Quantization:
    """How a network was quantized, and how far its answers moved on images.

    Attributes:
        scheme: Name of the scheme.
        encoded: How many layers' weights are codes.
        bytes_half: All layers' weights in half precision.
        bytes_stored: The same as they are stored now.
        images: What it was calibrated and measured on, for people.
        digest: Of these images.
        sqnr_db: Signal to noise of the quantized network's answers over these images, in dB; None where infinite.
        agreement: Share of these images with the same arg max, 0..1.
        skipped: Tensors that stay in half precision.
        search: Where a budget was kept: the search as JSON-ready values, see :mod:`edgevit.quantize.report`.
        chart: The same as an SVG picture of what each layer costs.
        bought: One sentence: what the budget bought.
        speed: Of the file relative to float32 weights, measured on this machine's CPU; None where nothing here runs
            it, and in what an app carries.
    """

    scheme: str
    encoded: int
    bytes_half: int
    bytes_stored: int
    images: str
    digest: str
    sqnr_db: float | None
    agreement: float
    skipped: tuple[SkippedWeight, ...]
    search: Mapping[str, object] = field(default_factory=dict)
    chart: str = ""
    bought: str = ""
    speed: float | None = None


@dataclass(frozen=True, slots=True)
class BuildSpec:
    """What was asked of a build.

    Attributes:
        model: Registry name.
        out: Folder to make; None makes ``<model>-ios`` or ``<model>-android`` in the working folder. For both systems
            the folders are ``ios`` and ``android`` in ``out``, or both of those in the working folder.
        ios: Build the Swift package.
        android: Build the Gradle project.
        weights: ``auto``, ``pretrained``, ``random``, a path, or ``hf:OWNER/REPO[:FILE]``.
        num_classes: None takes 1000, or the labels' count.
        input_size: One side, (height, width), or None for the native size.
        head: What the network returns.
        precision: ``fp16`` or ``fp32``.
        ios_min: 15, 16, 17 or 18: the oldest iOS that must run it; None takes 16, or what ``quant`` needs.
        labels: File with one label a line; None takes ImageNet-1k's names when there are 1000 classes.
        seed: Seed of random weights.
        skip_rewrites: Names of phone rewrites to leave out.
        quant: Name of a quantization scheme, or ``auto``; None stores plain numbers of ``precision``.
        calib: Folder of images to calibrate and measure quantization with; None takes the built-in photographs.
        calib_count: How many of them.
        calib_seed: Of their choice.
        keep: Patterns of layer names that quantization leaves in half precision.
        max_drop: Points of accuracy, or of agreement with the source without ``data``, that quantization may cost:
            layers are stored as small as that allows. None takes 0.5 for ``auto`` and applies other schemes everywhere.
        data: Labelled images, one folder a class, to measure ``max_drop`` on.
        data_count: How many of them.
        runtime: The oldest TFLite runtime that must run the Android file well.
        converter: What writes the Android file's graph.
        input_type: Element type of the image that the Android file takes.
        batch: How many images the Android file takes at once, 1..64.
        islands: Keep operations that may leave half precision's range in float32 (Core ML packages).
    """

    model: str
    out: Path | None = None
    ios: bool = True
    android: bool = False
    weights: str = "auto"
    num_classes: int | None = None
    input_size: int | Size | None = None
    head: Head = Head.PROBABILITIES
    precision: Precision = Precision.FP16
    ios_min: int | None = None
    labels: Path | None = None
    seed: int = 0
    skip_rewrites: tuple[str, ...] = ()
    quant: str | None = None
    calib: Path | None = None
    calib_count: int = 64
    calib_seed: int = 0
    keep: tuple[str, ...] = ()
    max_drop: float | None = None
    data: Path | None = None
    data_count: int = 1000
    islands: bool = False
    runtime: Runtime = Runtime.LITERT
    converter: Converter = Converter.EDGEVIT
    input_type: PixelType = PixelType.UINT8
    batch: int = 1


@dataclass(frozen=True, slots=True)
class PlatformReport:
    """What a build made for one phone system.

    Attributes:
        platform: ``ios`` or ``android``.
        sdk: Its folder.
        quantization: What was quantized and what it cost, where anything was.
    """

    platform: str
    sdk: Path
    artifact: Artifact
    verdict: Verdict
    rewrites: tuple[RewriteProof, ...]
    quantization: Quantization | None = None


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made and measured.

    Attributes:
        sdk, artifact, verdict, rewrites: Those of the first phone system, iOS before Android.
        platforms: All of them.
        stage_seconds: Stages that both systems go through count the time of both.
    """

    spec: ModelSpec
    weights: WeightsInfo
    sdk: Path
    artifact: Artifact
    verdict: Verdict
    fold_max_rel_error: float
    rewrites: tuple[RewriteProof, ...]
    stage_seconds: Mapping[str, float]
    warnings: tuple[str, ...] = ()
    platforms: tuple[PlatformReport, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Progress of long work.

    Attributes:
        stage: Stage name, for example ``convert``.
        kind: ``start``, ``progress``, ``end`` or ``warning``.
        message: One line for people.
        fraction: 0..1 within the stage, where known.
        seconds: Duration, on ``end``.
    """

    stage: str
    kind: str
    message: str = ""
    fraction: float | None = None
    seconds: float | None = None


EventSink = Callable[[Event], None]
"""Receives events; must not raise."""
