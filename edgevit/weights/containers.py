"""Which of the things in a checkpoint are the weights: bare, wrapped by a training loop, or prefixed by a wrapper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from edgevit.errors import CheckpointCorruptError, listed
from edgevit.weights.pickle_machine import TensorRecord

__all__ = ["Choice", "choose_state_dict", "without_prefixes"]

ValueT = TypeVar("ValueT")

_ENTRIES = ("state_dict", "model_state_dict", "model", "net", "state_dict_ema", "model_ema", "ema")
"""Names that training loops give to weights, best first: the official loaders take the plain weights, not the averaged
ones (FastViT ``state_dict``; EfficientViT, SepViT and Next-ViT ``model``)."""

_PREFIXES = ("module.", "_orig_mod.", "model.")
"""What DistributedDataParallel, torch.compile and Lightning put before every name. No official name starts so."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The weights that were chosen.

    Attributes:
        records: Name -> tensor.
        note: What else could have been meant, or an empty string.
    """

    records: dict[str, TensorRecord]
    note: str


def choose_state_dict(content: object) -> Choice:
    """Return the state dict in what a checkpoint holds.

    Entries that are no tensors (optimizer, epoch, arguments) are left alone.

    Raises:
        CheckpointCorruptError: There is none; what was found is listed.
    """
    if isinstance(content, TensorRecord) or not isinstance(content, dict):
        raise _no_weights("It holds a single value, not a mapping of names to tensors.")
    found = {name: _tensors(content[name]) for name in _ENTRIES if _tensors(content.get(name))}
    if not found and _tensors(content):
        return Choice(_tensors(content), "")
    if not found:
        names = listed([ascii(key)[:80] for key in content], separator=", ")
        raise _no_weights(f"Its entries are: {names or 'none'}.")
    chosen, *others = found
    note = f"The checkpoint also holds {' and '.join(others)}; {chosen} was taken." if others else ""
    return Choice(found[chosen], note)


def without_prefixes(tensors: dict[str, ValueT]) -> dict[str, ValueT]:
    """Return the mapping without the wrapper prefixes that all its names share, for example ``module.``."""
    for prefix in _PREFIXES:
        if tensors and all(name.startswith(prefix) for name in tensors):
            return without_prefixes({name.removeprefix(prefix): value for name, value in tensors.items()})
    return tensors


def _tensors(value: object) -> dict[str, TensorRecord]:
    if not isinstance(value, dict):
        return {}
    return {name: item for name, item in value.items() if isinstance(name, str) and isinstance(item, TensorRecord)}


def _no_weights(why: str) -> CheckpointCorruptError:
    return CheckpointCorruptError(
        "The file holds no state dict.",
        why=why,
        help="Save the weights with torch.save(model.state_dict(), 'weights.pth').",
    )
