"""Reads the clocks from the store and forecasts this week's breaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from itertools import chain

from sqlalchemy.orm import Session

from monitor.replays.reading import histories, open_histories
from monitor.sla import Snapshot, outcome
from monitor.sla.backtest import Backtest, backtest, backtesters
from monitor.sla.forecast import WEEKS, Course, Forecast, Forecaster, weeks_before
from monitor.sla.history import CaseHistory, Run

TOLD_EVERY = 1_000
Told = Callable[[int], None]


def read_forecast(
    session: Session,
    now: datetime,
    zone: tzinfo,
    *,
    weeks: int = WEEKS,
    told: Told | None = None,
) -> Forecast:
    """Return the forecast of the week of `now`, whose days are those of `zone`.

    Reads every case of the last `weeks` weeks and whatever is still open from before: on a large
    store a page should keep what this returns for some minutes. `told` hears now and then how
    many cases are read.
    """
    forecaster = Forecaster(now, zone, weeks)
    _show(session, [forecaster], now, told)
    return forecaster.forecast()


def read_backtest(
    session: Session,
    now: datetime,
    zone: tzinfo,
    count: int,
    *,
    weeks: int = WEEKS,
    told: Told | None = None,
) -> Backtest:
    """Return how the forecasts of the last `count` whole weeks would have done."""
    forecasters = backtesters(now, zone, count, weeks)
    _show(session, forecasters, now, told)
    return backtest(forecasters)


def courses(case: CaseHistory) -> Iterator[Course]:
    """Yield the course of every clock of a case, the voided ones too."""
    for run in case.runs:
        if run.state is not None:
            yield _course(case.promise_of(run), run, voided=False)
    for run in case.voids:
        yield _course(case.promise_of(run), run, voided=True)


def _show(
    session: Session,
    forecasters: list[Forecaster],
    now: datetime,
    told: Told | None,
) -> None:
    """Show every clock that matters to every forecaster; the week before tells if it was whole."""
    earliest = min(forecasters, key=lambda each: each.since)
    since = weeks_before(earliest.since, 1, earliest.zone)
    read = chain(
        open_histories(session, since, now), histories(session, since, now, clocks_only=True)
    )
    for number, case in enumerate(read, 1):
        for course in courses(case):
            for forecaster in forecasters:
                forecaster.add(course)
        if told is not None and number % TOLD_EVERY == 0:
            told(number)


def _course(snapshot: Snapshot, run: Run, *, voided: bool) -> Course:
    def used_at(at: datetime) -> float:
        return _used(snapshot, run, at)

    assert run.due_at is not None, "a clock that ran has a due time"
    return Course(
        target=run.target,
        started_at=run.started_at,
        due_at=run.due_at,
        used_at=used_at,
        ended_at=run.stopped_at,
        used=_used(snapshot, run, run.stopped_at) if run.stopped_at is not None else 0.0,
        voided=voided,
        standing=run.state == "paused",
    )


def _used(snapshot: Snapshot, run: Run, at: datetime) -> float:
    """Return the share of its target that a clock had used up at `at`."""
    at = max(at, run.started_at)
    if run.target in snapshot.targets:
        told = outcome(snapshot, run.target, run.started_at, now=at, pauses=run.pauses)
        return 1 - told.left / snapshot.seconds(run.target)
    # The policy was changed while the clock ran; its own due time is all that is left of it.
    assert run.due_at is not None, "a clock that ran has a due time"
    whole = (run.due_at - run.started_at).total_seconds()
    return (at - run.started_at).total_seconds() / whole if whole > 0 else 1.0
