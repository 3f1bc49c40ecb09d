"""Makes a case of something that a person came upon and says is a complaint.

It goes the way of everything that is heard: stored at a source, assessed, and then opened by the
person's word as `rapport complaint` does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import FoundMention, Page
from monitor.cases.trail import lock_case, record, touch
from monitor.clock import Clock
from monitor.db import Database
from monitor.intake.store import PageStore
from monitor.models import Mention, Source
from monitor.sources import find
from responders.looks import Looks
from responders.views import Actor, Outcome


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody said: its place, which makes it one and the same, its words, and who said it.

    `author_id` is who that is at the place, empty where nobody knows; `url` leads there.
    """

    place: str
    text: str
    author: str
    author_id: str
    url: str
    at: datetime


class TakingIn:
    """Takes what people bring in at one source, which is made when it is first needed."""

    def __init__(
        self,
        database: Database,
        store: PageStore,
        looks: Looks,
        clock: Clock,
        source_key: str,
        make_source: Callable[[Session], None],
    ) -> None:
        self._database = database
        self._store = store
        self._looks = looks
        self._clock = clock
        self._source_key = source_key
        self._make_source = make_source

    def take_in(self, told: Told, actor: Actor) -> Outcome:
        """Make a case of `told`; what stands at its place already never makes a second one.

        Doing it again after a crash finds what was done.
        """
        source = self._source()
        if source.state == "paused":
            by = f" by {source.paused_by}" if source.paused_by else ""
            told_why = f"the source {source.key} is paused{by}: nothing is heard there"
            return Outcome(False, "refused", told_why, None)
        mention_id, is_new = self._mention(source.id, told.place), False
        if mention_id is None:
            self._hear(source.id, told)
            mention_id, is_new = self._mention(source.id, told.place), True
        assert mention_id is not None, "it has just been stored"
        outcome = self._looks.complain(mention_id, actor)
        if not is_new or outcome.case is None:
            return outcome
        case_id = outcome.case.id
        if not any(each.actor == str(actor) for each in outcome.case.events):
            self._note_whose_word(case_id, actor)  # it reads as a complaint to Rapport as well
        return replace(outcome, message=f"C-{case_id} is opened, and a draft is being made")

    def _source(self) -> Source:
        with self._database.read() as session:
            source = find(session, self._source_key)
        if source is not None:
            return source
        with self._database.write() as session:
            self._make_source(session)
        with self._database.read() as session:
            return session.scalars(select(Source).where(Source.key == self._source_key)).one()

    def _mention(self, source_id: int, place: str) -> int | None:
        with self._database.read() as session:
            return session.scalar(
                select(Mention.id).where(
                    Mention.source_id == source_id, Mention.external_id == place
                )
            )

    def _hear(self, source_id: int, told: Told) -> None:
        now = self._clock()
        found = FoundMention(
            told.place,
            told.text,
            kind="post",
            author_name=told.author,
            author_id=told.author_id,
            url=told.url,
            created_at=told.at,
        )

        def heard(session: Session) -> None:
            session.get_one(Source, source_id).last_success_at = now

        self._store.store(
            source_id,
            Page((found,), {}),
            now,
            saved=heard,
            confirm_deletion=lambda _ref: False,
            pushed=True,
        )

    def _note_whose_word(self, case_id: int, actor: Actor) -> None:
        with self._database.write() as session:
            now = self._clock()
            lock_case(session, case_id)
            record(session, case_id, "called_complaint", str(actor), now)
            session.flush()
            touch(session, case_id, now)
