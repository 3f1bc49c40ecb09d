"""Writes the mail of a digest and hands it to the configured server.

Imported when a mail is sent, not when Rapport starts: mail and charts take long to load.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from connectors.mailbox.imap import SignIn
from connectors.mailbox.sending import Smtp
from connectors.mailbox.settings import ascii_address
from responders.digest.facts import Digest
from responders.mail.composing import Envelope, compose, id_of
from responders.mail.settings import MailSettings


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it travels, to whom, and its Message-ID."""

    recipient: str
    message_id: str
    raw: bytes


def write(
    digest: Digest, settings: MailSettings, recipient: str, key: str, now: datetime
) -> Letter:
    """Return the mail for `recipient`; the same `key` makes the same Message-ID."""
    ident = id_of(key, settings.sender)
    raw = compose(
        digest,
        Envelope(settings.sender, settings.name, recipient, ident),
        now,
        queue_url=settings.queue_url,
        pictures=settings.pictures,
        attach_csv=settings.attach_csv,
    )
    return Letter(recipient, ident, raw)


class Post:
    """A connection to the server, signed in where there is a name to sign in with.

    Making one raises a `ConnectorError`: nothing has been sent then.
    """

    def __init__(self, settings: MailSettings) -> None:
        self._sender = ascii_address(settings.sender)
        password = settings.password.reveal() if settings.password is not None else ""
        self._smtp = Smtp(
            settings.host,
            settings.port,
            settings.security,
            allow_private=True,  # the operator's own server, often within the house
            sign_in=SignIn(settings.username, password=password) if settings.username else None,
            called=self._sender.rpartition("@")[2],
        )
        self.where = self._smtp.where

    def send(self, letter: Letter) -> None:
        """Hand over one mail; raises what `Smtp.send` raises."""
        self._smtp.send(self._sender, ascii_address(letter.recipient), letter.raw)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._smtp.close()
