"""Writes down what came of a reply: each result in one transaction with the end of its work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from connectors.base import MentionRef, Receipt
from connectors.errors import AuthFailed, ConnectorError, RateLimited, Unavailable
from monitor import due
from monitor.alerts import raise_alert, resolve_alert
from monitor.cases import life
from monitor.cases.trail import DAEMON, move, record, touch
from monitor.clock import Clock
from monitor.db import Database
from monitor.models import Case, Reply, ReplyAttempt, Source

LOOK_AGAIN = timedelta(seconds=3)
VISIBLE_CHECK = timedelta(minutes=1)
AUTH_PROBE = timedelta(minutes=15)

Write = Callable[[Session, Case, datetime], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One reply on its way, as it was read when its work began."""

    reply_id: int
    case_id: int
    state: str
    text: str
    key: str
    ref: MentionRef
    content_hash: str
    source_key: str
    attempts: int
    last_attempt_at: datetime | None


class Ledger:
    """The written side of delivery. Every method ends or renews the claim it is given."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def start_attempt(self, claim: due.Claim, job: Job) -> bool:
        """Commit the attempt before the call. False: a person took the reply back meanwhile."""
        with self._database.write() as session:
            now = self._clock()
            due.renew(session, claim, now)
            started = session.execute(
                update(Reply)
                .where(Reply.id == job.reply_id, Reply.state == job.state)
                .values(state="started")
                .execution_options(synchronize_session=False)
            )
            if started.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a cursor result
                due.finish(session, claim, None)
                return False
            session.add(ReplyAttempt(reply_id=job.reply_id, started_at=now))
            record(session, job.case_id, "publishing", DAEMON, now, attempt=job.attempts + 1)
            return True

    def receipt(self, claim: due.Claim, job: Job, receipt: Receipt) -> None:
        """Note that the platform took the reply: the response clocks stop at its submission."""
        if receipt.state == "rejected":
            self.refusal(claim, job, receipt.reason or "rejected after moderation")
            return

        def write(session: Session, case: Case, now: datetime) -> None:
            reply = session.get_one(Reply, job.reply_id)
            submitted = reply.submitted_at or receipt.at or now
            visible = receipt.state == "visible"
            reply.state = "published" if visible else "accepted"
            reply.submitted_at = submitted
            reply.visible_at = (receipt.at or now) if visible else None
            reply.external_id = receipt.external_id or reply.external_id
            reply.url = receipt.url or reply.url
            self._end_attempt(session, job, receipt.state, "", now)
            record(session, case.id, reply.state, DAEMON, now, url=reply.url)
            session.flush()
            resolve_alert(session, f"publish:{job.reply_id}", now)
            life.take_answer(session, case, submitted, now)

        following = None if receipt.state == "visible" else self._clock() + VISIBLE_CHECK
        self.save(claim, following, write)

    def unknown(self, claim: due.Claim, error: str) -> None:
        """Note that the call got no answer: the next step looks before it sends again."""

        def write(session: Session, case: Case, now: datetime) -> None:
            session.get_one(Reply, claim.id).state = "unknown"
            record(session, case.id, "publish_unknown", DAEMON, now, error=error)

        self.save(claim, self._clock() + LOOK_AGAIN, write)

    def refusal(self, claim: due.Claim, job: Job, error: str) -> None:
        """Note that the platform refused the reply for good; a person gets a new draft."""

        def write(session: Session, case: Case, now: datetime) -> None:
            session.get_one(Reply, job.reply_id).state = "refused"
            self._end_attempt(session, job, "refused", error, now)
            record(session, case.id, "publish_refused", DAEMON, now, error=error)
            session.flush()
            move(session, case.id, now, expected=("approved",), to="opened", next_at=now)

        self.save(claim, None, write)

    def give_back(self, claim: due.Claim, job: Job, reason: str) -> None:
        """Give the case back to people: what the draft answers is no longer what stands there."""

        def write(session: Session, case: Case, now: datetime) -> None:
            session.get_one(Reply, job.reply_id).state = "withdrawn"
            record(session, case.id, "reply_withdrawn", DAEMON, now, reason=reason)
            session.flush()
            if reason == "deleted":
                life.take_deletion(session, case, now)
            else:
                life.owe_draft(session, case, now)

        self.save(claim, None, write)
        self._poll_soon(job.source_key)

    def _poll_soon(self, source_key: str) -> None:
        """Have the source polled: until then the draft answers what no longer stands there."""
        with self._database.write() as session:
            now = self._clock()
            session.execute(
                update(Source)
                .where(Source.key == source_key, Source.next_at > now)
                .values(next_at=now)
                .execution_options(synchronize_session=False)
            )

    def hand_over(self, claim: due.Claim, job: Job, reason: str) -> None:
        """Hand the approved text to a person, who posts it and says so."""

        def write(session: Session, case: Case, now: datetime) -> None:
            session.get_one(Reply, job.reply_id).state = "handed_over"
            self._end_attempt(session, job, "handed_over", reason, now)
            record(session, case.id, "handed_over", DAEMON, now, reason=reason)
            session.flush()
            touch(session, case.id, now)

        self.save(claim, None, write)

    def retry_later(self, claim: due.Claim, job: Job, error: ConnectorError) -> None:
        """Note that nothing was sent, and when to try again."""
        message = f"{type(error).__name__}: {error}"
        with self._database.write() as session:
            now = self._clock()
            session.get_one(Reply, job.reply_id).state = "owed"
            self._end_attempt(session, job, "not_sent", message, now)
            session.flush()
            due.fail(session, claim, now, message, not_before=_wait_of(error))
            if isinstance(error, AuthFailed):
                raise_alert(
                    session, f"publish:{job.reply_id}", "auth", f"{job.source_key}: {error}", now
                )

    def look_later(self, claim: due.Claim, job: Job, error: ConnectorError) -> None:
        """Note that looking failed; nothing is sent until a look succeeds."""
        with self._database.write() as session:
            due.fail(
                session,
                claim,
                self._clock(),
                f"{type(error).__name__}: {error}",
                not_before=_wait_of(error),
            )

    def save(
        self,
        claim: due.Claim,
        following: datetime | None,
        write: Write | None = None,
    ) -> None:
        """Write a result and end the work in one transaction; without `write`, only end it."""
        with self._database.write() as session:
            reply = session.get_one(Reply, claim.id)
            case = session.get_one(Case, reply.case_id, with_for_update=True)
            if write is not None:
                write(session, case, self._clock())
            session.flush()
            due.finish(session, claim, following)

    @staticmethod
    def _end_attempt(session: Session, job: Job, outcome: str, error: str, now: datetime) -> None:
        session.execute(
            update(ReplyAttempt)
            .where(ReplyAttempt.reply_id == job.reply_id, ReplyAttempt.ended_at.is_(None))
            .values(ended_at=now, outcome=outcome, error=error[:2000])
            .execution_options(synchronize_session=False)
        )


def _wait_of(error: ConnectorError) -> timedelta | None:
    """Return how long the platform, or common sense, wants us to wait."""
    if isinstance(error, RateLimited | Unavailable):
        return error.retry_after
    return AUTH_PROBE if isinstance(error, AuthFailed) else None
