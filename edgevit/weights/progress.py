"""huggingface_hub's progress bar, as events instead of characters on a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from edgevit.types import Event, EventSink

__all__ = ["progress_class"]

_STEP = 0.01
"""An event each percent is enough for a bar and for a log."""


def progress_class(label: str, on_event: EventSink) -> type:
    """Return a stand-in for ``tqdm`` that reports to ``on_event``: pass it as ``tqdm_class``.

    Args:
        label: What is being fetched, for the events' messages.
        on_event: Receives ``progress`` events of stage ``weights`` with a fraction.
    """

    class _Progress:
        """The part of tqdm's interface that huggingface_hub uses."""

        def __init__(self, *_: object, total: float | None = None, initial: float = 0, **__: object) -> None:
            self.total = total
            self.n = initial
            self._reported = -1.0

        def __enter__(self) -> Self:
            return self

        def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
        ) -> None:
            self.close()

        def update(self, count: float = 1) -> None:
            """Advance by ``count`` bytes."""
            self.n += count
            fraction = min(self.n / self.total, 1.0) if self.total else None
            if fraction is not None and fraction - self._reported >= _STEP:
                self._reported = fraction
                on_event(Event("weights", "progress", f"Fetching {label}", fraction))

        def close(self) -> None:
            """Nothing is open."""

        def set_description(self, *_: object, **__: object) -> None:
            """The label is fixed."""

        def refresh(self) -> None:
            """Events need no redrawing."""

    return _Progress
