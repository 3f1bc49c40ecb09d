"""What was said, by whom, how it read before an edit, and how it was judged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from monitor.models.base import Base, Id, Json, Key, Line, Prose, Short
from monitor.models.places import Location, Source


class Customer(Base):
    """A person behind one or more authors. `tier` is what staff call their standing, if they do."""

    __tablename__ = "customer"

    id: Mapped[Id]
    name: Mapped[Line] = mapped_column(default="")
    first_seen_at: Mapped[datetime]
    tier: Mapped[Short] = mapped_column(default="", server_default="")


class Author(Base):
    """An identity at one platform: `platform` is the connector and the account it was met by.

    `reach` is how many people followed them when they were met last; None where it is not told.
    """

    __tablename__ = "author"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: Mapped[Id]
    platform: Mapped[Short]
    external_id: Mapped[Key]
    name: Mapped[Line] = mapped_column(default="")
    url: Mapped[Prose] = mapped_column(default="")
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    reach: Mapped[int | None] = mapped_column(BigInteger)

    customer: Mapped[Customer | None] = relationship()


class Mention(Base):
    """Anything found at a source, as it reads now.

    `revision` counts from 1 and rises with each edit; earlier texts are `Revision` rows.
    `rating` is the platform's number on `rating_min..rating_max`. `created_at` is the
    platform's time (of the last edit, on some platforms), `first_seen_at` is ours.
    States: ``present``, ``deleted`` (confirmed by a direct read, text purged), ``withheld`` (the
    platform's terms do not let us keep the text).

    `addressed_to_us` tells that the author spoke to the brand, not only of it; `locked` says in a
    few words why it takes no answer. At `recheck_at` it is to be read again, or purged; at
    `keep_until` it is purged if nobody could read it again.
    """

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("source_id", "external_id"),
        Index("ix_mention_author_id", "author_id"),
        Index("ix_mention_first_seen_at", "first_seen_at"),
        Index(
            "ix_mention_history",
            "created_at",
            sqlite_where=text("history IS 1"),
            postgresql_where=text("history IS true"),
        ),
        Index(
            "ix_mention_recheck",
            "recheck_at",
            sqlite_where=text("recheck_at IS NOT NULL"),
            postgresql_where=text("recheck_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    external_id: Mapped[Key] = mapped_column(String(500))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("author.id"))
    kind: Mapped[Short]
    parent_external_id: Mapped[str] = mapped_column(String(500), default="")
    author_name: Mapped[Line] = mapped_column(default="")
    title: Mapped[Prose] = mapped_column(default="")
    text: Mapped[Prose]
    rating: Mapped[float | None]
    rating_min: Mapped[float] = mapped_column(default=1.0)
    rating_max: Mapped[float] = mapped_column(default=5.0)
    language: Mapped[Short] = mapped_column(default="")
    url: Mapped[Prose] = mapped_column(default="")
    created_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    content_hash: Mapped[str] = mapped_column(String(32))
    state: Mapped[Short] = mapped_column(default="present")
    history: Mapped[bool] = mapped_column(default=False)
    our_reply: Mapped[Prose] = mapped_column(default="")
    our_reply_at: Mapped[datetime | None]
    addressed_to_us: Mapped[bool] = mapped_column(default=False, server_default=false())
    locked: Mapped[Line] = mapped_column(default="", server_default="")
    recheck_at: Mapped[datetime | None]
    keep_until: Mapped[datetime | None]
    raw: Mapped[dict[str, Any] | None] = mapped_column(Json)

    source: Mapped[Source] = relationship()
    location: Mapped[Location | None] = relationship()
    author: Mapped[Author | None] = relationship()


class Revision(Base):
    """An earlier text or rating of a mention that was edited."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("mention_id", "number"),)

    id: Mapped[Id]
    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"))
    number: Mapped[int]
    title: Mapped[Prose]
    text: Mapped[Prose]
    rating: Mapped[float | None]
    replaced_at: Mapped[datetime]


class Assessment(Base):
    """What the classifier said of one revision, with its model's version and its reasons.

    The columns are the fields of `monitor.assess.Assessment`.
    """

    __tablename__ = "assessment"
    __table_args__ = (UniqueConstraint("mention_id", "revision"),)

    id: Mapped[Id]
    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"))
    revision: Mapped[int]
    language: Mapped[Short]
    sentiment: Mapped[float]
    complaint_probability: Mapped[float]
    threshold: Mapped[float] = mapped_column(default=0.5, server_default="0.5")
    complaint: Mapped[bool]
    unsure: Mapped[bool] = mapped_column(default=False, server_default=false())
    urgency: Mapped[Short]
    urgency_score: Mapped[float] = mapped_column(default=0.0, server_default="0")
    topics: Mapped[list[str]]
    intent: Mapped[Short] = mapped_column(default="", server_default="")
    spam: Mapped[bool]
    signals: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    reasons: Mapped[list[str]]
    model: Mapped[Short]
    assessed_at: Mapped[datetime]


class Interaction(Base):
    """Any contact with a customer that is not a mention: a call, an e-mail, an order."""

    __tablename__ = "interaction"

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    kind: Mapped[Short]
    happened_at: Mapped[datetime]
    summary: Mapped[Prose]
