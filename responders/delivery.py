"""Publishes an approved reply effectively once.

No platform commits with our database, so an attempt is written down before the call. What came
of a call without an answer is unknown: the core looks for the reply before it sends again, and
where the platform cannot tell, it asks a person. Before the first call the mention is read
again; what was deleted or edited since the draft is taken in, and the case goes back to a person.
So it does where the thread was locked or somebody else has answered, unless that person has seen
it and said to go on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.advice import advice_for
from connectors.base import Capabilities, Connector, FoundMention, MentionRef, Page, Receipt
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
from monitor.cases.elsewhere import Obstacle, is_one_of, texts_of_ours
from monitor.clock import Clock
from monitor.db import Database
from monitor.intake.reference import reference
from monitor.intake.sighting import clean, content_hash
from monitor.intake.store import PageStore
from monitor.models import Event, Mention, Reply, ReplyAttempt
from monitor.platforms import Platforms, UnknownSource
from responders.before_sending import fault_of, reason_for, standing_of
from responders.by_hand import NOT_SUMMONED
from responders.ledger import Job, Ledger
from responders.removal import Removal

CALL_MAY_LAST = timedelta(seconds=30)
"""A call that got no answer may still be at work for this long: looking sooner proves nothing."""

ABSENCE_HOLDS = timedelta(seconds=60)
"""Listings lag. Where a repetition would stand there twice, a reply counts as absent only when a
second look, so much later, does not find it either."""

MAY_PASS = (RateLimited, Unavailable, AuthFailed)
"""Errors after which the same call may succeed later."""


class Deliverer:
    """Handles due work of the kind ``publish``."""

    def __init__(
        self, database: Database, platforms: Platforms, store: PageStore, clock: Clock
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._store = store
        self._clock = clock
        self._ledger = Ledger(database, clock)
        self._removal = Removal(database, clock, self._ledger, self._advice)

    def handle(self, claim: due.Claim) -> None:
        """Bring one reply a step nearer to being visible."""
        job = self._read(claim.id)
        if job.held_until is not None and job.held_until > self._clock():
            self._ledger.hold(claim, job, job.held_until)
            return
        try:
            capabilities = self._platforms.capabilities(job.source_key)
            job = replace(job, replaces=capabilities.reply_mode == "replace")
            with self._platforms.borrow(job.source_key) as connector:
                if job.state in ("started", "unknown"):
                    self._reconcile(claim, job, connector, capabilities)
                elif job.state == "owed":
                    self._publish(claim, job, connector, capabilities)
                elif job.state == "withdrawing":
                    self._removal.take_down(claim, job, connector, capabilities)
                elif job.state == "accepted":
                    self._follow(claim, job, connector)
                else:
                    self._ledger.save(claim, None)
        except UnknownSource:
            if job.state in ("owed", "started", "unknown"):
                unclear = job.state != "owed"
                reason = "the source is no longer configured"
                self._ledger.hand_over(claim, job, reason, unclear=unclear)
            elif job.state == "withdrawing":
                self._removal.refused(claim, job, "the source is no longer configured")
            else:
                self._ledger.save(claim, None)

    def _publish(
        self, claim: due.Claim, job: Job, connector: Connector, capabilities: Capabilities
    ) -> None:
        if capabilities.needs_summons and not job.addressed_to_us:
            self._ledger.hand_over(claim, job, NOT_SUMMONED)
            return
        if not self._may_leave(claim, job, connector):
            return
        fault = fault_of(connector, capabilities, job.text)
        if fault:
            self._ledger.set_aside(claim, job, fault, job.standing)
        elif self._ledger.start_attempt(claim, job):
            self._call(claim, job, connector)

    def _call(self, claim: due.Claim, job: Job, connector: Connector) -> None:
        started = self._clock()
        job = replace(job, first_attempt_at=job.first_attempt_at or started)
        try:
            receipt = connector.reply(job.ref, job.text, job.key)
        except (UnknownOutcome, LayoutChanged) as error:
            # An answer that cannot be read says no more than none: the write has happened.
            self._ledger.unknown(claim, str(error))
        except MAY_PASS as error:
            self._ledger.retry_later(claim, job, error, self._advice(job, error))
        except NotSupported as error:
            self._ledger.hand_over(claim, job, str(error))
        except Gone as error:
            if _is_there(connector, job.ref):
                self._ledger.refusal(claim, job, str(error))
            else:
                self._take_back(claim, replace(job, state="started"))
        except ConnectorError as error:
            self._ledger.refusal(claim, job, str(error))
        else:
            self._ledger.receipt(claim, job, receipt)

    def _may_leave(self, claim: due.Claim, job: Job, connector: Connector) -> bool:
        """Read the mention again: tell whether the reply still answers what stands there.

        Where it does not, the reply has been dealt with.
        """
        try:
            found = connector.read(job.ref)
        except NotSupported:
            return self._is_free(claim, job, job.standing)
        except Gone:
            found = None
        except MAY_PASS as error:
            self._ledger.retry_later(claim, job, error, self._advice(job, error))
            return False
        except ConnectorError as error:
            reason = f"the mention could not be read again: {error}"
            self._ledger.hand_over(claim, job, reason)
            return False
        if found is None or found.deleted:
            self._take_in(job, _tombstone(job))
            return False
        found.external_id = job.ref.external_id
        if content_hash(clean(found)) != job.content_hash:
            self._take_in(job, found)
            return False
        return self._is_free(claim, job, standing_of(found))

    def _is_free(self, claim: due.Claim, job: Job, standing: Obstacle) -> bool:
        """Tell whether nothing stands against the reply but what its approver has seen.

        Where something does, or the very text stands there already, it has been dealt with.
        """
        obstacle = self._obstacle(job, standing)
        if is_one_of(obstacle.answer, [job.text]):
            found = Receipt("visible", at=obstacle.answered_at, text=obstacle.answer)
            self._ledger.receipt(claim, job, found, unsent=True)
            return False
        if obstacle.is_within(job.despite):
            return True
        self._ledger.set_aside(claim, job, reason_for(obstacle), obstacle)
        return False

    @staticmethod
    def _obstacle(job: Job, standing: Obstacle) -> Obstacle:
        """Leave out what is ours: an earlier reply of our own may be replaced."""
        if is_one_of(standing.answer, job.ours):
            return replace(standing, answer="", answered_at=None)
        return standing

    def _reconcile(
        self, claim: due.Claim, job: Job, connector: Connector, capabilities: Capabilities
    ) -> None:
        """Find out what came of a call without an answer, before anything is sent again."""
        harmless = self._repeat_is_harmless(job, capabilities)
        if not harmless and job.last_attempt_at is not None:
            settled = job.last_attempt_at + CALL_MAY_LAST
            if self._clock() < settled:
                self._ledger.save(claim, settled)
                return
        try:
            receipt = connector.find_reply(job.ref, job.text, job.key)
        except NotSupported:
            if harmless:
                self._repeat(claim, job, connector, capabilities)
            else:
                reason = "the platform cannot tell whether the reply arrived"
                self._ledger.hand_over(claim, job, reason, unclear=True)
        except Gone as error:
            if _is_there(connector, job.ref):
                self._ledger.hand_over(claim, job, str(error), unclear=True)
            else:
                self._take_back(claim, job)
        except MAY_PASS as error:
            self._ledger.look_later(claim, job, error)
        except ConnectorError as error:
            reason = f"it is not known whether the reply arrived: {error}"
            self._ledger.hand_over(claim, job, reason, unclear=True)
        else:
            if receipt is not None:
                self._ledger.receipt(claim, job, receipt)
                return
            if not harmless and not self._is_surely_absent(claim, job):
                return
            owed = self._ledger.not_sent(claim, job)
            if owed is not None:
                self._publish(claim, owed, connector, capabilities)

    def _is_surely_absent(self, claim: due.Claim, job: Job) -> bool:
        """Tell whether a reply that was not found just now had been missed long before, too."""
        now = self._clock()
        if job.missed_at is None:
            self._ledger.missed(claim, now + ABSENCE_HOLDS)
            return False
        if now < job.missed_at + ABSENCE_HOLDS:
            self._ledger.save(claim, job.missed_at + ABSENCE_HOLDS)
            return False
        return True

    def _repeat(
        self, claim: due.Claim, job: Job, connector: Connector, capabilities: Capabilities
    ) -> None:
        """Send again what may stand there, where that is harmless, unless a read tells more."""
        try:
            found = connector.read(job.ref)
        except MAY_PASS as error:
            self._ledger.look_later(claim, job, error)
            return
        except ConnectorError:
            found = None  # the call itself will say what is wrong
        standing = standing_of(found) if found is not None else job.standing
        obstacle = self._obstacle(job, standing)
        if is_one_of(obstacle.answer, [job.text]):
            stands = Receipt("visible", at=obstacle.answered_at, text=obstacle.answer)
            self._ledger.receipt(claim, job, stands)
        elif obstacle.is_within(job.despite):
            if self._ledger.start_attempt(claim, job):
                self._call(claim, job, connector)
        elif obstacle.answer and capabilities.reply_mode == "replace":
            # One answer has room there, and it is not ours: ours certainly does not stand there.
            self._ledger.set_aside(claim, job, reason_for(obstacle), obstacle)
        else:
            reason = f"it is not known whether the reply arrived, and {reason_for(obstacle)}"
            self._ledger.hand_over(claim, job, reason, unclear=True)

    def _follow(self, claim: due.Claim, job: Job, connector: Connector) -> None:
        """Ask whether an accepted reply is visible by now."""
        try:
            receipt = connector.find_reply(job.ref, job.text, job.key)
        except NotSupported:
            self._ledger.cannot_tell(claim)
        except Gone:
            if _is_there(connector, job.ref):
                self._ledger.wait_to_be_seen(claim, job)
            else:
                self._take_in(job, _tombstone(job))
                self._ledger.save(claim, None)
        except ConnectorError as error:
            self._ledger.look_later(claim, job, error)
        else:
            if receipt is None or receipt.state == "accepted":
                self._ledger.wait_to_be_seen(claim, job)
            else:
                self._ledger.receipt(claim, job, receipt)

    def _take_back(self, claim: due.Claim, job: Job) -> None:
        """Take a reply back whose mention is gone, and the call it was sent with for nothing."""
        if self._ledger.not_sent(claim, job) is not None:
            self._take_in(job, _tombstone(job))

    def _take_in(self, job: Job, found: FoundMention) -> None:
        """Store the mention as it reads now; the life of its case takes the reply back.

        A listing may never tell of this edit, and the next draft must not answer the old text.
        """
        self._store.store(
            job.source_id,
            Page((found,), {}),
            self._clock(),
            saved=_nothing,
            confirm_deletion=_it_was_read,
        )

    def _repeat_is_harmless(self, job: Job, capabilities: Capabilities) -> bool:
        if capabilities.reply_mode == "replace":
            return True
        if capabilities.reply_mode != "keyed" or job.first_attempt_at is None:
            return False
        kept = capabilities.key_remembered
        return kept is None or self._clock() - job.first_attempt_at < kept

    def _advice(self, job: Job, error: ConnectorError) -> str:
        return advice_for(self._platforms.kind(job.source_key), error)

    def _read(self, reply_id: int) -> Job:
        with self._database.read() as session:
            reply = session.get_one(Reply, reply_id)
            mention: Mention = reply.mention
            attempts, first, last = session.execute(
                select(
                    func.count(),
                    func.min(ReplyAttempt.started_at),
                    func.max(ReplyAttempt.started_at),
                ).where(ReplyAttempt.reply_id == reply_id)
            ).one()
            return Job(
                reply_id=reply.id,
                case_id=reply.case_id,
                state=reply.state,
                text=reply.text,
                key=reply.key,
                ref=reference(mention),
                content_hash=mention.content_hash,
                source_id=mention.source_id,
                source_key=mention.source.key,
                account_id=mention.source.account_id,
                held_until=mention.source.account.paused_until,
                attempts=attempts,
                first_attempt_at=first,
                last_attempt_at=last,
                submitted_at=reply.submitted_at,
                standing=Obstacle(mention.locked, mention.our_reply, mention.our_reply_at),
                ours=texts_of_ours(session, mention.id, but=reply.id),
                despite=_seen_obstacle(session, reply),
                addressed_to_us=mention.addressed_to_us,
                missed_at=_missed_at(session, reply),
                external_id=reply.external_id,
            )


def _seen_obstacle(session: Session, reply: Reply) -> str:
    """Return the key of what the person who approved this reply went on despite."""
    approvals = session.scalars(
        select(Event)
        .where(Event.case_id == reply.case_id, Event.kind == "approved")
        .order_by(Event.id.desc())
    )
    for event in approvals:
        if event.detail.get("version") == reply.draft.version:
            return str(event.detail.get("despite", ""))
    return ""


def _missed_at(session: Session, reply: Reply) -> datetime | None:
    """Return when the newest call of this reply was first looked for in vain."""
    newest = (
        select(func.max(Event.id))
        .where(Event.case_id == reply.case_id, Event.kind == "publishing")
        .scalar_subquery()
    )
    return session.scalars(
        select(func.min(Event.at)).where(
            Event.case_id == reply.case_id, Event.kind == "not_found", Event.id > newest
        )
    ).one()


def _is_there(connector: Connector, ref: MentionRef) -> bool:
    """Tell whether a direct read still finds what another call says is gone."""
    try:
        found = connector.read(ref)
    except (NotSupported, Gone):
        return False
    except ConnectorError:
        return True
    return found is not None and not found.deleted


def _tombstone(job: Job) -> FoundMention:
    return FoundMention(job.ref.external_id, "", deleted=True)


def _it_was_read(_ref: MentionRef) -> bool:
    return True


def _nothing(session: Session) -> None:
    """No cursor moves with a single mention."""
