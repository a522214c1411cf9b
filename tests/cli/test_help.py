from __future__ import annotations

import importlib
import shlex
from typing import cast

import click
import pytest

import edgevit as package
from edgevit.cli.group import Command, root
from edgevit.cli.session import Session
from tests.cli.conftest import Run

COMMANDS = root.list_commands(click.Context(root))


def _command(name: str) -> Command:
    return cast("Command", importlib.import_module(f"edgevit.cli.{name}").command)


def test_the_overview_names_every_command_and_shows_examples_first(edgevit: Run) -> None:
    result = edgevit("--help")
    assert result.status == 0
    assert all(f"  {name} " in result.out for name in COMMANDS)
    assert result.out.index("Examples:") < result.out.index("Commands:")


def test_without_arguments_the_overview_appears(edgevit: Run) -> None:
    assert edgevit().out == edgevit("--help").out


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(edgevit: Run, name: str) -> None:
    result = edgevit(name, "--help")
    assert result.status == 0
    assert result.out.index("Examples:") < result.out.index("Options:")
    assert "--json" in result.out
    assert edgevit(name, "-h").out == result.out


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_are_valid_command_lines(name: str) -> None:
    assert _command(name).examples
    for line, _ in _command(name).examples:
        words = shlex.split(line.partition("|")[0])
        command = _command(words[0])
        command.make_context(words[0], words[1:], obj=Session())  # raises on an option that does not exist


def test_the_version(edgevit: Run) -> None:
    assert edgevit("--version").out == f"edgevit {package.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["biuld", "fastvit_t8"], "Did you mean build?"),
        (["list", "--famly", "sepvit"], "--family"),
        (["list", "--family", "sepvitt"], "Did you mean sepvit"),
        (["list", "fastvit-t8x"], "fastvit_t8"),
        (["build", "fastvit_t8", "--ios", "--head", "logit"], "Did you mean logits?"),
        (["build", "fastvit_t8", "--ios", "--input-size", "big"], "256x192"),
        (["build", "fastvit_t8"], "--ios"),
        (["reparam", "fastvit_t8"], "--out"),
        (["inspect"], "PATH"),
        (["--what"], "No such option"),
    ],
)
def test_wrong_usage_says_what_was_probably_meant(edgevit: Run, arguments: list[str], hint: str) -> None:
    result = edgevit(*arguments)
    assert result.status == 2
    assert hint in result.err
    assert result.out == ""
    as_json = edgevit(*arguments, "--json")
    assert as_json.status == 2
    assert as_json.data["error"]["exit_status"] == 2
    assert as_json.err == ""
