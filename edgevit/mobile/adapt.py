"""From a folded network to one that phone runtimes like, each step proven in float64."""

from __future__ import annotations

import copy
import difflib
import importlib
from collections.abc import Collection, Iterable

import torch
from torch import Tensor, nn

from edgevit.errors import FoldingError, UsageError
from edgevit.mobile.heads import OUTPUT_NAMES, Probabilities
from edgevit.mobile.image_input import centred_from_normalized, take_centred_pixels
from edgevit.mobile.rewrite import Application, Target, all_rewrites, rewrite
from edgevit.mobile.unused import drop_unused
from edgevit.models.base import ImageNet
from edgevit.reparam.difference import relative_difference
from edgevit.types import AdaptedModel, FoldedModel, Head, ModelSpec, RewriteProof

__all__ = ["IMAGE_INPUT", "TOLERANCE", "adapt", "check_rewrite_names", "rewrite_names"]

IMAGE_INPUT = "image-input"
"""Name of the step that lets the network read pixels; skipping it leaves normalized float input."""

_IMAGE_INPUT_REASON = (
    "apps hold 8-bit images: the mean stays an fp32 subtraction before the first convolution and 1 / (255 std) goes "
    "into its weights, which is exact per channel"
)

TOLERANCE = 1e-10
"""Largest relative error of a rewrite in float64; rewrites reorder sums, they do not approximate."""


_XNNPACK = "edgevit.mobile.xnnpack"
_FAMILY_XNNPACK = {"fastvit": "edgevit.mobile.fastvit_xnnpack", "sepvit": "edgevit.mobile.sepvit_xnnpack"}
"""Modules with rewrites for TFLite's CPU kernels: that for all families, and those for one."""


def rewrite_names(spec: ModelSpec, target: Target = Target.COREML) -> tuple[str, ...]:
    """Return the names of the rewrites that exist for the family of ``spec`` and the format, sorted."""
    modules = [f"edgevit.mobile.{spec.family}"]
    if target is Target.TFLITE:
        modules += [_XNNPACK, _FAMILY_XNNPACK.get(spec.family, _XNNPACK)]
    for module in modules:
        importlib.import_module(module)
    rules = [r for r in all_rewrites() if r.target in (None, target)]
    return tuple(sorted({r.name for r in rules if r.build.__module__.startswith(tuple(modules))} | {IMAGE_INPUT}))


def check_rewrite_names(spec: ModelSpec, names: Iterable[str], target: Target = Target.COREML) -> None:
    """Raise UsageError for a name that is no rewrite of the family of ``spec`` for the format."""
    known = rewrite_names(spec, target)
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {close[0]}? " if close else ""
            raise UsageError(
                f"There is no rewrite '{name}' for {spec.title}.", help=f"{hint}Known: {', '.join(known)}."
            )


def adapt(
    model: FoldedModel, *, head: Head, skip: Collection[str] = (), target: Target = Target.COREML
) -> AdaptedModel:
    """Return the network rewritten for phones: attention layouts, image input, head, which drops what it does not need.

    Args:
        model: Folded network whose output was selected for ``head`` before folding.
        head: What the result returns.
        skip: Names of rewrites to leave out, see :func:`rewrite_names`.
        target: The format that the network is adapted for.

    Raises:
        UsageError: A name in ``skip`` is unknown.
        FoldingError: A rewrite changed the function by more than :data:`TOLERANCE` in float64.
        TypeError: The module is no :class:`~edgevit.models.base.ImageNet`.
    """
    check_rewrite_names(model.spec, skip, target)
    if not isinstance(model.module, ImageNet):
        raise TypeError(f"{type(model.module).__name__} has no stem convolution")
    stem = model.module.stem_convolution()
    example = _example(model.spec)
    network, applications = rewrite(copy.deepcopy(model.module).double(), example, skip=skip, target=target)
    proofs = _summarise(applications)
    input_kind = "normalized"
    if IMAGE_INPUT not in skip:
        network, proof = _with_image_input(network, stem, model.spec, example)
        proofs = (*proofs, proof)
        input_kind = "centred_pixels"
    _check(proofs, model.spec)
    if head in (Head.EMBEDDING, Head.FEATURES):
        drop_unused(network, example)
    network = network.float()
    module = Probabilities(network) if head is Head.PROBABILITIES else network
    return AdaptedModel(model.spec, module.eval(), head, model.weights, input_kind, proofs, OUTPUT_NAMES[head])


def _example(spec: ModelSpec) -> Tensor:
    """Return seeded normalized noise (1, 3, H, W), float64."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(1, 3, *spec.input_size, generator=generator, dtype=torch.float64)


@torch.no_grad()
def _with_image_input(
    network: nn.Module, stem: str, spec: ModelSpec, example: Tensor
) -> tuple[nn.Module, RewriteProof]:
    changed = take_centred_pixels(network, stem, spec.preprocessing)
    error = relative_difference(network(example), changed(centred_from_normalized(example, spec.preprocessing)))
    return changed, RewriteProof(IMAGE_INPUT, _IMAGE_INPUT_REASON, 1, error)


def _summarise(applications: Iterable[Application]) -> tuple[RewriteProof, ...]:
    """Return one row a rewrite name, in the order of first use."""
    rows: dict[str, RewriteProof] = {}
    for application in applications:
        name = application.rewrite.name
        before = rows.get(name, RewriteProof(name, application.rewrite.reason, 0, 0.0))
        worst = max(before.max_rel_error, application.max_rel_error)
        rows[name] = RewriteProof(name, before.reason, before.count + 1, worst)
    return tuple(rows.values())


def _check(proofs: Iterable[RewriteProof], spec: ModelSpec) -> None:
    for proof in proofs:
        if not proof.max_rel_error <= TOLERANCE:
            raise FoldingError(
                f"The rewrite '{proof.name}' changes what {spec.title} computes.",
                why=f"Relative error {proof.max_rel_error:.1e} in float64; at most {TOLERANCE:.0e} is allowed.",
                help=f"Leave it out with --skip-rewrite {proof.name}, and report this with the model and input size.",
            )
