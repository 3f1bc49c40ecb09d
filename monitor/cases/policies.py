"""Chooses the SLA policy of a case and keeps the version it was opened by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.hours import ALWAYS, Calendar
from monitor.models import SlaPolicy
from monitor.models.upsert import insert_missing
from monitor.sla import Facts, Policy, Snapshot, make_snapshot, match


class PolicyBook:
    """The policies and calendars in force. Cases keep the snapshot they were opened with."""

    def __init__(self, policies: Sequence[Policy], calendars: Mapping[str, Calendar]) -> None:
        self._policies = tuple(policies)
        self._calendars = {"always": ALWAYS, **calendars}
        self._snapshots: dict[Policy, Snapshot] = {}

    def choose(self, facts: Facts) -> Snapshot:
        """Return the first policy that matches, with its calendar; there is always one."""
        policy = match(self._policies, facts)
        snapshot = self._snapshots.get(policy)
        if snapshot is None:
            snapshot = make_snapshot(policy, self._calendars[policy.calendar])
            self._snapshots[policy] = snapshot
        return snapshot


def keep(session: Session, wanted: Mapping[str, Snapshot], now: datetime) -> dict[str, int]:
    """Store the versions not stored yet, given by digest; return their row ids by digest."""
    known = _ids(session, wanted)
    missing = sorted(wanted.keys() - known.keys())
    if missing:
        insert_missing(
            session,
            SlaPolicy,
            [
                {
                    "digest": digest,
                    "key": wanted[digest].policy.key,
                    "body": wanted[digest].to_json(),
                    "first_used_at": now,
                }
                for digest in missing
            ],
        )
        known = _ids(session, wanted)
    return known


def _ids(session: Session, digests: Collection[str]) -> dict[str, int]:
    found = select(SlaPolicy.digest, SlaPolicy.id).where(SlaPolicy.digest.in_(digests))
    return dict(session.execute(found).all())
