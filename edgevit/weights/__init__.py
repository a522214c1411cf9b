"""Where a network's numbers come from: the hub, a file, or a seeded generator; checked, and described."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from torch import nn

    from edgevit.types import EventSink, FoldedModel, LoadedModel, ModelSpec, Size

__all__ = ["load_model", "save_folded", "save_training"]


def load_model(
    name: str,
    weights: str | Path = "auto",
    num_classes: int | None = None,
    input_size: int | Size | None = None,
    *,
    seed: int = 0,
    on_event: EventSink | None = None,
) -> LoadedModel:
    """Return a network with weights, in eval mode.

    Args:
        name: Registry name, for example ``fastvit_t8``.
        weights: One of

            - ``auto``: the default public release if it can be had within a few seconds, otherwise seeded random
              weights, which a warning event and ``weights.note`` say;
            - ``pretrained`` or ``pretrained:TAG``: a public release (``edgevit list`` names them), or an error;
            - ``random``: seeded random weights with trained-like statistics;
            - ``hf:OWNER/REPO`` or ``hf:OWNER/REPO:FILE``: a file of a Hugging Face repository;
            - a path: a safetensors file, a checkpoint of ``torch.save``, or a file of :func:`save_training` or
              :func:`save_folded`.
        num_classes: Classes of the classifier; None takes 1000, or what a file of edgevit says.
        input_size: One side in pixels or (height, width); None takes the native size, or what a file of edgevit says.
        seed: Of random weights.
        on_event: Receives download progress and warnings, stage ``weights``.

    Raises:
        UsageError: An unknown model or release, or a request that contradicts itself.
        UnsupportedError: The architecture does not allow the input size.
        InputError: The weights cannot be had, are damaged, or do not belong to this network.
        UnsafeInputError: The file would execute code.
    """
    from edgevit.weights.load import Request, load

    return load(Request(name, str(weights), num_classes, input_size, seed, on_event))


def save_folded(model: FoldedModel, path: Path) -> str:
    """Write a folded network's weights as safetensors, atomically, and return the file's sha256.

    The same model gives the same bytes. :func:`load_model` reads the file back.

    Args:
        model: From :func:`edgevit.reparameterize`.
        path: File to write; replaced if it is there.

    Raises:
        OutputError: It cannot be written.
    """
    from edgevit.weights.folded_file import save

    return save(model, path)


def save_training(
    module: nn.Module,
    spec: ModelSpec,
    path: Path,
    *,
    labels: Sequence[str] = (),
    licence: str = "",
    facts: Mapping[str, str] | None = None,
) -> str:
    """Write a network in training form as safetensors in half precision, atomically, and return the file's sha256.

    The metadata say which network it is, so that :func:`load_model` needs neither class count, size nor labels.

    Args:
        module: The trained network, official names, unfused.
        spec: Its name, class count and input size, from :func:`edgevit.models.registry.resolve`.
        path: File to write; replaced if it is there.
        labels: Class names in the order of the logits, or none.
        licence: Of these weights.
        facts: More metadata, for example the accuracy that was measured; nothing reads them.

    Raises:
        OutputError: It cannot be written.
    """
    from edgevit.weights.described_file import save

    return save(module, spec, path, labels=labels, licence=licence, facts=facts or {})
