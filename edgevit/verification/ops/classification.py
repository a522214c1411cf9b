"""The classifier's end: a label and a dictionary of probabilities."""

from __future__ import annotations

from torch import Tensor

from edgevit.verification.ops.registry import Arguments, op

__all__: list[str] = []


@op("classify")
def _classify(args: Arguments) -> tuple[str | int, dict[str | int, float]]:
    """Return the class of the largest probability, and class -> probability.

    Raises:
        ValueError: Not one class for each probability, or a class appears twice (its dictionary would lose an entry).
    """
    probabilities = args.tensor("probabilities").reshape(-1)
    classes = _classes(args)
    if len(classes) != probabilities.numel():
        raise ValueError(f"{len(classes)} classes for {probabilities.numel()} probabilities")
    table = dict(zip(classes, probabilities.tolist(), strict=True))
    if len(table) != len(classes):
        raise ValueError("a class label appears twice")
    return classes[int(probabilities.argmax())], table


def _classes(args: Arguments) -> list[str | int]:
    try:
        return list(args.texts("classes"))
    except TypeError:
        values: list[Tensor] = args.tensors("classes")
        return [int(number) for value in values for number in value.reshape(-1).tolist()]
