"""Labels a mention as it reads now, in the name of whoever decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from monitor.cases.labels import label
from monitor.models import Mention
from responders.views import Actor


def label_word(
    session: Session,
    word: Mention,
    actor: Actor,
    now: datetime,
    *,
    complaint: bool | None = None,
    topics: Sequence[str] | None = None,
    origin: str,
) -> None:
    """Keep what `actor` said of the present text of `word`; `origin` is where they said it."""
    label(
        session,
        word.id,
        word.revision,
        complaint=complaint,
        topics=topics,
        origin=origin,
        by=str(actor),
        at=now,
    )
