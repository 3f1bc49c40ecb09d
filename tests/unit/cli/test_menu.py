"""The menu is complete, quick to load, and every command explains itself."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from monitor.cli.menu import COMMANDS, SUMMARIES, rapport


def walk(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from walk(command, f"{path} {name}")


EVERY = dict(walk(rapport, "rapport"))
LISTING = [
    "queue",
    "looks",
    "show",
    "status",
    "sources",
    "sources kinds",
    "report sla",
    "check",
    "try",
]


def test_every_command_of_the_menu_has_a_summary() -> None:
    assert list(SUMMARIES) == list(COMMANDS)


@pytest.mark.parametrize("path", sorted(EVERY))
def test_every_command_shows_examples(path: str) -> None:
    told = inspect.cleandoc(EVERY[path].help or "")
    _, marked, examples = told.partition("\b\nExamples:\n")
    assert marked, "examples keep their lines"
    assert path.split()[-1] in examples


@pytest.mark.parametrize("name", LISTING)
def test_every_command_that_lists_speaks_json(name: str) -> None:
    options = [option for param in EVERY[f"rapport {name}"].params for option in param.opts]
    assert "--json" in options


def test_the_help_imports_neither_the_store_nor_the_language_tools() -> None:
    script = (
        "import sys; sys.argv=['rapport','--help']\n"
        "from monitor.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = ('sqlalchemy', 'textblob', 'fastapi', 'numpy', 'alembic')\n"
        "print([module for module in heavy if module in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert out.stdout.splitlines()[-1] == "[]"
