"""Sends what staff are owed by mail: one row for each moment and address.

A mail is committed as *started* before the server gets it. A server cannot be asked what became
of a mail: where its word is lost on the way, the mail is not sent again, and an alert says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from connectors.errors import (
    AuthFailed,
    BadSettings,
    ConnectorError,
    RateLimited,
    Rejected,
    UnknownOutcome,
)
from monitor import due
from monitor.alerts import raise_alert, resolve_alerts
from monitor.clock import Clock
from monitor.db import Database
from monitor.due import MAIL, Claim, ClaimLost
from monitor.models import Notification
from responders.digest.facts import Digest
from responders.digest.ledger import Plan, digest_of, owe
from responders.mail.settings import MailSettings

ALERT = "mail"
SERVER = "mail:server"
PATIENCE = timedelta(minutes=5)
"""So long a server that refuses us is left alone; a person has to change something first."""


class Mailer:
    """Handles due work of the kind ``mail``; without settings it lets the rows rest."""

    def __init__(self, database: Database, settings: MailSettings | None, clock: Clock) -> None:
        self.settings = settings
        self._database = database
        self._clock = clock

    def owe_digests(self, session: Session, now: datetime) -> int:
        """Owe the digests whose moment has come, in the caller's transaction; return how many."""
        if self.settings is None:
            return 0
        return sum(owe(session, plan, now) for plan in _plans(self.settings))

    def prove(self) -> str:
        """Sign in to the server and hang up; return its address. Raises a `ConnectorError`."""
        from responders.mail.posting import Post

        assert self.settings is not None, "the caller has looked"
        with Post(self.settings) as post:
            return post.where

    def send(self, digest: Digest, recipient: str, key: str) -> None:
        """Send a digest now to `recipient`, who need not be configured.

        `key` makes the mail's id. Raises a `ConnectorError`; `UnknownOutcome` where the server
        had all of it and said nothing.
        """
        from responders.mail.posting import Post, write

        assert self.settings is not None, "the caller has looked"
        letter = write(digest, self.settings, recipient, key, self._clock())
        with Post(self.settings) as post:
            post.send(letter)

    def handle(self, claim: Claim) -> None:
        """Send the digest of this row; call it after `due.begin`.

        Raises `ClaimLost` when another worker took over meanwhile.
        """
        settings = self.settings
        with self._database.read() as session:
            row = session.get(Notification, claim.id)
            if row is None:
                return
            wanted = settings is not None and row.target in settings.to
            owed = wanted and row.state == "owed"
            digest = digest_of(session, row, self._clock()) if owed else None
            session.expunge(row)
        if settings is not None and digest is not None:
            self._send(claim, row, digest, settings)
        elif wanted and row.state == "started":
            # Whoever began to send it never came back.
            self._leave_unknown(claim, row, "the process ended while it was sent")
        else:
            self._finish(claim, row.state)

    def _send(
        self, claim: Claim, row: Notification, digest: Digest, settings: MailSettings
    ) -> None:
        from responders.mail.posting import Post, write

        letter = write(digest, settings, row.target, row.post_key, self._clock())
        try:
            post = Post(settings)
        except ConnectorError as error:
            self._put_off(claim, error)
            return
        try:
            with post:
                self._begin(claim, letter.message_id)
                post.send(letter)
        except UnknownOutcome as error:
            self._leave_unknown(claim, row, str(error))
        except Rejected as error:
            told = f"{error}. The digest for {row.target} is given up; the next one is tried again."
            self._finish(claim, "failed", _key("refused", row), told)
        except ConnectorError as error:
            self._put_off(claim, error)
        else:
            self._finish(claim, "sent")

    def _begin(self, claim: Claim, message_id: str) -> None:
        with self._database.write() as session:
            row = _held(session, claim)
            row.state, row.started_at, row.message_ts = "started", self._clock(), message_id
            session.flush()
            due.renew(session, claim, self._clock())

    def _leave_unknown(self, claim: Claim, row: Notification, why: str) -> None:
        told = (
            f"{why}: whether {row.target} got the digest is not known. It is not sent again; "
            "`rapport digest --mail` sends one now."
        )
        self._finish(claim, "unknown", _key("unknown", row), told)

    def _put_off(self, claim: Claim, error: ConnectorError) -> None:
        now = self._clock()
        said = f"{type(error).__name__}: {error}"
        refused = isinstance(error, AuthFailed | BadSettings)
        wait = error.retry_after if isinstance(error, RateLimited) else None
        with self._database.write() as session:
            row = _held(session, claim)
            row.state = "owed"  # it has certainly not left
            loud = refused or row.failures > 0
            session.flush()
            due.fail(session, claim, now, said, not_before=PATIENCE if refused else wait)
            if loud:
                told = f"{said}. Digests wait, and late ones become one; run `rapport check`."
                raise_alert(session, SERVER, ALERT, told, now)

    def _finish(self, claim: Claim, state: str, key: str = "", alert: str = "") -> None:
        """End the work. With `alert` it is raised; a mail that was sent ends what was raised."""
        with self._database.write() as session:
            row = _held(session, claim)
            row.state = state
            session.flush()
            due.finish(session, claim, None)
            if alert:
                raise_alert(session, key, ALERT, alert, self._clock())
            elif state == "sent":
                ended = [SERVER, _key("unknown", row), _key("refused", row)]
                resolve_alerts(session, ended, self._clock())


def _plans(settings: MailSettings) -> list[Plan]:
    return [
        Plan(
            surface=MAIL,
            target=address,
            name=f"mail-{_short(address)}",
            daily=settings.daily,
            weekly=settings.weekly,
            zone=settings.zone,
        )
        for address in settings.to
    ]


def _held(session: Session, claim: Claim) -> Notification:
    row = session.get(Notification, claim.id, with_for_update=True)
    if row is None or row.claim_token != claim.token:
        raise ClaimLost(f"mail {claim.id} was taken over")
    return row


def _key(what: str, row: Notification) -> str:
    return f"mail:{what}:{_short(row.target)}"


def _short(address: str) -> str:
    return sha256(address.lower().encode()).hexdigest()[:16]
