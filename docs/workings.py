"""Renders the reference of due work, events, states and errors from the code that has them."""

from __future__ import annotations

import inspect

from connectors import errors
from monitor.due import KINDS
from monitor.engine.base import WORKERS
from monitor.models import Base
from responders.trail_words import WORDS

_HEAD = """\
# Due work, states, events and errors

Made from the code by `python -m docs.generate`.

## Kinds of due work

Each row of these tables is also a piece of work, due at its `next_at`. A worker holds it for at
most the lease; a failure puts it off with growing pauses.

| kind | rows | lease | workers in one process |
|---|---|---|---|
"""


def workings() -> str:
    """Return the page."""
    lines = [_HEAD.rstrip("\n")]
    for kind in KINDS.values():
        seconds = int(kind.lease.total_seconds())
        workers = WORKERS.get(kind.name, "")
        lines.append(f"| `{kind.name}` | `{kind.table.name}` | {seconds} s | {workers} |")
    lines += ["", "## Rows", ""]
    for mapper in sorted(Base.registry.mappers, key=lambda each: each.class_.__tablename__):
        name = mapper.class_.__tablename__
        doc = inspect.cleandoc(mapper.class_.__doc__ or "").replace("``", "`")
        lines += [f"### {name}", "", doc, ""]
    lines += ["## Events on a case's trail", "", "| event | in words |", "|---|---|"]
    lines += [f"| `{kind}` | {words.replace('|', '/')} |" for kind, words in sorted(WORDS.items())]
    lines += ["", "## Errors of a connector", "", "| error | means |", "|---|---|"]
    for name, error in inspect.getmembers(errors, inspect.isclass):
        if issubclass(error, errors.ConnectorError):
            first = " ".join((error.__doc__ or "").split())
            lines.append(f"| `{name}` | {first} |")
    return "\n".join(lines) + "\n"
