"""Ten people press in Slack what they should not, while the daemon is killed and Slack fails.

    python -m benchmarks.agents                                   # 1,000 cases, 100 kills, SQLite
    python -m benchmarks.agents --cases 200 --kills 20 --seed 7   # the same moments again
    python -m benchmarks.agents --database postgres               # the daemon on PostgreSQL

The demo platform and a Slack that runs on this machine are never killed; ``rapport run`` is a
process of its own and dies by kill -9. A fifth of all calls to Slack fail, each in another way,
and the platform fails at times. Agents approve, edit, reject, take and assign: at random, twice,
at once, late, and on cards that have changed since; four of the ten may not decide at all. In the
end everything settles, and what the platform shows, what the agents saw and what the store says
are held against each other. Exit code 1 on any broken promise.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.texts import COMPLAINT, DETAILS, NAMES
from monitor.app import compose
from monitor.config import load
from monitor.models import Case, Inbound, Notification, Reply, ReplyAttempt, Source
from tests.support.agents import APPROVERS, CHANNEL, PEOPLE, Agent, Record, move_in
from tests.support.approvals import Audit, Finding
from tests.support.mischief import break_something
from tests.support.outside import look_around
from tests.support.running import (
    Daemon,
    DemoProcess,
    Place,
    demo_platform,
    eventually,
    make_place,
)
from tests.support.slack_server.people import buttons
from tests.support.slack_server.server import SlackServer

SLACK = """
slack:
  bot_token: file:{folder}/bot
  app_token: file:{folder}/app
  channel: {channel}
  api_url: {api_url}
  team: T0TEAM
  approvers: [{approvers}]
"""
HURRY = """
from datetime import timedelta
from responders.slack import outbox
outbox.Pacer.__init__.__defaults__ = (timedelta(milliseconds={gap}), 20)
outbox.FIRST_LOOK = timedelta(seconds=1)
outbox.BETWEEN_LOOKS = timedelta(seconds=2)
"""
"""A thousand cards at one a second would take a quarter of an hour."""

Say = Callable[[str], None]


@dataclass
class Tally:
    """What a run did, and what it found."""

    seed: int
    kills: int = 0
    seconds: float = 0.0
    counts: dict[str, float] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        """Every broken promise in words."""
        found = [f"{each.promise}: {one}" for each in self.findings for one in each.broken]
        return [*self.troubles, *found]


class Run:
    """One run. Everything random follows `seed`, except how fast the machine is that day."""

    def __init__(
        self,
        demo: DemoProcess,
        slack: SlackServer,
        place: Place,
        *,
        cases: int,
        kills: int,
        seed: int,
        failing: float = 0.2,
        pause: float = 0.4,
        answers: int = 0,
        say: Say = print,
    ) -> None:
        """However fast the kills come, people press until so many `answers` were tried."""
        self.demo, self.slack = demo, slack
        self.dice = random.Random(seed)
        self.tally = Tally(seed)
        self.record = Record()
        self.daemon = Daemon(place, cut_waits=True, first=HURRY.format(gap=30))
        self.app = compose(load(place.config))
        self._cases, self._kills, self._failing = cases, kills, failing
        self._answers = answers
        self._say = say
        self._stop = threading.Event()
        self._agents = [
            Agent(person, slack, self.record, self._stop, seed=seed, pause=pause)
            for person in PEOPLE
        ]

    def run(self) -> Tally:
        """Press, kill, settle and compare; never raises for what it finds."""
        begun = time.monotonic()
        try:
            self.daemon.start()
            self.slack.faults.at_random(self._failing, self.tally.seed)
            for agent in self._agents:
                agent.start()
            complaining = threading.Thread(target=self._complain, daemon=True)
            complaining.start()
            eventually(self._has_cards, "the first card", patience=60, every=0.1)
            for number in range(1, self._kills + 1):
                self._kill_one()
                if number % max(1, self._kills // 10) == 0:
                    self._progress(begun, f"{number} kills")
            complaining.join()
            self._mend_platform()
            eventually(self._is_known, "all complaints to be cases", patience=180, every=0.2)
            eventually(self._is_listened_to, "answers to be tried", patience=120, every=0.2)
            time.sleep(1.0 + 3.0 * self._failing)
            self._settle()
            self._progress(begun, "at rest")
            if (code := self.daemon.stop()) != 0:
                self.tally.troubles.append(f"the daemon that was asked to stop ended with {code}")
            self._count()
            world = look_around(self.demo)
            self.tally.findings = Audit(self.app, self.slack, self.record, world).findings()
        finally:
            self._stop.set()
            self.daemon.close()
            self.app.close()
        self.tally.seconds = time.monotonic() - begun
        return self.tally

    def _complain(self) -> None:
        """Have everybody complain, some at once and the rest over the time of the kills."""
        dice = random.Random(f"{self.tally.seed}:complaints")
        for number in range(self._cases):
            on_reviews = dice.random() < 0.5
            text = f"{dice.choice(COMPLAINT['en'])} {dice.choice(DETAILS['en'])}."
            said = {
                "board": "reviews" if on_reviews else "feed",
                "author": f"{dice.choice(NAMES)} {number}",
                "text": text,
                **({"stars": dice.randint(1, 2)} if on_reviews else {}),
            }
            self.demo.ask("POST", "/control/mentions", said)
            if number > self._cases // 3:
                time.sleep(min(1.0, 2.0 * self._kills / self._cases))

    def _kill_one(self) -> None:
        break_something(self.demo, self.dice)
        time.sleep(self.dice.triangular(0.3, 5.0, 1.5))
        self.daemon.kill()
        self.tally.kills += 1
        self.daemon.start(wait=False)
        if self.dice.random() < 0.1:  # in the middle of its start
            time.sleep(self.dice.uniform(0.1, 2.0))
            self.daemon.kill()
            self.tally.kills += 1
            self.daemon.start(wait=False)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        """Wait for the daemon; start it again where a stranger's connection has its port."""
        for _ in range(10):
            try:
                eventually(self.daemon.is_ready, "the daemon to be ready")
            except AssertionError as ended:
                if "cannot listen" not in str(ended):
                    raise
                time.sleep(1.0)
                self.daemon.start(wait=False)
            else:
                return
        raise AssertionError("the daemon's port stays taken")

    def _is_known(self) -> bool:
        with self.app.database.read() as session:
            return session.scalars(select(func.count(Case.id))).one() >= self._cases

    def _has_cards(self) -> bool:
        return bool(self.slack.workspace.messages(CHANNEL, threads=True))

    def _is_listened_to(self) -> bool:
        with self.app.database.read() as session:
            tried = session.scalars(select(func.count(ReplyAttempt.id))).one()
        return tried >= self._answers

    def _mend_platform(self) -> None:
        """End the platform's faults, and have the sources tried that rest after one."""
        self.demo.ask("DELETE", "/control/faults")
        self.daemon.kill()
        self.daemon.start(wait=False)
        self._wait_until_ready()

    def _settle(self) -> None:
        """End the presses and Slack's faults, and wait until nothing is owed to anybody."""
        self._stop.set()
        for agent in self._agents:
            agent.join(timeout=30)
        self.slack.faults.at_random(0.0, 0)
        try:
            eventually(self._is_quiet, "the store to come to rest", patience=240, every=0.3)
        except AssertionError as late:
            self.tally.troubles.append(str(late))

    def _is_quiet(self) -> bool:
        # That somebody has a form open ends by itself, minutes from now: nobody waits for that.
        soon = self.app.clock() + timedelta(minutes=1)
        owed = [
            select(func.count()).where(Inbound.next_at.is_not(None)),
            select(func.count()).where(Notification.next_at <= soon),
            select(func.count()).where(Reply.state.in_(("owed", "started", "unknown", "accepted"))),
            select(func.count()).where(Case.state == "opened"),
            select(func.count()).where(Source.failures > 0),
        ]
        with self.app.database.read() as session:
            return sum(session.scalars(one).one() for one in owed) == 0

    def _count(self) -> None:
        presses = self.record.presses
        acks = sorted(press.seconds for press in presses if press.seconds)
        fates = Counter(press.fate for press in presses)
        with self.app.database.read() as session:
            found = session.execute(select(Case.state, func.count()).group_by(Case.state))
            states = sorted((state, number) for state, number in found)
            count: dict[str, float] = {
                "presses": len(presses),
                **{f"of them {fate}": number for fate, number in sorted(fates.items())},
                "modals that did not open": len(self.record.unopened),
                "acknowledged after ms, median": 1000 * statistics.median(acks or [0]),
                "acknowledged after ms, p95": 1000 * _p95(acks),
                "calls to Slack": sum(self.slack.calls.values()),
                "of them struck by a fault": sum(self.slack.faults.struck.values()),
                "private answers": len(self.slack.workspace.ephemerals),
                "attempts to publish": session.scalars(select(func.count(ReplyAttempt.id))).one(),
                **{f"cases {state}": number for state, number in states},
            }
        self.tally.counts = count

    def _progress(self, begun: float, stage: str) -> None:
        cards = self.slack.workspace.messages(CHANNEL, threads=True)
        waiting = sum("rapport_approve" in buttons(card.blocks) for card in cards)
        self._say(
            f"{time.monotonic() - begun:6.0f} s  {stage:>10}  {len(cards):5d} messages, "
            f"{waiting} wait  {len(self.record.presses):6d} presses"
        )


def _p95(ordered: list[float]) -> float:
    return ordered[int(0.95 * (len(ordered) - 1))] if ordered else 0.0


def slack_place(folder: Path, slack: SlackServer, place: Place) -> Place:
    """Add Slack to the configuration of a place."""
    (folder / "bot").write_text(slack.workspace.bot_token)
    (folder / "app").write_text(slack.workspace.app_token)
    told = SLACK.format(
        folder=folder,
        channel=CHANNEL,
        api_url=slack.api_url,
        approvers=", ".join(APPROVERS),
    )
    # A moment in which a reply can be taken back, as in earnest, but shorter.
    config = place.config.read_text(encoding="utf-8").replace("undo_seconds: 0", "undo_seconds: 2")
    place.config.write_text(config + told, encoding="utf-8")
    return place


@contextmanager
def agents(folder: Path, *, database: str = "sqlite", **options: object) -> Iterator[Run]:
    """Yield a run that is ready to go, in `folder`."""
    with ExitStack() as stack:
        demo = stack.enter_context(demo_platform(folder, silent=True))
        slack = stack.enter_context(SlackServer())
        move_in(slack)
        chosen = {}
        if database == "postgres":
            from tests.support.postgres import fresh_database

            url = stack.enter_context(fresh_database())
            chosen = {"database": f'"{url}"', "engine": "postgres"}
        place = slack_place(folder, slack, make_place(folder, demo, **chosen))
        yield Run(demo, slack, place, **options)  # type: ignore[arg-type]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--failing", type=float, default=0.2, help="share of Slack calls that fail")
    parser.add_argument("--pause", type=float, default=0.4, help="seconds between two presses")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--keep", type=Path, help="keep the store and the logs in this folder")
    told = parser.parse_args()
    seed = told.seed if told.seed is not None else random.randrange(1_000_000)
    print(f"{told.cases} cases, {told.kills} kills, {told.database}, seed {seed}", flush=True)
    with ExitStack() as stack:
        folder = told.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        run = stack.enter_context(
            agents(
                folder,
                database=told.database,
                cases=told.cases,
                kills=told.kills,
                seed=seed,
                failing=told.failing,
                pause=told.pause,
                say=lambda line: print(line, flush=True),
            )
        )
        tally = run.run()
    print(f"{tally.seconds:.0f} s, {tally.kills} kills")
    for name, count in tally.counts.items():
        print(f"  {name:<34}{count:>8.0f}")
    for finding in tally.findings:
        broken = len(finding.broken)
        print(f"  {finding.looked_at:6d} looked at, {broken:3d} broken: {finding.promise}")
    print(f"broken promises: {len(tally.broken)}")
    for one in tally.broken[:200]:
        print(f"  {one}")
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
