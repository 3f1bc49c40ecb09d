"""A small world for the Slack face: a store, a queue over its rows, a clock, and a Slack."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.secrets import Secret
from monitor import due
from monitor.cases.policies import PolicyBook
from monitor.cases.trail import redraw
from monitor.db import Database
from monitor.models import (
    Account,
    Base,
    Brand,
    Case,
    Draft,
    Event,
    Inbound,
    Mention,
    Notification,
    Reply,
    SecondLook,
    SlaPolicy,
    Source,
)
from monitor.platforms import Platforms
from monitor.sla import Policy
from responders.desk import Desk
from responders.looks import Looks
from responders.reading import Reader
from responders.rules import Finding, ReplyFacts, check_reply
from responders.slack.face import SlackFace
from responders.slack.settings import SlackSettings
from responders.views import (
    Actor,
    CaseLine,
    CaseView,
    DraftView,
    EventView,
    FindingView,
    Outcome,
    ReplyView,
    WordView,
)
from responders.wishes import NO_WISH, Wish
from tests.support.hand_clock import HandClock
from tests.support.slack_server.server import SlackServer
from tests.support.slack_server.workspace import Message

CHANNEL = "C0CARDS"
POLICY = Policy("standard", "always", first_response=28_800, next_response=14_400)
MARA, OTTO, EVE = "U0MARA", "U0OTTO", "U0EVE"


def hashed(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


class RowQueue:
    """The queue's promises in their shortest form, over the real rows."""

    def __init__(self, db: Database, clock: HandClock) -> None:
        self._db = db
        self._clock = clock
        self.can_publish = True

    def view(self, case_id: int) -> CaseView | None:
        with self._db.read() as session:
            return self._view(session, case_id)

    def lines(
        self,
        *,
        state: str = "drafted",
        search: str = "",
        limit: int = 200,
        assignee: str | None = None,
        among: Collection[int] | None = None,
    ) -> list[CaseLine]:
        raise NotImplementedError("the tests with the real queue list cases")

    def counts(self) -> dict[str, int]:
        raise NotImplementedError("the tests with the real queue count cases")

    def approve(
        self,
        case_id: int,
        *,
        draft_version: int,
        text_hash: str,
        actor: Actor,
        despite: str = "",
        by_hand: bool = False,
    ) -> Outcome:
        def act(session: Session, case: Case, draft: Draft) -> None:
            draft.state, case.state = "approved", "approved"
            session.add(
                Reply(
                    case_id=case.id,
                    draft_id=draft.id,
                    mention_id=case.mention_id,
                    text=draft.text,
                    key=f"reply-{draft.id}",
                    state="owed" if self.can_publish else "handed_over",
                    approved_by=str(actor),
                    approved_at=self._clock(),
                )
            )

        return self._act(case_id, draft_version, text_hash, actor, "approved", act)

    def edit(
        self, case_id: int, *, base_version: int, base_hash: str, text: str, actor: Actor
    ) -> Outcome:
        def act(session: Session, case: Case, draft: Draft) -> None:
            draft.state = "superseded"
            session.flush()
            add_draft(session, case.id, draft.version + 1, text, self._clock())

        return self._act(case_id, base_version, base_hash, actor, "draft_edited", act)

    def reject(
        self,
        case_id: int,
        *,
        draft_version: int,
        reason: str,
        note: str,
        actor: Actor,
        wish: Wish = NO_WISH,
    ) -> Outcome:
        def act(session: Session, case: Case, draft: Draft) -> None:
            draft.state, case.state = "rejected", "dismissed"

        told = f"rejected ({reason}: {note})"
        return self._act(case_id, draft_version, None, actor, told, act)

    def measure(self, case_id: int, text: str) -> int:
        return len(text)

    def check(self, case_id: int, text: str) -> tuple[Finding, ...]:
        return check_reply(text, ReplyFacts())

    def keep_answer(
        self, case_id: int, *, draft_version: int, despite: str, actor: Actor
    ) -> Outcome:
        raise NotImplementedError("the tests with the real queue leave answers")

    def assign(
        self, case_id: int, *, to: str, actor: Actor, seen_revision: int | None = None
    ) -> Outcome:
        raise NotImplementedError("the tests with the real queue assign cases")

    def acknowledge(self, case_id: int, *, actor: Actor) -> Outcome:
        raise NotImplementedError("the tests with the real queue acknowledge calls")

    def snooze(self, case_id: int, *, until: datetime | None, actor: Actor) -> Outcome:
        raise NotImplementedError("the tests with the real queue put cases off")

    def wake(self, case_id: int, *, actor: Actor) -> Outcome:
        raise NotImplementedError("the tests with the real queue wake cases")

    def take_back(self, case_id: int, *, actor: Actor) -> Outcome:
        raise NotImplementedError("the tests with the real queue take replies back")

    def correct(self, case_id: int, *, actor: Actor) -> Outcome:
        raise NotImplementedError

    def withdraw(
        self,
        case_id: int,
        *,
        reason: str,
        actor: Actor,
        answer: bool = True,
        by_hand: bool = False,
    ) -> Outcome:
        raise NotImplementedError

    def note(self, case_id: int, *, text: str, actor: Actor, in_thread: bool = False) -> Outcome:
        raise NotImplementedError("the tests with the real queue keep notes")

    def begin_edit(self, case_id: int, *, actor: Actor) -> Outcome:
        return Outcome(True, "done", "", self.view(case_id))

    def end_edit(self, case_id: int, *, actor: Actor) -> Outcome:
        return Outcome(True, "done", "", self.view(case_id))

    def mark_seen(self, case_id: int, *, actor: Actor) -> Outcome:
        raise NotImplementedError("the tests with the real queue see replies")

    def could_not_post(
        self, case_id: int, *, actor: Actor, reason: str, draft_version: int | None = None
    ) -> Outcome:
        raise NotImplementedError("the tests with the real queue miss replies")

    def mark_posted(
        self, case_id: int, *, actor: Actor, url: str = "", draft_version: int | None = None
    ) -> Outcome:
        with self._db.write() as session:
            reply = session.scalars(select(Reply).where(Reply.case_id == case_id)).one()
            case = session.get_one(Case, case_id)
            if reply.state != "handed_over":
                return Outcome(False, "taken", "it is posted already", self._view(session, case_id))
            reply.state, case.state = "published", "answered"
            reply.submitted_at = self._clock()
            self._changed(session, case, actor, "posted_by_hand")
            return Outcome(True, "done", "posted", self._view(session, case_id))

    def _act(
        self,
        case_id: int,
        version: int,
        text_hash: str | None,
        actor: Actor,
        kind: str,
        act: Callable[[Session, Case, Draft], None],
    ) -> Outcome:
        with self._db.write() as session:
            case = session.get(Case, case_id)
            if case is None:
                return Outcome(False, "missing", f"there is no case C-{case_id}", None)
            draft = _draft(session, case_id)
            if case.state != "drafted" or draft is None:
                last = session.scalars(
                    select(Event).where(Event.case_id == case_id).order_by(Event.id.desc())
                ).first()
                told = f"C-{case_id} is {case.state}: {last.kind} by {last.actor}" if last else ""
                return Outcome(False, "taken", told, self._view(session, case_id))
            if draft.version != version or text_hash not in (None, draft.text_hash):
                told = f"version {draft.version} is on the table"
                return Outcome(False, "stale", told, self._view(session, case_id))
            act(session, case, draft)
            self._changed(session, case, actor, kind)
            return Outcome(True, "done", "done", self._view(session, case_id))

    def _changed(self, session: Session, case: Case, actor: Actor, kind: str) -> None:
        case.revision += 1
        session.add(
            Event(case_id=case.id, at=self._clock(), actor=str(actor), kind=kind, detail={})
        )
        session.flush()
        redraw(session, case.id, self._clock())
        session.expire_all()

    def _view(self, session: Session, case_id: int) -> CaseView | None:
        case = session.get(Case, case_id)
        if case is None:
            return None
        draft = _draft(session, case_id)
        reply = session.scalars(select(Reply).where(Reply.case_id == case_id)).first()
        events = session.scalars(select(Event).where(Event.case_id == case_id).order_by(Event.id))
        mention = case.mention
        return CaseView(
            id=case.id,
            ref=case.ref,
            revision=case.revision,
            state=case.state,
            urgency=case.urgency,
            brand=case.brand.name,
            location="",
            source="Board",
            platform="Board",
            assignee=case.assignee,
            opened_at=case.opened_at,
            mention=WordView(case.opened_at, mention.author_name, "", mention.text, 1.0, ""),
            mention_url=mention.url,
            mention_language="en",
            earlier_texts=(),
            later_words=(),
            reasons=("one star",),
            topics=(),
            complaint_probability=0.9,
            history=(),
            clocks=(),
            why_due=(),
            draft=_draft_view(draft) if draft else None,
            reply=_reply_view(reply) if reply else None,
            events=tuple(
                EventView(one.at, one.actor, one.kind, one.kind, one.id) for one in events
            ),
            can_publish=self.can_publish,
            publish_label="Publish on Board as Harbour Coffee",
        )


def _draft(session: Session, case_id: int) -> Draft | None:
    return session.scalars(
        select(Draft)
        .where(Draft.case_id == case_id, Draft.state.in_(("proposed", "approved")))
        .order_by(Draft.version.desc())
    ).first()


def _draft_view(draft: Draft) -> DraftView:
    findings = (FindingView("phone", "warn", "holds a telephone number"),)
    size = len(draft.text)
    return DraftView(
        draft.version,
        draft.text,
        draft.text_hash,
        "en",
        draft.made_by,
        ("it thanks",),
        findings,
        size,
        400,
        "characters",
    )


def _reply_view(reply: Reply) -> ReplyView:
    return ReplyView(
        reply.state,
        reply.text,
        reply.approved_by,
        reply.approved_at,
        reply.submitted_at,
        reply.visible_at,
        reply.url,
    )


def add_draft(session: Session, case_id: int, version: int, text: str, at: Any) -> None:
    session.add(
        Draft(
            case_id=case_id,
            version=version,
            mention_revision=1,
            text=text,
            text_hash=hashed(text),
            language="en",
            made_by="templates",
            reasons=[],
            created_at=at,
        )
    )
    session.flush()


@dataclass
class World:
    """Everything a test of the face needs."""

    db: Database
    slack: SlackServer
    clock: HandClock
    queue: RowQueue
    settings: SlackSettings
    alerts: list[tuple[str, str | None]] = field(default_factory=list)
    face: SlackFace = field(init=False)
    looks: Looks = field(init=False)

    def __post_init__(self) -> None:
        reader = Reader(Desk(Platforms({}), {}))
        self.looks = Looks(self.db, reader, PolicyBook((POLICY,), {}), self.clock)
        self.face = self.new_face()

    def new_face(self, **changes: Any) -> SlackFace:
        """Return a face as a fresh process would make it."""
        settings = SlackSettings(
            **{
                "bot_token": self.settings.bot_token,
                "app_token": self.settings.app_token,
                "channel": self.settings.channel,
                "approvers": self.settings.approvers,
                "api_url": self.settings.api_url,
                **changes,
            }
        )
        face = SlackFace(
            self.db,
            self.queue,
            self.looks,
            settings,
            self.clock,
            lambda key, told: self.alerts.append((key, told)),
        )
        self.face = face
        return face

    def open_case(self, text: str = "The tea was cold.", draft: str = "Sorry, Dana.") -> int:
        """Open a case with a draft and owe its card."""
        with self.db.write() as session:
            now = self.clock()
            mention = Mention(
                source_id=session.scalars(select(Source.id)).one(),
                external_id=f"m{session.query(Mention).count()}",
                kind="review",
                author_name="Dana P.",
                text=text,
                first_seen_at=now,
                content_hash="0",
                url="https://board.example/1",
            )
            session.add(mention)
            session.flush()
            case = Case(
                source_id=mention.source_id,
                brand_id=session.scalars(select(Brand.id)).one(),
                mention_id=mention.id,
                policy_id=session.scalars(select(SlaPolicy.id)).one(),
                opened_at=now,
                state="drafted",
            )
            session.add(case)
            session.flush()
            session.add(Event(case_id=case.id, at=now, actor="Rapport", kind="drafted", detail={}))
            add_draft(session, case.id, 1, draft, now)
            self.face.announce(session, case.id, now)
            return case.id

    def doubt(self, text: str = "Is it worth the way?", **values: Any) -> int:
        """Store a mention that waits for a second look; return the look."""
        with self.db.write() as session:
            now = self.clock()
            given: dict[str, Any] = {"author_name": "Kim A.", "url": "https://board.example/2"}
            mention = Mention(
                source_id=session.scalars(select(Source.id)).one(),
                external_id=f"m{session.query(Mention).count()}",
                kind="review",
                text=text,
                rating=3.0,
                first_seen_at=now,
                content_hash="0",
                **(given | values),
            )
            session.add(mention)
            session.flush()
            look = SecondLook(mention_id=mention.id, revision=1, reason="unsure", drawn_at=now)
            session.add(look)
            session.flush()
            return look.id

    def change_case(self, case_id: int, **values: Any) -> None:
        """Change a case as another part of Rapport would."""
        with self.db.write() as session:
            case = session.get_one(Case, case_id)
            case.revision += 1
            for name, value in values.items():
                setattr(case, name, value)
            session.flush()
            redraw(session, case_id, self.clock())

    def work(self, *, patience: float = 0, face: SlackFace | None = None) -> int:
        """Do all work that is due, moving the clock on up to `patience` seconds; count it."""
        done, end = 0, self.clock() + timedelta(seconds=patience)
        handlers = (face or self.face).handlers
        while True:
            claims = []
            with self.db.write() as session:
                for kind in ("inbound", "notify"):
                    claims += due.claim_due(session, kind, self.clock(), 20)
            for claim in claims:
                with self.db.write() as session:
                    begun = due.begin(session, claim, self.clock())
                assert begun is not None
                handlers[claim.kind](begun)
                done += 1
            if claims:
                continue
            following = self.next_due()
            if following is None or following > end:
                return done
            self.clock.move(seconds=(following - self.clock()).total_seconds())

    def claim(self, kind: str, limit: int) -> list[due.Claim]:
        """Begin up to so much of what is due, as a worker would."""
        with self.db.write() as session:
            claims = due.claim_due(session, kind, self.clock(), limit)
        with self.db.write() as session:
            begun = [due.begin(session, claim, self.clock()) for claim in claims]
        return [claim for claim in begun if claim is not None]

    def next_due(self) -> Any:
        """Return when the next work is due."""
        with self.db.read() as session:
            times = [
                *session.scalars(select(Notification.next_at)),
                *session.scalars(select(Inbound.next_at)),
            ]
        return min((at for at in times if at is not None), default=None)

    def row(self, case_id: int, kind: str = "card") -> Notification:
        """Return the notification row of a case."""
        with self.db.read() as session:
            row = session.scalars(
                select(Notification).where(
                    Notification.case_id == case_id, Notification.kind == kind
                )
            ).one()
            session.expunge(row)
            return row

    def case(self, case_id: int) -> Case:
        """Return the case's row."""
        with self.db.read() as session:
            case = session.get_one(Case, case_id)
            session.expunge(case)
            return case

    def replies(self) -> list[str]:
        """Return the texts of all approved replies."""
        with self.db.read() as session:
            return list(session.scalars(select(Reply.text)))

    def cards(self) -> list[Message]:
        """Return the messages in the channel, threads left out."""
        return self.slack.workspace.messages(CHANNEL)

    def card(self) -> Message:
        """Return the only card."""
        (card,) = self.cards()
        return card

    def listen(self) -> SlackFace:
        """Start the face's socket and wait until it is connected."""
        self.face.start()
        self.slack.until(lambda: self.slack.hub.links)
        return self.face

    def told(self, user: str) -> str:
        """Return everything that `user` was told privately."""
        return "\n".join(
            str(one["text"]) for one in self.slack.workspace.ephemerals if one["user"] == user
        ).replace("\u200b", "")


def make_store(path: Path, clock: HandClock) -> None:
    """Make a store with one source; tests copy it, which is quicker than making it again."""
    db = Database(f"sqlite:///{path}")
    Base.metadata.create_all(db.engine)
    with db.write() as session:
        brand = Brand(key="harbour", name="Harbour Coffee")
        account = Account(key="board", platform="demo")
        policy = SlaPolicy(digest="0", key="standard", body={}, first_used_at=clock())
        session.add_all([brand, account, policy])
        session.flush()
        session.add(Source(key="board", connector="demo", brand_id=brand.id, account_id=account.id))
    db.close()


def make_world(store: Path, folder: Path, slack: SlackServer, clock: HandClock) -> World:
    """Return a world over a fresh copy of `store` in `folder`."""
    shutil.copy(store, folder / "rapport.db")
    db = Database(f"sqlite:///{folder / 'rapport.db'}")
    (folder / "bot").write_text(slack.workspace.bot_token)
    (folder / "app").write_text(slack.workspace.app_token)
    settings = SlackSettings(
        bot_token=Secret(f"file:{folder / 'bot'}"),
        app_token=Secret(f"file:{folder / 'app'}"),
        channel=CHANNEL,
        approvers=(MARA, OTTO),
        api_url=slack.api_url,
    )
    return World(db, slack, clock, RowQueue(db, clock), settings)
