"""A Core ML package as data and as lines."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from edgevit.cli import figures
from edgevit.cli.output import Block, Facts, Json, Output, Table, to_json
from edgevit.store.digest import tree_digest, tree_size
from edgevit.verification.package import Feature, Package, read_package

__all__ = ["inspect"]

_LONGEST_VALUE = 100


def inspect(path: Path) -> Output:
    """Return what the package at ``path`` holds, as written in its files.

    Raises:
        ArtifactCorruptError: A part is missing or damaged.
        UnsupportedError: It is no ML Program.
        UnsafeInputError: It holds links, or paths that lead out of it.
    """
    package = read_package(path)
    ops, constants = package.main.count_ops(), _constants(package)
    digest, size = tree_digest(path), tree_size(path)
    data: dict[str, Json] = {
        "schema": "edgevit-inspect/1",
        "kind": "mlpackage",
        "path": str(path),
        "bytes": size,
        "sha256": digest,
        "specification_version": package.specification_version,
        "minimum_os": package.minimum_os,
        "inputs": to_json(package.inputs),
        "outputs": to_json(package.outputs),
        "operations": to_json(ops),
        "constants": to_json(constants),
        "author": package.author,
        "licence": package.licence,
        "description": package.short_description,
        "version": package.version,
        "metadata": to_json(package.metadata),
    }
    facts = [
        ("size", figures.megabytes(size)),
        ("digest", digest),
        ("runs on", f"{package.minimum_os} and later (specification {package.specification_version})"),
        ("author", package.author),
        ("licence", package.licence),
        ("description", package.short_description),
        ("version", package.version),
        ("constants", ", ".join(f"{count:,} {dtype}" for dtype, count in constants.items())),
    ]
    blocks = [Facts(str(path), [fact for fact in facts if fact[1]]), *_blocks(package, ops)]
    return Output(data, blocks)


def _constants(package: Package) -> dict[str, int]:
    """Return element type -> how many elements all constants with at least one axis have."""
    counts: Counter[str] = Counter()
    for operation in package.main.operations:
        if operation.type == "const":
            for output in operation.outputs:
                if output.type.kind == "tensor" and output.type.shape:
                    counts[output.type.dtype] += math.prod(output.type.shape)
    return dict(counts.most_common())


def _blocks(package: Package, ops: Mapping[str, int]) -> Iterator[Block]:
    features = [("input", item) for item in package.inputs] + [("output", item) for item in package.outputs]
    rows = [(side, item.name, _kind(item), item.description) for side, item in features]
    yield Table("Interface", ("side", "name", "kind", "description"), rows)
    counted = sorted(ops.items(), key=lambda item: (-item[1], item[0]))
    yield Table(
        f"Operations ({sum(ops.values())})",
        ("type", "count"),
        [(name, str(count)) for name, count in counted],
        frozenset({"count"}),
    )
    if package.metadata:
        yield Facts("Metadata", [(name, _shortened(value)) for name, value in sorted(package.metadata.items())])


def _kind(feature: Feature) -> str:
    shape = "x".join(str(side) for side in feature.shape)
    return " ".join(part for part in (feature.colour_space, feature.kind, shape) if part)


def _shortened(value: str) -> str:
    if len(value) <= _LONGEST_VALUE:
        return value
    return f"{value[:_LONGEST_VALUE]}... ({len(value):,} characters)"
