"""Polls one source: fetch outside any transaction, then store the page with its cursor."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, exists, func, select, update
from sqlalchemy.orm import Session

from connectors.advice import advice_for
from connectors.base import Connector, MentionRef, Page
from connectors.errors import (
    AuthFailed,
    BadSettings,
    ConnectorError,
    Gone,
    LayoutChanged,
    RateLimited,
    Unavailable,
)
from monitor import due
from monitor.alerts import raise_alert, resolve_alert, resolve_alerts
from monitor.clock import Clock
from monitor.db import Database, UtcDateTime
from monitor.intake import breaker
from monitor.intake.circles import Circles
from monitor.intake.confirming import is_gone
from monitor.intake.counts import Counts
from monitor.intake.gaps import missing_since, note_gap
from monitor.intake.store import PageStore
from monitor.log import logger
from monitor.models import Account, Alert, Mention, Source
from monitor.platforms import Platforms, UnknownSource

log = logger(__name__)

PAGES_PER_TURN = 50
"""After so many pages a source goes back to the queue, so that others have their turn."""

PROBE_AFTER = timedelta(hours=1)
"""How long a source waits whose credentials were refused or whose page changed."""

JITTER = 0.1

CONDITIONS = ("auth", "layout", "gone", "settings", "refused")
"""What a successful poll ends. An alert per condition and source is open at most once."""

Progress = Callable[[Counts], None]


@dataclass(frozen=True, slots=True)
class _Turn:
    key: str
    source_id: int
    account_id: int
    cursor: Mapping[str, Any]
    every: timedelta
    held_until: datetime | None
    account_failures: int
    failing_since: datetime | None
    in_trouble: bool
    missing: tuple[datetime, datetime] | None


# Built once, like the statements of due work: most polls find nothing, and should cost nothing.
_TURN = (
    select(
        Source.key,
        Source.account_id,
        Source.cursor,
        Source.every_seconds,
        Account.paused_until,
        Account.failures,
        Account.failing_since,
        Source.last_success_at,
        Source.window_seconds,
        exists()
        .where(Alert.source_id == Source.id, Alert.resolved_at.is_(None))
        .label("in_trouble"),
    )
    .join(Account, Account.id == Source.account_id)
    .where(Source.id == bindparam("source"))
)
MANY = 3
_SEEN = (
    select(Mention.id)
    .where(Mention.source_id == bindparam("source"), Mention.state != "deleted")
    .limit(MANY)
)
_SOURCE = Source.__table__
_HEARD = (
    update(_SOURCE)  # type: ignore[arg-type]  # a Table
    .where(_SOURCE.c.id == bindparam("source"))
    .values(
        cursor=bindparam("new_cursor", type_=_SOURCE.c.cursor.type),
        last_polled_at=bindparam("now", type_=UtcDateTime()),
        watched_since=func.coalesce(_SOURCE.c.watched_since, bindparam("now", type_=UtcDateTime())),
        state=case((_SOURCE.c.state == "needs_auth", "active"), else_=_SOURCE.c.state),
    )
)
_HEARD_ALL = _HEARD.values(
    last_success_at=bindparam("now", type_=UtcDateTime()),
    caught_up_at=func.coalesce(_SOURCE.c.caught_up_at, bindparam("now", type_=UtcDateTime())),
)


class Poller:
    """Handles due work of the kind ``poll``, and polls on a person's word."""

    def __init__(
        self, database: Database, platforms: Platforms, store: PageStore, clock: Clock
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._store = store
        self._clock = clock

    def handle(self, claim: due.Claim) -> None:
        """Poll the claimed source and say when it is due again."""
        turn = self._turn(claim.id)
        held_until = self._held_until(turn)
        if held_until is not None:
            self._put_off(claim, held_until)
            return
        try:
            self._poll(turn, claim)
        except UnknownSource:
            log.warning("source %s is not in this daemon's configuration: restart it", turn.key)
            self._put_off(claim, None)
        except ConnectorError as error:
            self._take_failure(turn, claim, error)

    def _held_until(self, turn: _Turn) -> datetime | None:
        """Return until when the account's sources wait; None when this one may ask now."""
        now = self._clock()
        if turn.held_until is None:
            return None
        if turn.held_until > now:
            return turn.held_until
        if not breaker.is_open(turn.account_failures, turn.failing_since, now):
            return None
        with self._database.write() as session:
            if breaker.may_ask(session, turn.account_id, turn.held_until, now):
                return None
        return now + breaker.ASKING

    def poll_now(self, source_id: int, progress: Progress | None = None) -> Counts:
        """Poll a source at once, beside the daemon; raise `ConnectorError` as it comes.

        The cursor moves with what is stored; the schedule is left alone.
        """
        return self._poll(self._turn(source_id), None, progress)

    def _poll(
        self, turn: _Turn, claim: due.Claim | None, progress: Progress | None = None
    ) -> Counts:
        total = Counts()
        cursor = turn.cursor
        circles = Circles()
        with self._platforms.borrow(turn.key) as connector:
            for number in range(1, PAGES_PER_TURN + 1):
                page = connector.fetch(cursor)
                if page.more and dict(page.next_cursor) == dict(cursor):
                    # A platform that goes round in circles would be polled without a pause.
                    page = replace(page, more=False)
                circles.look(page)
                if number == 1:
                    self._look_for_silence(turn, page)
                cursor = page.next_cursor
                last = not page.more or number == PAGES_PER_TURN or bool(page.account_rests)
                total.add(self._keep(turn, page, connector, claim, last=last))
                if progress is not None:
                    progress(total)
                if last:
                    break
        return total

    def _keep(
        self,
        turn: _Turn,
        page: Page,
        connector: Connector,
        claim: due.Claim | None,
        *,
        last: bool,
    ) -> Counts:
        now = self._clock()

        def saved(session: Session) -> None:
            session.execute(
                _HEARD if page.more else _HEARD_ALL,
                {"source": turn.source_id, "now": now, "new_cursor": dict(page.next_cursor)},
            )
            if turn.in_trouble:
                resolve_alerts(session, [f"{each}:{turn.key}" for each in CONDITIONS], now)
            if turn.in_trouble and not page.more:
                resolve_alert(session, f"window:{turn.key}", now)
            if turn.missing is not None and not page.more:
                kind = self._platforms.kind(turn.key)
                note_gap(session, kind, turn.source_id, turn.key, turn.missing, now)
            if turn.account_failures or turn.held_until is not None or page.account_rests:
                breaker.take_answer(session, turn.account_id, now, rests=page.account_rests)
            if claim is not None:
                if last:
                    due.finish(session, claim, self._next_poll(turn, page, now))
                else:
                    due.renew(session, claim, now)

        def confirmed(ref: MentionRef) -> bool:
            return is_gone(connector, ref)

        return self._store.store(turn.source_id, page, now, saved=saved, confirm_deletion=confirmed)

    def _look_for_silence(self, turn: _Turn, page: Page) -> None:
        """Raise `LayoutChanged` where a listing that was full shows nothing: it is no peace."""
        nothing = not (page.mentions or page.problems or page.more or page.unchanged)
        if not nothing or not self._platforms.kind(turn.key).lists_everything:
            return
        with self._database.glance() as connection:
            seen = connection.execute(_SEEN, {"source": turn.source_id}).all()
        if len(seen) == MANY:
            raise LayoutChanged("it listed mentions before and shows none now; nothing was stored")

    def _next_poll(self, turn: _Turn, page: Page, now: datetime) -> datetime:
        if page.more:
            return now + (page.account_rests or timedelta())
        pause = max(turn.every, page.poll_no_sooner_than or timedelta())
        return now + pause * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  spreads polls

    def _turn(self, source_id: int) -> _Turn:
        with self._database.glance() as connection:
            row = connection.execute(_TURN, {"source": source_id}).one()
        return _Turn(
            key=row.key,
            source_id=source_id,
            account_id=row.account_id,
            cursor=dict(row.cursor),
            every=timedelta(seconds=row.every_seconds),
            held_until=row.paused_until,
            account_failures=row.failures,
            failing_since=row.failing_since,
            in_trouble=row.in_trouble,
            missing=missing_since(row.last_success_at, row.window_seconds, self._clock()),
        )

    def _put_off(self, claim: due.Claim, until: datetime | None) -> None:
        with self._database.write() as session:
            due.finish(session, claim, until)

    def _take_failure(self, turn: _Turn, claim: due.Claim, error: ConnectorError) -> None:
        """Write down what went wrong, and when to try again."""
        now = self._clock()
        message = f"{type(error).__name__}: {error}"
        if isinstance(error, RateLimited) and error.budget and error.retry_after is not None:
            # Our own budget is used up: nothing failed, and what needs another one goes on.
            self._put_off(claim, now + max(error.retry_after, due.SOONEST))
            return
        with self._database.write() as session:
            source = session.get_one(Source, turn.source_id)
            if source.state in ("paused", "removed"):  # while it was asked
                due.finish(session, claim, None)
                return
            source.last_polled_at = now
            source.watched_since = source.watched_since or now
            wait: timedelta | None = PROBE_AFTER
            all_wait = False
            if isinstance(error, RateLimited | Unavailable):
                session.flush()
                wait, all_wait = breaker.take_failure(
                    session, turn.account_id, error, error.retry_after, now, source.id
                )
            else:
                if isinstance(error, AuthFailed):
                    source.state = "needs_auth"
                raise_alert(
                    session,
                    f"{_condition(error)}:{turn.key}",
                    _condition(error),
                    f"{turn.key}: {error}{self._advice(turn, error)}",
                    now,
                    source.id,
                )
                session.flush()
                if turn.account_failures:
                    breaker.take_answer(session, turn.account_id, now)
            until = due.fail(session, claim, now, message, not_before=wait)
            if all_wait or isinstance(error, RateLimited):
                # The budget is the account's: its other sources would only be refused too.
                breaker.hold_back(session, turn.account_id, until)

    def _advice(self, turn: _Turn, error: ConnectorError) -> str:
        advice = advice_for(self._platforms.kind(turn.key), error)
        return f" ({advice})" if advice else ""


def _condition(error: ConnectorError) -> str:
    conditions: dict[type[ConnectorError], str] = {
        AuthFailed: "auth",
        LayoutChanged: "layout",
        Gone: "gone",
        BadSettings: "settings",
    }
    return conditions.get(type(error), "refused")
