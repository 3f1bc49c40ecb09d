"""What standing staff say that customers have."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases.trail import lock_case, record, touch
from monitor.config.values import KEY_PATTERN
from monitor.models import Case, Customer

CASES_SHOWN = 5


class Tiered(NamedTuple):
    """A customer with a tier, and the newest of their cases."""

    tier: str
    name: str
    cases: tuple[str, ...]


def check_tier(name: str) -> str:
    """Return what is wrong with the name of a tier; empty where it can be asked for."""
    if re.fullmatch(KEY_PATTERN, name):
        return ""
    return "cannot be a tier; expected lower-case letters, digits, `-`, `_` and `.`, at most 64"


def set_tier(session: Session, case_id: int, tier: str, actor: str, now: datetime) -> str | None:
    """Give the customer behind a case a tier, or none with an empty one; return their name.

    None: there is no such case, or it has no customer. It is written into the case's trail.
    """
    if session.get(Case, case_id) is None:
        return None
    case = lock_case(session, case_id)
    customer = case.customer
    if customer is None:
        return None
    if customer.tier != tier:
        before, customer.tier = customer.tier, tier
        record(session, case.id, "tier_set", actor, now, tier=tier or "none", before=before)
        session.flush()
        touch(session, case.id, now)
        customer = session.get_one(Customer, case.customer_id)
    return customer.name


def tiers(session: Session) -> list[Tiered]:
    """Return the customers that have a tier, by tier and name."""
    customers = session.scalars(
        select(Customer).where(Customer.tier != "").order_by(Customer.tier, Customer.name)
    ).all()
    return [
        Tiered(
            each.tier,
            each.name,
            tuple(
                f"C-{number}"
                for number in session.scalars(
                    select(Case.id)
                    .where(Case.customer_id == each.id)
                    .order_by(Case.id.desc())
                    .limit(CASES_SHOWN)
                )
            ),
        )
        for each in customers
    ]
