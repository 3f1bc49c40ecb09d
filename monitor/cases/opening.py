"""Opens cases for complaints, many at a time: an import may bring thousands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from monitor.cases.clocks import clock_rows
from monitor.cases.policies import PolicyBook, keep
from monitor.cases.trail import DAEMON
from monitor.changes import cases_changed
from monitor.models import Author, Case, Clock, Customer, Event, Mention
from monitor.sla import Facts, start_of


class Complaint(NamedTuple):
    """A stored mention that calls for a case. `stars` is its rating on 1..5, if it has one.

    `written_at` is when the platform says that it was written as it reads now, `reach` how many
    follow its author; None where it does not tell.
    """

    mention_id: int
    source_id: int
    source_key: str
    brand_id: int
    brand_key: str
    location_id: int | None
    location_key: str
    author_id: int | None
    stars: float | None
    language: str
    urgency: str
    reasons: tuple[str, ...]
    opened_by: str = DAEMON
    topics: tuple[str, ...] = ()
    reach: int | None = None
    written_at: datetime | None = None


def written_at(mention: Mention) -> datetime | None:
    """Return when the platform says that a mention was written as it reads now.

    Of an edited text only the time of the edit counts: before, it may have said something else.
    """
    return mention.edited_at if mention.revision > 1 else mention.edited_at or mention.created_at


def open_cases(
    session: Session, book: PolicyBook, complaints: Sequence[Complaint], now: datetime
) -> list[int]:
    """Open a case with running clocks and a draft owed for each complaint; return their ids.

    The mentions must not have a case yet.
    """
    if not complaints:
        return []
    customers = _customers(session, complaints, now)
    tiers = _tiers(session, customers.values())
    snapshots = [
        book.choose(_facts(each, tiers.get(customers.get(each.author_id or 0, 0), "")))
        for each in complaints
    ]
    starts = [
        start_of(snapshot.policy, now, complaint.written_at)
        for complaint, snapshot in zip(complaints, snapshots, strict=True)
    ]
    chosen = {snapshot.digest: snapshot for snapshot in snapshots}
    # Most of them start now, so that each policy's deadlines are reckoned once.
    clocks_of = {
        (snapshot.digest, start.at): clock_rows(snapshot, start.at)
        for snapshot, start in zip(snapshots, starts, strict=True)
    }
    policy_ids = keep(session, chosen, now)
    session.execute(
        insert(Case.__table__),  # type: ignore[arg-type]  # a Table
        [
            {
                "source_id": complaint.source_id,
                "brand_id": complaint.brand_id,
                "location_id": complaint.location_id,
                "mention_id": complaint.mention_id,
                "customer_id": customers.get(complaint.author_id or 0),
                "policy_id": policy_ids[snapshot.digest],
                "urgency": complaint.urgency,
                "opened_at": now,
                "next_at": now,
            }
            for complaint, snapshot in zip(complaints, snapshots, strict=True)
        ],
    )
    ids = _case_ids(session, [complaint.mention_id for complaint in complaints])
    clocks: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for complaint, snapshot, start in zip(complaints, snapshots, starts, strict=True):
        case_id = ids[complaint.mention_id]
        both = {
            "written_at": complaint.written_at,
            "seen_at": now,
            "start_reason": start.reason,
        }
        rows = clocks_of[snapshot.digest, start.at]
        clocks.extend({"case_id": case_id, **row, **both} for row in rows)
        detail = {"reasons": list(complaint.reasons), "policy": snapshot.policy.key}
        if complaint.written_at is not None:
            detail["written_at"] = complaint.written_at.isoformat()
        events.append(
            {
                "case_id": case_id,
                "at": now,
                "actor": complaint.opened_by,
                "kind": "opened",
                "detail": detail,
            }
        )
    if clocks:
        session.execute(insert(Clock.__table__), clocks)  # type: ignore[arg-type]
    session.execute(insert(Event.__table__), events)  # type: ignore[arg-type]
    cases_changed(session, sorted(ids.values()))
    return [ids[complaint.mention_id] for complaint in complaints]


def _facts(complaint: Complaint, tier: str) -> Facts:
    return Facts(
        source=complaint.source_key,
        brand=complaint.brand_key,
        location=complaint.location_key,
        rating=complaint.stars,
        urgency=complaint.urgency,
        language=complaint.language,
        topics=complaint.topics,
        tier=tier,
        reach=complaint.reach,
    )


def _tiers(session: Session, customers: Collection[int]) -> dict[int, str]:
    """Return the tier of each of these customers that has one."""
    if not customers:
        return {}
    rows = session.execute(
        select(Customer.id, Customer.tier).where(Customer.id.in_(customers), Customer.tier != "")
    ).all()
    return dict(rows)


def _case_ids(session: Session, mention_ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(Case.mention_id, Case.id).where(Case.mention_id.in_(mention_ids))
    ).all()
    return dict(rows)


def _customers(session: Session, complaints: Sequence[Complaint], now: datetime) -> dict[int, int]:
    """Return the customer behind each author, making those that are new."""
    wanted = {complaint.author_id for complaint in complaints if complaint.author_id is not None}
    if not wanted:
        return {}
    authors = session.execute(
        select(Author.id, Author.name, Author.customer_id)
        .where(Author.id.in_(wanted))
        .order_by(Author.id)
    ).all()
    known = {row.id: row.customer_id for row in authors if row.customer_id is not None}
    fresh = [row for row in authors if row.customer_id is None]
    if fresh:
        made = session.scalars(
            insert(Customer).returning(Customer.id, sort_by_parameter_order=True),
            [{"name": row.name, "first_seen_at": now} for row in fresh],
        ).all()
        pairs = dict(zip((row.id for row in fresh), made, strict=True))
        session.execute(
            update(Author),
            [{"id": author, "customer_id": customer} for author, customer in pairs.items()],
        )
        known |= pairs
    return known
