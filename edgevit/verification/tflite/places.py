"""Judging a TFLite file that takes several images at once: each image in each place, and none by its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edgevit.verification.cost import CostMeter
from edgevit.verification.judgement import Judgement
from edgevit.verification.outputs import Outputs
from edgevit.verification.tflite.subject import Pixels, TFLiteFile

__all__ = ["judge_places"]


def judge_places(
    judgement: Judgement,
    file: TFLiteFile,
    images: Mapping[str, Pixels],
    expected: Callable[[str], Outputs],
    cost: CostMeter | None = None,
) -> None:
    """Add the file's outputs on every image in every place of a batch, and a failure for what depends on others.

    Args:
        judgement: Takes the figures.
        file: What is judged.
        images: Name -> pixels (H, W, 3).
        expected: Returns what an image's outputs must be, by its name.
        cost: Takes the outputs in the first place.
    """
    for name, place, actual in file.run_places(images):
        where = name if file.batch == 1 else f"{name} in place {place + 1} of {file.batch}"
        judgement.add(where, expected(name), actual)
        if cost is not None and place == 0:
            cost.add(name, actual)
    judgement.fail(
        *(
            f"The outputs of the image in place {place + 1} of {file.batch} depend on the images in other places."
            for place in file.dependent_places(images)
        )
    )
