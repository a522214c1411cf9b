"""Which networks a weight file belongs to: the variants whose tensors have the same names and shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from torch import Tensor

from edgevit.models.registry import list_models, resolve
from edgevit.types import Form, ModelSpec
from edgevit.weights.checkpoint import Checkpoint
from edgevit.weights.folded_file import is_folded
from edgevit.weights.recognize import Recognition, recognize

__all__ = ["Identity", "identify"]


@dataclass(frozen=True, slots=True)
class Identity:
    """A network that a checkpoint fits.

    Attributes:
        model: Registry name.
        form: Training, official inference, or edgevit's folded form.
        names: Whose tensor names the file has: ``official``, ``timm`` or ``edgevit``.
        num_classes: Classes of the checkpoint's classifier.
    """

    model: str
    form: Form
    names: str
    num_classes: int


def identify(checkpoint: Checkpoint) -> tuple[Identity, ...]:
    """Return every variant that the checkpoint fits at its native size, whatever its class count; often one, or none.

    A checkpoint trained at another size may be missed where weights depend on the size (EfficientViT's attention
    biases).
    """
    if is_folded(checkpoint):
        return _stated(checkpoint.metadata)
    return tuple(_fits(checkpoint.tensors))


def _stated(metadata: Mapping[str, str]) -> tuple[Identity, ...]:
    """Return what a file of edgevit says about itself."""
    classes = metadata.get("num_classes", "")
    if not classes.isdecimal():
        return ()
    return (Identity(metadata.get("model", ""), Form.FOLDED, "edgevit", int(classes)),)


def _fits(tensors: Mapping[str, Tensor]) -> Iterator[Identity]:
    for spec in _family(tensors):
        recognition = recognize(spec, tensors)
        classes = _classes(recognition, tensors, spec.num_classes)
        if classes is not None:
            renamed = any(name != official for name, official in recognition.renaming.items())
            yield Identity(spec.name, recognition.form, "timm" if renamed else "official", classes)


def _family(tensors: Mapping[str, Tensor]) -> list[ModelSpec]:
    """Return the variants of the family whose first one shares most names, or nothing: building all takes seconds."""
    families = [[resolve(spec.name) for spec in specs] for _, specs in groupby(list_models(), lambda spec: spec.family)]
    shared = [_shared(recognize(specs[0], tensors)) for specs in families]
    return families[shared.index(max(shared))] if any(shared) else []


def _shared(recognition: Recognition) -> int:
    return len(recognition.expected.keys() & set(recognition.renaming.values()))


def _classes(recognition: Recognition, tensors: Mapping[str, Tensor], native: int) -> int | None:
    """Return the class count if names and shapes are the network's but for that count; None if they are not."""
    found = {recognition.renaming[name]: tuple(tensor.shape) for name, tensor in tensors.items()}
    expected = {name: tuple(tensor.shape) for name, tensor in recognition.expected.items()}
    weights = {name for name, tensor in recognition.expected.items() if tensor.is_floating_point()}
    if not weights <= found.keys() <= expected.keys():
        return None
    counts = {
        found[name][0] if found[name][1:] == expected[name][1:] and expected[name][:1] == (native,) else None
        for name in weights
        if found[name] != expected[name]
    }
    return native if not counts else counts.pop() if len(counts) == 1 else None
