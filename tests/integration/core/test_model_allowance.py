"""A day's calls and tokens are counted once, whoever counts, and never go over."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from monitor.db import Database
from monitor.models import Account, Budget
from responders.llm.allowance import ACCOUNT, DayAllowance
from responders.llm.trouble import NotAsked
from tests.support.hand_clock import HandClock


def spent(database: Database) -> dict[str, float]:
    with database.read() as session:
        rows = session.execute(
            select(Budget.name, Budget.spent_today)
            .join(Account, Account.id == Budget.account_id)
            .where(Account.key == ACCOUNT)
        )
        return {row.name: row.spent_today for row in rows}


def test_what_was_booked_and_not_used_is_given_back(database: Database) -> None:
    allowance = DayAllowance(database, HandClock(), 10, 1000)
    booking = allowance.book(700)
    assert spent(database) == {"calls": 1, "tokens": 700}
    allowance.settle(booking, 250)
    assert spent(database) == {"calls": 1, "tokens": 250}
    with pytest.raises(NotAsked, match="budget of tokens \\(1,000\\)"):
        allowance.book(751)
    assert spent(database) == {"calls": 1, "tokens": 250}
    allowance.book(750)


def test_the_next_utc_day_begins_anew(database: Database) -> None:
    clock = HandClock()
    allowance = DayAllowance(database, clock, 1, 1000)
    booking = allowance.book(10)
    with pytest.raises(NotAsked, match="budget of calls \\(1\\)"):
        allowance.book(10)
    clock.move(seconds=86_400)
    allowance.settle(booking, 900)
    assert spent(database)["tokens"] == 0
    allowance.book(10)


def test_many_who_book_at_once_keep_to_it(database: Database) -> None:
    booked: list[int] = []

    def book() -> None:
        allowance = DayAllowance(database, HandClock(), 7, 10**6)
        for _ in range(5):
            try:
                allowance.book(1)
            except NotAsked:
                continue
            booked.append(1)

    threads = [threading.Thread(target=book) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(booked) == 7
    assert spent(database) == {"calls": 7, "tokens": 7}
