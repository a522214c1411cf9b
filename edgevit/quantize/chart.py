"""The sensitivity table as a picture: one line a layer, one dot a scheme. SVG, written with the standard library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from edgevit.quantize.auto import AutoResult
from edgevit.quantize.report import LayerRow, layer_rows

__all__ = ["sensitivity_chart"]

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#000000")
"""Okabe and Ito's, which people with any colour vision tell apart."""

_ROW, _TOP, _LEFT, _PLOT, _RIGHT = 16, 64, 300, 520, 90
_FLOOR, _CEILING = 0.0, 80.0
"""dB; what is beyond is drawn at the edge."""

_TICKS = (0, 20, 40, 60, 80)
_FONT = "font-family: system-ui, sans-serif; font-size: 11px"


def sensitivity_chart(result: AutoResult) -> str:
    """Return an SVG document: signal to noise of the network with one layer quantized, the most sensitive layer first.

    Dots further right cost less. A ring marks what was chosen; layers without one stay in half precision.
    """
    rows = layer_rows(result)
    schemes = list(dict.fromkeys(row.scheme for row in result.rows))
    width, height = _LEFT + _PLOT + _RIGHT, _TOP + _ROW * len(rows) + 12
    root = ET.Element(
        "svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {width} {height}", role="img", style=_FONT
    )
    ET.SubElement(root, "title").text = "What quantizing each layer alone costs"
    ET.SubElement(root, "rect", width=str(width), height=str(height), fill="#ffffff")
    _legend(root, schemes)
    _axis(root, height)
    for place, row in enumerate(rows):
        _line(root, row, schemes, _TOP + _ROW * place + _ROW // 2)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def _legend(root: ET.Element, schemes: Sequence[str]) -> None:
    x = _LEFT
    for scheme, colour in zip(schemes, _colours(schemes), strict=True):
        ET.SubElement(root, "circle", cx=str(x), cy="16", r="4", fill=colour)
        _text(root, x + 8, 20, scheme)
        x += 24 + 7 * len(scheme)
    _text(root, _LEFT, 40, "signal to noise of the answers, dB (ring: chosen)")


def _axis(root: ET.Element, height: int) -> None:
    for tick in _TICKS:
        x = f"{_position(tick):.0f}"
        ET.SubElement(root, "line", x1=x, x2=x, y1=str(_TOP - 6), y2=str(height - 8), stroke="#dddddd")
        _text(root, _position(tick), _TOP - 10, str(tick), anchor="middle")


def _line(root: ET.Element, row: LayerRow, schemes: Sequence[str], y: int) -> None:
    _text(root, _LEFT - 12, y + 4, row.layer, anchor="end")
    for scheme, colour in zip(schemes, _colours(schemes), strict=True):
        if scheme not in row.sqnr_db:
            continue
        centre = {"cx": f"{_position(row.sqnr_db[scheme]):.1f}", "cy": str(y)}
        dot = ET.SubElement(root, "circle", {**centre, "r": "4", "fill": colour})
        ET.SubElement(dot, "title").text = f"{row.layer} as {scheme}: {row.sqnr_db[scheme]:.1f} dB"
        if scheme == row.chosen:
            ET.SubElement(root, "circle", {**centre, "r": "7", "fill": "none", "stroke": colour})
    _text(root, _LEFT + _PLOT + 12, y + 4, f"{row.bytes_half / 1000:.1f} kB")


def _text(root: ET.Element, x: float, y: float, text: str, *, anchor: str = "start") -> None:
    ET.SubElement(root, "text", {"x": f"{x:.0f}", "y": f"{y:.0f}", "text-anchor": anchor}).text = text


def _colours(schemes: Sequence[str]) -> list[str]:
    return [_COLOURS[place % len(_COLOURS)] for place in range(len(schemes))]


def _position(decibels: float) -> float:
    """Return where a value lies on the axis; NaN at the left edge."""
    value = _FLOOR if math.isnan(decibels) else min(max(decibels, _FLOOR), _CEILING)
    return _LEFT + _PLOT * (value - _FLOOR) / (_CEILING - _FLOOR)
