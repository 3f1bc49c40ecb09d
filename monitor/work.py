"""Does due work: finds what is due, begins it, and writes down how it ended.

`make_tick` is what an engine runs at intervals, `Worker.perform` is what it does with each
claim. Between the two an engine may do what it likes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from traceback import walk_tb
from typing import Protocol

from sqlalchemy import bindparam, select
from sqlalchemy.exc import DBAPIError

from connectors.errors import ConnectorError, RateLimited, Unavailable
from monitor import due
from monitor.clock import Clock
from monitor.db import Database
from monitor.log import logger
from monitor.models import Case, Escalation, Reply, Source

log = logger(__name__)

Handler = Callable[[due.Claim], None]
"""Does one kind of work.

It is given a begun claim and calls `due.finish` (or `due.fail`) with it in the transaction of
its own result, with no transaction open while it talks to a network. What it raises puts the
row off: `PutOff` and `ConnectorError` are kept word for word; of any other error only the type
and the place are, since its text may quote a customer.
"""

URGENT_FIRST = (
    "inbound", "publish", "notify", "clock", "escalate", "delivery", "prepare", "mail", "poll"
)  # fmt: skip


class PutOff(Exception):
    """The work cannot be done now. `str(error)` is one line for staff, free of secrets.

    `not_before` is how long to wait at least; without it the wait grows with each failure.
    """

    def __init__(self, message: str, not_before: timedelta | None = None) -> None:
        super().__init__(message)
        self.not_before = not_before


class Carrier(Protocol):
    """The part of an engine that a tick needs."""

    def room(self, kind: str) -> int:
        """Return how many more claims of `kind` would find a worker soon."""

    def submit(self, claims: Sequence[due.Claim]) -> None:
        """Carry claims of one kind to workers."""


class Worker:
    """Performs claims with the handler of their kind. One serves all threads of a daemon.

    `owner` marks what this daemon holds, so that `due.release_owner` can free it at the end.
    """

    def __init__(
        self, database: Database, clock: Clock, handlers: Mapping[str, Handler], owner: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._handlers = handlers
        self._owner = owner
        self._store = Condition("the store")

    def perform(self, claim: due.Claim) -> None:
        """Do one claimed piece of work from begin to end; never raises an `Exception`.

        A failure that could not even be written down leaves the row to its lease.
        """
        try:
            with self._database.write() as session:
                begun = due.begin(session, claim, self._clock(), self._owner)
            if begun is not None:
                self._do(begun)
        except due.ClaimLost as lost:
            log.warning("%s in the meantime: this result was dropped", lost)
        except Exception as error:  # the engine's thread must outlive whatever happens here
            self._store.fails(describe(error))
        else:
            self._store.works()

    def _do(self, claim: due.Claim) -> None:
        try:
            self._handlers[claim.kind](claim)
        except due.ClaimLost:
            raise
        except Exception as error:  # any error of a handler puts its own row off, and no other
            self._put_off(claim, error)
        with self._database.glance() as connection:
            held, failures, last_error = due.outcome(connection, claim)
        if held:
            self._put_off(claim, PutOff(f"the {claim.kind} handler ended without finishing"))
            failures, last_error = claim.failures + 1, "PutOff: the handler did not finish"
        if _is_news(claim, failures, last_error):
            _tell(claim, self._named(claim), failures, last_error)

    def _named(self, claim: due.Claim) -> str:
        """Return the work in words that staff know: with its source's key, or its case."""
        query = _NAMES.get(claim.kind)
        if query is None:
            return f"{claim.kind} {claim.id}"
        with self._database.glance() as connection:
            name = connection.execute(query, {"row": claim.id}).scalar()
        if isinstance(name, int):
            return f"{claim.kind} of C-{name}"
        return f"{claim.kind} of {name}" if name else f"{claim.kind} {claim.id}"

    def _put_off(self, claim: due.Claim, error: Exception) -> None:
        not_before: timedelta | None = None
        if isinstance(error, PutOff):
            not_before = error.not_before
        elif isinstance(error, RateLimited | Unavailable):
            not_before = error.retry_after
        with self._database.write() as session:
            due.fail(session, claim, self._clock(), describe(error), not_before=not_before)


def make_tick(
    database: Database,
    clock: Clock,
    engine: Carrier,
    owner: str,
    kinds: Sequence[str] = URGENT_FIRST,
) -> Callable[[], None]:
    """Return the tick that finds due work of `kinds`, the most urgent first, for `engine`.

    When nothing is due it costs one read. Claims are committed before the engine hears of
    them, and freed again when it cannot be told.
    """

    in_order = sorted(kinds, key=URGENT_FIRST.index)

    def tick() -> None:
        with database.glance() as connection:
            waiting = due.due_kinds(connection, clock(), in_order)
        for kind in waiting:
            room = engine.room(kind)
            if room <= 0:
                continue
            with database.write() as session:
                claims = due.claim_due(session, kind, clock(), room, owner)
            if not claims:
                continue
            try:
                engine.submit(claims)
            except Exception:
                with database.write() as session:
                    due.release(session, claims)
                raise

    return tick


class Condition:
    """Something that works or fails; says so once, when it changes. Threads may share it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._trouble = ""
        self._lock = threading.Lock()

    def fails(self, error: str) -> None:
        """Log the error, unless it is the one that is known."""
        with self._lock:
            changed, self._trouble = error != self._trouble, error
        if changed:
            log.error("%s fails: %s", self._name, error)

    def works(self) -> None:
        """Log that it works again, if it had failed."""
        if not self._trouble:
            return
        with self._lock:
            was, self._trouble = self._trouble, ""
        if was:
            log.info("%s works again", self._name)


def describe(error: Exception) -> str:
    """Return one line about an error that quotes no customer and no secret."""
    name = type(error).__name__
    if isinstance(error, ConnectorError | PutOff):
        return f"{name}: {error}"
    text = ""
    if isinstance(error, DBAPIError):
        # The further lines of a database's error quote the values of the row.
        text = next(iter(str(error.orig).splitlines()), "")
    elif isinstance(error, OSError):
        text = error.strerror or ""
    for frame, line in list(walk_tb(error.__traceback__))[-1:]:
        name += f" at {Path(frame.f_code.co_filename).name}:{line}"
    return f"{name}: {text}" if text else name


_NAMES = {
    "poll": select(Source.key).where(Source.id == bindparam("row")),
    "prepare": select(Case.id).where(Case.id == bindparam("row")),
    "publish": select(Reply.case_id).where(Reply.id == bindparam("row")),
    "escalate": select(Escalation.case_id).where(Escalation.id == bindparam("row")),
}


def _is_news(claim: due.Claim, failures: int, last_error: str) -> bool:
    """Tell whether a row began to fail, fails in another way, or works again."""
    if failures == 0 or claim.failures == 0:
        return failures != claim.failures
    return _sort(last_error) != _sort(claim.last_error)


def _tell(claim: due.Claim, name: str, failures: int, last_error: str) -> None:
    """Log how a row does now."""
    if failures == 0:
        log.info("%s works again after %d failures", name, claim.failures)
    else:
        log.warning("%s fails, and will be tried again: %s", name, last_error)


def _sort(error: str) -> str:
    return error.partition(":")[0]
