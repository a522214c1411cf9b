"""The 1000 names of ImageNet-1k, each for one class only.

``imagenet1k.tsv`` holds, for each class, its index, its WordNet identifier and the synset's lemmas (WordNet 3.0,
Copyright 2006 by Princeton University, whose licence allows redistribution with this notice). A class is shown by its
first lemma. Where two classes share it, both say what they are: coremltools drops the second of two equal labels in
silence, and no user could tell them apart.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

__all__ = ["imagenet1k", "wordnet_ids"]

_DISAMBIGUATION = {
    "n02012849": "crane (bird)",
    "n03126707": "crane (machine)",
    "n03710637": "maillot (tights)",
    "n03710721": "maillot (tank suit)",
    "n02113186": "Cardigan (dog)",
    "n02963159": "cardigan (jacket)",
}
"""WordNet identifier -> name, for the first lemmas that two classes share (letter case aside)."""


@cache
def imagenet1k() -> tuple[str, ...]:
    """Return the display names of ImageNet-1k's 1000 classes in index order, all distinct."""
    return tuple(_DISAMBIGUATION.get(wordnet_id, lemmas.split(", ")[0]) for _, wordnet_id, lemmas in _rows())


@cache
def wordnet_ids() -> tuple[str, ...]:
    """Return the WordNet identifiers of the classes in index order, for example ``n01440764``."""
    return tuple(wordnet_id for _, wordnet_id, _ in _rows())


def _rows() -> list[list[str]]:
    table = resources.files("edgevit.labels").joinpath("imagenet1k.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in table.splitlines()[1:]]
