"""Assignments of schemes to layers, each measured once on all images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edgevit.quantize.assembly import assemble
from edgevit.quantize.cost import weight_bytes
from edgevit.quantize.fidelity import Fidelity
from edgevit.quantize.model import QuantizedModel
from edgevit.quantize.schemes import FormatScheme
from edgevit.quantize.sensitivity import Evidence
from edgevit.types import Event, EventSink

__all__ = ["Choice", "Trial", "Trials"]

_STAGE = "search"

Choice = Mapping[str, str]
"""Layer -> scheme; the other layers stay in half precision."""


@dataclass(frozen=True, slots=True)
class Trial:
    """An assignment that was measured on all images.

    Attributes:
        layers: Scheme name -> how many layers took it.
        bytes: Of all weights of layers, with what stays in half precision.
        drop: Points of accuracy lost against the source, or of agreement with it where there are no labels.
        fidelity: Against the source.
    """

    layers: Mapping[str, int]
    bytes: int
    drop: float
    fidelity: Fidelity


class Trials:
    """Measures assignments, and remembers them.

    Attributes:
        evidence: Images, labels, and the source's answers.
        options: Scheme name -> the whole network under that scheme.
        done: What was measured, in order.
    """

    def __init__(
        self,
        evidence: Evidence,
        options: Mapping[str, QuantizedModel],
        plain: FormatScheme,
        on_event: EventSink | None = None,
    ) -> None:
        """Measure the source.

        Args:
            evidence: What assignments are measured on.
            options: Scheme name -> the whole network under that scheme.
            plain: Half precision in this file format.
            on_event: Receives progress, stage ``search``.
        """
        self.evidence, self.options = evidence, options
        self.done: list[Trial] = []
        self._plain, self._on_event = plain, on_event
        self._source = evidence.of_source()
        self._known: dict[tuple[tuple[str, str], ...], Trial] = {}

    def assembled(self, choice: Choice) -> QuantizedModel:
        """Return the network of an assignment."""
        return assemble(self.evidence.source, self.options, choice, self._plain)

    def measure(self, choice: Choice) -> Trial:
        """Return what an assignment loses on all images."""
        key = tuple(sorted(choice.items()))
        if key not in self._known:
            model = self.assembled(choice)
            fidelity = self.evidence.of(model)
            self._known[key] = Trial(_counts(choice), weight_bytes(model), _drop(self._source, fidelity), fidelity)
            self.done.append(self._known[key])
            self._tell(self._known[key])
        return self._known[key]

    def bytes(self, choice: Choice) -> int:
        """Return the bytes of all layers' weights under an assignment, without measuring it."""
        return weight_bytes(self.assembled(choice))

    def _tell(self, trial: Trial) -> None:
        if self._on_event is not None:
            text = f"{trial.bytes / 1e6:.2f} MB of weights lose {trial.drop:.2f} points"
            self._on_event(Event(_STAGE, "progress", text))


def _drop(source: Fidelity, found: Fidelity) -> float:
    if source.accuracy is not None and found.accuracy is not None:
        return 100.0 * (source.accuracy - found.accuracy)
    return 100.0 * (1.0 - found.agreement)


def _counts(choice: Choice) -> dict[str, int]:
    names = list(choice.values())
    return {name: names.count(name) for name in sorted(set(names))}
