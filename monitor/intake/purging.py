"""Forgets what a deleted mention said; the row stays as a tombstone."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from monitor.models import Mention, Revision


def purge(session: Session, mention: Mention) -> None:
    """Forget what a deleted mention said, in every revision; the row stays as a tombstone."""
    mention.state = "deleted"
    mention.text = mention.title = mention.our_reply = ""
    mention.author_name = ""
    mention.raw = None
    mention.revision += 1
    session.execute(
        update(Revision)
        .where(Revision.mention_id == mention.id)
        .values(text="", title="")
        .execution_options(synchronize_session=False)
    )
    session.flush()
