"""One found mention, cleaned for storing, with the hash that tells an edit from a repeat."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from connectors.base import FoundMention
from monitor.assess import Assessment

EXTERNAL_ID_MAX = 500


def content_hash(found: FoundMention) -> str:
    """Return a hash of what the customer said: title, text and rating, and nothing else.

    Dates, names and links are left out: a platform that re-dates an item has not edited it.
    """
    said = f"{found.title}\0{found.text}\0{found.rating}"
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
    """Clean every text of `found` in place, bound its id and short fields, and return it."""
    found.text = cleaned(found.text)
    found.title = cleaned(found.title)
    found.author_name = cleaned(found.author_name)[:EXTERNAL_ID_MAX]
    found.author_id = cleaned(found.author_id)[:200]
    found.external_id = bounded(cleaned(found.external_id))
    found.parent_external_id = bounded(cleaned(found.parent_external_id))
    if found.raw is not None:
        # The same refusals hold inside JSON, where NUL is written as an escape.
        found.raw = json.loads(cleaned(json.dumps(found.raw).replace("\\u0000", "")))
    return found


def bounded(external_id: str) -> str:
    """Return an id that fits its column; the tail of a longer one becomes a hash."""
    if len(external_id) <= EXTERNAL_ID_MAX:
        return external_id
    digest = blake2b(external_id.encode(), digest_size=16).hexdigest()
    return f"{external_id[: EXTERNAL_ID_MAX - 33]}~{digest}"


def stars(rating: float | None, low: float, high: float) -> float | None:
    """Return a rating on the scale 1..5, whatever scale it came on."""
    share = fraction(rating, low, high)
    return None if share is None else 1 + 4 * share


def fraction(rating: float | None, low: float, high: float) -> float | None:
    """Return a rating as a share 0..1 of its scale; None without a rating or a sane scale."""
    if rating is None or not high > low:
        return None
    return min(1.0, max(0.0, (rating - low) / (high - low)))


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


def newest_by_id(mentions: Sequence[FoundMention]) -> dict[str, Sighting]:
    """Return one sighting per id: of doubled items in a page, the one edited last."""
    newest: dict[str, Sighting] = {}
    for found in mentions:
        clean(found)
        before = newest.get(found.external_id)
        if before is None or not _is_older(found, before.found):
            newest[found.external_id] = Sighting(found, content_hash(found))
    return newest


def _is_older(found: FoundMention, other: FoundMention) -> bool:
    return (
        found.edited_at is not None
        and other.edited_at is not None
        and found.edited_at < other.edited_at
    )
