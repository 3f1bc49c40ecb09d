"""Renders the reference of the command line from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from monitor.cli.menu import rapport
from monitor.cli.say import EXIT_CODES

_HEAD = f"""\
# Commands

`rapport [--config FILE] COMMAND …`. Every command works while the daemon runs. Results go to
standard output, errors to standard error in one line. Commands that list take `--json`.

Exit codes:

{"".join(f"- {code.strip()}" + chr(10) for code in EXIT_CODES.split(";"))}
This page is made from the code by `python -m docs.generate`.
"""


def commands() -> str:
    """Return the page: every command with its arguments, options and examples."""
    context = click.Context(rapport, info_name="rapport")
    parts = [_HEAD]
    for path, command in _walk(rapport, context, "rapport"):
        parts.append(_section(path, command))
    return "\n".join(parts)


def _walk(
    group: click.Group, context: click.Context, path: str
) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, f"{name} is listed"
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            inner = click.Context(command, info_name=name, parent=context)
            yield from _walk(command, inner, f"{path} {name}")


def _section(path: str, command: click.Command) -> str:
    told = inspect.cleandoc(command.help or "").split("\b\n")
    text = "\n\n".join(" ".join(block.split()) for block in told[0].strip().split("\n\n"))
    arguments = " ".join(
        param.make_metavar(click.Context(command))
        for param in command.params
        if isinstance(param, click.Argument)
    )
    lines = [f"## {path} {arguments}".rstrip(), "", text, ""]
    options = [param for param in command.params if isinstance(param, click.Option)]
    if options:
        lines += ["| option | meaning | default |", "|---|---|---|"]
        lines += [_option(option) for option in options]
        lines.append("")
    for examples in told[1:]:
        body = [line[2:] for line in examples.splitlines() if line.startswith("  ")]
        lines += ["```sh", *body, "```", ""]
    return "\n".join(lines)


def _option(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    default = f"`{option.default}`" if option.show_default and option.default is not None else ""
    kind = ""
    if isinstance(option.type, click.Choice):
        kind = " One of " + ", ".join(f"`{choice}`" for choice in option.type.choices) + "."
    meaning = " ".join(f"{option.help or ''}{kind}".split()).replace("|", "\\|")
    return f"| {names} | {meaning} | {default} |"
