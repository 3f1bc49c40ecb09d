"""Random kill -9 of the daemon during a demo week, and what became of every word afterwards.

    python -m benchmarks.chaos                               # 200 kills, SQLite
    python -m benchmarks.chaos --kills 50 --engine postgres  # two daemons on PostgreSQL
    python -m benchmarks.chaos --seed 7                      # the same moments again

The demo platform plays its week in a process that nobody kills, with faults switched on and off
all the time. People approve, edit and reject meanwhile, through the queue beside the daemon and
with the command. Each daemon is killed after it has worked for 0.3 to 3 seconds, some while they
start. In the end the store is held against the platform's own ledger: no mention lost, no reply
published twice, no case without a clock, no approval forgotten. Exit code 1 on any violation.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from monitor.app import compose
from monitor.clock import utc_now
from monitor.config import load
from monitor.due import KINDS
from monitor.models import Case, Mention, Reply, ReplyAttempt, Revision, Source
from tests.support.mischief import break_something, complain
from tests.support.outside import World, find_violations, look_around
from tests.support.running import (
    Daemon,
    DemoProcess,
    Place,
    demo_platform,
    eventually,
    make_place,
)
from tests.support.staff import Staff

WEEK_SECONDS = 7 * 86_400
AFTERMATH = "4d"
"""Customers answer our answers for some days after the week; each leap lets them."""

Say = Callable[[str], None]


@dataclass
class Tally:
    """What a run did, and what it found."""

    seed: int
    kills: int = 0
    kills_at_start: int = 0
    kills_at_work: int = 0
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)


class Chaos:
    """One run. Everything random follows `seed`, except how fast the machine is that day."""

    def __init__(
        self,
        demo: DemoProcess,
        places: list[Place],
        *,
        seed: int,
        kills: int,
        leaps: int = 4,
        cut_waits: bool = False,
        say: Say = print,
    ) -> None:
        self.demo = demo
        self.dice = random.Random(seed)
        self.tally = Tally(seed)
        self.daemons = [Daemon(place, cut_waits=cut_waits) for place in places]
        self.kills: list[datetime] = []
        self._wanted = kills
        self._leaps = leaps
        self._begun = time.monotonic()
        self._say = say
        self.app = compose(load(places[0].config))
        """The application as a second process has it, beside the daemons."""
        self.staff = Staff(self.app.queue, places[0], self.dice)

    def run(self) -> Tally:
        """Kill, settle and compare; never raises for what it finds, only for what it cannot do."""
        self._begun = time.monotonic()
        try:
            for daemon in self.daemons:
                daemon.start()
            for number in range(1, self._wanted + 1):
                self._kill_one()
                if number % max(1, self._wanted // 20) == 0:
                    self._progress(f"{number:4d} kills")
            self._settle()
            for daemon in self.daemons:
                if (code := daemon.stop()) != 0:
                    self.tally.violations.append(
                        f"a daemon that was asked to stop ended with {code}"
                    )
            self._compare()
        finally:
            for daemon in self.daemons:
                daemon.close()
            self.app.close()
        self.tally.seconds = time.monotonic() - self._begun
        return self.tally

    # -- the kills ---------------------------------------------------------------------------

    def _kill_one(self) -> None:
        victim = self.dice.choice(self.daemons)
        self._let_time_pass()
        for _ in range(self.dice.randint(0, 3)):
            complain(self.demo, self.dice)
        break_something(self.demo, self.dice)
        if self.dice.random() < 0.1:  # in the middle of its start
            self._die(victim)
            victim.start(wait=False)
            time.sleep(self.dice.uniform(0.1, 2.5))
            self.tally.kills_at_start += 1
        else:
            self._work_for(self.dice.triangular(0.3, 3.0, 0.6))
            if self.dice.random() < 0.4:
                self._wait_for_work(self.dice.choice(("publish", "publish", "poll", "prepare")))
        self._die(victim)
        victim.start()

    def _die(self, victim: Daemon) -> None:
        victim.kill()
        self.kills.append(utc_now())
        self.tally.kills = len(self.kills)

    def _work_for(self, seconds: float) -> None:
        """Let the daemons work, and people decide meanwhile."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.staff.decide(at_most=self.dice.randint(0, 3))
            time.sleep(min(left, self.dice.uniform(0.02, 0.3)))

    def _wait_for_work(self, kind: str) -> None:
        """Wait until a daemon is in the middle of such work: these moments are short and matter."""
        column = KINDS[kind].table.c.claim_token
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            with self.app.database.glance() as connection:
                if connection.scalar(select(func.count()).where(column.is_not(None))):
                    time.sleep(self.dice.uniform(0, 0.05))
                    self.tally.kills_at_work += 1
                    return
            time.sleep(0.005)

    def _let_time_pass(self) -> None:
        self.demo.ask("POST", "/control/clock", {"skip": WEEK_SECONDS / self._wanted})

    # -- the end -----------------------------------------------------------------------------

    def _settle(self) -> None:
        """Let everybody finish what is begun: no more faults, and the last answers come in."""
        self.demo.ask("DELETE", "/control/faults")
        self._restart()  # sources that wait an hour after a fault are tried at a start
        for _ in range(self._leaps):
            self.demo.ask("POST", "/control/clock", {"skip": AFTERMATH})
            try:
                eventually(self._is_quiet, "the store to come to rest", patience=150, every=0.3)
            except AssertionError as late:
                self.tally.violations.append(str(late))
                return
            self._progress("at rest")

    def _restart(self) -> None:
        for daemon in self.daemons:
            self._die(daemon)
            daemon.start()

    def _is_quiet(self) -> bool:
        """Tell whether the boards are read to the end and nothing is owed to anybody."""
        if self.staff.decide(plainly=True):
            return False
        latest = {f"demo-{board}": _last_cursor(self.demo, board) for board in ("reviews", "feed")}
        with self.app.database.read() as session:
            cursors = {
                row.key: row.cursor.get("after")
                for row in session.scalars(select(Source).where(Source.key.in_(latest)))
            }
            if cursors != latest:
                return False
            pending = select(func.count()).where(
                Reply.state.in_(("owed", "started", "unknown", "accepted"))
            )
            opened = select(func.count()).where(Case.state.in_(("opened", "drafted")))
            due = [
                session.scalars(
                    select(func.count()).where(KINDS[kind].table.c.next_at <= utc_now())
                ).one()
                for kind in ("prepare", "publish", "clock")
            ]
            return not (session.scalars(pending).one() + session.scalars(opened).one() + sum(due))

    def _compare(self) -> None:
        world = look_around(self.demo)
        world = World(world.ledger, world.boards, world.comments, self.kills, self.staff.approvals)
        self.tally.violations += self.staff.troubles
        with self.app.database.read() as session:
            self.tally.violations += find_violations(session, world)
            count = {
                "mentions on the boards": len(world.ledger["mentions"]),
                "mentions stored": session.scalars(select(func.count(Mention.id))).one(),
                "edits kept": session.scalars(select(func.count(Revision.id))).one(),
                "cases": session.scalars(select(func.count(Case.id))).one(),
                "approvals": len(self.staff.approvals),
                "of them by the command": self.staff.commands,
                "attempts to publish": session.scalars(select(func.count(ReplyAttempt.id))).one(),
                "writes received": len(world.ledger["replies"]),
            }
            states = session.execute(select(Reply.state, func.count()).group_by(Reply.state))
            count |= {f"replies {state}": number for state, number in sorted(states)}
        notes = Counter(row["note"] or row["outcome"] for row in world.ledger["replies"])
        count |= {f"writes: {note}": number for note, number in sorted(notes.items())}
        self.tally.counts = count

    def _progress(self, stage: str) -> None:
        with self.app.database.read() as session:
            mentions = session.scalars(select(func.count(Mention.id))).one()
            replies = session.scalars(
                select(func.count(Reply.id)).where(Reply.state == "published")
            ).one()
        seconds = time.monotonic() - self._begun
        self._say(f"{seconds:6.0f} s  {stage:>10}  {mentions:4d} mentions  {replies:4d} published")


def _last_cursor(demo: DemoProcess, board: str) -> str:
    """Return the cursor of somebody who has read the whole board."""
    after, more = "", True
    while more:
        told = demo.ask("GET", f"/api/v1/{board}?limit=200&after={after}").json()
        after, more = told["next"], told["more"]
    return str(after)


@contextmanager
def chaos(
    folder: Path, *, kills: int, seed: int, engine: str = "embedded", **options: object
) -> Iterator[Chaos]:
    """Yield a run that is ready to go, in `folder`; two daemons where the engine allows it."""
    with ExitStack() as stack:
        demo = stack.enter_context(demo_platform(folder, speed=60))
        if engine == "embedded":
            places = [make_place(folder, demo)]
        else:
            from tests.support.postgres import fresh_database

            url = stack.enter_context(fresh_database())
            places = [
                make_place(folder, demo, database=f'"{url}"', engine=engine, name=f"{name}.yaml")
                for name in ("one", "two")
            ]
        yield Chaos(demo, places, seed=seed, kills=kills, **options)  # type: ignore[arg-type]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--engine", choices=("embedded", "postgres"), default="embedded")
    parser.add_argument(
        "--cut-waits", action="store_true", help="leases of seconds instead of minutes"
    )
    parser.add_argument("--keep", type=Path, help="keep the store and the logs in this folder")
    told = parser.parse_args()
    seed = told.seed if told.seed is not None else random.randrange(1_000_000)
    print(f"{told.kills} kills, engine {told.engine}, seed {seed}", flush=True)
    with ExitStack() as stack:
        folder = told.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        run = stack.enter_context(
            chaos(
                folder,
                kills=told.kills,
                seed=seed,
                engine=told.engine,
                cut_waits=told.cut_waits,
                say=lambda line: print(line, flush=True),
            )
        )
        tally = run.run()
    print(
        f"{tally.seconds:.0f} s, {tally.kills} kills: {tally.kills_at_start} at a start, "
        f"{tally.kills_at_work} in the middle of known work"
    )
    for name, count in tally.counts.items():
        print(f"  {name:<26}{count:>6}")
    print(f"violations: {len(tally.violations)}")
    for violation in tally.violations:
        print(f"  {violation}")
    return 1 if tally.violations else 0


if __name__ == "__main__":
    sys.exit(main())
