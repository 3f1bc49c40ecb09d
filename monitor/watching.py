"""Finds what can be heard of a name without any account, and listens: `rapport watch`."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from connectors.base import ConnectorKind, ConnectorSettings, Context, FoundMention
from connectors.errors import ConnectorError
from connectors.registry import load, names

PAGES_A_POLL = 20
"""A first look goes no deeper: who watches wants to see something, not to have everything."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One source that needs no account. `given` is what stands in the configuration."""

    kind: ConnectorKind
    given: Mapping[str, Any]
    settings: ConnectorSettings


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that happened: a mention found, or trouble at a source (`trouble` says what)."""

    kind: ConnectorKind
    found: FoundMention | None = None
    trouble: str = ""


def suggest(
    name: str, given: Mapping[str, Mapping[str, Any]], user_agent: str
) -> tuple[list[Suggestion], list[Heard]]:
    """Return the sources that hear of `name` without an account, and what could not be asked.

    `given` holds settings by connector that go before the connector's own choice. All platforms
    are asked at the same time.
    """
    kinds = [kind for kind in map(load, names()) if kind.suggest is not None]
    with ThreadPoolExecutor(len(kinds) or 1) as pool:
        results = list(
            pool.map(lambda kind: _ask(kind, name, given.get(kind.name, {}), user_agent), kinds)
        )
    suggestions = [one for found in results if isinstance(found, list) for one in found]
    troubles = [found for found in results if isinstance(found, Heard)]
    return suggestions, troubles


def listen(
    suggestions: Sequence[Suggestion], user_agent: str, stop: threading.Event, *, once: bool
) -> Iterator[Heard]:
    """Poll every source at its own pace and yield what is heard, as it comes.

    What was yielded is not yielded again. Ends after each source's first poll with `once`,
    else when `stop` is set.
    """
    heard: queue.SimpleQueue[Heard | None] = queue.SimpleQueue()
    threads = [
        threading.Thread(target=_follow, args=(each, user_agent, stop, once, heard), daemon=True)
        for each in suggestions
    ]
    for thread in threads:
        thread.start()
    listening = len(threads)
    while listening:
        try:
            one = heard.get(timeout=0.2)
        except queue.Empty:
            if stop.is_set():
                return
            continue
        if one is None:
            listening -= 1
        else:
            yield one


def _ask(
    kind: ConnectorKind, name: str, given: Mapping[str, Any], user_agent: str
) -> list[Suggestion] | Heard:
    assert kind.suggest is not None, "only those that suggest are asked"
    try:
        return [
            Suggestion(kind, settings, kind.settings.model_validate(settings))
            for settings in kind.suggest(name, given, Context("watch", user_agent))
        ]
    except ConnectorError as error:
        return Heard(kind, trouble=str(error))
    except ValidationError as error:
        told = error.errors()[0]
        key = ".".join(str(part) for part in told["loc"])
        return Heard(kind, trouble=f"{key}: {told['msg'].removeprefix('Value error, ')}")


def _follow(
    source: Suggestion,
    user_agent: str,
    stop: threading.Event,
    once: bool,
    heard: queue.SimpleQueue[Heard | None],
) -> None:
    kind = source.kind
    seen: set[str] = set()
    cursor: Mapping[str, Any] = {}
    trouble = ""
    try:
        with closing(kind.build(source.settings, Context("watch", user_agent))) as connector:
            while not stop.is_set():
                try:
                    for _ in range(PAGES_A_POLL):
                        page = connector.fetch(cursor)
                        cursor = page.next_cursor
                        for found in page.mentions:
                            if found.external_id not in seen and not found.deleted:
                                seen.add(found.external_id)
                                heard.put(Heard(kind, found))
                        if not page.more or stop.is_set():
                            break
                    trouble = ""
                except ConnectorError as error:
                    if str(error) != trouble:
                        trouble = str(error)
                        heard.put(Heard(kind, trouble=trouble))
                if once:
                    return
                stop.wait(kind.default_every.total_seconds())
    except Exception as error:  # a fault in one connector must not silence the others
        heard.put(Heard(kind, trouble=f"{type(error).__name__} in the connector"))
    finally:
        heard.put(None)
