"""Counts what is asked of the model on each UTC day, for all daemons, on the database.

The count stands in two rows of `budget` that belong to an account of their own: `calls` and
`tokens`. Calls are booked before they are made; tokens at the most they can come to, and what
was not used is given back. A daemon that is killed meanwhile loses what it had booked, for the
day. Each transaction is short and none is open while the model is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.clock import Clock
from monitor.db import Database
from monitor.models import Account, Budget
from monitor.models.upsert import insert_once
from responders.llm.trouble import NotAsked

ACCOUNT = "(language model)"
"""No configured account can have this key: it holds what no key may."""

CALLS, TOKENS = "calls", "tokens"


@dataclass(frozen=True, slots=True)
class Booking:
    """What was booked for one call, and on which UTC day (``2026-11-29``)."""

    day: str
    tokens: int


class Allowance(Protocol):
    """Keeps count of a day's calls and tokens. Safe to call from any thread."""

    def book(self, tokens: int) -> Booking:
        """Book one call and at most so many tokens; raise `NotAsked` when the day has no room."""

    def settle(self, booking: Booking, tokens: int) -> None:
        """Correct a booking to what was used. The call stays counted."""


class DayAllowance:
    """The allowance that is kept in the store."""

    def __init__(
        self, database: Database, clock: Clock, calls_per_day: int, tokens_per_day: int
    ) -> None:
        self._database = database
        self._clock = clock
        self._most = {CALLS: calls_per_day, TOKENS: tokens_per_day}

    def book(self, tokens: int) -> Booking:
        """See `Allowance`. Nothing is booked where it raises."""
        now = self._clock()
        day = now.date().isoformat()
        with self._database.write() as session:
            rows = self._rows(session, now, day)
            for name, amount in ((CALLS, 1), (TOKENS, tokens)):
                if rows[name].spent_today + amount > self._most[name]:
                    raise NotAsked(f"the day's budget of {name} ({self._most[name]:,}) is used up")
            rows[CALLS].spent_today += 1
            rows[TOKENS].spent_today += tokens
        return Booking(day, tokens)

    def settle(self, booking: Booking, tokens: int) -> None:
        """See `Allowance`. A booking of an earlier day is left as it is."""
        if tokens == booking.tokens:
            return
        now = self._clock()
        with self._database.write() as session:
            row = self._rows(session, now, now.date().isoformat())[TOKENS]
            if row.today == booking.day:
                row.spent_today = max(row.spent_today + tokens - booking.tokens, 0.0)

    def _rows(self, session: Session, now: datetime, day: str) -> dict[str, Budget]:
        """Return both counts of the day, locked, made where they are missing."""
        wanted = (
            select(Budget)
            .join(Account, Account.id == Budget.account_id)
            .where(Account.key == ACCOUNT)
            .order_by(Budget.name)
            .with_for_update(of=Budget)
        )
        rows = {row.name: row for row in session.scalars(wanted)}
        if not rows.keys() >= {CALLS, TOKENS}:
            insert_once(session, Account, key=ACCOUNT, platform="language model")
            owner = session.scalars(select(Account.id).where(Account.key == ACCOUNT)).one()
            for name in (CALLS, TOKENS):
                insert_once(
                    session,
                    Budget,
                    account_id=owner,
                    name=name,
                    next_slot_at=now,
                    spent_today=0.0,
                    today=day,
                )
            rows = {row.name: row for row in session.scalars(wanted)}
        for row in rows.values():
            if row.today != day:
                row.today, row.spent_today = day, 0.0
        return rows
