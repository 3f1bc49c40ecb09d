"""Checks that each source's connector can be loaded and takes its settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from pydantic import ValidationError

from connectors import registry
from connectors.base import ConnectorKind
from connectors.errors import ConnectorError
from monitor.config.explain import explain
from monitor.config.model import without_empty
from monitor.config.problems import Path, Problem, nearest, shown
from monitor.config.replyrules import is_only_a_rule
from monitor.config.yamltree import Document


@dataclass(frozen=True, slots=True)
class Unloadable:
    """Why a connector cannot be used, and the name that was probably meant."""

    reason: str
    expected: str = ""
    suggestion: str = ""


class Kinds:
    """The connectors that one configuration may use, each loaded once."""

    def __init__(self, plugins: tuple[str, ...]) -> None:
        self.plugins = plugins
        self._loaded: dict[str, ConnectorKind | Unloadable] = {}

    def get(self, name: str) -> ConnectorKind | Unloadable:
        """Return the connector kind called `name`, or why there is none."""
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def _load(self, name: str) -> ConnectorKind | Unloadable:
        known = registry.names(self.plugins)
        if name not in known:
            if name in {entry.name for entry in entry_points(group=registry.GROUP)}:
                return Unloadable(
                    f"the connector {shown(name)} is installed and not allowed",
                    expected=f"`plugins: [{shown(name)}]` at the top of the file",
                )
            close = nearest(name, known)
            valid = ", ".join(f"`{choice}`" for choice in known)
            return Unloadable(
                "there is no such connector", "" if close else f"one of {valid}", close
            )
        try:
            return registry.load(name, self.plugins)
        except registry.UnknownConnector as error:
            return Unloadable(str(error))
        # Loading runs another package's code, which may fail in any way; that is one problem of
        # this source and must not keep the others from being reported.
        except Exception as error:
            return Unloadable(
                f"the connector {shown(name)} cannot be loaded "
                f"({type(error).__name__}: {shown(str(error), 200)})"
            )


def check_plugins(document: Document, raw: dict[str, Any], kinds: Kinds) -> Iterator[Problem]:
    """Yield a problem for each connector that is allowed and cannot be loaded."""
    plugins = raw.get("plugins")
    for at, name in enumerate(plugins if isinstance(plugins, list) else []):
        if not isinstance(name, str) or is_only_a_rule(name):
            continue
        if isinstance(found := kinds.get(name), Unloadable):
            yield document.problem(
                ("plugins", at), found.reason, expected="the name of an installed connector"
            )


def check_settings(
    document: Document, source: dict[str, Any], path: Path, kinds: Kinds
) -> Iterator[Problem]:
    """Yield what is wrong with the connector that one source names, and with its settings."""
    name, settings = source.get("connector"), source.get("settings")
    if not isinstance(name, str):
        return  # said already: it is missing, or is no text
    found = kinds.get(name)
    if isinstance(found, Unloadable):
        if name not in kinds.plugins:  # else it was said there
            yield document.problem(
                (*path, "connector"),
                found.reason,
                expected=found.expected,
                suggestion=found.suggestion,
            )
        return
    if settings is not None and not isinstance(settings, dict):
        return  # likewise
    try:
        found.settings.model_validate(without_empty(settings or {}, found.settings))
    except ValidationError as error:
        yield from explain(error, document, found.settings, (*path, "settings"))
    except ConnectorError as error:
        yield document.problem((*path, "settings"), shown(str(error), 200))
    except Exception as error:  # the connector's own check failed: again a problem of one source
        yield document.problem(
            (*path, "settings"),
            f"the connector {shown(name)} cannot check them ({type(error).__name__})",
        )
