"""Chooses the SLA policy of a case and keeps the version it was opened by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.hours import ALWAYS, Calendar
from monitor.models import SlaPolicy
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


def keep(session: Session, snapshots: Sequence[Snapshot], now: datetime) -> dict[str, int]:
    """Store the versions not stored yet; return their row ids by digest."""
    wanted = {snapshot.digest: snapshot for snapshot in snapshots}
    known = dict(
        session.execute(select(SlaPolicy.digest, SlaPolicy.id).where(SlaPolicy.digest.in_(wanted)))
        .tuples()
        .all()
    )
    for digest, snapshot in wanted.items():
        if digest not in known:
            row = SlaPolicy(
                digest=digest, key=snapshot.policy.key, body=snapshot.to_json(), first_used_at=now
            )
            session.add(row)
            session.flush()
            known[digest] = row.id
    return known
