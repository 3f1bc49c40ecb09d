"""Service levels: which policy holds for a case, when its clocks fall due, and why.

Pure: built on `monitor.hours`, without a database, a network or a look at the clock.
`docs/reference/sla.md` defines every word used here.
"""

from __future__ import annotations

from monitor.sla.deadline import (
    Elapsed,
    Segment,
    due_at,
    due_with_pauses,
    elapsed,
    left,
    reach,
    warn_at,
    warnings_at,
)
from monitor.sla.measures import (
    Attainment,
    Sample,
    Summary,
    attainment,
    cohorts,
    median,
    nearest_rank,
    p90,
    summarise,
)
from monitor.sla.outcomes import Outcome, State, outcome
from monitor.sla.policy import (
    DEFAULT_POLICY,
    TARGETS,
    Conditions,
    Facts,
    Policy,
    Target,
    match,
)
from monitor.sla.snapshot import NoTarget, Snapshot, make_snapshot
from monitor.sla.starting import Start, start_of
from monitor.sla.story import explain
from monitor.sla.warning import Lead, Warn

__all__ = [
    "DEFAULT_POLICY",
    "TARGETS",
    "Attainment",
    "Conditions",
    "Elapsed",
    "Facts",
    "Lead",
    "NoTarget",
    "Outcome",
    "Policy",
    "Sample",
    "Segment",
    "Snapshot",
    "Start",
    "State",
    "Summary",
    "Target",
    "Warn",
    "attainment",
    "cohorts",
    "due_at",
    "due_with_pauses",
    "elapsed",
    "explain",
    "left",
    "make_snapshot",
    "match",
    "median",
    "nearest_rank",
    "outcome",
    "p90",
    "reach",
    "start_of",
    "summarise",
    "warn_at",
    "warnings_at",
]
