"""A store with cases in it, made by the code that makes them in earnest.

One brand with two sources: `board` publishes by itself, `files` is posted by hand. Nothing here
reaches a network unless a connector is asked to fetch or to publish.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from connectors.base import FoundMention, Page, Problem
from monitor import due
from monitor.app import App, compose
from monitor.config import load
from monitor.intake.counts import Counts
from monitor.models import Assessment, Case, Mention, SecondLook, Source
from responders.views import Actor, CaseView
from tests.support.hand_clock import HandClock
from tests.support.migrated import migrate

CONFIG = """
version: 1
database: sqlite:///rapport.db
brands:
  - key: harbour
    name: Harbour Coffee
    timezone: Europe/Berlin
    signature: "Mara, Harbour Coffee"
    contact: hello@harbour.example
    languages: [en, de]
    topics: %(topics)s
    locations:
      - {key: quay, name: Quay Street}
      - {key: mill, name: Old Mill, timezone: Europe/London}
sources:
  - key: board
    title: Review board
    connector: demo
    brand: harbour
    location: quay
    settings: {base_url: "%(demo)s", board: reviews, allow_private_addresses: true}
  - key: files
    title: Exported files
    connector: file
    brand: harbour
    location: mill
    settings: {path: exports.csv}
web: {listen: "127.0.0.1:0", base_url: "%(web)s"}
sla:
  - {key: standard, calendar: always, first_response: 4h, next_response: 4h, resolution: 3d}
"""

NOWHERE = "http://127.0.0.1:9"
MARA = Actor("terminal", "mara", "Mara")
OTTO = Actor("slack", "U2", "Otto")


@dataclass
class Desk:
    """A wired application over a fresh store, and the shortest ways to fill it."""

    app: App
    clock: HandClock
    numbers: Any = field(default_factory=lambda: count(1))

    def hear(self, *found: FoundMention, source: str = "board", problems: Any = ()) -> Counts:
        """Take in one page of mentions, as a poll does."""
        page = Page(tuple(found), {}, problems=tuple(problems))
        return self.app.store.store(
            self.source_id(source),
            page,
            self.clock(),
            saved=lambda session: None,
            confirm_deletion=lambda ref: True,
        )

    def misread(self, where: str, reason: str, source: str = "files") -> None:
        self.hear(source=source, problems=[Problem(where, reason)])

    def complain(
        self,
        text: str = "We waited 40 minutes and the coffee was cold. Never again.",
        *,
        author: str = "Jonas Weber",
        source: str = "board",
        ready: bool = True,
        **more: Any,
    ) -> CaseView:
        """Hear a complaint and, if it shall be `ready`, draft its answer. Return its case."""
        number = next(self.numbers)
        told: dict[str, Any] = {
            "external_id": f"m{number}",
            "author_name": author,
            "author_id": f"a-{author}",
            "rating": 1.0,
            "language": "en",
            "url": f"https://board.example/reviews/m{number}",
            "created_at": self.clock() - timedelta(minutes=3),
            **more,
        }
        self.hear(FoundMention(text=text, **told), source=source)
        if ready:
            self.prepare()
        with self.app.database.read() as session:
            case_id = session.scalars(
                select(Case.id)
                .join(Mention, Mention.id == Case.mention_id)
                .where(Mention.external_id == told["external_id"])
            ).one()
        return self.view(case_id)

    def doubt(
        self, text: str = "Is it worth the way?", *, author: str = "Kim Able", **more: Any
    ) -> int:
        """Hear something, have it wait for a second look, and return the look.

        What the shipped model says of it is put aside, for it changes from release to release.
        """
        told: dict[str, Any] = {
            "external_id": f"d{next(self.numbers)}",
            "author_name": author,
            "rating": 3.0,
            "language": "en",
            "created_at": self.clock(),
            **more,
        }
        told.setdefault("url", f"https://board.example/reviews/{told['external_id']}")
        unlikely = {"complaint_probability": 0.44, "threshold": 0.5, "reasons": ["two of five"]}
        self.hear(FoundMention(text="Lovely.", **{**told, "rating": 5.0}))
        with self.app.database.write() as session:
            mention = session.scalars(
                select(Mention).where(Mention.external_id == told["external_id"])
            ).one()
            mention.text, mention.rating = text, told["rating"]
            judged = select(Assessment).where(Assessment.mention_id == mention.id)
            for name, value in unlikely.items():
                setattr(session.scalars(judged).one(), name, value)
            session.execute(delete(SecondLook).where(SecondLook.mention_id == mention.id))
            look = SecondLook(
                mention_id=mention.id, revision=1, reason="unsure", drawn_at=self.clock()
            )
            session.add(look)
            session.flush()
            return look.id

    def prepare(self) -> None:
        """Make every draft that is owed."""
        self.work("prepare")

    def work(self, kind: str) -> None:
        """Do all work of one kind that is due."""
        with self.app.database.write() as session:
            claims = due.claim_due(session, kind, self.clock(), 100)
        for claim in claims:
            with self.app.database.write() as session:
                begun = due.begin(session, claim, self.clock())
            if begun is not None:
                self.app.handlers[kind](begun)

    def view(self, case_id: int) -> CaseView:
        view = self.app.queue.view(case_id)
        assert view is not None
        return view

    def source_id(self, key: str) -> int:
        with self.app.database.read() as session:
            return session.scalars(select(Source.id).where(Source.key == key)).one()

    def approve(self, view: CaseView, actor: Actor = OTTO) -> None:
        assert view.draft is not None
        outcome = self.app.queue.approve(
            view.id,
            draft_version=view.draft.version,
            text_hash=view.draft.text_hash,
            actor=actor,
        )
        assert outcome.done, outcome.message

    def edit(self, view: CaseView, text: str, actor: Actor = OTTO) -> None:
        assert view.draft is not None
        outcome = self.app.queue.edit(
            view.id,
            base_version=view.draft.version,
            base_hash=view.draft.text_hash,
            text=text,
            actor=actor,
        )
        assert outcome.done, outcome.message


def open_desk(
    folder: Path,
    *,
    web: str = "http://127.0.0.1",
    demo: str = NOWHERE,
    more: str = "",
    own_topics: str = "[]",
) -> Desk:
    """Return a desk with its store in `folder`. Close its `app` when done."""
    path = folder / "config.yaml"
    path.write_text(
        CONFIG % {"web": web, "demo": demo, "topics": own_topics} + more, encoding="utf-8"
    )
    clock = HandClock()
    app = compose(load(path), clock)
    migrate(app.database)
    app.sync()
    return Desk(app, clock)
