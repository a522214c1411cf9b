"""edgevit: vision transformers onto phones, with proof.

The public face. Every name is loaded when it is first used, so that ``import edgevit`` costs nothing::

    import edgevit

    model = edgevit.load_model("fastvit_t8")               # training form, official key names
    folded = edgevit.reparameterize(model)                  # new module, proven in float64
    report = edgevit.build(edgevit.BuildSpec("fastvit_t8"))  # verified Core ML package in a Swift package
    verdict = edgevit.verify(report.sdk)                    # again, later, without the weights
    result = edgevit.evaluate(report.sdk, "photos/val")     # top-1 and top-5 on labelled images
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgevit.errors import EdgeVitError
    from edgevit.evaluation.evaluate import evaluate
    from edgevit.models.registry import list_models
    from edgevit.pipeline import build
    from edgevit.reparam.proof import reparameterize
    from edgevit.types import BuildSpec, Head, Precision
    from edgevit.verification.verify import verify
    from edgevit.weights import load_model

__all__ = [
    "BuildSpec",
    "EdgeVitError",
    "Head",
    "Precision",
    "__version__",
    "build",
    "evaluate",
    "list_models",
    "load_model",
    "reparameterize",
    "verify",
]

__version__ = "0.1.0"

_HOMES = {
    "BuildSpec": "edgevit.types",
    "EdgeVitError": "edgevit.errors",
    "Head": "edgevit.types",
    "Precision": "edgevit.types",
    "build": "edgevit.pipeline",
    "evaluate": "edgevit.evaluation.evaluate",
    "list_models": "edgevit.models.registry",
    "load_model": "edgevit.weights",
    "reparameterize": "edgevit.reparam.proof",
    "verify": "edgevit.verification.verify",
}
"""Public name -> module that has it."""


if not TYPE_CHECKING:  # or else a type checker takes every misspelt name for an object

    def __getattr__(name: str) -> object:
        """Load a public name on first use (PEP 562)."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module 'edgevit' has no attribute '{name}'")
        value = getattr(importlib.import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
