"""A small world around the core: a real store, scripted platforms, and a clock moved by hand.

Work is done as the daemon does it (claim, begin, handle), on the test's own thread, and
whatever a handler raises comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import Context, FoundMention
from monitor import due
from monitor.assess import Assessment, Assessor, Details, Utterance
from monitor.cases import clocks
from monitor.cases.policies import PolicyBook
from monitor.db import Database
from monitor.intake.counts import Counts
from monitor.intake.poll import Poller
from monitor.intake.store import PageStore
from monitor.models import (
    Account,
    Base,
    Brand,
    Case,
    Clock,
    Draft,
    Event,
    Location,
    Mention,
    Notification,
    Reply,
    Source,
)
from monitor.platforms import Platform, Platforms
from monitor.sla import Policy
from responders.approval import Approval
from responders.assignment import Assignment
from responders.delivery import Deliverer
from responders.desk import Desk
from responders.drafts import TemplateDrafter
from responders.escalation.climbing import Climber, Staff
from responders.escalation.ladders import Ladder
from responders.looks import Looks
from responders.preparing import Preparer
from responders.queue import Queue
from responders.reading import Reader
from responders.slack.owed import ensure_card
from responders.views import Actor, CaseView, Outcome
from responders.voices import Voice
from tests.support.hand_clock import HandClock
from tests.support.scripted_platform import Board, ScriptedSettings, kind_of

MARA = Actor("web", "mara", "Mara")
OTTO = Actor("terminal", "otto", "Otto")
HOUR = 3600
POLICY = Policy(
    "standard", "always", first_response=8 * HOUR, next_response=4 * HOUR, resolution=72 * HOUR
)
KINDS = ("inbound", "publish", "clock", "escalate", "prepare", "poll")
Row = TypeVar("Row", bound=Base)


class PlainAssessor:
    """Judges by a handful of words, so that a test says in its text how it is judged."""

    version = "plain-1"

    def assess(
        self,
        text: str,
        *,
        title: str = "",
        rating: float | None = None,
        language: str = "",
        kind: str = "",
        share: float | None = None,
        brand: str = "",
    ) -> Assessment:
        said = f"{title} {text}".casefold()
        complaint = "bad" in said or (rating is not None and rating <= 0.25)
        return Assessment(
            language=language or "en",
            language_confidence=1.0,
            complaint_probability=0.9 if complaint else 0.1,
            threshold=0.5,
            complaint=complaint,
            unsure="unsure" in said,
            spam="spam" in said,
            model=self.version,
            details=Details(
                sentiment=-0.5 if complaint else 0.5,
                urgency="high" if "danger" in said else "normal",
                urgency_score=0.8 if "danger" in said else 0.3,
                topics=("waiting",) if "wait" in said else (),
                intent="complaint" if complaint else "closing" if "thank" in said else "other",
                signals=(),
                reasons=("it says bad",) if complaint else (),
            ),
        )

    def assess_many(self, utterances: Sequence[Utterance]) -> list[Assessment]:
        return [
            self.assess(each.text, title=each.title, rating=each.rating, language=each.language)
            for each in utterances
        ]


@cache
def drafter() -> TemplateDrafter:
    """The shipped drafter, read once."""
    return TemplateDrafter()


def review(external_id: str, text: str = "bad tea", **values: Any) -> FoundMention:
    """Return a review as a platform lists it; by default a complaint of one star."""
    given: dict[str, Any] = {"rating": 1.0, "author_name": "Dana Petrova", "author_id": "dana"}
    return FoundMention(external_id, text, **(given | values))


def comment(external_id: str, parent: str, text: str, **values: Any) -> FoundMention:
    """Return a further word of the same author under `parent`."""
    given: dict[str, Any] = {"rating": None, "kind": "comment", "parent_external_id": parent}
    return review(external_id, text, **(given | values))


@dataclass
class World:
    """One store with everything that works on it."""

    db: Database
    clock: HandClock = field(default_factory=HandClock)
    policies: tuple[Policy, ...] = (POLICY,)
    assessor: Assessor = field(default_factory=PlainAssessor)
    boards: dict[str, Board] = field(default_factory=dict)
    cards: bool = True
    approval: Approval = field(default_factory=Approval)
    assignment: Assignment = field(default_factory=Assignment)
    ladders: tuple[Ladder, ...] = ()
    staff: Staff = field(default_factory=Staff)

    def __post_init__(self) -> None:
        self._platforms: dict[str, Platform] = {}
        self.platforms = Platforms({})
        self.book = PolicyBook(self.policies, {})
        self.store = PageStore(self.db, self.assessor, self.book)
        with self.db.write() as session:
            brand = Brand(key="harbour", name="Harbour Coffee")
            session.add(brand)
            session.flush()
            session.add(Location(brand_id=brand.id, key="quay", name="Quay Street"))
        self.add_source("board")

    def add_source(self, key: str, *, account: str | None = None, **values: Any) -> Board:
        """Add a source with a board of its own."""
        board = self.boards[key] = Board(self.clock)
        with self.db.write() as session:
            row = session.scalars(select(Account).where(Account.key == (account or key))).first()
            if row is None:
                row = Account(key=account or key, platform="scripted")
            brand = session.scalars(select(Brand)).one()
            session.add(
                Source(
                    key=key,
                    connector="scripted",
                    brand=brand,
                    account=row,
                    cursor={},
                    next_at=self.clock(),
                    every_seconds=60.0,
                    **values,
                )
            )
        self._platforms[key] = Platform(
            kind_of(board), ScriptedSettings(), Context(source_key=key, now=self.clock)
        )
        self._wire()
        return board

    def ask_for(self, approval: Approval) -> None:
        """Have replies need what `approval` says, from now on."""
        self.approval = approval
        self._wire()

    def give_away(self, assignment: Assignment) -> None:
        """Have new cases given to people as `assignment` says, from now on."""
        self.assignment = assignment
        self._wire()

    def escalate(self, *ladders: Ladder, staff: Staff | None = None) -> None:
        """Have people told by `ladders`, from now on."""
        self.ladders = ladders
        self.staff = staff or self.staff
        self._wire()

    def forget_platform(self, key: str) -> None:
        """Take a source out of the configuration; the store keeps it."""
        del self._platforms[key]
        self._wire()

    def _wire(self) -> None:
        self.platforms.close()
        self.platforms = Platforms(self._platforms)
        voice = Voice("Harbour Coffee", "Mara, Harbour Coffee", "hello@harbour.example")
        self.desk = Desk(self.platforms, {"harbour": voice}, {"harbour": ("parking",)})
        reader = Reader(self.desk, self.approval)
        self.queue = Queue(self.db, self.desk, reader, self.clock, approval=self.approval)
        self.looks = Looks(self.db, reader, self.book, self.clock)
        self.poller = Poller(self.db, self.platforms, self.store, self.clock)
        self.preparer = Preparer(
            self.db,
            self.desk,
            drafter(),
            self.clock,
            self._announce,
            assignment=self.assignment,
        )
        self.climber = Climber(self.db, self.clock, self.ladders, self.staff)
        self.deliverer = Deliverer(self.db, self.platforms, self.store, self.clock)
        self.handlers: Mapping[str, Callable[[due.Claim], None]] = {
            "poll": self.poller.handle,
            "prepare": self.preparer.handle,
            "publish": self.deliverer.handle,
            "clock": lambda claim: clocks.watch(self.db, self.clock, claim, self.climber.begin),
            "escalate": self.climber.handle,
        }

    def _announce(self, session: Session, case_id: int, now: datetime, chosen: str = "") -> None:
        if self.cards:
            ensure_card(session, case_id, "C0CARDS", now)

    @property
    def board(self) -> Board:
        """The board of the first source."""
        return self.boards["board"]

    def write(self) -> AbstractContextManager[Session]:
        """Yield a session that writes."""
        return self.db.write()

    def source_id(self, key: str = "board") -> int:
        """Return the id of a source."""
        with self.db.read() as session:
            return session.scalars(select(Source.id).where(Source.key == key)).one()

    def claim(self, kind: str, limit: int = 100) -> list[due.Claim]:
        """Claim and begin what is due of one kind, as a worker would."""
        begun = []
        with self.db.write() as session:
            for claim in due.claim_due(session, kind, self.clock(), limit):
                started = due.begin(session, claim, self.clock())
                assert started is not None
                begun.append(started)
        return begun

    def do(self, kind: str) -> int:
        """Do what is due of one kind now, once, and count it."""
        claims = self.claim(kind)
        for claim in claims:
            try:
                self.handlers[kind](claim)
            except due.ClaimLost:
                continue
        return len(claims)

    def work(self, kinds: Sequence[str] = KINDS) -> None:
        """Do everything that is due, until nothing is; fails where that never ends."""
        for _ in range(60):
            if not sum(self.do(kind) for kind in self._due(kinds)):
                return
        raise AssertionError("the work never ends")

    def _due(self, kinds: Sequence[str]) -> list[str]:
        """Look which kinds have something to do, as the daemon does before it claims."""
        mine = [kind for kind in kinds if kind in self.handlers]
        with self.db.glance() as connection:
            found = set(due.due_kinds(connection, self.clock(), mine))
        return [kind for kind in mine if kind in found]

    def pass_time(self, kinds: Sequence[str] = KINDS[:-1], **by: float) -> None:
        """Move the clock on, doing each piece of work but polls when it falls due."""
        end = self.clock() + timedelta(**by)
        for _ in range(2000):
            self.work(kinds)
            following = self.next_due(kinds)
            if following is None or following > end:
                break
            self.clock.move(seconds=(following - self.clock()).total_seconds())
        else:
            raise AssertionError("the work never ends")
        self.clock.move(seconds=(end - self.clock()).total_seconds())
        self.work(kinds)

    def next_due(self, kinds: Sequence[str] = KINDS) -> datetime | None:
        """Return when the next work can be claimed."""
        times: list[datetime] = []
        with self.db.read() as session:
            for kind in kinds:
                if kind not in self.handlers:
                    continue
                table = due.KINDS[kind].table
                rows = session.execute(
                    select(table.c.next_at, table.c.claim_until).where(table.c.next_at.is_not(None))
                )
                times += [max(at, until or at) for at, until in rows]
        return min(times, default=None)

    def poll(self, key: str = "board") -> Counts:
        """Poll one source now, as `rapport poll` does."""
        return self.poller.poll_now(self.source_id(key))

    def hear(self, *found: FoundMention, key: str = "board") -> Counts:
        """Have a board list these, poll it, and do no other work."""
        self.boards[key].list_page(*found)
        return self.poll(key)

    def drafted(self, external_id: str = "m1", **values: Any) -> int:
        """Bring one complaint to the table; return its case."""
        self.hear(review(external_id, **values))
        self.do("prepare")
        case = self.case_of(external_id)
        assert case.state == "drafted"
        return case.id

    def approve(self, case_id: int, actor: Actor = MARA, **how: Any) -> Outcome:
        """Approve what is on the table, as it is shown now."""
        view = self.view(case_id)
        assert view.draft is not None
        return self.queue.approve(
            case_id,
            draft_version=view.draft.version,
            text_hash=view.draft.text_hash,
            actor=actor,
            **how,
        )

    def go_on(self, case_id: int, actor: Actor = MARA) -> Outcome:
        """Approve despite what stands against it, as it is shown now."""
        obstacle = self.view(case_id).obstacle
        assert obstacle is not None
        return self.approve(case_id, actor, despite=obstacle.key)

    def leave(self, case_id: int, actor: Actor = MARA) -> Outcome:
        """Leave the answer of somebody else, as it is shown now."""
        view = self.view(case_id)
        assert view.draft is not None
        assert view.obstacle is not None
        return self.queue.keep_answer(
            case_id, draft_version=view.draft.version, despite=view.obstacle.key, actor=actor
        )

    def answered(self, external_id: str = "m1", **values: Any) -> int:
        """Bring one complaint to its published answer; return its case."""
        case_id = self.drafted(external_id, **values)
        assert self.approve(case_id).done
        self.do("publish")
        assert self.case(case_id).state == "answered"
        return case_id

    def view(self, case_id: int) -> CaseView:
        """Return the case as a face shows it."""
        view = self.queue.view(case_id)
        assert view is not None
        return view

    def rows(self, model: type[Row], *where: Any) -> list[Row]:
        """Return rows in the order they were made."""
        with self.db.read() as session:
            return list(session.scalars(select(model).where(*where).order_by(model.id)))  # type: ignore[attr-defined]  # every model here has an id

    def row(self, model: type[Row], *where: Any) -> Row:
        """Return the only row."""
        (row,) = self.rows(model, *where)
        return row

    def case(self, case_id: int) -> Case:
        """Return a case's row."""
        return self.row(Case, Case.id == case_id)

    def mention(self, external_id: str, key: str = "board") -> Mention:
        """Return a mention's row."""
        return self.row(
            Mention, Mention.external_id == external_id, Mention.source_id == self.source_id(key)
        )

    def case_of(self, external_id: str, key: str = "board") -> Case:
        """Return the case that a mention opened."""
        return self.row(Case, Case.mention_id == self.mention(external_id, key).id)

    def clock_of(self, case_id: int, target: str) -> Clock:
        """Return the newest clock of a target."""
        return self.rows(Clock, Clock.case_id == case_id, Clock.target == target)[-1]

    def clock_states(self, case_id: int) -> dict[str, str]:
        """Return the state of the newest clock of each target."""
        return {row.target: row.state for row in self.rows(Clock, Clock.case_id == case_id)}

    def replies(self, case_id: int) -> list[Reply]:
        """Return the replies of a case."""
        return self.rows(Reply, Reply.case_id == case_id)

    def reply(self, case_id: int) -> Reply:
        """Return the newest reply of a case."""
        return self.replies(case_id)[-1]

    def drafts(self, case_id: int) -> list[Draft]:
        """Return the drafts of a case."""
        return self.rows(Draft, Draft.case_id == case_id)

    def events(self, case_id: int) -> list[str]:
        """Return the kinds of what happened to a case, in order."""
        return [row.kind for row in self.rows(Event, Event.case_id == case_id)]

    def card(self, case_id: int) -> Notification:
        """Return the case's card."""
        return self.row(Notification, Notification.case_id == case_id, Notification.kind == "card")

    def close(self) -> None:
        """Close what is open."""
        self.platforms.close()
