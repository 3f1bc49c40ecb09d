"""Keeps to the platforms' terms: what is stored is read again in time, or forgotten.

A mention of such a platform has two times. At `recheck_at` it is read directly: still there, it
may be kept as long again, and an edit is taken in; gone, its deletion is. At `keep_until`
nobody has managed to read it, and its words are forgotten. That needs no network, so it also
holds after the daemon was down.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session, joinedload

from connectors.base import Connector, FoundMention, MentionRef, Page
from connectors.errors import ConnectorError, Gone, NotSupported, RateLimited, Unavailable
from monitor.clock import Clock
from monitor.db import Database
from monitor.intake.purging import lock_source, withhold
from monitor.intake.reference import reference
from monitor.intake.store import PageStore
from monitor.log import logger
from monitor.models import Case, CaseMention, Mention, Source
from monitor.platforms import Platforms, UnknownSource
from monitor.work import describe

log = logger(__name__)

BATCH = 50
"""Mentions read again in one run, at most; the account's budget may stop it sooner."""

RUN_SECONDS = 8.0
"""A run takes no more reads after this long, so that what else waits is not held up."""

LEASE = timedelta(minutes=5)
"""Whoever reads a mention again has it for so long; after a crash another one does."""

SOONEST = timedelta(minutes=15)
FORGOTTEN_AT_ONCE = 200
OLD_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Due:
    """A mention to read again: where it is, until when, and whose turn it is."""

    id: int
    source_id: int
    source_key: str
    ref: MentionRef
    keep_until: datetime | None
    held_until: datetime | None


class Rechecker:
    """Reads again and forgets, in small pieces. Several daemons may run one each."""

    def __init__(
        self,
        database: Database,
        platforms: Platforms,
        store: PageStore,
        clock: Clock,
        retention: timedelta | None = None,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._store = store
        self._clock = clock
        self._retention = retention
        self._old_at: datetime | None = None

    def run(self) -> None:
        """Do what is due now: forget, read a batch again, and see to what has grown old."""
        self.forget_overdue()
        self.read_again()
        now = self._clock()
        if self._old_at is None or now - self._old_at >= OLD_EVERY:
            self._old_at = now
            self.forget_old()
            self._database.scrub()  # of what customers deleted meanwhile, too

    def forget_overdue(self) -> int:
        """Forget every mention that had to be read again by now and was not."""
        now = self._clock()
        overdue = (Mention.recheck_at <= now, Mention.keep_until <= now)
        return self._forget(Mention.recheck_at, overdue)

    def forget_old(self) -> int:
        """Forget what is older than the configured days, unless its case is still at work."""
        if self._retention is None:
            return 0
        before = self._clock() - self._retention
        at_work = Case.state.in_(("opened", "drafted", "approved", "answered"))
        own = select(Case.id).where(Case.mention_id == Mention.id, at_work)
        under = (
            select(CaseMention.case_id)
            .join(Case, Case.id == CaseMention.case_id)
            .where(CaseMention.mention_id == Mention.id, at_work)
        )
        old = (
            Mention.first_seen_at < before,
            Mention.state == "present",
            ~own.exists(),
            ~under.exists(),
        )
        return self._forget(Mention.first_seen_at, old, RUN_SECONDS)

    def read_again(self) -> int:
        """Read a batch of what is due directly; return how many were read."""
        ends = time.monotonic() + RUN_SECONDS
        count = 0
        for key, group in groupby(self._claim(), key=lambda each: each.source_key):
            waiting = list(group)
            try:
                with self._platforms.borrow(key) as connector:
                    while waiting and time.monotonic() < ends:
                        try:
                            self._read_again(connector, waiting[0])
                        except ConnectorError:
                            raise
                        except Exception as error:  # a fault over one mention is no other's
                            log.error("a mention of %s was not read: %s", key, describe(error))
                            self._put_off(waiting[:1], SOONEST)
                        waiting.pop(0)
                        count += 1
            except UnknownSource:
                self._put_off(waiting, None)
            except ConnectorError as error:
                # The next one would only be refused too.
                wait = error.retry_after if isinstance(error, RateLimited | Unavailable) else None
                self._put_off(waiting, wait or SOONEST)
        return count

    def _read_again(self, connector: Connector, due: _Due) -> None:
        try:
            found = connector.read(due.ref)
        except NotSupported:
            self._put_off([due], None)
            return
        except Gone:
            found = None
        if found is None or found.deleted:
            found = FoundMention(due.ref.external_id, "", deleted=True)
        # Some platforms answer under another spelling of the id that was asked for.
        found.external_id = due.ref.external_id
        self._store.store(
            due.source_id,
            Page((found,), {}),
            self._clock(),
            saved=_nothing,
            confirm_deletion=_just_read,
        )

    def _claim(self) -> list[_Due]:
        """Reserve what is due, by moving when it is due on by a lease."""
        now = self._clock()
        with self._database.write() as session:
            ids = session.scalars(
                select(Mention.id)
                .where(Mention.recheck_at <= now)
                .order_by(Mention.recheck_at)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            ).all()
            if not ids:
                return []
            rows = session.scalars(
                select(Mention)
                .where(Mention.id.in_(ids))
                .options(
                    joinedload(Mention.author),
                    joinedload(Mention.source).joinedload(Source.account),
                )
                .order_by(Mention.source_id, Mention.id)
            ).all()
            claimed = [_due(row) for row in rows]
            _move(session, ids, now + LEASE)
        held = [each for each in claimed if each.held_until is not None and each.held_until > now]
        for each in held:
            assert each.held_until is not None, "the line above says so"
            self._put_off([each], each.held_until - now)
        return [each for each in claimed if each not in held]

    def _put_off(self, due: Sequence[_Due], wait: timedelta | None) -> None:
        """Try again after `wait`, oftener as the end comes near; None: it cannot be read at all."""
        now = self._clock()
        if not due:
            return
        with self._database.write() as session:
            lock_source(session, due[0].source_id)
            for each in due:
                until = each.keep_until
                if wait is not None:
                    left = (until - now) / 4 if until is not None else timedelta()
                    at = now + max(wait, SOONEST, left)
                    until = at if until is None else min(at, until)
                _move(session, [each.id], until)

    def _forget(
        self, by: Any, which: Sequence[ColumnElement[bool]], seconds: float = math.inf
    ) -> int:
        """Forget the mentions for which all of `which` holds, a part at a time, ordered `by`.

        It must still hold when a part is written: others read and write meanwhile. What there is
        no time for within `seconds` is left to the next run.
        """
        ends = time.monotonic() + seconds
        total = 0
        since: datetime | None = None
        while True:
            query = select(by, Mention.source_id, Mention.id).where(*which)
            if since is not None:
                query = query.where(by >= since)  # what lies before has been seen to
            with self._database.read() as session:
                found = session.execute(query.order_by(by).limit(FORGOTTEN_AT_ONCE)).all()
            parts: dict[int, list[int]] = defaultdict(list)
            for at, source_id, mention_id in found:
                since = at
                parts[source_id].append(mention_id)
            for source_id, ids in sorted(parts.items()):
                with self._database.write() as session:
                    total += withhold(session, source_id, ids, self._clock(), which)
                    _move(session, ids, None, which)
            if len(found) < FORGOTTEN_AT_ONCE:
                break
            if time.monotonic() > ends:
                self._old_at = None  # there is more, and the next run goes on
                break
        if total:
            self._database.scrub()
            log.info("forgot the words of %d mentions: their time was over", total)
        return total


def _due(row: Mention) -> _Due:
    return _Due(
        id=row.id,
        source_id=row.source_id,
        source_key=row.source.key,
        ref=reference(row),
        keep_until=row.keep_until,
        held_until=row.source.account.paused_until,
    )


def _move(
    session: Session,
    ids: Sequence[int],
    to: datetime | None,
    still: Sequence[ColumnElement[bool]] = (),
) -> None:
    """Say when these are to be read again. What was deleted or forgotten meanwhile never is."""
    session.execute(
        update(Mention)
        .where(Mention.id.in_(ids), Mention.recheck_at.is_not(None), *still)
        .values(recheck_at=to)
        .execution_options(synchronize_session=False)
    )


def _nothing(session: Session) -> None:
    """Nothing moves with a mention that is read again: it has no cursor."""


def _just_read(_ref: MentionRef) -> bool:
    """It was read directly a moment ago."""
    return True
