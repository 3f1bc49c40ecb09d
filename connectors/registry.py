"""Finds the connectors: those shipped here, and others through entry points.

A third party adds a connector with an entry point in the group ``rapport.connectors`` whose
value is a `ConnectorKind`. It is loaded only where the configuration names it under
``plugins``, so that installing a package never runs its code by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

import connectors
from connectors.base import ConnectorKind

GROUP = "rapport.connectors"
SHIPPED = tuple(
    sorted(
        each.name
        for each in iter_modules(connectors.__path__)
        if each.ispkg and each.name != "testing"
    )
)
"""Every folder beside this module is one platform, but for the contract suite."""


class UnknownConnector(LookupError):
    """No connector of that name is shipped or allowed."""


def load(name: str, allowed_plugins: Iterable[str] = ()) -> ConnectorKind:
    """Return the connector kind called `name`; raise `UnknownConnector`."""
    if name in SHIPPED:
        kind = import_module(f"connectors.{name}").KIND
    elif name in set(allowed_plugins):
        found = entry_points(group=GROUP, name=name)
        if not found:
            raise UnknownConnector(f"no installed package offers the connector {name!r}")
        kind = next(iter(found)).load()
    else:
        raise UnknownConnector(f"unknown connector {name!r}; known: {', '.join(SHIPPED)}")
    if not isinstance(kind, ConnectorKind):
        raise UnknownConnector(f"the connector {name!r} does not offer a ConnectorKind")
    return kind


def names(allowed_plugins: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names that `load` accepts, sorted."""
    return tuple(sorted({*SHIPPED, *allowed_plugins}))
