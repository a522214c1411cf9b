"""A folder made by edgevit as data and as lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from edgevit.cli.output import Block, Facts, Json, Level, Notice, Output, Table, to_json
from edgevit.errors import ArtifactCorruptError
from edgevit.store.listing import Changes, changes, read_manifest

__all__ = ["inspect"]


def inspect(path: Path) -> Output:
    """Return what the SDK at ``path`` says about itself, and which files its owner has changed since.

    Raises:
        ArtifactCorruptError: Its configuration is missing or damaged.
    """
    manifest = read_manifest(path) or {}
    config = _config(path, manifest.get("config"))
    found = changes(path)
    data: dict[str, Json] = {
        "schema": "edgevit-inspect/1",
        "kind": "sdk",
        "path": str(path),
        "platform": to_json(manifest.get("platform")),
        "config": to_json(config),
        "changes": to_json(found),
    }
    return Output(data, list(_blocks(path, config, found)))


def _config(path: Path, name: object) -> dict[str, Json]:
    """Return the SDK's ``edgevit.json``, which the manifest names."""
    file = path / str(name)
    try:
        inside = file.resolve().is_relative_to(path.resolve())
        config = json.loads(file.read_text(encoding="utf-8")) if inside else None
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, str(error)) from error
    if not isinstance(config, dict):
        raise _damaged(path, f"its manifest names '{name}' as the configuration")
    return config


def _damaged(path: Path, why: str) -> ArtifactCorruptError:
    return ArtifactCorruptError(
        f"The configuration of '{path}' cannot be read.", why=why, help="Build it again with 'edgevit build'."
    )


def _blocks(path: Path, config: dict[str, Json], found: Changes) -> Iterator[Block]:
    yield Facts(str(path), list(_facts(config)))
    rows = [(kind, name) for kind in ("edited", "added", "missing") for name in getattr(found, kind)]
    if rows:
        yield Table("Changed since it was made", ("change", "file"), rows)
    else:
        yield Notice(Level.OK, "Every file is as edgevit wrote it.")
    weights = config.get("weights")
    if isinstance(weights, dict) and weights.get("trained") is False:
        yield Notice(Level.WARNING, f"UNTRAINED WEIGHTS. {weights.get('note', '')}")


_SHOWN = ("model", "weights", "input", "output", "artifact", "fidelity")


def _facts(config: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield the plain values of the sections that people ask for."""
    for section in _SHOWN:
        content = config.get(section)
        for name, value in content.items() if isinstance(content, dict) else ():
            if value not in (None, "") and not isinstance(value, dict):
                yield f"{section} {name}", ", ".join(map(str, value)) if isinstance(value, list) else str(value)
