"""Does what a command asks for, and answers whoever typed it: due work, as clicks are."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from monitor.clock import Clock
from monitor.db import Database
from monitor.sources import pause, resume
from responders.moments import read_moment
from responders.slack.orders import case_of, person_of
from responders.slack.port import QueuePort
from responders.slack.rights import Denied, NotSure, Rights
from responders.views import Actor, Outcome


class CommandActs:
    """Takes acting commands to the queue, or to the sources."""

    def __init__(
        self, db: Database, queue: QueuePort, rights: Rights, clock: Clock, zone: str
    ) -> None:
        self._db = db
        self._queue = queue
        self._rights = rights
        self._clock = clock
        self._zone = ZoneInfo(zone)

    def act(self, order: dict[str, Any], actor: Actor) -> Outcome | NotSure:
        """Do what was asked; `NotSure` when Slack could not say who somebody is just now."""
        try:
            return self._act(order["verb"], order["rest"], order["team"], actor)
        except ValueError as error:
            told = str(error)
            return Outcome(False, "blocked", f"{told[:1].upper()}{told[1:]}.", None)

    def _act(self, verb: str, rest: str, team: str, actor: Actor) -> Outcome | NotSure:
        if verb in ("pause", "resume"):
            return self._source(verb, rest, actor)
        case_id, said = case_of(rest)
        match verb:
            case "take":
                return self._queue.assign(case_id, to=actor.name, actor=actor)
            case "ack":
                return self._queue.acknowledge(case_id, actor=actor)
            case "release":
                return self._queue.assign(case_id, to="", actor=actor)
            case "assign":
                chosen = self._rights.admit(person_of(said), team)
                if isinstance(chosen, NotSure):
                    return chosen
                if isinstance(chosen, Denied):
                    raise ValueError("that person may not decide here")
                return self._queue.assign(case_id, to=chosen.name, actor=actor)
            case "snooze":
                until = read_moment(said, self._clock(), self._zone)
                return self._queue.snooze(case_id, until=until, actor=actor)
            case "wake":
                return self._queue.wake(case_id, actor=actor)
            case "note":
                return self._queue.note(case_id, text=said, actor=actor)
            case "undo":
                return self._queue.take_back(case_id, actor=actor)
            case "approve":
                return self._approve(case_id, said, actor)
        return Outcome(False, "missing", "Rapport does not know this command.", None)

    def _approve(self, case_id: int, said: str, actor: Actor) -> Outcome:
        """Approve a version by its number: who types it has seen it."""
        view = self._queue.view(case_id)
        if view is None:
            return Outcome(False, "missing", f"there is no case C-{case_id}", None)
        version = said.lower().removeprefix("v")
        if not version.isascii() or not version.isdigit():
            raise ValueError(
                f"say which version, as `/rapport show {view.ref}` shows it: approve {view.ref} 2"
            )
        shown = view.draft is not None and view.draft.version == int(version[:9])
        return self._queue.approve(
            case_id,
            draft_version=int(version[:9]),
            text_hash=view.draft.text_hash if shown and view.draft is not None else "",
            actor=actor,
        )

    def _source(self, verb: str, rest: str, actor: Actor) -> Outcome:
        key = rest.strip()
        now: datetime = self._clock()
        try:
            with self._db.write() as session:
                if verb == "pause":
                    told = pause(session, key, str(actor), now)
                else:
                    told = resume(session, key, now)
        except KeyError:
            raise ValueError(
                f"there is no source {key[:60]!r}; see `/rapport status`"
                if key
                else "say which source; see `/rapport status`"
            ) from None
        return Outcome(True, "done", told, None)
