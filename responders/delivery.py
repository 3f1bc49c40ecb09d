"""Publishes an approved reply effectively once.

No platform commits with our database, so an attempt is written down before the call. What came
of a call without an answer is unknown: the core looks for the reply before it sends again, and
where the platform cannot tell, it asks a person. Before the first call the mention is read
again; what was deleted or edited since the draft goes back to a person.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from connectors.base import Capabilities, Connector, MentionRef
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    NotSupported,
    RateLimited,
    Unavailable,
    UnknownOutcome,
)
from monitor import due
from monitor.clock import Clock
from monitor.db import Database
from monitor.intake.sighting import clean, content_hash
from monitor.models import Mention, Reply, ReplyAttempt
from monitor.platforms import Platforms, UnknownSource
from responders.ledger import VISIBLE_CHECK, Job, Ledger

CALL_MAY_LAST = timedelta(seconds=30)
"""A call that got no answer may still be at work for this long: looking sooner proves nothing."""

REPEAT_IS_HARMLESS = ("replace", "keyed")


class Deliverer:
    """Handles due work of the kind ``publish``."""

    def __init__(self, database: Database, platforms: Platforms, clock: Clock) -> None:
        self._database = database
        self._platforms = platforms
        self._clock = clock
        self._ledger = Ledger(database, clock)

    def handle(self, claim: due.Claim) -> None:
        """Bring one reply a step nearer to being visible."""
        job = self._read(claim.id)
        try:
            capabilities = self._platforms.capabilities(job.source_key)
            with self._platforms.borrow(job.source_key) as connector:
                if job.state in ("started", "unknown"):
                    self._reconcile(claim, job, connector, capabilities)
                elif job.state == "owed":
                    self._publish(claim, job, connector)
                elif job.state == "accepted":
                    self._follow(claim, job, connector)
                else:
                    self._ledger.save(claim, None)
        except UnknownSource:
            self._ledger.hand_over(claim, job, "the source is no longer configured")

    def _publish(self, claim: due.Claim, job: Job, connector: Connector) -> None:
        obstacle = self._obstacle(job, connector, claim)
        if obstacle is not None:
            if obstacle != "put off":
                self._ledger.give_back(claim, job, obstacle)
            return
        if not self._ledger.start_attempt(claim, job):
            return
        self._call(claim, job, connector)

    def _call(self, claim: due.Claim, job: Job, connector: Connector) -> None:
        try:
            receipt = connector.reply(job.ref, job.text, job.key)
        except UnknownOutcome as error:
            self._ledger.unknown(claim, str(error))
        except (RateLimited, Unavailable, AuthFailed) as error:
            self._ledger.retry_later(claim, job, error)
        except NotSupported as error:
            self._ledger.hand_over(claim, job, str(error))
        except ConnectorError as error:
            self._ledger.refusal(claim, job, str(error))
        else:
            self._ledger.receipt(claim, job, receipt)

    def _obstacle(self, job: Job, connector: Connector, claim: due.Claim) -> str | None:
        """Read the mention again: return why the reply may not leave now, or None."""
        try:
            found = connector.read(job.ref)
        except NotSupported:
            return None
        except Gone:
            return "deleted"
        except ConnectorError as error:
            self._ledger.retry_later(claim, job, error)
            return "put off"
        if found is None or found.deleted:
            return "deleted"
        return None if content_hash(clean(found)) == job.content_hash else "edited"

    def _reconcile(
        self, claim: due.Claim, job: Job, connector: Connector, capabilities: Capabilities
    ) -> None:
        """Find out what came of a call without an answer, before anything is sent again."""
        harmless = capabilities.reply_mode in REPEAT_IS_HARMLESS
        if not harmless and job.last_attempt_at is not None:
            settled = job.last_attempt_at + CALL_MAY_LAST
            if self._clock() < settled:
                self._ledger.save(claim, settled)
                return
        try:
            receipt = connector.find_reply(job.ref, job.text, job.key)
        except NotSupported:
            if harmless:
                self._again(claim, job, connector)
            else:
                self._ledger.hand_over(
                    claim, job, "the platform cannot tell whether the reply arrived"
                )
            return
        except Gone:
            self._ledger.give_back(claim, job, "deleted")
            return
        except ConnectorError as error:
            self._ledger.look_later(claim, job, error)
            return
        if receipt is not None:
            self._ledger.receipt(claim, job, receipt)
        else:
            self._again(claim, job, connector)

    def _again(self, claim: due.Claim, job: Job, connector: Connector) -> None:
        if self._ledger.start_attempt(claim, job):
            self._call(claim, job, connector)

    def _follow(self, claim: due.Claim, job: Job, connector: Connector) -> None:
        """Ask whether an accepted reply is visible by now."""
        try:
            receipt = connector.find_reply(job.ref, job.text, job.key)
        except ConnectorError as error:
            self._ledger.look_later(claim, job, error)
            return
        if receipt is None:
            self._ledger.save(claim, self._clock() + VISIBLE_CHECK)
        else:
            self._ledger.receipt(claim, job, receipt)

    def _read(self, reply_id: int) -> Job:
        with self._database.read() as session:
            reply = session.get_one(Reply, reply_id)
            mention: Mention = reply.mention
            attempts, last = session.execute(
                select(func.count(), func.max(ReplyAttempt.started_at)).where(
                    ReplyAttempt.reply_id == reply_id
                )
            ).one()
            return Job(
                reply_id=reply.id,
                case_id=reply.case_id,
                state=reply.state,
                text=reply.text,
                key=reply.key,
                ref=reference(mention),
                content_hash=mention.content_hash,
                source_key=mention.source.key,
                attempts=attempts,
                last_attempt_at=last,
            )


def reference(mention: Mention) -> MentionRef:
    """Return what a connector needs to find this mention again."""
    return MentionRef(
        external_id=mention.external_id,
        url=mention.url,
        author_name=mention.author_name,
        author_id=mention.author.external_id if mention.author else "",
        parent_external_id=mention.parent_external_id,
        language=mention.language,
        raw=mention.raw or {},
    )
