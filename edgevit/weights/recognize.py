"""Which form and which names a checkpoint has: decided by the tensors' names alone.

A Next-ViT whose norms were merged by the authors' ``merge_bn`` keeps all its names, so it looks like a training
checkpoint and normalizes twice once loaded. Nothing in the file tells the two apart: every merged weight is also the
weight of some unmerged network. Save the weights before merging.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from edgevit.errors import UnsupportedError
from edgevit.models.registry import create
from edgevit.types import Form, ModelSpec

__all__ = ["Recognition", "recognize"]

_RenameAll = Callable[[Iterable[str], ModelSpec], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Recognition:
    """The form of the network that has most of a checkpoint's names.

    Attributes:
        renaming: Checkpoint name -> official name.
        expected: Official name -> tensor without storage (meta device) that the network has there.
    """

    form: Form
    renaming: Mapping[str, str]
    expected: Mapping[str, Tensor]


def recognize(spec: ModelSpec, names: Iterable[str]) -> Recognition:
    """Return the form, training or official inference, and the naming, official or timm's, that fit best.

    Args:
        spec: Resolved spec of the network to load into.
        names: The checkpoint's tensor names. They need not fit: differences are for the caller to report.
    """
    names = list(names)
    renamings = [{name: name for name in names}, _timm_renaming(spec)(names, spec)]
    candidates = [Recognition(form, renaming, expected) for form, expected in _forms(spec) for renaming in renamings]
    return max(candidates, key=_common)


def _common(candidate: Recognition) -> int:
    return len(candidate.expected.keys() & set(candidate.renaming.values()))


def _timm_renaming(spec: ModelSpec) -> _RenameAll:
    keys = importlib.import_module(f"edgevit.models.{spec.family}.keys")
    return cast("_RenameAll", keys.timm_to_official)


def _forms(spec: ModelSpec) -> Iterable[tuple[Form, Mapping[str, Tensor]]]:
    with torch.device("meta"):
        yield Form.TRAINING, create(spec).state_dict()
        try:
            fused = create(spec, fused=True)
        except UnsupportedError:
            return
        yield Form.FUSED, fused.state_dict()
