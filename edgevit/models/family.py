"""What the variants of one family have in common, and the specs that follow from it. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgevit.models.sizes import SizeRule
from edgevit.types import ModelSpec, Preprocessing, PretrainedRelease

if TYPE_CHECKING:
    from edgevit.types import Size

__all__ = ["Counts", "Family"]


@dataclass(frozen=True, slots=True)
class Counts:
    """Counted on the authors' code with 1000 classes at the native size, batch 1.

    Attributes:
        params: Parameters of the training form.
        macs: Multiply-accumulates of the training form.
        folded_params: Parameters once everything that folds exactly is folded.
    """

    params: int
    macs: int
    folded_params: int


@dataclass(frozen=True, slots=True)
class Family:
    """One family of networks.

    Attributes:
        name: As in the registry, for example ``efficientvit_m``.
        title: For people, before a hyphen and the variant.
        suffix: From the rest of a variant's name, for example ``m0``, to what follows the hyphen.
        prefix: What is taken off a variant's name to get that rest.
        native_size: Size of the paper's headline result.
        size_rule: Which input sizes the architecture allows.
        licence: Licence of the official code and weights.
        readme: Where the accuracies were published.
        paper: arXiv number.
    """

    name: str
    title: str
    suffix: Callable[[str], str]
    prefix: str
    native_size: Size
    size_rule: SizeRule
    licence: str
    readme: str
    paper: str

    def variant_title(self, name: str) -> str:
        """Return the title of a variant, for example ``FastViT-T8``."""
        return f"{self.title}-{self.suffix(name.removeprefix(self.prefix))}"

    def check_size(self, name: str, size: Size) -> None:
        """Return when the variant ``name`` can be built for ``size``.

        Raises:
            UnsupportedError: It cannot; the message names the nearest valid sizes.
        """
        self.size_rule.check(self.variant_title(name), size)

    def release(self, name: str, tag: str, top1: float, size: Size | None = None) -> PretrainedRelease:
        """Return one of the variant's releases that timm keeps on the hub; ``top1`` in percent."""
        return PretrainedRelease(
            tag=tag,
            repo=f"timm/{name}.{tag}",
            filename="model.safetensors",
            key_style="timm",
            input_size=size or self.native_size,
            licence=self.licence,
            top1=top1,
            top1_source=self.readme,
        )

    def spec(
        self,
        name: str,
        counts: Counts,
        *,
        top1: float | None,
        releases: tuple[PretrainedRelease, ...] = (),
        crop_pct: float = 0.875,
    ) -> ModelSpec:
        """Return the spec of the variant ``name`` at the native size; ``top1`` in percent, of the default release."""
        return ModelSpec(
            name=name,
            family=self.name,
            title=self.variant_title(name),
            params=counts.params,
            macs=counts.macs,
            folded_params=counts.folded_params,
            preprocessing=Preprocessing(crop_pct=crop_pct),
            native_size=self.native_size,
            size_rule=self.size_rule.text,
            licence=self.licence,
            paper=self.paper,
            top1=top1,
            top1_source="" if top1 is None else self.readme,
            releases=releases,
            input_size=self.native_size,
        )
