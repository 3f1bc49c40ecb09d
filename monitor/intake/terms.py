"""How long a platform's terms let us keep what was said there."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

READ_AGAIN = 0.8
"""The share of its time after which a mention is read again: what is left is for failures."""

SPREAD = 0.05


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


def reasons_to_keep(reasons: Iterable[str], *, may_store: bool) -> list[str]:
    """Return the reasons that may be kept; where nothing may be stored, the rating is nothing."""
    if may_store:
        return list(reasons)
    return without_quotes(each for each in reasons if not each.startswith("rated "))


_QUOTING = re.compile(r""",? most of all|[:"“„«‘']""")
