"""Counts what each account uses, for all its sources and all daemons, on the database.

One row a budget holds the count; it is changed under its lock in a short transaction of its own.
A source that calls again within a second reserves a small block, so that it does not write for
every call. A reserved unit lapses when the time in which it would have been refilled has come,
so nobody ever uses more than the budget for having reserved early: what is held here and what is
booked there are disjoint slots of the same time. A daemon that is killed loses at most a block,
25 calls or a twentieth of the burst, until those slots have passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from connectors.budgets import Budget as Terms
from connectors.budgets import FreeMeter, Meter
from connectors.errors import RateLimited
from monitor.accounts.cells import Full, book, burst_of, charge, span, strictest
from monitor.accounts.usage import span_in_words
from monitor.clock import Clock
from monitor.db import Database
from monitor.log import logger
from monitor.models import Account, Budget
from monitor.models.upsert import insert_once

log = logger(__name__)

BLOCK_SHARE = 0.05
BLOCK_CALLS = 25
"""The largest block, as a share of the burst, and in calls like the one that takes it."""

IN_A_ROW = timedelta(seconds=1)
"""Two reservations this close come from a source that is at work: the second takes a block."""

FREE = FreeMeter()


@dataclass(slots=True)
class _Held:
    """What this process holds of one budget: `left` units whose slots end at `until`.

    `used` units have been used and are not yet counted in the store; `at` is when it last asked.
    """

    terms: Terms
    left: float = 0.0
    until: datetime | None = None
    used: float = 0.0
    at: datetime | None = None

    def usable(self, now: datetime) -> float:
        """Return how many of the reserved units still stand, forgetting those that lapsed."""
        if self.left > 0 and self.until is not None:
            slots = (self.until - now) / max(span(self.terms, 1), timedelta.resolution)
            self.left = max(min(self.left, slots), 0.0)
        return self.left

    def given_back(self, tat: datetime, now: datetime) -> datetime:
        """Drop what is held and return the arrival time without it.

        Only the last slots can be given back: behind others' slots, the time would stand open
        twice. What cannot be given back lapses unused.
        """
        left, self.left = self.usable(now), 0.0
        return charge(self.terms, tat, now, -left) if left and tat == self.until else tat


class AccountMeter:
    """The meter of one account. What it has no budget for is free."""

    def __init__(
        self, database: Database, clock: Clock, account: str, budgets: Iterable[Terms]
    ) -> None:
        self._database = database
        self._clock = clock
        self._account = account
        self._held = {terms.name: _Held(terms) for terms in budgets}
        self._lock = Lock()

    def spend(self, budget: str, amount: float = 1.0) -> None:
        """Book `amount` before it is used; raise `RateLimited` with the wait until it fits."""
        with self._lock:
            held = self._held.get(budget)
            if held is None:
                return
            now = self._clock()
            usable = held.usable(now)
            if 0 < amount <= usable:
                held.left = usable - amount
                held.used += amount
                return
            if amount <= 0 < usable:
                return
            try:
                self._reserve(held, amount, now)
            except Full as full:
                terms = held.terms
                what = f"{terms.amount:g} {terms.unit} in {span_in_words(terms.per)}"
                raise RateLimited(
                    f"the budget of {what} of the account {self._account} is used up",
                    full.wait,
                    budget=budget,
                ) from None
            held.at = now

    def charge(self, budget: str, amount: float) -> None:
        """Book what has been used already, or give back what was not. Never raises."""
        with self._lock:
            held = self._held.get(budget)
            if held is None or amount == 0:
                return
            now = self._clock()
            held.used += amount
            try:
                with self._database.write() as session:
                    row = self._row(session, held, now)
                    if row is None:
                        held.until = charge(held.terms, held.until, now, amount)
                        return
                    row.next_slot_at = charge(held.terms, row.next_slot_at, now, amount)
                    _count(row, held.used, now)
                held.used = 0.0
            except SQLAlchemyError as error:
                log.error("a charge was not written down: %s", type(error).__name__)

    def settle(self) -> None:
        """Write down what was used, and give back what is held and was not."""
        with self._lock:
            now = self._clock()
            for held in self._held.values():
                idle = held.at is None or now - held.at > IN_A_ROW
                if held.used == 0 and not (idle and held.usable(now)):
                    continue
                with self._database.write() as session:
                    row = self._row(session, held, now)
                    if row is None:
                        continue
                    if idle:
                        row.next_slot_at = held.given_back(row.next_slot_at, now)
                    _count(row, held.used, now)
                held.used = 0.0

    def _reserve(self, held: _Held, amount: float, now: datetime) -> None:
        """Book `amount`, and a block beyond it where the source is at work. Raises `Full`."""
        terms = held.terms
        at_work = held.at is not None and timedelta() <= now - held.at <= IN_A_ROW
        block = min(burst_of(terms) * BLOCK_SHARE, amount * BLOCK_CALLS) if at_work else 0.0
        full: Full | None = None
        with self._database.write() as session:
            row = self._row(session, held, now)
            if row is None:
                # `rapport check` may ask before the account is in the store: it counts alone.
                held.until = book(terms, held.until, now, amount)
                return
            tat = held.given_back(row.next_slot_at, now)
            used, left = held.used, 0.0
            try:
                try:
                    booked = book(terms, tat, now, max(amount, block))
                    left = max(block - amount, 0.0)
                except Full:
                    booked = book(terms, tat, now, amount)
                used += max(amount, 0.0)
            except Full as error:
                full, booked = error, tat
            row.next_slot_at = booked
            _count(row, used, now)
        held.left, held.until = left, booked
        held.used = 0.0
        if full is not None:
            raise full

    def _row(self, session: Session, held: _Held, now: datetime) -> Budget | None:
        """Return the budget's row, locked, made where it is missing; None without an account."""
        wanted = (
            select(Budget)
            .join(Account, Account.id == Budget.account_id)
            .where(Account.key == self._account, Budget.name == held.terms.name)
            .with_for_update(of=Budget)
        )
        row = session.scalars(wanted).first()
        if row is not None:
            return row
        account = session.scalars(select(Account.id).where(Account.key == self._account)).first()
        if account is None:
            return None
        insert_once(
            session,
            Budget,
            account_id=account,
            name=held.terms.name,
            next_slot_at=now,
            spent_today=0.0,
            today=now.date().isoformat(),
        )
        return session.scalars(wanted).one()


class Meters:
    """The meters of all accounts: one each, shared by the sources of the account."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._budgets: dict[str, dict[str, Terms]] = {}
        self._meters: dict[str, AccountMeter] = {}

    def declare(self, account: str, budgets: Iterable[Terms]) -> None:
        """Add what one source of an account may use; of two that differ, the stricter counts."""
        known = self._budgets.setdefault(account, {})
        for each in budgets:
            known[each.name] = strictest(known[each.name], each) if each.name in known else each

    def of(self, account: str) -> Meter:
        """Return the account's meter, once everything is declared; free without a budget."""
        budgets = self._budgets.get(account)
        if not budgets:
            return FREE
        if account not in self._meters:
            self._meters[account] = AccountMeter(
                self._database, self._clock, account, budgets.values()
            )
        return self._meters[account]

    def budgets(self) -> Mapping[str, Mapping[str, Terms]]:
        """Return every declared budget, by account and name."""
        return self._budgets

    def settle(self) -> None:
        """Write down what was used and give back what was reserved and not used. Never raises."""
        for meter in self._meters.values():
            try:
                meter.settle()
            except SQLAlchemyError as error:
                log.error("a meter could not be settled: %s", type(error).__name__)


def _count(row: Budget, used: float, now: datetime) -> None:
    """Add what was used since the last time to the day's count."""
    today = now.date().isoformat()
    if row.today != today:
        row.today, row.spent_today = today, 0.0
    row.spent_today = max(row.spent_today + used, 0.0)
