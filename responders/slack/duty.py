"""Who is on duty, by a Slack user group: asked now and then, and remembered meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from monitor.log import logger
from responders.people import People
from responders.slack.client import SlackClient
from responders.slack.results import Answer, describe

log = logger(__name__)

KEEP_SECONDS = 300.0


class Duty:
    """Reads user groups (``usergroups.users.list``). Never raises for anything Slack does."""

    def __init__(
        self,
        client: SlackClient,
        people: People,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._people = people
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, tuple[str, ...] | None]] = {}

    def known(self, group: str) -> tuple[str, ...] | None:
        """Return who was in a user group when it was last asked about, without the network."""
        with self._lock:
            kept = self._known.get(group)
        return kept[1] if kept is not None else None

    def names(self, group: str) -> tuple[str, ...] | None:
        """Return the names of who is in a user group; None when Slack cannot tell just now.

        Members whom `people` does not name are left out.
        """
        now = self._monotonic()
        with self._lock:
            kept = self._known.get(group)
        if kept is not None and now < kept[0]:
            return kept[1]
        result = self._client.call("usergroups.users.list", {"usergroup": group})
        if isinstance(result, Answer):
            members = result.data.get("users")
            ids = members if isinstance(members, list) else []
            found = (self._people.at_slack(str(each)) for each in ids)
            names: tuple[str, ...] | None = tuple(each.name for each in found if each is not None)
        else:
            log.warning("slack: who is on duty is not known: %s", describe(result))
            names = kept[1] if kept is not None else None
        with self._lock:
            self._known[group] = (now + KEEP_SECONDS, names)
        return names
