"""Writes YAML so that both YAML 1.1 and 1.2 read it back as what it was."""

from __future__ import annotations

import re

import yaml

from monitor.config.yamltree import core_resolvers


class Dumper(yaml.SafeDumper):
    """Writes as PyYAML does, and quotes what only YAML 1.2 would take for a number."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key, which is how most people write them."""
        super().increase_indent(flow, False)


for _tag, _pattern in core_resolvers():
    Dumper.add_implicit_resolver(_tag, _pattern, None)


def write_scalar(value: str | float | bool | None) -> str:
    """Return a plain value on one line.

    A date is not quoted: only YAML 1.1 makes more than text of it, and that is not read here.
    """
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return value
    lines = isinstance(value, str) and (len(value.splitlines()) > 1 or value.endswith("\n"))
    written = yaml.dump(
        value,
        Dumper=Dumper,
        width=1_000_000,
        allow_unicode=True,
        default_style='"' if lines else None,
    )
    return str(written).removesuffix("\n").removesuffix("\n...")
