"""A group of commands, each of which is imported only when it is called: ``--help`` stays quick."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Lazy(click.Group):
    """Knows its commands by name and place (``module:name``), in the order of `places`."""

    def __init__(self, *args: Any, places: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they are told."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None where there is none of that name."""
        module, _, name = self._places.get(cmd_name, "").partition(":")
        if not module:
            return None
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command
