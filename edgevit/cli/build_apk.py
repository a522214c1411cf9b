"""``edgevit build --android --apk``: the options, and the benchmark app that follows the build."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from edgevit.cli import figures
from edgevit.cli.output import Block, Facts, Json, Level, Notice, to_json
from edgevit.cli.values import FILE
from edgevit.errors import UsageError
from edgevit.types import EventSink

if TYPE_CHECKING:
    from edgevit.sdk.apk.assemble import Apk
    from edgevit.sdk.apk.keys import SigningKey

__all__ = ["ApkOptions", "PreparedApk", "apk_blocks", "apk_data", "apk_options"]

_FunctionT = TypeVar("_FunctionT", bound=Callable[..., object])

_PASSWORD = "EDGEVIT_KEYSTORE_PASSWORD"  # noqa: S105 - the name of a variable

_OPTIONS = (
    click.option("--apk", is_flag=True, help="Build also the benchmark app of the Android project, signed, beside it."),
    click.option(
        "--aar",
        "aars",
        type=FILE,
        multiple=True,
        metavar="FILE",
        help="LiteRT's AAR for the app; may be repeated (litert-gpu). Default: from Gradle's or Maven's local cache.",
    ),
    click.option(
        "--apk-without-runtime", is_flag=True, help="Leave LiteRT out of the app: it installs, but cannot run."
    ),
    click.option(
        "--keystore",
        type=FILE,
        metavar="FILE",
        help=f"Sign the app with this key (PEM or PKCS #12; password in {_PASSWORD}). Default: a debug key of yours.",
    ),
)


def apk_options(function: _FunctionT) -> _FunctionT:
    """Add what decides whether and how the benchmark app is built."""
    for decorate in reversed(_OPTIONS):
        function = decorate(function)
    return function


@dataclass(frozen=True, slots=True)
class ApkOptions:
    """The values of the options."""

    apk: bool
    aars: tuple[Path, ...]
    apk_without_runtime: bool
    keystore: Path | None

    def prepare(self, *, android: bool, on_event: EventSink) -> PreparedApk | None:
        """Find the key, the runtime and the tools, before minutes are spent on a model; None if no app is wanted.

        Raises:
            UsageError: The options contradict each other.
            ToolMissingError: Something is missing; the help says how to get it.
            InputError: The key cannot be used.
        """
        if not self.apk:
            self._refuse_without_apk()
            return None
        if not android:
            raise UsageError("An APK is built from an Android project.", help="Add --android.")
        if self.aars and self.apk_without_runtime:
            raise UsageError("--aar and --apk-without-runtime contradict each other.", help="Choose one of the two.")
        from edgevit.sdk.apk.gradle import read_litert
        from edgevit.sdk.apk.keys import debug_key, load_key
        from edgevit.sdk.apk.runtime import find_runtime
        from edgevit.sdk.apk.toolchain import toolchain
        from edgevit.sdk.template import Template

        key = load_key(self.keystore, os.environ.get(_PASSWORD)) if self.keystore else debug_key()
        aars = self.aars
        if not aars and not self.apk_without_runtime:
            catalogue = "gradle/libs.versions.toml"
            aars = find_runtime(read_litert(Template("android").read(catalogue).decode(), catalogue))
        toolchain(on_event)
        return PreparedApk(aars, key)

    def _refuse_without_apk(self) -> None:
        if self.aars or self.apk_without_runtime or self.keystore:
            raise UsageError("--aar, --apk-without-runtime and --keystore are about the APK.", help="Add --apk.")


@dataclass(frozen=True, slots=True)
class PreparedApk:
    """Everything that the app needs besides its project; without AARs it gets no runtime."""

    aars: tuple[Path, ...]
    key: SigningKey

    def build(self, project: Path, on_event: EventSink) -> Apk:
        """Build the app of a finished project, beside its folder."""
        from edgevit.sdk.apk.assemble import build_apk

        return build_apk(
            project,
            project.with_name(f"{project.name}.apk"),
            aars=self.aars,
            with_runtime=bool(self.aars),
            key=self.key,
            on_event=on_event,
        )


def apk_data(apk: Apk | None) -> Json:
    """Return the app for ``--json``; None without one."""
    return None if apk is None else to_json(apk)


def apk_blocks(apk: Apk) -> list[Block]:
    """Return the app for people."""
    sizes = ", ".join(f"{abi} {figures.megabytes(size)}" for abi, size in apk.abi_bytes.items())
    facts = [
        ("file", str(apk.path)),
        ("size", figures.megabytes(apk.size_bytes)),
        ("digest", apk.sha256),
        ("signer", apk.signer_sha256),
        ("runtime", ", ".join(name for name, _ in apk.runtime) or "none"),
        ("native code", sizes or "none"),
        ("oldest system", f"API {apk.min_sdk}"),
    ]
    if apk.abi_bytes:
        return [Facts("Benchmark app", facts), Notice(Level.NOTE, f"Next: edgevit probe {apk.path}")]
    warning = "The APK has no runtime: it installs, but cannot run the model."
    return [Facts("Benchmark app", facts), Notice(Level.WARNING, warning)]
