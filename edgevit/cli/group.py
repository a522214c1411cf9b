"""The command tree: lazily imported commands, examples before options, and guesses at what was meant."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Sequence
from typing import cast

import click

import edgevit

__all__ = ["Choice", "Command", "root"]

_COMMANDS = {
    "build": "Make a verified Swift package or Gradle project from a model.",
    "list": "Show the models: size, cost, accuracy, licence.",
    "inspect": "Show what a checkpoint, model file or SDK holds.",
    "verify": "Prove again that a file computes what PyTorch computes.",
    "eval": "Measure accuracy on labelled images: a file, an SDK, or a network.",
    "probe": "Measure a model on an Android phone.",
    "lint": "Say what a phone's runtime will make of a TFLite file.",
    "profile": "Measure where the time of a TFLite file goes, operator by operator.",
    "reparam": "Write a model's folded (inference) weights.",
    "doctor": "Check this machine and say how to fix what is missing.",
}
"""Command -> its line in the help; ``edgevit.cli.<command>`` has it as ``command``."""


_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Command(click.Command):
    """A command whose help shows examples first.

    Args:
        examples: Command lines without the leading ``edgevit``, each with what it does.
    """

    def __init__(self, *arguments: object, examples: Sequence[tuple[str, str]] = (), **options: object) -> None:
        options.setdefault("context_settings", _CONTEXT)
        super().__init__(*arguments, **options)  # type: ignore[arg-type]  # passed on to click as they came
        self.examples = examples

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write usage, examples, description and options, in this order."""
        self.format_usage(ctx, formatter)
        _write_examples(self.examples, formatter)
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)
        self.format_epilog(ctx, formatter)


class Choice(click.Choice[str]):
    """One of several words; a wrong one is answered with the nearest."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return ``value`` if it is one of the words."""
        if value not in self.choices:
            words = ", ".join(self.choices)
            self.fail(f"'{value}' is not one of {words}.{_did_you_mean(str(value), self.choices)}", param, ctx)
        return str(value)


class _Root(click.Group):
    """The top command: knows its commands by name, imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command."""
        if cmd_name not in _COMMANDS:
            return None
        return cast("click.Command", importlib.import_module(f"edgevit.cli.{cmd_name}").command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-"):
            ctx.fail(f"There is no command '{name}'.{_did_you_mean(name, _COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview without importing any command."""
        self.format_usage(ctx, formatter)
        _write_examples(_EXAMPLES, formatter)
        self.format_help_text(ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))
        with formatter.section("Options"):
            formatter.write_dl([record for p in self.get_params(ctx) if (record := p.get_help_record(ctx))])
        with formatter.section("Exit status"):
            formatter.write_text(_EXIT_STATUS)
        with formatter.section("Completion"):
            formatter.write_text('eval "$(_EDGEVIT_COMPLETE=bash_source edgevit)", or zsh_source, fish_source')


_EXAMPLES = (
    ("build fastvit_t8 --ios", "A Swift package with a verified Core ML model"),
    ("build fastvit_t8 --android", "A Gradle project with a verified TFLite model"),
    ("list", "All models with size, cost and accuracy"),
    ("verify fastvit_t8-ios", "Prove a result again, without its weights"),
)

_EXIT_STATUS = (
    "0 done, 1 a bug in edgevit, 2 wrong usage, 3 bad input, 4 unsafe input, 5 unsupported, 6 conversion failed, "
    "7 fidelity below budget, 8 output or disk, 9 locked, 10 tool missing, 11 phone, 130 and 143 "
    "interrupted"
)


@click.command(
    cls=_Root,
    context_settings=_CONTEXT,
    no_args_is_help=False,
    invoke_without_command=True,
)
@click.version_option(edgevit.__version__, prog_name="edgevit", message="%(prog)s %(version)s")
@click.pass_context
def root(context: click.Context) -> None:
    """Take a mobile vision transformer to a phone, and prove that the file computes what PyTorch computes."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def _write_examples(examples: Sequence[tuple[str, str]], formatter: click.HelpFormatter) -> None:
    if examples:
        with formatter.section("Examples"):
            formatter.write_dl([(f"edgevit {line}", text) for line, text in examples])


def _did_you_mean(word: str, known: Sequence[str] | dict[str, str]) -> str:
    close = difflib.get_close_matches(word.lower(), list(known), n=2, cutoff=0.5)
    return f" Did you mean {' or '.join(close)}?" if close else ""
