"""Finished rows of :mod:`benchmarks.quantization`, kept in a file with the digest of what they are about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from edgevit.store.publish import write_file_atomically

__all__ = ["Figures", "Rows"]


@dataclass(frozen=True, slots=True)
class Figures:
    """One file on all images.

    Attributes:
        megabytes: Of the file, 10^6 bytes; 0 for the network in PyTorch.
        sqnr_db: Centred logits against the source's, signal to noise.
        agreement: Share of images with the source's best class.
        right: For each image whether its best class is the label, packed to bits, as hexadecimal digits; None without
            labels.
        images: How many there were.
        partitions: XNNPACK partitions; None for other formats.
        speed: Time of the float32 TFLite file divided by this one's; None if it was not measured.
        seconds: CPU time to make the file.
        note: Why there are no figures, or empty.
    """

    megabytes: float = 0.0
    sqnr_db: float = 0.0
    agreement: float = 0.0
    right: str | None = None
    images: int = 0
    partitions: int | None = None
    speed: float | None = None
    seconds: float = 0.0
    note: str = ""


@dataclass(slots=True)
class Rows:
    """Variant -> case -> digest and figures; read from and written to a file, or only in memory.

    Attributes:
        path: The file, or None.
        found: The rows.
    """

    path: Path | None = None
    found: dict[str, dict[str, tuple[str, Figures]]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path | None) -> Rows:
        """Return the rows of a file; none where there is no file yet."""
        if path is None or not path.exists():
            return cls(path)
        saved = json.loads(path.read_text("utf-8"))
        return cls(path, {model: {name: _row(row) for name, row in rows.items()} for model, rows in saved.items()})

    def get(self, model: str, case: str, digest: str) -> Figures | None:
        """Return the figures of a row; None if it is missing or about something else."""
        known, figures = self.found.get(model, {}).get(case, ("", None))
        return figures if known == digest else None

    def put(self, model: str, case: str, digest: str, figures: Figures) -> None:
        """Keep a row at once."""
        self.found.setdefault(model, {})[case] = (digest, figures)
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_file_atomically(self.path, (json.dumps(self._plain(), indent=1) + "\n").encode())

    def _plain(self) -> dict[str, dict[str, dict[str, object]]]:
        return {
            model: {name: {"digest": digest, **asdict(figures)} for name, (digest, figures) in rows.items()}
            for model, rows in self.found.items()
        }


def _row(saved: Mapping[str, object]) -> tuple[str, Figures]:
    fields = dict(saved)
    return str(fields.pop("digest")), Figures(**fields)  # type: ignore[arg-type]
