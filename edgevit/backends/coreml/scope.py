"""Where operations that edgevit adds to a finished program say that they come from."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coremltools.converters.mil.mil import Operation

__all__ = ["as_pass", "coming_from"]


def as_pass(name: str) -> AbstractContextManager[object]:
    """Return the scope of a graph pass, in which new operations inherit where their predecessors came from."""
    from coremltools.converters.mil.mil import Builder
    from coremltools.converters.mil.mil.scope import ScopeInfo, ScopeSource

    scope: AbstractContextManager[object] = Builder.scope(
        ScopeInfo(source=ScopeSource.COREMLTOOLS_GRAPH_PASS, data=[name])
    )
    return scope


def coming_from(op: Operation) -> AbstractContextManager[object]:
    """Return a context in which new operations come from where ``op`` came from."""
    from coremltools.converters.mil.mil import Builder
    from coremltools.converters.mil.mil.scope import ScopeInfo, ScopeSource

    places = {source: data for source, data in op.scopes.items() if source != ScopeSource.COREMLTOOLS_GRAPH_PASS}
    scopes = [ScopeInfo(source=source, data=list(data)) for source, data in places.items() if data]
    context: AbstractContextManager[object] = Builder.scope(*scopes)
    return context
