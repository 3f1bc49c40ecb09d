"""How much of its budgets each account has used today, for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.budgets import Budget as Terms
from monitor.accounts.cells import Full, book
from monitor.models import Account, Budget

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """One budget of one account. `words` says it, as in "12 of 300 calls today".

    `full_until` is when there is room again; None where there is room now. What a daemon has
    used in the last minute may be missing.
    """

    name: str
    words: str
    spent_today: float
    full_until: datetime | None


def used_today(
    session: Session, declared: Mapping[str, Mapping[str, Terms]], now: datetime
) -> dict[str, tuple[BudgetUse, ...]]:
    """Return what the accounts with declared budgets have used, by account."""
    if not declared:
        return {}
    rows = {
        (account, row.name): row
        for account, row in session.execute(
            select(Account.key, Budget).join(Account, Account.id == Budget.account_id)
        )
    }
    return {
        account: tuple(_use(terms, rows.get((account, name)), now) for name, terms in known.items())
        for account, known in declared.items()
    }


def _use(terms: Terms, row: Budget | None, now: datetime) -> BudgetUse:
    spent, full_until = 0.0, None
    if row is not None:
        spent = row.spent_today if row.today == now.date().isoformat() else 0.0
        try:
            book(terms, row.next_slot_at, now, 0)
        except Full as full:
            full_until = now + full.wait
    return BudgetUse(terms.name, _words(terms, spent), spent, full_until)


def _words(terms: Terms, spent: float) -> str:
    most = terms.amount + (terms.burst or 0)  # both count, so that no day goes over the grant
    used, allowed = _amount(terms, spent), _amount(terms, most)
    unit = f" for {terms.name}" if _is_money(terms) else f" {terms.unit}"
    if terms.per == DAY:
        return f"{used} of {allowed}{unit} today"
    per = span_in_words(terms.per)
    return f"{used}{unit} today; at most {allowed} in {per}"


def _amount(terms: Terms, amount: float) -> str:
    return f"${amount:,.2f}" if _is_money(terms) else f"{amount:,.6g}"


def _is_money(terms: Terms) -> bool:
    return terms.unit == "USD"


def span_in_words(per: timedelta) -> str:
    """Return a span as people say it: "an hour", "30 days"."""
    seconds = per.total_seconds()
    for size, one, many in (
        (86_400, "a day", "days"),
        (3_600, "an hour", "hours"),
        (60, "a minute", "minutes"),
        (1, "a second", "seconds"),
    ):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return one if count == 1 else f"{count} {many}"
    return f"{seconds:g} seconds"
