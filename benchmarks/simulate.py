"""How long replays and forecasts take, and how much memory, on a store with many clocks.

    python -m benchmarks.simulate                       # 100,000 clocks on SQLite
    python -m benchmarks.simulate --clocks 2100000      # a million cases
    python -m benchmarks.simulate --folder /tmp/shop    # keep the store, to try commands on it

Each measurement runs in a process of its own, so that its peak memory is its own: it is shown with
what the process had taken before it read the first case. Up to 320 MB of it are SQLite's own: pages
that it caches and a window into the file, which the machine can take back.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.cases.policies import PolicyBook
from monitor.clock import utc_now
from monitor.config import load
from monitor.db import Database
from monitor.hours import Calendar
from monitor.replays.forecasting import read_backtest, read_forecast
from monitor.replays.reading import histories
from monitor.replays.whatif import OnDuty, what_if
from monitor.sla import Policy
from monitor.sla.simulation import as_promised, by_facts
from responders.configured import calendar_of

BERLIN = ZoneInfo("Europe/Berlin")
PATIENT = Policy("patient", "office", first_response=16 * 3600, next_response=16 * 3600)


def reading(database: Database, since: datetime, now: datetime, office: Calendar) -> str:
    """Read all cases and do nothing with them."""
    del office
    with database.read() as session:
        return f"{sum(1 for _ in histories(session, since, now))} cases"


def policy(database: Database, since: datetime, now: datetime, office: Calendar) -> str:
    """Replay all clocks under another policy."""
    choose = by_facts(PolicyBook([PATIENT], {office.key: office}).choose)
    with database.read() as session:
        told = what_if(session, since, now, choose).comparison
    now_met, then_met = told.total.now.share_with_overdue, told.total.then.share_with_overdue
    return f"{now_met:.0%} met now, {then_met:.0%} then"


def people(database: Database, since: datetime, now: datetime, office: Calendar) -> str:
    """Model the present people, one more and one fewer."""
    on_duty = OnDuty(("+1", "-1"), office)
    with database.read() as session:
        told = what_if(session, since, now, as_promised, on_duty=on_duty).people
    assert told is not None
    shares = [each.attainment.share_with_overdue for each in (told.present, *told.others)]
    real = told.real.share_with_overdue
    return f"{real:.0%} really, modelled " + ", ".join(f"{share:.0%}" for share in shares)


def forecast(database: Database, since: datetime, now: datetime, office: Calendar) -> str:
    """Forecast this week."""
    del since, office
    with database.read() as session:
        made = read_forecast(session, now, BERLIN)
    return f"{made.expected:.0f} breaches, {made.low} to {made.high}"


def backtest(database: Database, since: datetime, now: datetime, office: Calendar) -> str:
    """Try the forecast on eight past weeks."""
    del since, office
    with database.read() as session:
        tried = read_backtest(session, now, BERLIN, 8)
    return f"off by {tried.error:.1f}, naively by {tried.naive_error:.1f}"


WORK: Mapping[str, Callable[[Database, datetime, datetime, Calendar], str]] = {
    "read every case": reading,
    "another policy": policy,
    "people: now, +1, -1": people,
    "forecast": forecast,
    "backtest of 8 weeks": backtest,
}


def measure(name: str, folder: Path, now: datetime, days: int) -> None:
    """Do one piece of work and print what it took."""
    config = load(folder / "config.yaml")
    database = Database(config.database_url())
    before = peak()
    start = time.perf_counter()
    said = WORK[name](database, now - timedelta(days=days), now, calendar_of(config, "office"))
    took = time.perf_counter() - start
    database.close()
    print(
        f"{name:<22} {took:8.1f} s  peak {peak():6.0f} MB ({before:.0f} MB before)  {said}",
        flush=True,
    )


def peak() -> float:
    """Return the most memory that this process has had, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # What `getrusage` tells on Linux begins with the parent's peak.
        (line,) = (each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(folder: Path, clocks: int, days: int, names: Sequence[str]) -> None:
    """Make the store, where there is none yet, and measure each piece of work named."""
    now = utc_now().replace(microsecond=0)
    if not (folder / "history.db").exists():
        # Making takes far more than measuring does, and must not count in its peak.
        from tests.support.made_history import make_history

        start = time.perf_counter()
        made = make_history(folder, clocks, now, days=days)
        print(
            f"{made.clocks} clocks of {made.cases} cases, {made.people} people, {days} days "
            f"(made in {time.perf_counter() - start:.0f} s)",
            flush=True,
        )
    apart = multiprocessing.get_context("spawn")
    for name in names:
        child = apart.Process(target=measure, args=(name, folder, now, days))
        child.start()
        child.join()
        if child.exitcode:
            raise SystemExit(f"{name} ended with {child.exitcode}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clocks", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=150)
    parser.add_argument("--folder", type=Path, help="where the store is kept, or is already")
    parser.add_argument("--only", choices=list(WORK), action="append", help="may be given again")
    asked = parser.parse_args(arguments)
    names = asked.only or list(WORK)
    if asked.folder is not None:
        run(asked.folder, asked.clocks, asked.days, names)
        return
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), asked.clocks, asked.days, names)


if __name__ == "__main__":
    main()
