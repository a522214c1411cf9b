"""Where operations that edgevit adds to a finished program say that they come from."""

from __future__ import annotations

from contextlib import AbstractContextManager

__all__ = ["as_pass"]


def as_pass(name: str) -> AbstractContextManager[object]:
    """Return the scope of a graph pass, in which new operations inherit where their predecessors came from."""
    from coremltools.converters.mil.mil import Builder
    from coremltools.converters.mil.mil.scope import ScopeInfo, ScopeSource

    scope: AbstractContextManager[object] = Builder.scope(
        ScopeInfo(source=ScopeSource.COREMLTOOLS_GRAPH_PASS, data=[name])
    )
    return scope
