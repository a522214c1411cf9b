"""What each layer costs when it alone is quantized: the table that a search for a budget starts from."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from edgevit.quantize.assembly import assemble
from edgevit.quantize.fidelity import Answers, Fidelity, answer, compare_answers
from edgevit.quantize.layers import Pixels, network_inputs
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.schemes import FormatScheme
from edgevit.quantize.simulation import simulated
from edgevit.store.publish import write_file_atomically
from edgevit.threads import one_thread
from edgevit.types import AdaptedModel, Event, EventSink

__all__ = ["Evidence", "SensitivityRow", "sensitivity"]

_STAGE = "sensitivity"
_REVISION = 1
"""Of how rows are computed; rows of another revision are not taken from a cache."""


@dataclass(frozen=True, slots=True)
class SensitivityRow:
    """One layer under one scheme, the others in half precision.

    Attributes:
        layer: Its name in the adapted network.
        scheme: Name of the scheme.
        bytes_half: Its weight in half precision.
        bytes: Its weight under the scheme, scales and tables included.
        fidelity: The network's answers against the source's.
    """

    layer: str
    scheme: str
    bytes_half: int
    bytes: int
    fidelity: Fidelity


class Evidence:
    """Images, the source network's answers to them, and labels where there are some.

    Attributes:
        source: The adapted network.
        images: uint8 (N, H, W, 3).
        labels: True class of each image, or None.
    """

    def __init__(self, source: AdaptedModel, images: Pixels, labels: Sequence[int] | None = None) -> None:
        """Run the source network on every image.

        Raises:
            InputError: The images do not fit the network.
            ValueError: The labels are not as many as the images.
        """
        if labels is not None and len(labels) != len(images):
            raise ValueError(f"{len(labels)} labels for {len(images)} images")
        self.source, self.images = source, images
        self.labels = None if labels is None else tuple(labels)
        with one_thread():
            self._answers = answer(source.module, source.head, self._inputs())

    def few(self, count: int) -> Evidence:
        """Return ``count`` of the images, evenly spread."""
        if count >= len(self.images):
            return self
        places = np.arange(count) * len(self.images) // count
        subset = object.__new__(Evidence)
        subset.source, subset.images = self.source, self.images[places]
        subset.labels = None if self.labels is None else tuple(self.labels[place] for place in places)
        subset._answers = self._answers[places]
        return subset

    def of_source(self) -> Fidelity:
        """Return the source against itself: its accuracy, where there are labels."""
        return compare_answers(self._answers, self._answers, self.source.head, self.labels)

    def of(self, model: QuantizedModel) -> Fidelity:
        """Return how far a quantized network, computed as its file computes, is from the source."""
        return compare_answers(self._answers, self._run(model), self.source.head, self.labels)

    def digest(self) -> str:
        """Return a digest of the network, the images and the labels."""
        total = hashlib.sha256(repr((_REVISION, self.images.shape, self.labels, self.source.input_kind)).encode())
        for name, tensor in self.source.module.state_dict().items():
            total.update(name.encode() + tensor.numpy().tobytes())
        total.update(np.ascontiguousarray(self.images).tobytes())
        return total.hexdigest()

    def _run(self, model: QuantizedModel) -> Answers:
        with one_thread():
            return answer(simulated(model), self.source.head, self._inputs())

    def _inputs(self) -> Iterator[Tensor]:
        return network_inputs(self.source, self.images)


def sensitivity(
    evidence: Evidence,
    options: Mapping[str, QuantizedModel],
    plain: FormatScheme,
    *,
    cache: Path | None = None,
    on_event: EventSink | None = None,
) -> tuple[SensitivityRow, ...]:
    """Return one row for each layer and scheme that encodes it, in the order of schemes and layers.

    Args:
        evidence: Images and what the source answers to them; a few images suffice to rank layers.
        options: Scheme name -> the whole network under that scheme.
        plain: Half precision in this file format.
        cache: Folder in which finished rows are kept, so that a search that was interrupted goes on where it was; None
            keeps nothing.
        on_event: Receives progress, stage ``sensitivity``.

    Raises:
        OutputError: The cache cannot be written.
    """
    work = [(name, parameter) for name, option in options.items() for parameter in option.encodings]
    kept = _Kept.open(cache, evidence, options)
    rows = []
    for place, (scheme, parameter) in enumerate(work):
        layer = parameter.removesuffix(".weight")
        found = kept.get(scheme, layer)
        if found is None:
            found = evidence.of(assemble(evidence.source, {scheme: options[scheme]}, {layer: scheme}, plain))
            kept.put(scheme, layer, found)
        encoding = options[scheme].encodings[parameter]
        rows.append(SensitivityRow(layer, scheme, 2 * encoding.codes.size, encoding.size_bits // 8, found))
        if on_event is not None:
            on_event(Event(_STAGE, "progress", f"{layer} as {scheme}", (place + 1) / len(work)))
    return tuple(rows)


class _Kept:
    """Finished rows in a file of the cache, or nowhere."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._rows: dict[str, list[float | None]] = {}
        if path is not None and path.exists():
            self._rows = _read(path)

    @classmethod
    def open(cls, folder: Path | None, evidence: Evidence, options: Mapping[str, QuantizedModel]) -> _Kept:
        """Return the rows of exactly this network, these images and these schemes."""
        if folder is None:
            return cls(None)
        folder.mkdir(parents=True, exist_ok=True)
        total = hashlib.sha256(evidence.digest().encode())
        for name, option in options.items():
            ranges = sorted(option.inputs.items()), sorted(option.outputs.items())
            total.update(repr((name, option.form, ranges)).encode())
            for parameter, encoding in option.encodings.items():
                total.update(parameter.encode() + np.ascontiguousarray(encoding.decode()).tobytes())
        return cls(folder / f"sensitivity-{total.hexdigest()[:32]}.json")

    def get(self, scheme: str, layer: str) -> Fidelity | None:
        row = self._rows.get(f"{scheme} {layer}")
        return None if row is None else Fidelity(*row)  # type: ignore[arg-type]

    def put(self, scheme: str, layer: str, found: Fidelity) -> None:
        self._rows[f"{scheme} {layer}"] = list(dataclasses.astuple(found))
        if self._path is not None:
            write_file_atomically(self._path, json.dumps(self._rows).encode())


def _read(path: Path) -> dict[str, list[float | None]]:
    """Return the rows of a cache file; a damaged one counts as empty."""
    try:
        rows = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    width = len(dataclasses.fields(Fidelity))
    usable = isinstance(rows, dict) and all(isinstance(row, list) and len(row) == width for row in rows.values())
    return rows if usable else {}
