"""Takes a published reply down at its platform, as a person asked.

Taking down twice does no harm, so whatever became of a call, it may be made again; each is
written down before it. Where one answer has room under a mention, the mention is read first: an
answer that is not ours is never taken down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import Capabilities, Connector
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    LayoutChanged,
    NotSupported,
    RateLimited,
    Unavailable,
    UnknownOutcome,
)
from monitor import due
from monitor.alerts import raise_alert, resolve_alert
from monitor.cases.elsewhere import is_one_of
from monitor.cases.replies import LIVE
from monitor.cases.trail import DAEMON, lock_case, record, touch
from monitor.cases.withdrawals import take_removal
from monitor.clock import Clock
from monitor.db import Database
from monitor.intake.breaker import hold_back
from monitor.models import Case, Event, Reply, ReplyAttempt
from responders.attempts import alert_key, end_attempt, wait_of
from responders.ledger import FOLLOW_FOR, VISIBLE_CHECK, Job, Ledger
from responders.withdrawing import ASKED

MAY_PASS = (RateLimited, Unavailable, AuthFailed)
ANOTHER = "another answer than ours stands there by now"
NOWHERE = "Rapport does not find it there, and so cannot say which one to take down"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person asked for, and since when; `answer`: the customer is owed one again."""

    at: datetime
    answer: bool


class Removal:
    """Works on replies that are ``withdrawing``. Every method ends the claim it is given."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ledger: Ledger,
        advice: Callable[[Job, ConnectorError], str],
    ) -> None:
        self._database = database
        self._clock = clock
        self._ledger = ledger
        self._advice = advice

    def take_down(
        self, claim: due.Claim, job: Job, connector: Connector, able: Capabilities
    ) -> None:
        """Have the platform delete the reply, or say why it does not."""
        if not able.can_withdraw:
            self.refused(claim, job, "this platform takes no reply down")
            return
        if job.replaces and self._gives_way(claim, job):
            return
        try:
            if job.replaces and not self._is_ours(job, connector):
                self.refused(claim, job, ANOTHER)
                return
            ident = job.external_id or _found(job, connector)
        except Gone:
            self._removed(claim, job)
            return
        except MAY_PASS as error:
            self._later(claim, job, error, "not_sent")
            return
        except ConnectorError as error:
            self.refused(claim, job, f"it could not be read again: {error}")
            return
        if not ident and not job.replaces:
            self.refused(claim, job, NOWHERE)
            return
        if not self._start(claim, job):
            return
        try:
            connector.withdraw(job.ref, ident)
        except Gone:
            self._removed(claim, job)
        except (UnknownOutcome, LayoutChanged) as error:
            self._later(claim, job, error, "unknown")
        except MAY_PASS as error:
            self._later(claim, job, error, "not_sent")
        except ConnectorError as error:
            self.refused(claim, job, str(error))
        else:
            self._removed(claim, job)

    def refused(self, claim: due.Claim, job: Job, error: str) -> None:
        """Note that the reply stays where it is, and why; the case is as it was."""

        def write(session: Session, case: Case, now: datetime) -> None:
            reply = session.get_one(Reply, job.reply_id)
            end_attempt(session, job.reply_id, "refused", error, now)
            if reply.state != "withdrawing":
                return
            reply.state = "published" if reply.visible_at is not None else "accepted"
            record(session, case.id, "not_removed", DAEMON, now, error=error)
            session.flush()
            touch(session, case.id, now)

        seen = self._was_seen(job)
        self._ledger.save(claim, None if seen else self._clock() + VISIBLE_CHECK, write)

    def _removed(self, claim: due.Claim, job: Job) -> None:
        def write(session: Session, case: Case, now: datetime) -> None:
            reply = session.get_one(Reply, job.reply_id)
            end_attempt(session, job.reply_id, "removed", "", now)
            if reply.state != "withdrawing":
                return
            resolve_alert(session, alert_key(job.source_key), now)
            wanted = _wanted(session, job)
            take_removal(session, case, reply, answer=wanted.answer, person=DAEMON, now=now)

        self._ledger.save(claim, None, write)

    def _gives_way(self, claim: due.Claim, job: Job) -> bool:
        """Wait while another reply is on its way, which would take the place of this one.

        Taking this one down could take that one away; should that one come back, this one still
        leaves.
        """
        with self._database.read() as session:
            followed = _is_followed(session, session.get_one(Reply, job.reply_id))
        if followed:
            self._ledger.save(claim, self._clock() + VISIBLE_CHECK)
        return followed

    def _start(self, claim: due.Claim, job: Job) -> bool:
        """Commit the attempt before the call. False: a person has decided otherwise meanwhile."""
        with self._database.write() as session:
            now = self._clock()
            lock_case(session, job.case_id)
            due.renew(session, claim, now)
            reply = session.get_one(Reply, job.reply_id, populate_existing=True)
            if reply.state != "withdrawing":
                due.finish(session, claim, None)
                return False
            if job.replaces and _is_followed(session, reply):
                due.finish(session, claim, now + VISIBLE_CHECK)
                return False
            end_attempt(session, job.reply_id, "unknown", "taken down once more", now)
            session.add(ReplyAttempt(reply_id=job.reply_id, started_at=now))
            record(session, job.case_id, "removing", DAEMON, now)
            return True

    def _later(self, claim: due.Claim, job: Job, error: ConnectorError, outcome: str) -> None:
        """Try again when the platform, or common sense, says; give up after `FOLLOW_FOR`.

        The first failure in a row stands in the trail, for somebody waits.
        """
        message = f"{type(error).__name__}: {error}"
        with self._database.read() as session:
            since = _wanted(session, job).at
        if self._clock() - since >= FOLLOW_FOR:
            self.refused(claim, job, f"it was tried for {FOLLOW_FOR.days} days: {error}")
            return
        with self._database.write() as session:
            now = self._clock()
            lock_case(session, job.case_id)
            end_attempt(session, job.reply_id, outcome, message, now)
            session.flush()
            until = due.fail(session, claim, now, message, not_before=wait_of(error))
            if isinstance(error, RateLimited) and not error.budget:
                hold_back(session, job.account_id, until)
            if isinstance(error, AuthFailed):
                advice = self._advice(job, error)
                told = f"{job.source_key}: a reply cannot be taken down: {error}"
                told += f" ({advice})" if advice else ""
                raise_alert(session, alert_key(job.source_key), "auth", told, now, job.source_id)
            if claim.failures == 0:
                record(session, job.case_id, "removal_failed", DAEMON, now, error=str(error))
                session.flush()
                touch(session, job.case_id, now)

    @staticmethod
    def _is_ours(job: Job, connector: Connector) -> bool:
        """Tell whether what stands there is this reply, or nothing that anybody can see."""
        try:
            found = connector.read(job.ref)
        except NotSupported:
            return True
        if found is None or found.deleted:
            raise Gone("the mention is not there any more")
        return not found.our_reply or is_one_of(found.our_reply, [job.text])

    def _was_seen(self, job: Job) -> bool:
        with self._database.read() as session:
            return session.get_one(Reply, job.reply_id).visible_at is not None


def _is_followed(session: Session, reply: Reply) -> bool:
    """Tell whether another reply to the same mention is on its way."""
    following = select(Reply.id).where(
        Reply.mention_id == reply.mention_id, Reply.id > reply.id, Reply.state.in_(LIVE)
    )
    return session.scalars(following.limit(1)).first() is not None


def _found(job: Job, connector: Connector) -> str:
    """Return what the platform calls a reply whose receipt did not say; mostly one by hand."""
    try:
        there = connector.find_reply(job.ref, job.text, job.key)
    except NotSupported:
        return ""
    return there.external_id if there is not None else ""


def _wanted(session: Session, job: Job) -> Wanted:
    event = session.scalars(
        select(Event)
        .where(Event.case_id == job.case_id, Event.kind == ASKED)
        .order_by(Event.id.desc())
        .limit(1)
    ).one()
    return Wanted(event.at, bool(event.detail.get("answer")))
