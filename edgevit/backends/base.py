"""What every backend offers: an adapted network in, a file on disk out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from edgevit.types import AdaptedModel, Artifact, Converter, PixelType, Precision, Runtime

if TYPE_CHECKING:
    from edgevit.quantize.model import QuantizedModel

__all__ = ["Backend", "ConversionRequest"]


@dataclass(frozen=True, slots=True)
class ConversionRequest:
    """How a network is to be written.

    Attributes:
        precision: Number format of weights and activations.
        labels: Display names of the classes in the order of the outputs, checked by :mod:`edgevit.labels`. They are
            written into the file when the head returns probabilities, and left out otherwise.
        ios_min: Oldest iOS that must run the file, 15..18; backends for other systems ignore it.
        input_name: Name of the only input; must be an identifier.
        author: Who made the file; empty takes edgevit and the paper.
        licence: Licence of the weights; empty takes what the weights or the family state.
        description: One sentence for people; empty takes one made from the model.
        version: Version of the model for people, for example of a fine-tuned release; may be empty.
        metadata: More user-defined entries, reverse-DNS key to text, for example ``com.edgevit.golden``.
        quantized: The model that is written, with its codes; None writes plain numbers of ``precision``.
        islands: Names of results, as the float32 twin has them, whose operations stay in float32 in a half-precision
            Core ML package; other backends compute in float32 anyway.
        converter: What writes a TFLite file's graph; other backends ignore it.
        runtime: The oldest TFLite runtime that must run the file well; other backends ignore it.
        input_type: Element type of a TFLite file's image; other backends ignore it.
        batch: How many images a TFLite file takes at once; other backends ignore it.
    """

    precision: Precision = Precision.FP16
    labels: tuple[str, ...] | None = None
    ios_min: int = 16
    input_name: str = "image"
    author: str = ""
    licence: str = ""
    description: str = ""
    version: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    quantized: QuantizedModel | None = None
    islands: frozenset[str] = frozenset()
    runtime: Runtime = Runtime.LITERT
    converter: Converter = Converter.EDGEVIT
    input_type: PixelType = PixelType.UINT8
    batch: int = 1


class Backend(Protocol):
    """A function that writes one file format."""

    def __call__(
        self, model: AdaptedModel, request: ConversionRequest, path: Path, *, twin: Path | None = None
    ) -> Artifact:
        """Write ``model`` to ``path``, which must not exist.

        Args:
            model: What to write.
            request: How to write it.
            path: Where; its folder must exist.
            twin: Where to write a float32 file of the same graph, without labels, for the proof; None writes none.
        """
        ...
