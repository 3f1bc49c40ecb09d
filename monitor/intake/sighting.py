"""One found mention, cleaned for storing, with the hash that tells an edit from a repeat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from math import isfinite
from typing import Any

from connectors.base import FoundMention, Problem
from monitor.assess import Assessment
from monitor.judging.ratings import fraction as fraction  # for those who know sightings

EXTERNAL_ID_MAX = 500
AUTHOR_ID_MAX = 200
LANGUAGE_MAX = 100
LOCKED_MAX = 500
RAW_DEPTH = 50
"""Levels of a platform's own record that are kept; what lies deeper is dropped."""


def content_hash(found: FoundMention) -> str:
    """Return a hash of what the customer said: title, text and rating, and nothing else.

    Dates, names and links are left out: a platform that re-dates an item has not edited it. A
    rating of 5 is the same word as one of 5.0.
    """
    rating = None if found.rating is None else float(found.rating)
    said = f"{found.title}\0{found.text}\0{rating}"
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def cleaned(text: str) -> str:
    """Return `text` without what a database refuses: NUL and lone surrogates.

    NUL is dropped; a lone surrogate becomes U+FFFD.
    """
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def clean(found: FoundMention) -> FoundMention:
    """Clean what a database would refuse out of `found`, in place, and return it.

    One item that cannot be stored would take its whole page with it. A rating that is no
    number, and a time without a zone or outside the calendar, count as not given.
    """
    for name in _TEXTS:
        said = getattr(found, name)
        # Nearly every text is clean; testing is cheaper than setting.
        if said and not (said.isascii() and "\0" not in said):
            setattr(found, name, cleaned(said))
    found.author_name = found.author_name[:EXTERNAL_ID_MAX]
    found.author_id = bounded(found.author_id, AUTHOR_ID_MAX)
    found.external_id = bounded(found.external_id)
    found.parent_external_id = bounded(found.parent_external_id)
    found.language = found.language[:LANGUAGE_MAX]
    if found.rating is not None:
        _clean_rating(found)
    found.created_at = _moment(found.created_at)
    found.edited_at = _moment(found.edited_at)
    if found.our_reply_at is not None:
        found.our_reply_at = _moment(found.our_reply_at)
    if found.author_reach is not None:
        found.author_reach = _count(found.author_reach)
    if found.locked:
        found.locked = found.locked[:LOCKED_MAX]
    if found.raw is not None:
        found.raw = {cleaned(str(key)): _plain(value) for key, value in found.raw.items()}
    return found


_TEXTS = (
    "external_id",
    "text",
    "title",
    "author_name",
    "author_id",
    "author_url",
    "language",
    "url",
    "parent_external_id",
    "location",
    "our_reply",
    "locked",
)


def _clean_rating(found: FoundMention) -> None:
    numbers = [_number(each) for each in (found.rating, found.rating_min, found.rating_max)]
    rating, low, high = numbers
    if rating is None or low is None or high is None:
        found.rating, found.rating_min, found.rating_max = None, 1.0, 5.0
    else:
        found.rating, found.rating_min, found.rating_max = rating, low, high


def _number(value: float | None) -> float | None:
    """Return a finite float, or None for what is none (an integer of a thousand digits)."""
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever it is, it is tried
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def _count(value: Any) -> int | None:
    """Return a whole number that a column takes, or None for what is none."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value < 2**63 else None


def _moment(at: datetime | None) -> datetime | None:
    if at is None or at.tzinfo is UTC:
        return at
    try:
        return at.astimezone(UTC) if at.utcoffset() is not None else None
    except (OverflowError, ValueError):
        return None  # the first or last hours that a calendar has, in a zone beyond them


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a JSON value that both databases take: no NUL, no lone surrogate, no NaN."""
    if isinstance(value, str):
        return cleaned(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= 64 else _number(value)
    if isinstance(value, float):
        return _number(value)
    if depth >= RAW_DEPTH:
        return None
    if isinstance(value, Mapping):
        return {cleaned(str(key)): _plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, depth + 1) for each in value]
    return cleaned(str(value))


def bounded(external_id: str, most: int = EXTERNAL_ID_MAX) -> str:
    """Return an id that fits its column; the tail of a longer one becomes a hash."""
    if len(external_id) <= most:
        return external_id
    digest = blake2b(external_id.encode(), digest_size=16).hexdigest()
    return f"{external_id[: most - 33]}~{digest}"


def stars(rating: float | None, low: float, high: float) -> float | None:
    """Return a rating on the scale 1..5, whatever scale it came on."""
    share = fraction(rating, low, high)
    return None if share is None else 1 + 4 * share


@dataclass(slots=True)
class Sighting:
    """A found mention with its hash and, once judged, its assessment."""

    found: FoundMention
    hash: str
    judgement: Assessment | None = None

    @property
    def judged(self) -> Assessment:
        """Return the assessment; every sighting is judged before it is written."""
        assert self.judgement is not None, "a sighting is judged before it is written"
        return self.judgement

    @property
    def rating(self) -> float | None:
        """Return the rating as a share 0..1 of its scale; None without one."""
        return fraction(self.found.rating, self.found.rating_min, self.found.rating_max)


def newest_by_id(mentions: Sequence[FoundMention]) -> tuple[dict[str, Sighting], list[Problem]]:
    """Return one sighting per id, and the items that have none.

    Of doubled items in a page the one edited last counts.
    """
    newest: dict[str, Sighting] = {}
    nameless: list[Problem] = []
    for found in mentions:
        clean(found)
        if not found.external_id.strip():
            nameless.append(Problem(found.url or "an item", "it has no id of its own"))
            continue
        before = newest.get(found.external_id)
        if before is None or not _is_older(found, before.found):
            newest[found.external_id] = Sighting(found, content_hash(found))
    return newest, nameless


def _is_older(found: FoundMention, other: FoundMention) -> bool:
    return (
        found.edited_at is not None
        and other.edited_at is not None
        and found.edited_at < other.edited_at
    )
