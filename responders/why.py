"""Tells how each promise on a case went, from the rows that were counted with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases.clocks import snapshot_of
from monitor.models import Case, Clock, Pause
from monitor.sla import Segment, Snapshot, Target
from monitor.sla.why import Ran, reckon, say_conditions, tell
from responders.views import StoryView


def stories_of(
    session: Session, case: Case, clocks: Sequence[Clock], now: datetime
) -> tuple[StoryView, ...]:
    """Return the story of each of these clocks of a case, in their order."""
    pauses: dict[int, list[Segment]] = defaultdict(list)
    rows = session.scalars(
        select(Pause).where(Pause.clock_id.in_([clock.id for clock in clocks])).order_by(Pause.id)
    )
    for row in rows:
        pauses[row.clock_id].append(Segment(row.started_at, row.ended_at, row.reason))
    versions: dict[int | None, Snapshot] = {}
    stories = []
    for clock in clocks:
        if clock.policy_id not in versions:
            versions[clock.policy_id] = snapshot_of(session, case, clock)
        stories.append(_story(versions[clock.policy_id], clock, tuple(pauses[clock.id]), now))
    return tuple(stories)


def _story(
    snapshot: Snapshot, clock: Clock, pauses: tuple[Segment, ...], now: datetime
) -> StoryView:
    target: Target = clock.target  # type: ignore[assignment]  # only targets are stored
    ran = Ran(
        target=target,
        state=clock.state,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        warned_at=clock.warned_at,
        breached_at=clock.breached_at,
        noticed_at=clock.noticed_at,
        written_at=clock.written_at,
        seen_at=clock.seen_at,
        start_reason=clock.start_reason,
        stopped_by=clock.stopped_by,
        answered=clock.reply_id is not None,
        visible_at=clock.visible_at,
        pauses=pauses,
    )
    told, reckoned = tell(snapshot, ran, now), reckon(snapshot, ran)
    counted_by = snapshot.counts_by(target)
    return StoryView(
        target=clock.target,
        state=clock.state,
        policy=snapshot.policy.key,
        version=snapshot.version,
        holds_for=say_conditions(snapshot.policy.when),
        calendar=counted_by.key,
        timezone=counted_by.timezone,
        counted_in="wall time" if target in snapshot.policy.wall else "open time",
        promised_seconds=snapshot.seconds(target),
        written_at=clock.written_at,
        seen_at=clock.seen_at,
        started_at=clock.started_at,
        start_reason=clock.start_reason,
        spans=reckoned.spans,
        holidays=reckoned.holidays,
        pauses=tuple((each.start, each.end, each.reason) for each in reckoned.pauses),
        due_at=clock.due_at,
        warned_at=clock.warned_at,
        breached_at=clock.breached_at,
        noticed_at=clock.noticed_at,
        stopped_at=clock.stopped_at,
        stopped_by=clock.stopped_by,
        visible_at=clock.visible_at,
        business_seconds=clock.business_seconds,
        deadline=told.deadline,
        ending=told.ending,
    )
