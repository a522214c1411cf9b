"""The sensitivity table as a picture: one line a layer, one dot a scheme. SVG, written with the standard library."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from edgevit.quantize.auto import AutoResult
from edgevit.quantize.report import KEPT, LayerRow, layer_rows

__all__ = ["sensitivity_chart"]

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#000000")
"""Okabe and Ito's, which people with any colour vision tell apart."""

_ROW, _TOP, _BOTTOM = 16, 124, 40
_MARGIN, _PLOT, _SIZES, _CHOSEN = 16, 480, 90, 130
_LETTER = 6.2
"""Width of a letter at most, on average, in the font's size."""

_STEP = 10
"""dB between lines of the grid."""

_WIDEST = 120.0
"""dB; what is beyond, or equal, is drawn at this edge."""

_FONT = "font-family: system-ui, sans-serif; font-size: 11px"
_GREY, _DIM, _STRIPE = "#d0d0d0", "#555555", "#f4f4f4"


def sensitivity_chart(result: AutoResult) -> str:
    """Return an SVG document: signal to noise of the network with one layer quantized, the most sensitive layer first.

    Dots further right cost less. A ring marks what was chosen; layers without one stay in half precision.
    """
    rows = layer_rows(result)
    schemes = list(dict.fromkeys(row.scheme for row in result.rows))
    frame = _Frame(rows)
    root = ET.Element(
        "svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {frame.width} {frame.height}", role="img", style=_FONT
    )
    ET.SubElement(root, "title").text = "What quantizing each layer alone costs"
    ET.SubElement(root, "rect", width=str(frame.width), height=str(frame.height), fill="#ffffff")
    _heading(root, result, frame)
    _legend(root, schemes, frame)
    for place, row in enumerate(rows):
        _background(root, frame, place)
        frame.text(root, frame.left - 12, frame.centre(place) + 4, row.layer, anchor="end")
    _axis(root, frame)
    for place, row in enumerate(rows):
        _line(root, row, _colours(schemes), frame, frame.centre(place))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


class _Frame:
    """Where things are, in pixels.

    Attributes:
        left: The plot's edge, right of the longest name.
        top: The first row's upper edge.
        bottom: The last row's lower edge.
        width: Of the picture.
        height: Of the picture.
        ticks: Lines of the grid, in dB.
    """

    def __init__(self, rows: Sequence[LayerRow]) -> None:
        names = max((len(row.layer) for row in rows), default=0)
        self.left = round(_MARGIN + _LETTER * names) + 12
        self.top, self.bottom = _TOP, _TOP + _ROW * len(rows)
        self.width, self.height = self.left + _PLOT + _SIZES + _CHOSEN, self.bottom + _BOTTOM
        seen = [value for row in rows for value in row.sqnr_db.values() if math.isfinite(value)]
        least, most = min([0.0, *seen]), max([float(_STEP), *seen])
        low = max(_STEP * math.floor(least / _STEP), -_STEP)
        self.ticks = range(low, int(min(_STEP * math.ceil(most / _STEP), _WIDEST)) + 1, _STEP)

    def centre(self, place: int) -> int:
        """Return the height of a row's middle."""
        return self.top + _ROW * place + _ROW // 2

    def position(self, decibels: float) -> float:
        """Return where a value lies on the axis; what is beyond, and NaN, at the edge."""
        low, high = self.ticks[0], self.ticks[-1]
        value = low if math.isnan(decibels) else min(max(decibels, low), high)
        return self.left + _PLOT * (value - low) / (high - low)

    def text(self, root: ET.Element, x: float, y: float, text: str, *, anchor: str = "start", **style: str) -> None:
        """Write a line of text."""
        place = {"x": f"{x:.0f}", "y": f"{y:.0f}", "text-anchor": anchor}
        ET.SubElement(root, "text", place | style).text = text


def _heading(root: ET.Element, result: AutoResult, frame: _Frame) -> None:
    best = result.best
    title = "What quantizing each layer alone costs: signal to noise of the network's answers"
    bought = (
        f"{result.bytes_half / 1e6:.2f} MB of weights in half precision, {best.bytes / 1e6:.2f} MB as chosen, for "
        f"{max(best.drop, 0.0):.2f} points of {result.measured} on {result.images} images ({result.max_drop:g} allowed)"
    )
    frame.text(root, _MARGIN, 24, title, style="font-size: 15px; font-weight: bold")
    frame.text(root, _MARGIN, 44, bought, fill=_DIM)


def _legend(root: ET.Element, schemes: Sequence[str], frame: _Frame) -> None:
    x, y = float(_MARGIN + 6), 68
    for scheme, colour in _colours(schemes).items():
        ET.SubElement(root, "circle", cx=f"{x:.0f}", cy=str(y - 4), r="4", fill=colour)
        frame.text(root, x + 9, y, scheme)
        x += 30 + _LETTER * len(scheme)
    ET.SubElement(root, "circle", cx=f"{x:.0f}", cy=str(y - 4), r="7", fill="none", stroke="#000000")
    frame.text(root, x + 12, y, f"chosen (none: {KEPT})")


def _background(root: ET.Element, frame: _Frame, place: int) -> None:
    """Shade every other row, so that the eye finds from a name to its dots."""
    if place % 2:
        y, width = frame.top + _ROW * place, frame.width - 2 * _MARGIN
        ET.SubElement(root, "rect", x=str(_MARGIN), y=str(y), width=str(width), height=str(_ROW), fill=_STRIPE)


def _axis(root: ET.Element, frame: _Frame) -> None:
    """Draw the grid, its values above and below the rows, and the headings of the columns."""
    for tick in frame.ticks:
        x = frame.position(tick)
        ends = {"x1": f"{x:.0f}", "x2": f"{x:.0f}", "y1": str(frame.top), "y2": str(frame.bottom)}
        ET.SubElement(root, "line", ends, stroke=_GREY)
        for y in (frame.top - 6, frame.bottom + 14):
            frame.text(root, x, y, str(tick), anchor="middle", fill=_DIM)
    middle = frame.left + _PLOT / 2
    for y in (frame.top - 22, frame.bottom + 30):
        frame.text(root, middle, y, "dB, further right costs less", anchor="middle", fill=_DIM)
    right = frame.left + _PLOT
    frame.text(root, frame.left - 12, frame.top - 6, "layer", anchor="end", fill=_DIM)
    frame.text(root, right + _SIZES - 8, frame.top - 6, "kB in fp16", anchor="end", fill=_DIM)
    frame.text(root, right + _SIZES + 12, frame.top - 6, "chosen", fill=_DIM)


def _line(root: ET.Element, row: LayerRow, colours: Mapping[str, str], frame: _Frame, y: int) -> None:
    """Draw one layer's dots, the chosen one's ring, its size and its scheme."""
    for scheme, decibels in row.sqnr_db.items():
        centre = {"cx": f"{frame.position(decibels):.1f}", "cy": str(y)}
        dot = ET.SubElement(root, "circle", {**centre, "r": "4", "fill": colours[scheme]})
        ET.SubElement(dot, "title").text = f"{row.layer} as {scheme}: {decibels:.1f} dB"
        if scheme == row.chosen:
            ring = {"r": "7", "fill": "none", "stroke": colours[scheme], "stroke-width": "1.5"}
            ET.SubElement(root, "circle", centre | ring)
    right = frame.left + _PLOT
    frame.text(root, right + _SIZES - 8, y + 4, f"{row.bytes_half / 1000:.1f}", anchor="end")
    frame.text(root, right + _SIZES + 12, y + 4, row.chosen)


def _colours(schemes: Sequence[str]) -> dict[str, str]:
    return {scheme: _COLOURS[place % len(_COLOURS)] for place, scheme in enumerate(schemes)}
