"""Holds an account back: while its platform says to wait, and while it is out of order.

After some polls in a row that found the platform out of order, whichever sources made them, all
sources of the account wait, and one at a time asks whether it answers again, at growing
intervals. The first answer ends it. One alert tells of it, raised and resolved once.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError
from monitor.alerts import raise_alert, resolve_alert
from monitor.due import LATEST
from monitor.log import logger
from monitor.models import Account

log = logger(__name__)

TRIES = 5
SPAN = timedelta(minutes=5)
"""So many failures in a row, over so long a time, are an outage: many sources of one account
may all fail in the same second."""

FIRST_PROBE = timedelta(minutes=1)
LAST_PROBE = timedelta(minutes=15)
"""How long until the platform is asked again: doubled from the first to the last."""

ASKING = timedelta(minutes=1)
"""How long the others wait for the answer of the one that asks."""

JITTER = 0.2


def is_open(failures: int, failing_since: datetime | None, now: datetime) -> bool:
    """Tell whether an account with these failures is taken to be out of order."""
    return failures >= TRIES and failing_since is not None and now - failing_since >= SPAN


def may_ask(session: Session, account_id: int, held_until: datetime, now: datetime) -> bool:
    """Tell whether the caller is the one that asks for all; the others wait for `ASKING`."""
    won = session.execute(
        update(Account)
        .where(Account.id == account_id, Account.paused_until == held_until)
        .values(paused_until=now + ASKING)
        .returning(Account.id)
        .execution_options(synchronize_session=False)
    ).first()
    return won is not None


def take_answer(
    session: Session, account_id: int, now: datetime, *, rests: timedelta | None = None
) -> None:
    """Note that the platform answered; `rests` is how long it has no calls left for us."""
    account = _locked(session, account_id)
    if account.failures:
        account.failures, account.failing_since = 0, None
        if resolve_alert(session, _key(account), now):
            account.paused_until = None
    if account.paused_until is not None and account.paused_until <= now:
        account.paused_until = None
        log.info("account %s goes on", account.key)
    if rests is not None and rests > timedelta():
        hold_back(session, account_id, now + min(rests, LATEST))
    session.flush()


def take_failure(
    session: Session,
    account_id: int,
    error: ConnectorError,
    wait: timedelta | None,
    now: datetime,
    source_id: int,
) -> tuple[timedelta | None, bool]:
    """Note that the platform gave no answer; return how long to wait, and whether all must."""
    account = _locked(session, account_id)
    account.failures += 1
    account.failing_since = account.failing_since or now
    session.flush()
    if not is_open(account.failures, account.failing_since, now):
        return wait, False
    since = account.failing_since.strftime("%Y-%m-%d %H:%M UTC")
    raise_alert(
        session,
        _key(account),
        "outage",
        f"{account.key} has given no answer since {since}: {error}; "
        "it is asked again every few minutes, and its sources wait",
        now,
        source_id,
    )
    doublings = min(account.failures - TRIES, 10)
    pause = min(LAST_PROBE, FIRST_PROBE * 2**doublings)
    pause *= random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  spreads the askers
    return max(wait or timedelta(), pause), True


def hold_back(session: Session, account_id: int, until: datetime) -> None:
    """Let all sources of an account wait until then, as the platform said."""
    account = _locked(session, account_id)
    held = account.paused_until
    if held is None:  # it is emptied by the first answer, so each rest is told once
        log.info("account %s rests until %s", account.key, until.strftime("%Y-%m-%d %H:%M UTC"))
    if held is None or held < until:
        account.paused_until = until
    session.flush()


def _locked(session: Session, account_id: int) -> Account:
    return session.scalars(
        select(Account)
        .where(Account.id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _key(account: Account) -> str:
    return f"breaker:{account.key}"
