"""The tables of :mod:`benchmarks.quantization` as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from benchmarks.quantization_accuracy import points_lost, top1
from benchmarks.quantization_cases import CASES, SOURCE, Case, Kind
from benchmarks.quantization_rows import Figures
from edgevit.models.registry import get_spec

__all__ = ["compact", "decibels", "full"]

Network = Mapping[str, Figures]
"""Case -> figures."""

_NONE = "-"


def _drop(source: Figures, row: Figures) -> str:
    lost = points_lost(source, row)
    return _NONE if lost is None else f"{lost.points:.2f} ± {lost.error:.2f}"


def _optional(value: float | None, digits: int) -> str:
    return _NONE if value is None else f"{value:.{digits}f}"


_COLUMNS: Mapping[str, Callable[[Figures, Figures], str]] = {
    "MB": lambda _, row: f"{row.megabytes:.2f}" if row.megabytes else _NONE,
    "top-1 (%)": lambda _, row: _optional(top1(row), 2),
    "points lost": _drop,
    "SQNR (dB)": lambda _, row: f"{row.sqnr_db:.1f}",
    "same answer (%)": lambda _, row: f"{100 * row.agreement:.2f}",
    "partitions": lambda _, row: _optional(row.partitions, 0),
    "speed / fp32": lambda _, row: _optional(row.speed, 2),
}
"""Heading -> cell, of the source's row and this one."""


def full(networks: Mapping[str, Network]) -> str:
    """Return every row of every network, and why rows have no figures."""
    lines = [_line(["model", "file", *_COLUMNS]), "|---|---|" + "--:|" * len(_COLUMNS)]
    for model, rows in networks.items():
        lines += [_line([get_spec(model).title, name, *_cells(rows, name)]) for name in CASES if name in rows]
    return "\n".join(lines)


def _cells(rows: Network, name: str) -> list[str]:
    row = rows[name]
    if row.note:
        return [row.note.replace("|", "/"), *[""] * (len(_COLUMNS) - 1)]
    return [cell(rows[SOURCE.name], row) for cell in _COLUMNS.values()]


def compact(networks: Mapping[str, Network]) -> str:
    """Return one row for each file of ours: size and points lost for each network, in brackets a peer's points."""
    heads = [f"{get_spec(model).title}: {column}" for model in networks for column in ("MB", "points lost")]
    sources = [cell for rows in networks.values() for cell in ("", _accuracy(rows))]
    lines = [_line(["file", *heads]), "|---|" + "--:|" * len(heads), _line([f"{SOURCE.name}, top-1", *sources])]
    for name in _ours(networks.values()):
        cells = [cell for rows in networks.values() for cell in _short(rows, name)]
        lines.append(_line([name, *cells]))
    return "\n".join(lines)


def _accuracy(rows: Network) -> str:
    share = top1(rows[SOURCE.name]) if SOURCE.name in rows else None
    return _NONE if share is None else f"{share:.2f} %"


def _short(rows: Network, name: str) -> tuple[str, str]:
    row, source = rows.get(name), rows.get(SOURCE.name)
    if row is None or source is None or row.note:
        return _NONE, "none" if row is not None and row.note else _NONE
    peers = [rows[peer] for peer, case in CASES.items() if peer in rows and _answers(case, CASES[name])]
    brackets = [f" ({_points(source, peer)})" for peer in peers]
    return f"{row.megabytes:.2f}", _points(source, row) + "".join(brackets)


def _points(source: Figures, row: Figures) -> str:
    lost = None if row.note else points_lost(source, row)
    return "none" if row.note else _optional(None if lost is None else lost.points, 2)


def _answers(peer: Case, ours: Case) -> bool:
    return peer.kind is Kind.PEER and ours.kind is Kind.SCHEME and (peer.form, peer.rival) == (ours.form, ours.label)


def _ours(networks: Iterable[Network]) -> list[str]:
    measured = {name for rows in networks for name in rows}
    return [name for name, case in CASES.items() if name in measured and case.kind not in (Kind.SOURCE, Kind.PEER)]


def decibels(networks: Mapping[str, Network]) -> str:
    """Return signal to noise in dB, a row for each network and a column for each file of ours."""
    names = _ours(networks.values())
    lines = [_line(["SQNR (dB)", *names]), "|---|" + "--:|" * len(names)]
    for model, rows in networks.items():
        found = [rows.get(name) for name in names]
        cells = [_NONE if row is None or row.note else f"{row.sqnr_db:.1f}" for row in found]
        lines.append(_line([get_spec(model).title, *cells]))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
