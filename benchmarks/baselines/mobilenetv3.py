"""MobileNetV3-Large (arXiv:1905.02244, table 1)."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from benchmarks.baselines.layers import ConvNormAct

__all__ = ["MobileNetV3Large"]


class _Row(NamedTuple):
    kernel: int
    expanded: int
    outputs: int
    squeeze: bool
    act: type[nn.Module]
    stride: int


_ROWS = (
    _Row(3, 16, 16, False, nn.ReLU, 1),
    _Row(3, 64, 24, False, nn.ReLU, 2),
    _Row(3, 72, 24, False, nn.ReLU, 1),
    _Row(5, 72, 40, True, nn.ReLU, 2),
    _Row(5, 120, 40, True, nn.ReLU, 1),
    _Row(5, 120, 40, True, nn.ReLU, 1),
    _Row(3, 240, 80, False, nn.Hardswish, 2),
    _Row(3, 200, 80, False, nn.Hardswish, 1),
    _Row(3, 184, 80, False, nn.Hardswish, 1),
    _Row(3, 184, 80, False, nn.Hardswish, 1),
    _Row(3, 480, 112, True, nn.Hardswish, 1),
    _Row(3, 672, 112, True, nn.Hardswish, 1),
    _Row(5, 672, 160, True, nn.Hardswish, 2),
    _Row(5, 960, 160, True, nn.Hardswish, 1),
    _Row(5, 960, 160, True, nn.Hardswish, 1),
)


class _SqueezeExcite(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        reduced = _divisible(channels / 4)
        self.reduce = nn.Conv2d(channels, reduced, 1)
        self.act = nn.ReLU()
        self.expand = nn.Conv2d(reduced, channels, 1)
        self.gate = nn.Hardsigmoid()

    def forward(self, x: Tensor) -> Tensor:
        scaled: Tensor = x * self.gate(self.expand(self.act(self.reduce(x.mean((2, 3), keepdim=True)))))
        return scaled


class _Bottleneck(nn.Module):
    def __init__(self, inputs: int, row: _Row) -> None:
        super().__init__()
        wide, act = row.expanded, row.act
        expand = [ConvNormAct(inputs, wide, 1, act=act())] if wide != inputs else []
        squeeze = [_SqueezeExcite(wide)] if row.squeeze else []
        depthwise = ConvNormAct(wide, wide, row.kernel, row.stride, groups=wide, act=act())
        self.body = nn.Sequential(*expand, depthwise, *squeeze, ConvNormAct(wide, row.outputs, 1))
        self.has_shortcut = row.stride == 1 and inputs == row.outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x)
        return x + y if self.has_shortcut else y


class MobileNetV3Large(nn.Module):
    """An image (B, 3, 224, 224) to logits (B, 1000); 5,483,032 parameters."""

    def __init__(self) -> None:
        super().__init__()
        widths = (16, *(row.outputs for row in _ROWS))
        self.stem = ConvNormAct(3, 16, 3, 2, act=nn.Hardswish())
        self.body = nn.Sequential(*(_Bottleneck(width, row) for width, row in zip(widths, _ROWS, strict=False)))
        self.last = ConvNormAct(160, 960, 1, act=nn.Hardswish())
        self.head = nn.Sequential(nn.Linear(960, 1280), nn.Hardswish(), nn.Linear(1280, 1000))

    def forward(self, x: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.head(self.last(self.body(self.stem(x))).mean((2, 3)))
        return logits


def _divisible(value: float, by: int = 8) -> int:
    """Return the nearest multiple of ``by`` that is not more than a tenth smaller (the authors' rule)."""
    rounded = max(by, int(value + by / 2) // by * by)
    return rounded + by if rounded < 0.9 * value else rounded
