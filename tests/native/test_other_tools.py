"""Our TFLite files on the older runtime generation, and in the quantizer that Google publishes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from edgevit.backends.base import ConversionRequest
from edgevit.backends.tflite import Runtime, convert
from edgevit.images.photos import photos
from edgevit.mobile.adapt import adapt
from edgevit.mobile.rewrite import Target
from edgevit.models.outputs import select_output
from edgevit.reparam.proof import reparameterize
from edgevit.types import Head, PixelType, Precision
from edgevit.verification.litert import run_tflite
from edgevit.weights import load_model
from tests.native.python_environment import python_with, run_script

pytestmark = pytest.mark.native

_HERE = Path(__file__).parent
_MODELS = [("fastvit_t8", 64), ("fastvit_sa12", 64), ("efficientvit_m0", 224), ("sepvit_lite", 224)]
_MODELS.append(("nextvit_small", 64))

Pixels = NDArray[np.uint8]
Make = Callable[..., tuple[Path, Pixels]]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that writes a file and gives an image for it."""

    def run(
        name: str, size: int, runtime: Runtime, *, pixels: PixelType = PixelType.UINT8, precision: Precision
    ) -> tuple[Path, Pixels]:
        loaded = select_output(load_model(name, "random", input_size=size), Head.LOGITS)
        adapted = adapt(reparameterize(loaded), head=Head.LOGITS, target=Target.TFLITE)
        path = tmp_path / "model.tflite"
        convert(adapted, ConversionRequest(precision=precision, runtime=runtime, input_type=pixels), path)
        return path, photos()[0].pixels((size, size), loaded.spec.preprocessing)[None]

    return run


@pytest.mark.parametrize("precision", list(Precision))
@pytest.mark.parametrize("runtime", list(Runtime))
@pytest.mark.parametrize(("name", "size"), _MODELS)
def test_the_older_runtime_computes_the_same(
    name: str, size: int, runtime: Runtime, precision: Precision, make: Make, tmp_path: Path
) -> None:
    python = python_with("tflite-runtime==2.14.0", "numpy<2")
    path, image = make(name, size, runtime, precision=precision)
    np.save(tmp_path / "image.npy", image)
    run_script(
        python,
        _HERE / "run_with_tflite_2_14.py",
        str(path),
        str(tmp_path / "image.npy"),
        str(tmp_path / "result.npy"),
    )
    (expected,) = run_tflite(path, [{"image": image}])[0].values()
    difference = np.abs(np.load(tmp_path / "result.npy") - expected).max()
    assert difference <= 1e-4 * np.abs(expected).max()


@pytest.mark.parametrize(("recipe", "floor_db"), [("weight_only_wi8_afp32", 10), ("dynamic_wi8_afp32", 5)])
@pytest.mark.parametrize(("name", "size"), _MODELS)
def test_the_quantizer_takes_our_files(
    name: str, size: int, recipe: str, floor_db: float, make: Make, tmp_path: Path
) -> None:
    """Its stock recipes run and leave the outputs recognisable; how good they are is another matter."""
    path, pixels = make(name, size, Runtime.LITERT, pixels=PixelType.FLOAT32, precision=Precision.FP32)
    image = pixels.astype(np.float32)
    quantized = _quantized(path, recipe, image, tmp_path)
    (expected,), (actual,) = (run_tflite(file, [{"image": image}])[0].values() for file in (path, quantized))
    noise = np.mean((actual.astype(np.float64) - expected) ** 2)
    assert 10 * np.log10(np.var(expected) / noise) >= floor_db


@pytest.mark.parametrize(("name", "size"), _MODELS)
def test_the_quantizer_observes_our_files(name: str, size: int, make: Make, tmp_path: Path) -> None:
    """With ranges of activations the image is int8 too, so that only running is asked for."""
    path, pixels = make(name, size, Runtime.LITERT, pixels=PixelType.FLOAT32, precision=Precision.FP32)
    interpreter = Interpreter(str(_quantized(path, "static_wi8_ai8", pixels.astype(np.float32), tmp_path)))
    interpreter.allocate_tensors()
    (image,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.set_tensor(image["index"], np.zeros(image["shape"], image["dtype"]))
    interpreter.invoke()
    assert np.ptp(interpreter.get_tensor(result["index"]).astype(np.float64)) > 0


def _quantized(path: Path, recipe: str, image: NDArray[np.float32], folder: Path) -> Path:
    """Return the file that the quantizer makes by a recipe of its own."""
    python = python_with(
        "ai-edge-quantizer==0.10.0", "immutabledict==4.2.1", "tabulate==0.10.0", "absl-py==2.5.1", sees_ours=True
    )
    np.save(folder / "image.npy", image)
    quantized = folder / "quantized.tflite"
    script = _HERE / "quantize_with_ai_edge_quantizer.py"
    run_script(python, script, str(path), recipe, str(folder / "image.npy"), str(quantized))
    assert quantized.stat().st_size < 0.5 * path.stat().st_size
    return quantized
