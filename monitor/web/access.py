"""One-time links to the web queue, and the browser sessions they become.

Only SHA-256 hashes of tokens are stored: who reads the store cannot sign in with it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from sqlalchemy import delete, select, update

from monitor.db import Database
from monitor.models import SignIn

SESSION_LASTS = timedelta(days=30)
KEPT_AFTER_EXPIRY = timedelta(days=30)
"""How long a spent link is remembered, so that its page can say what became of it."""

NAME_MAX = 100

LinkState = Literal["good", "used", "expired", "unknown"]


@dataclass(frozen=True, slots=True)
class Link:
    """What is known of a one-time link. `person` is empty for an unknown one."""

    state: LinkState
    person: str = ""


def make_link(
    database: Database, base_url: str, person: str, now: datetime, valid_for: timedelta
) -> str:
    """Return ``base_url/sign-in/<token>``: it signs `person` in once, within `valid_for`.

    Raises ValueError for a name that is empty or longer than `NAME_MAX`.
    """
    person = " ".join("".join(char for char in person if char.isprintable()).split())
    if not person or len(person) > NAME_MAX:
        raise ValueError(f"a name has 1 to {NAME_MAX} characters")
    token = _new_token()
    with database.write() as session:
        session.execute(delete(SignIn).where(SignIn.expires_at < now - KEPT_AFTER_EXPIRY))
        session.add(
            SignIn(
                kind="link",
                token_hash=hash_of(token),
                person=person,
                expires_at=now + valid_for,
            )
        )
    return f"{base_url.rstrip('/')}/sign-in/{token}"


def look_at(database: Database, token: str, now: datetime) -> Link:
    """Tell what a link is good for, without using it."""
    with database.read() as session:
        row = session.scalars(
            select(SignIn).where(SignIn.kind == "link", SignIn.token_hash == hash_of(token))
        ).first()
    if row is None:
        return Link("unknown")
    if row.used_at is not None:
        return Link("used", row.person)
    return Link("good" if row.expires_at > now else "expired", row.person)


def redeem(database: Database, token: str, now: datetime) -> str | None:
    """Use a link: return the token of a new session, or None if it is not good (any more).

    Of two who use it at the same time, one gets the session.
    """
    fresh = _new_token()
    with database.write() as session:
        person = session.scalars(
            update(SignIn)
            .where(
                SignIn.kind == "link",
                SignIn.token_hash == hash_of(token),
                SignIn.used_at.is_(None),
                SignIn.expires_at > now,
            )
            .values(used_at=now)
            .returning(SignIn.person)
            .execution_options(synchronize_session=False)
        ).first()
        if person is None:
            return None
        session.add(
            SignIn(
                kind="session",
                token_hash=hash_of(fresh),
                person=person,
                expires_at=now + SESSION_LASTS,
            )
        )
    return fresh


def person_of(database: Database, token: str, now: datetime) -> str | None:
    """Return who a session belongs to; None when it ended or never was."""
    with database.read() as session:
        return session.scalars(
            select(SignIn.person).where(
                SignIn.kind == "session",
                SignIn.token_hash == hash_of(token),
                SignIn.expires_at > now,
            )
        ).first()


def end_session(database: Database, token: str) -> None:
    """Sign a browser out. Its cookie is worthless from now on, wherever it was copied to."""
    with database.write() as session:
        session.execute(
            delete(SignIn).where(SignIn.kind == "session", SignIn.token_hash == hash_of(token))
        )


def hash_of(token: str) -> str:
    """Return what is stored of a token: 64 hexadecimal digits."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def _new_token() -> str:
    return secrets.token_urlsafe(32)
