"""Writes down what came of a reply: each result in one transaction with the end of its work.

Longer than most, for the results exclude each other: whether one of them forgets a state or a lock
shows only beside the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from connectors.base import MentionRef, Receipt
from connectors.errors import AuthFailed, ConnectorError, RateLimited
from monitor import due
from monitor.alerts import raise_alert, resolve_alert
from monitor.cases.answers import (
    leave_overtaken_correction,
    lose_answer,
    take_answer,
    take_back_overtaken,
)
from monitor.cases.correcting import is_correction
from monitor.cases.corrections import return_correction, settle_earlier, stand_again
from monitor.cases.elsewhere import Obstacle, next_version, put_back, see_reply, unseen_key
from monitor.cases.life import take_deletion
from monitor.cases.replies import SAID, is_said, supersede_drafts
from monitor.cases.trail import DAEMON, lock_case, move, record, touch
from monitor.clock import Clock
from monitor.db import Database
from monitor.intake.breaker import hold_back
from monitor.models import Case, Event, Mention, Reply, ReplyAttempt
from responders.attempts import alert_key, end_attempt, wait_of

LOOK_AGAIN = timedelta(seconds=3)
VISIBLE_CHECK = timedelta(minutes=1)
LONGEST_CHECK = timedelta(hours=6)
WORTH_TELLING = timedelta(minutes=5)
FOLLOW_FOR = timedelta(days=7)
"""How long a reply that was taken and is not shown is asked after; then a person looks."""

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
    source_id: int
    source_key: str
    account_id: int
    held_until: datetime | None
    attempts: int
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None
    submitted_at: datetime | None
    standing: Obstacle = field(default_factory=Obstacle)
    """What the listing told of the mention last: whether it is locked, and what stands there."""
    ours: tuple[str, ...] = ()
    """Other replies of ours to the mention."""
    despite: str = ""
    """The key of the obstacle that the person who approved has seen."""
    addressed_to_us: bool = True
    external_id: str = ""
    """What the platform calls the reply, where it stands."""
    replaces: bool = False
    """Whether the platform has room for one answer only."""
    missed_at: datetime | None = None
    """When the newest call was first looked for and not found."""


class Ledger:
    """The written side of delivery. Every method ends or renews the claim it is given."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def start_attempt(self, claim: due.Claim, job: Job) -> bool:
        """Commit the attempt before the call. False: a person took the reply back meanwhile."""
        with self._database.write() as session:
            now = self._clock()
            lock_case(session, job.case_id)
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
            end_attempt(session, job.reply_id, "unknown", "sent again under the same key", now)
            session.add(ReplyAttempt(reply_id=job.reply_id, started_at=now))
            record(session, job.case_id, "publishing", DAEMON, now, attempt=job.attempts + 1)
            return True

    def receipt(
        self, claim: due.Claim, job: Job, receipt: Receipt, *, unsent: bool = False
    ) -> None:
        """Note that the platform took the reply: the response clocks stop at its submission.

        `unsent`: it stood there before anything was sent.
        """
        if receipt.state == "rejected":
            self.refusal(claim, job, receipt.reason or "rejected after moderation")
            return

        def write(session: Session, case: Case, now: datetime) -> None:
            reply = session.get_one(Reply, job.reply_id)
            if reply.visible_at is not None:
                return  # a person, or the listing, has shown it meanwhile
            is_news = reply.submitted_at is None
            submitted = reply.submitted_at or _submitted_at(receipt, job, now)
            visible = receipt.state == "visible"
            reply.state = "published" if visible else "accepted"
            reply.submitted_at = submitted
            reply.visible_at = now if visible else None
            reply.external_id = receipt.external_id or reply.external_id
            reply.url = receipt.url or reply.url
            end_attempt(session, job.reply_id, receipt.state, "", now)
            if not is_news and visible:
                # The clocks that stopped when it was taken may be others by now.
                see_reply(session, case, reply, now, now)
                return
            kind = "found_there" if unsent else reply.state
            record(session, case.id, kind, DAEMON, now, url=reply.url)
            session.flush()
            resolve_alert(session, alert_key(job.source_key), now)
            if is_news:
                settle_earlier(session, reply, now, replaces=job.replaces)
                take_answer(session, case, reply, now)
            else:
                touch(session, case.id, now)

        following = None if receipt.state == "visible" else self._clock() + VISIBLE_CHECK
        self.save(claim, following, write)

    def wait_to_be_seen(self, claim: due.Claim, job: Job) -> None:
        """Look again later whether an accepted reply is visible, ever less often, then no more."""
        now = self._clock()
        waited = now - (job.submitted_at or now)
        if waited >= FOLLOW_FOR:
            self._give_up(claim, job)
        else:
            self.save(claim, now + min(max(VISIBLE_CHECK, waited), LONGEST_CHECK))

    def cannot_tell(self, claim: due.Claim) -> None:
        """Note that nobody will ever tell whether an accepted reply is visible."""

        def write(session: Session, case: Case, now: datetime) -> None:
            record(session, case.id, "not_told", DAEMON, now)
            session.flush()
            touch(session, case.id, now)

        self.save(claim, None, write)

    def _give_up(self, claim: due.Claim, job: Job) -> None:
        days = FOLLOW_FOR.days

        def write(session: Session, case: Case, now: datetime) -> None:
            if session.get_one(Reply, job.reply_id).state != "accepted":
                return
            record(session, case.id, "not_seen", DAEMON, now, days=days)
            session.flush()
            told = (
                f"{case.ref}: the reply was submitted and is still not visible after {days} days. "
                "Look on the platform yourself, then say on the case what you see."
            )
            raise_alert(session, unseen_key(case.id), "unseen", told, now, job.source_id)
            touch(session, case.id, now)

        self.save(claim, None, write)

    def set_aside(self, claim: due.Claim, job: Job, reason: str, seen: Obstacle) -> None:
        """Put the approved text before a person again, unsent: something stands against it.

        `seen` is what the mention itself shows now. It is written down first and by itself:
        intake locks a mention before its case, so nobody may do it the other way round.
        """
        with self._database.write() as session:
            mention: Mention = session.get_one(Reply, job.reply_id).mention
            mention.locked = seen.locked[:500]
            if seen.answer:
                mention.our_reply, mention.our_reply_at = seen.answer, seen.answered_at

        def write(session: Session, case: Case, now: datetime) -> None:
            reply = session.get_one(Reply, job.reply_id)
            if reply.state != job.state:
                return  # a person took it back meanwhile
            reply.state = "owed"
            end_attempt(session, job.reply_id, "not_sent", reason, now)
            session.flush()
            if take_back_overtaken(session, case, now):
                return
            record(session, case.id, "set_aside", DAEMON, now, reason=reason)
            session.flush()
            put_back(session, case, session.get_one(Reply, job.reply_id), now)

        self.save(claim, None, write)

    def unknown(self, claim: due.Claim, error: str) -> None:
        """Note that the call got no answer: the next step looks before it sends again."""

        def write(session: Session, case: Case, now: datetime) -> None:
            session.get_one(Reply, claim.id).state = "unknown"
            record(session, case.id, "publish_unknown", DAEMON, now, error=error)
            session.flush()
            # Looking may take hours while the platform is away: the card says what is the matter.
            touch(session, case.id, now)

        self.save(claim, self._clock() + LOOK_AGAIN, write)

    def hold(self, claim: due.Claim, job: Job, until: datetime) -> None:
        """Wait because the whole account does; a longer wait is told to whoever approved, once."""

        def write(session: Session, case: Case, now: datetime) -> None:
            newest = session.scalars(
                select(Event.kind)
                .where(Event.case_id == case.id)
                .order_by(Event.id.desc())
                .limit(1)
            ).first()
            if job.state != "owed" or until <= now + WORTH_TELLING:
                return
            if newest != "publish_waits":
                out = f"{until:%Y-%m-%d %H:%M} UTC"
                why = "the account rests, as the platform asked"
                record(session, case.id, "publish_waits", DAEMON, now, error=why, until=out)
                session.flush()
            touch(session, case.id, now)  # the card says when it goes out

        self.save(claim, until, write)

    def missed(self, claim: due.Claim, again: datetime) -> None:
        """Note that a first look did not find the reply; nothing is sent before another."""

        def write(session: Session, case: Case, now: datetime) -> None:
            record(session, case.id, "not_found", DAEMON, now)

        self.save(claim, again, write)

    def refusal(self, claim: due.Claim, job: Job, error: str) -> None:
        """Note that the platform refused the reply for good; a person gets a new draft.

        It may have taken it first: then the case is as if it had never been answered.
        """

        def write(session: Session, case: Case, now: datetime) -> None:
            reply = session.get_one(Reply, job.reply_id)
            was_taken = reply.state in SAID
            answered_since = is_said(session, and_(Reply.case_id == case.id, Reply.id > reply.id))
            reply.state = "refused"
            end_attempt(session, job.reply_id, "refused", error, now)
            record(session, case.id, "publish_refused", DAEMON, now, error=error)
            session.flush()
            resolve_alert(session, unseen_key(case.id), now)
            if was_taken and not answered_since:
                stand_again(session, reply, now)
            if was_taken and answered_since:
                touch(session, case.id, now)
            elif leave_overtaken_correction(session, case, now):
                return
            elif reply.mention.state != "deleted" and is_correction(session, reply):
                return_correction(session, case, reply, next_version(session, case.id), now)
            elif was_taken:
                lose_answer(session, case, now)
            elif reply.mention.state == "deleted":
                take_deletion(session, case, now)
            else:
                supersede_drafts(session, case.id)
                move(session, case.id, now, expected=("approved",), to="opened", next_at=now)

        self.save(claim, None, write)

    def not_sent(self, claim: due.Claim, job: Job) -> Job | None:
        """Note that an attempt certainly did not arrive: the reply is owed as before it.

        Returns the job as it is now; None when the reply is taken back, by what the customer
        did meanwhile.
        """
        with self._database.write() as session:
            now = self._clock()
            case = lock_case(session, job.case_id)
            due.renew(session, claim, now)
            owed = session.execute(
                update(Reply)
                .where(Reply.id == job.reply_id, Reply.state == job.state)
                .values(state="owed")
                .execution_options(synchronize_session=False)
            )
            if owed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a cursor result
                due.finish(session, claim, None)
                return None
            end_attempt(session, job.reply_id, "not_sent", "it is not there", now)
            if take_back_overtaken(session, case, now):
                return None
        return replace(job, state="owed")

    def hand_over(self, claim: due.Claim, job: Job, reason: str, *, unclear: bool = False) -> None:
        """Hand the approved text to a person, who posts it and says so.

        `unclear`: it may stand there already, so nobody but that person may replace it.
        """

        def write(session: Session, case: Case, now: datetime) -> None:
            session.get_one(Reply, job.reply_id).state = "handed_over"
            outcome = "unknown" if unclear else "handed_over"
            end_attempt(session, job.reply_id, outcome, reason, now)
            record(session, case.id, "handed_over", DAEMON, now, reason=reason)
            session.flush()
            if unclear or not take_back_overtaken(session, case, now):
                touch(session, case.id, now)

        self.save(claim, None, write)

    def retry_later(
        self, claim: due.Claim, job: Job, error: ConnectorError, advice: str = ""
    ) -> None:
        """Note that nothing was sent, and when to try again. `advice` is for the alert.

        The first failure in a row stands in the trail: whoever approved waits to see the reply.
        """
        message = f"{type(error).__name__}: {error}"
        with self._database.write() as session:
            now = self._clock()
            case = lock_case(session, job.case_id)
            end_attempt(session, job.reply_id, "not_sent", message, now)
            # An earlier call may have arrived all the same; then it is looked for, not repeated.
            unclear = self._has_unclear_attempt(session, job)
            session.get_one(Reply, job.reply_id).state = "unknown" if unclear else "owed"
            session.flush()
            until = due.fail(session, claim, now, message, not_before=wait_of(error))
            if not unclear:
                take_back_overtaken(session, case, now)
            if isinstance(error, RateLimited) and not error.budget:
                hold_back(session, job.account_id, until)
            if isinstance(error, AuthFailed):
                told = f"{job.source_key}: replies cannot be published: {error}"
                advised = f"{told} ({advice})" if advice else told
                raise_alert(session, alert_key(job.source_key), "auth", advised, now, job.source_id)
            limited = isinstance(error, RateLimited)
            if claim.failures == 0 and limited:
                out = f"{until:%Y-%m-%d %H:%M} UTC"
                record(
                    session, job.case_id, "publish_waits", DAEMON, now, error=str(error), until=out
                )
            elif claim.failures == 0:
                record(session, job.case_id, "publish_failed", DAEMON, now, error=message)
            # The card says when it goes out, and why it waits.
            if claim.failures == 0 or limited or until > now + WORTH_TELLING:
                session.flush()
                touch(session, job.case_id, now)

    def look_later(self, claim: due.Claim, job: Job, error: ConnectorError) -> None:
        """Note that looking failed; nothing is sent until a look succeeds."""
        taken = job.state == "accepted" and job.submitted_at is not None
        if taken and self._clock() - (job.submitted_at or self._clock()) >= FOLLOW_FOR:
            self._give_up(claim, job)
            return
        with self._database.write() as session:
            due.fail(
                session,
                claim,
                self._clock(),
                f"{type(error).__name__}: {error}",
                not_before=wait_of(error),
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
            case = lock_case(session, reply.case_id)
            due.finish(session, claim, following)
            if write is not None:
                write(session, case, self._clock())

    @staticmethod
    def _has_unclear_attempt(session: Session, job: Job) -> bool:
        unclear = select(ReplyAttempt.id).where(
            ReplyAttempt.reply_id == job.reply_id, ReplyAttempt.outcome == "unknown"
        )
        return session.scalars(unclear.limit(1)).first() is not None


def _submitted_at(receipt: Receipt, job: Job, now: datetime) -> datetime:
    """Return when the platform took the reply, by its own word where that is possible.

    A platform's clock may be off: nothing was submitted before it was sent or after it is known.
    """
    at = min(receipt.at or now, now)
    return at if job.first_attempt_at is None else max(at, job.first_attempt_at)
