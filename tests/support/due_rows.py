"""Rows that owe work, made with as little around them as the tables allow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from monitor.models import (
    Account,
    Brand,
    Case,
    Draft,
    Event,
    Inbound,
    Mention,
    Reply,
    SlaPolicy,
    Source,
)


def add_inbound(session: Session, due: Sequence[datetime | None]) -> list[int]:
    """Add one inbound row per due time and return their ids."""
    first = session.scalar(select(func.coalesce(func.max(Inbound.id), 0))) or 0
    rows = [
        {
            "key": f"click-{first + number}",
            "kind": "click",
            "payload": {},
            "received_at": at,
            "next_at": at,
        }
        for number, at in enumerate(due)
    ]
    moment = next((at for at in due if at is not None), None)
    for row in rows:
        row["received_at"] = (
            row["received_at"] or moment or datetime.fromisoformat("2026-03-02T09:00+00:00")
        )
    statement = insert(Inbound).returning(Inbound.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows))


def add_sources(session: Session, count: int, at: datetime) -> list[int]:
    """Add `count` sources of one brand and account, each due at `at`."""
    brand = Brand(key="harbour", name="Harbour Coffee")
    account = Account(key="board", platform="demo")
    session.add_all([brand, account])
    session.flush()
    rows = [
        {
            "key": f"board-{number}",
            "connector": "demo",
            "brand_id": brand.id,
            "account_id": account.id,
            "cursor": {},
            "next_at": at,
        }
        for number in range(count)
    ]
    return list(session.scalars(insert(Source).returning(Source.id), rows))


def add_reply(session: Session, at: datetime) -> int:
    """Add an approved reply that is due at `at`, with all that it hangs on."""
    source = session.scalars(select(Source)).first()
    if source is None:
        add_sources(session, 1, at)
        source = session.scalars(select(Source)).one()
        source.next_at = None
    mention = Mention(
        source_id=source.id,
        external_id="m1",
        kind="review",
        text="The tea was cold.",
        first_seen_at=at,
        content_hash="0",
    )
    policy = SlaPolicy(digest="0", key="standard", body={}, first_used_at=at)
    session.add_all([mention, policy])
    session.flush()
    case = Case(
        source_id=source.id,
        brand_id=source.brand_id,
        mention_id=mention.id,
        policy_id=policy.id,
        opened_at=at,
        state="approved",
    )
    session.add(case)
    session.flush()
    draft = Draft(
        case_id=case.id,
        version=1,
        mention_revision=1,
        text="We are sorry.",
        text_hash="0",
        language="en",
        made_by="templates",
        reasons=[],
        state="approved",
        created_at=at,
    )
    session.add(draft)
    session.flush()
    reply = Reply(
        case_id=case.id,
        draft_id=draft.id,
        mention_id=mention.id,
        text=draft.text,
        key="k1",
        approved_by="mara",
        approved_at=at,
        next_at=at,
    )
    session.add(reply)
    session.flush()
    return reply.id


def note(session: Session, kind: str, row: int, at: datetime) -> None:
    """Leave a trace of work in its own transaction: an effect that must happen once."""
    session.add(Event(case_id=None, at=at, actor="worker", kind=kind, detail={"row": row}))


def noted(session: Session, kind: str) -> list[int]:
    """Return the rows whose work has left its trace, in order, with repeats."""
    events = session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id))
    return [event.detail["row"] for event in events]
