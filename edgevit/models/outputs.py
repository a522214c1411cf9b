"""Choosing at which depth a network's output is taken."""

from __future__ import annotations

import copy
import dataclasses

from edgevit.models.base import ImageNet
from edgevit.types import Head, LoadedModel

__all__ = ["select_output"]


def select_output(model: LoadedModel, head: Head) -> LoadedModel:
    """Return ``model`` whose network returns what ``head`` says; weights are shared, the argument is left intact.

    Chosen before folding, because the last norm may move into the classifier only where the classifier is used.
    ``PROBABILITIES`` takes logits here; the softmax is appended when the network is adapted for a phone.

    Raises:
        TypeError: The module is no :class:`~edgevit.models.base.ImageNet`.
    """
    if not isinstance(model.module, ImageNet):
        raise TypeError(f"{type(model.module).__name__} has no stages, pool and classify")
    module = copy.copy(model.module)
    module.output = Head.LOGITS if head is Head.PROBABILITIES else head
    return dataclasses.replace(model, module=module)
