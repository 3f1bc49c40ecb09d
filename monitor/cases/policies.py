"""Chooses the SLA policy of a case and keeps the version it was opened by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.hours import ALWAYS, Calendar
from monitor.models import SlaPolicy
from monitor.models.upsert import insert_missing
from monitor.sla import Facts, Policy, Snapshot, make_snapshot, match


class PolicyBook:
    """The policies and calendars in force. Cases keep the snapshot they were opened with.

    `places` names the calendars that locations have of their own, by brand and location.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        calendars: Mapping[str, Calendar],
        places: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        self._policies = tuple(policies)
        self._places = dict(places or {})
        self.change_calendars(calendars)

    def change_calendars(self, calendars: Mapping[str, Calendar]) -> None:
        """Count by these calendars from now on; cases that are open keep theirs."""
        # Both at once: who chooses meanwhile must not keep a snapshot of the calendars before.
        known: dict[Policy, Snapshot] = {}
        self._in_force = {ALWAYS.key: ALWAYS, **calendars}, known

    def choose(self, facts: Facts) -> Snapshot:
        """Return the first policy that matches, with its calendar; there is always one.

        At a location with a calendar of its own that one holds, but for wall time: a policy that
        counts by `always` promises plain hours everywhere.
        """
        calendars, snapshots = self._in_force
        policy = match(self._policies, facts)
        own = self._places.get((facts.brand, facts.location))
        if own is not None and policy.calendar != ALWAYS.key:
            policy = replace(policy, calendar=own)
        snapshot = snapshots.get(policy)
        if snapshot is None:
            snapshot = make_snapshot(policy, calendars[policy.calendar])
            snapshots[policy] = snapshot
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
