"""Options about quantization that cannot work are refused before anything slow starts, with what would work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("options", "status", "help_text"),
    [
        ("--ios --quant pal5", 5, "Did you mean 'pal"),
        ("--ios --quant pal4-grouped --ios-min 16", 5, "Leave --ios-min out"),
        ("--android --quant pal6", 5, "Use one of: fp16, w8"),
        ("--ios --android --quant w8-block32", 5, "Use one of: fp16, w8"),
        ("--ios --quant dyn8", 5, "pal8"),
        ("--ios --quant w8 --precision fp32", 2, "Leave --precision out"),
        ("--ios --calib photos", 2, "--quant"),
        ("--ios --keep classifier", 2, "--quant"),
    ],
)
def test_what_cannot_work_is_refused_at_once(
    edgevit: Run, tmp_path: Path, options: str, status: int, help_text: str
) -> None:
    out = tmp_path / "sdk"
    result = edgevit("build", "fastvit_t8", "--weights", "random", "--out", out, *options.split())
    assert result.status == status
    assert help_text in result.err
    assert not out.exists()
