"""How quick Slack shows what happens, with ten thousand open cases in the store.

    python -m benchmarks.slack_speed                        # SQLite
    python -m benchmarks.slack_speed --database postgres    # PostgreSQL, where one runs
    python -m benchmarks.slack_speed --cases 1000 --times 20

The real daemon (``rapport run``) listens to the demo platform and to a Slack that runs on this
machine, over real HTTP and a real WebSocket. Measured are: (a) from a complaint's row in the store
to its card in the channel; (b) from a press of Approve to the redrawn card; (c) how soon a press is
acknowledged, and its card redrawn, while fifty polls and five hundred cards are owed. Cards are
posted at the pace that Slack allows, one a second with a short burst.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from benchmarks.agents import slack_place
from benchmarks.texts import COMPLAINT, DETAILS, NAMES
from connectors.base import FoundMention, Page
from monitor.app import App, compose
from monitor.config import load
from monitor.migrate import upgrade
from monitor.models import Case, Draft, Event, Mention, Notification, Source
from responders.preparing import text_hash
from tests.support.agents import CHANNEL, move_in
from tests.support.running import Daemon, DemoProcess, demo_platform, eventually, make_place
from tests.support.slack_server.people import buttons
from tests.support.slack_server.server import SlackServer
from tests.support.slack_server.workspace import Message

POLLS, OWED = 50, 500
PEOPLE = ("U0MARA", "U0OTTO", "U0IDA")
QUIET_SOURCE = """
  - key: demo-quiet-{number}
    connector: demo
    brand: harbour
    account: demo
    every: 5s
    settings: {{base_url: "{url}", board: feed, location: app}}"""

GOALS = {"a": 1.0, "b": 0.5, "c": 1.0}


@dataclass
class Times:
    """Seconds, one for each time that something was measured."""

    what: str
    goal: str
    seconds: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        ordered = sorted(self.seconds)
        p95 = ordered[int(0.95 * (len(ordered) - 1))]
        return (
            f"{self.what:<58} median {1000 * statistics.median(ordered):6.0f} ms, "
            f"p95 {1000 * p95:6.0f} ms, longest {1000 * ordered[-1]:6.0f} ms "
            f"({len(ordered)} times){self.verdict}"
        )

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def verdict(self) -> str:
        if not self.goal:
            return ""
        met = self.median < GOALS[self.goal]
        return f"; goal {1000 * GOALS[self.goal]:.0f} ms: {'met' if met else 'MISSED'}"


class Speed:
    """One measured run."""

    def __init__(self, app: App, daemon: Daemon, demo: DemoProcess, slack: SlackServer) -> None:
        self._app, self._daemon, self._demo, self._slack = app, daemon, demo, slack
        self._dice = random.Random(11)
        self._said = 0
        self._shown: dict[int, Message] = {}
        self._read = 0

    def measure(self, times: int) -> Iterator[Times]:
        """Measure one thing after the other, as the goals name them."""
        self._daemon.start()
        self._slack.until(lambda: self._slack.hub.links, 20)
        self._complain()
        eventually(lambda: self._cards(), "the first card")
        time.sleep(2)
        cards = Times("a complaint stored -> its card at Slack", "a")
        cases = [self._card_of_new(cards) for _ in range(times)]
        yield cards
        redrawn = Times("a press of Approve -> the redrawn card at Slack", "b")
        acks = Times("a press -> its acknowledgement", "c")
        for case_id in cases:
            self._approve(self._shown[case_id], redrawn, acks)
        yield redrawn
        yield acks
        more = [self._card_of_new(Times("", "")) for _ in range(times)]
        self._daemon.stop()
        owe_at_once(self._app)
        self._daemon.start()
        self._slack.until(lambda: self._slack.hub.links, 20)
        redrawn = Times(f"redrawn while {POLLS} polls and {OWED} cards are owed", "")
        acks = Times(f"acknowledged while {POLLS} polls and {OWED} cards are owed", "c")
        for case_id in more:
            self._approve(self._shown[case_id], redrawn, acks)
        yield acks
        yield redrawn
        with self._app.database.read() as session:
            left = select(func.count()).where(
                Notification.next_at.is_not(None), Notification.message_ts == ""
            )
            print(f"  {session.scalars(left).one()} cards and lines were still owed at the end")

    def _complain(self) -> None:
        self._said += 1
        text = f"{self._dice.choice(COMPLAINT['en'])} {self._dice.choice(DETAILS['en'])}."
        author = f"{self._dice.choice(NAMES)} N{self._said}"
        said = {"board": "feed", "author": author, "text": text}
        self._demo.ask("POST", "/control/mentions", said)

    def _cards(self) -> dict[int, Message]:
        """Return the cards by their cases; reads only what has come since."""
        messages = self._slack.workspace.channels[CHANNEL].messages
        with self._slack.workspace.lock:
            fresh, self._read = messages[self._read :], len(messages)
        for message in fresh:
            metadata = message.body.get("metadata") or {}
            if metadata.get("event_type") == "rapport_card":
                self._shown[metadata["event_payload"]["case"]] = message
        return self._shown

    def _card_of_new(self, times: Times) -> int:
        known = set(self._cards())
        self._complain()
        eventually(lambda: set(self._cards()) - known, "a card", every=0.005)
        (case_id,) = set(self._shown) - known
        with self._app.database.read() as session:
            case = session.get_one(Case, case_id)
            stored = case.opened_at.timestamp()
        times.seconds.append(float(self._shown[case_id].ts) - stored)
        time.sleep(self._dice.uniform(0.6, 1.2))  # the pace of posts is not what is measured
        return case_id

    def _approve(self, card: Message, redrawn: Times, acks: Times) -> None:
        begun = time.monotonic()
        person = self._dice.choice(PEOPLE)
        self._slack.click(CHANNEL, card.ts, "rapport_approve", person)
        acks.seconds.append(time.monotonic() - begun)
        eventually(lambda: "rapport_approve" not in buttons(card.blocks), "the card", every=0.002)
        redrawn.seconds.append(time.monotonic() - begun)
        time.sleep(self._dice.uniform(0.2, 0.6))


def fill(app: App, cases: int) -> None:
    """Put so many open cases with drafts and cards into the store, on a source beside the demo."""
    dice = random.Random(3)
    with app.database.read() as session:
        source = session.scalars(select(Source).where(Source.key == "demo-reviews")).one()
    for start in range(0, cases, 500):
        found = tuple(_complaint(dice, n, app.clock()) for n in range(start, start + 500))
        app.store.store(
            source.id, Page(found, {}), app.clock(), saved=_nothing, confirm_deletion=_no
        )
    now = app.clock()
    with app.database.write() as session:
        opened = session.scalars(select(Case.id).where(Case.state == "opened")).all()
        revisions = dict(
            session.execute(
                select(Case.id, Mention.revision).join(Mention, Mention.id == Case.mention_id)
            ).all()
        )
        session.execute(insert(Draft), [_draft(n, revisions[n], now) for n in opened])
        session.execute(
            insert(Event),
            [
                {"case_id": n, "at": now, "actor": "Rapport", "kind": "drafted", "detail": {}}
                for n in opened
            ],
        )
        session.execute(insert(Notification), [_card(n, now) for n in opened])
        session.execute(
            update(Case)
            .where(Case.state == "opened")
            .values(state="drafted", next_at=None)
            .execution_options(synchronize_session=False)
        )


def owe_at_once(app: App) -> None:
    """Owe the channel five hundred cards now, and a poll of every source."""
    now = app.clock()
    with app.database.write() as session:
        chosen = select(Notification.id).where(Notification.message_ts.like("1.%")).limit(OWED)
        session.execute(
            update(Notification)
            .where(Notification.id.in_(chosen))
            .values(state="owed", message_ts="", shown_revision=0, next_at=now)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(Source).values(next_at=now).execution_options(synchronize_session=False)
        )


def _complaint(dice: random.Random, number: int, now: datetime) -> FoundMention:
    return FoundMention(
        f"old{number}",
        f"{dice.choice(COMPLAINT['en'])} {dice.choice(DETAILS['en'])}, {number}.",
        kind="review",
        author_name=f"{dice.choice(NAMES)} {number}",
        author_id=f"a{number}",
        rating=1.0,
        language="en",
        created_at=now - timedelta(minutes=dice.randrange(60 * 24 * 60)),  # two months, no burst
    )


def _draft(case_id: int, revision: int, now: datetime) -> dict[str, Any]:
    text = f"Dear customer {case_id}, we are sorry. Write to hello@harbour.example. Mara"
    return {
        "case_id": case_id,
        "version": 1,
        "mention_revision": revision,
        "text": text,
        "text_hash": text_hash(text),
        "language": "en",
        "made_by": "templates",
        "reasons": [],
        "state": "proposed",
        "created_at": now,
    }


def _card(case_id: int, now: datetime) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "surface": "slack",
        "target": CHANNEL,
        "kind": "card",
        "post_key": f"card:{case_id}:{CHANNEL}",
        "detail": {},
        "state": "sent",
        "message_ts": f"1.{case_id:06d}",
        "shown_revision": 10,
        "created_at": now,
    }


def _nothing(_session: object) -> None:
    """No cursor moves."""


def _no(_ref: object) -> bool:
    return False


@contextmanager
def standing(
    folder: Path, database: str, cases: int, say: Callable[[str], None]
) -> Iterator[Speed]:
    """Yield what is to be measured, with a full store behind it."""
    with ExitStack() as stack:
        demo = stack.enter_context(demo_platform(folder, silent=True))
        slack = stack.enter_context(SlackServer())
        move_in(slack)
        chosen: dict[str, str] = {}
        if database == "postgres":
            from tests.support.postgres import fresh_database

            url = stack.enter_context(fresh_database())
            chosen = {"database": f'"{url}"', "engine": "postgres"}
        place = make_place(folder, demo, **chosen)
        quiet = "".join(QUIET_SOURCE.format(number=n, url=demo.url) for n in range(POLLS))
        words = place.config.read_text(encoding="utf-8")
        place.config.write_text(words.replace("\ninbox:", f"{quiet}\ninbox:"), encoding="utf-8")
        slack_place(folder, slack, place)
        app = compose(load(place.config))
        stack.callback(app.close)
        upgrade(app.database)
        app.sync()
        begun = time.monotonic()
        fill(app, cases)
        seconds = time.monotonic() - begun
        with app.database.read() as session:
            opened = session.scalars(
                select(func.count(Case.id)).where(Case.state == "drafted")
            ).one()
        say(f"{opened} open cases stored in {seconds:.0f} s")
        daemon = Daemon(place)
        stack.callback(daemon.close)
        yield Speed(app, daemon, demo, slack)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    told = parser.parse_args(words)
    print(f"{told.cases} open cases on {told.database}", flush=True)
    missed = False
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        speed = stack.enter_context(
            standing(folder, told.database, told.cases, lambda line: print(line, flush=True))
        )
        for times in speed.measure(told.times):
            print(f"  {times}", flush=True)
            missed = missed or "MISSED" in times.verdict
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
