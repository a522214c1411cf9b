"""litert-torch as the converter: its graph, with edgevit's names, records and labels, so that it is judged alike.

It runs in a process of its own: it brings a tree of packages along, prints, and changes the state of PyTorch.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from edgevit.errors import ConversionError, ToolMissingError

if TYPE_CHECKING:
    from edgevit.types import AdaptedModel

__all__ = ["check_installed", "translate"]

_CHILD = Path(__file__).with_name("litert_torch_child.py")
_SECONDS = 3600
_LONGEST = 500


def check_installed() -> None:
    """Raise ToolMissingError where litert-torch is not installed; nothing is imported."""
    if find_spec("litert_torch") is None:
        raise ToolMissingError(
            "The converter litert-torch is not installed.",
            why="edgevit has a converter of its own and does not bring this one along: it is 73 packages.",
            help="pip install 'edgevit[litert-torch]', or leave --converter out.",
        )


def translate(model: AdaptedModel, input_name: str, metadata: Mapping[str, bytes]) -> tuple[bytes, Mapping[str, int]]:
    """Return the file that litert-torch makes of a network, and how often it calls each builtin.

    Args:
        model: Network adapted for TFLite, with one output.
        input_name: Of the image (1, H, W, 3) uint8, in the signature.
        metadata: Name -> content of metadata buffers to add.

    Raises:
        ToolMissingError: litert-torch is not installed.
        ConversionError: It does not convert the network.
    """
    check_installed()
    with tempfile.TemporaryDirectory(prefix="edgevit-") as name:
        program, result = Path(name) / "program.pt2", Path(name) / "model.tflite"
        _save_program(model, program)
        _run(program, result, model)
        return _with_names(result.read_bytes(), (input_name, model.output_names[0]), metadata)


class _OnPixels(nn.Module):
    """A network that takes the image as an app holds it, (1, H, W, 3) uint8 RGB."""

    mean: Tensor
    scale: Tensor

    def __init__(self, model: AdaptedModel) -> None:
        super().__init__()
        preprocessing = model.spec.preprocessing
        self.network = model.module
        self.normalizes = model.input_kind != "centred_pixels"
        self.register_buffer("mean", 255 * torch.tensor(preprocessing.mean))
        self.register_buffer("scale", 1 / (255 * torch.tensor(preprocessing.std)))

    def forward(self, image: Tensor) -> Tensor:
        """Return the network's output."""
        centred = image.to(torch.float32) - self.mean
        result: Tensor = self.network((centred * self.scale if self.normalizes else centred).permute(0, 3, 1, 2))
        return result


def _save_program(model: AdaptedModel, path: Path) -> None:
    image = torch.zeros(1, *model.spec.input_size, 3, dtype=torch.uint8)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # PyTorch warns about its own internals
        torch.export.save(torch.export.export(_OnPixels(model).eval(), (image,)), path)


def _run(program: Path, result: Path, model: AdaptedModel) -> None:
    command = [sys.executable, "-P", str(_CHILD), str(program), str(result)]
    child = subprocess.run(  # noqa: S603 - our own script
        command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
    )
    if child.returncode or not result.exists():
        raise ConversionError(
            f"litert-torch does not convert {model.spec.title}.",
            why=f"It says: {' '.join(child.stderr.split())[-_LONGEST:]}",
            help="Leave --converter out: edgevit's own converter writes every variant.",
        )


def _with_names(
    content: bytes, names: tuple[str, str], metadata: Mapping[str, bytes]
) -> tuple[bytes, Mapping[str, int]]:
    """Return the file with these names of input and output in its signature and more metadata, and builtins' counts."""
    from ai_edge_litert import schema_py_generated as schema

    from edgevit.backends.tflite.writer import repack

    model: Any = schema.ModelT.InitFromPackedBuf(content, 0)
    (signature,) = model.signatureDefs
    (signature.inputs[0].name, signature.outputs[0].name) = names
    kinds = {code: name for name, code in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
    codes = [kinds[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in model.operatorCodes]
    counts = Counter(codes[operator.opcodeIndex] for operator in model.subgraphs[0].operators)
    return repack(model, metadata), dict(sorted(counts.items()))
