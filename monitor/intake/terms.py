"""How long a platform's terms let us keep what was said there."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from monitor.models import Mention

READ_AGAIN = 0.8
"""The share of its time after which a mention is read again: what is left is for failures."""

SPREAD = 0.05

LITTLE_LEFT = 0.7
"""A mention that is seen again is kept longer once it has less than this share of its time."""

AT_ONCE = 500


def recheck_and_end(
    keep_seconds: float | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Return when a mention read now is to be read again, and when it must be forgotten."""
    if keep_seconds is None:
        return None, None
    share = READ_AGAIN + random.uniform(-SPREAD, SPREAD)  # noqa: S311  spreads the reading
    keep = timedelta(seconds=keep_seconds)
    return now + share * keep, now + keep


def without_quotes(reasons: Iterable[str]) -> list[str]:
    """Return an assessment's reasons without the customer's words in them."""
    return [_QUOTING.split(reason, maxsplit=1)[0].rstrip(" ,") or "words" for reason in reasons]


def keep_longer(
    session: Session, keep_seconds: float | None, ids: Sequence[int], now: datetime
) -> None:
    """Let mentions that were seen just now be kept from now on. Writes only where it matters."""
    if not ids or keep_seconds is None:
        return
    soon = now + timedelta(seconds=keep_seconds * LITTLE_LEFT)
    for start in range(0, len(ids), AT_ONCE):
        recheck_at, keep_until = recheck_and_end(keep_seconds, now)
        session.execute(
            update(Mention)
            .where(
                Mention.id.in_(ids[start : start + AT_ONCE]),
                Mention.state != "deleted",
                Mention.recheck_at < soon,
            )
            .values(recheck_at=recheck_at, keep_until=keep_until)
            .execution_options(synchronize_session=False)
        )


def reasons_to_keep(reasons: Iterable[str], *, may_store: bool) -> list[str]:
    """Return the reasons that may be kept; where nothing may be stored, the rating is nothing."""
    if may_store:
        return list(reasons)
    return without_quotes(each for each in reasons if not each.startswith("rated "))


_QUOTING = re.compile(r""",? most of all|[:"“„«‘']""")
