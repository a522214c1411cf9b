"""Get Fashion-MNIST (60,000 + 10,000 pictures of clothes, MIT licence) from Debian, and unpack it.

    python examples/fashion/get_data.py DATA                  # apt-get download, nothing is installed
    python examples/fashion/get_data.py DATA --deb FILE       # a package that is there already
    python examples/fashion/get_data.py DATA --png PNGS       # also the test images, a folder for each class

The four IDX files land in DATA with their digests in ``SHA256SUMS``. Pictures are 28x28 grey; as PNG they get a black
margin of two pixels, so that the centre crop of the networks' preprocessing (7/8 of the side) leaves the whole garment.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["LABELS", "MARGIN", "load_split", "unpack", "write_pngs"]

LABELS = (
    "T-shirt or top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
"""The ten classes in the order of the data set."""

MARGIN = 2
"""Black pixels added on each side."""

_PACKAGE = "dataset-fashion-mnist"
_INSIDE = Path("usr/share/datasets/fashion-mnist")
_PREFIXES = {"train": "train", "test": "t10k"}
_IMAGES_MAGIC, _LABELS_MAGIC = 0x803, 0x801


def download(folder: Path) -> Path:
    """Fetch Debian's package into ``folder`` with the system's client, and return its path."""
    subprocess.run(["apt-get", "download", _PACKAGE], cwd=folder, check=True)
    return next(folder.glob(f"{_PACKAGE}_*.deb"))


def unpack(package: Path, folder: Path) -> None:
    """Put the four IDX files of Debian's package, still compressed, and their digests into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["dpkg-deb", "-x", str(package), scratch], check=True)
        files = sorted(Path(scratch, _INSIDE).glob("*.gz"))
        for file in files:
            shutil.copyfile(file, folder / file.name)
    lines = [f"{hashlib.sha256((folder / file.name).read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="ascii")


def load_split(folder: Path, split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return images (N, 32, 32), grey with their margin, and labels (N,) of ``train`` or ``test``.

    Args:
        folder: Where :func:`unpack` put the files.
        split: ``train`` (N = 60,000) or ``test`` (N = 10,000).

    Raises:
        ValueError: A file is no IDX file, or the two contradict each other.
    """
    prefix = _PREFIXES[split]
    images = _read_idx(folder / f"{prefix}-images-idx3-ubyte.gz", _IMAGES_MAGIC)
    labels = _read_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", _LABELS_MAGIC)
    if len(images) != len(labels):
        raise ValueError(f"{len(images)} images, but {len(labels)} labels")
    return np.pad(images, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN))), labels.astype(np.int64)


def write_pngs(folder: Path, images: NDArray[np.uint8], labels: NDArray[np.int64], *, each: int | None = None) -> None:
    """Write images (N, H, W) as ``folder/<class>/<number>.png``, all or the first ``each`` of every class."""
    for label, name in enumerate(LABELS):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in np.flatnonzero(labels == label)[:each].tolist():
            Image.fromarray(images[number]).save(folder / name / f"{number:05d}.png", optimize=True)


def _read_idx(path: Path, magic: int) -> NDArray[np.uint8]:
    """Return the bytes of an IDX file: a magic number, its dimensions as big-endian words, then the values."""
    data = gzip.decompress(path.read_bytes())
    rank = magic & 0xFF
    found, *shape = np.frombuffer(data, ">u4", 1 + rank).tolist()
    if found != magic or len(data) != 4 * (1 + rank) + int(np.prod(shape)):
        raise ValueError(f"{path.name} is not the IDX file that it should be")
    return np.frombuffer(data, np.uint8, offset=4 * (1 + rank)).reshape(shape)


def main() -> None:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder for the IDX files")
    parser.add_argument("--deb", type=Path, help="Debian's package, if it is there already")
    parser.add_argument("--png", type=Path, help="also write the images as PNG, a folder for each class")
    parser.add_argument("--split", choices=sorted(_PREFIXES), default="test", help="which images become PNG")
    parser.add_argument("--each", type=int, help="write the first EACH images of every class only")
    asked = parser.parse_args()
    if not (asked.data / "SHA256SUMS").is_file():
        with tempfile.TemporaryDirectory() as scratch:
            unpack(asked.deb or download(Path(scratch)), asked.data)
    print((asked.data / "SHA256SUMS").read_text(encoding="ascii"), end="")
    if asked.png is not None:
        images, labels = load_split(asked.data, asked.split)
        write_pngs(asked.png, images, labels, each=asked.each)


if __name__ == "__main__":
    main()
