"""Turns the values of one row into a mention, quickly: this is the hot path of every import."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time, tzinfo
from hashlib import blake2b
from typing import Any
from urllib.parse import unquote

from connectors.base import FoundMention, MentionKind, Problem
from connectors.dates import DateOrder, parse_date
from connectors.ratings import parse_rating
from connectors.text import clean, clip, one_line

MISSING = frozenset({"na", "n/a", "nan", "null", "none", "nil", "#n/a", "undefined", "-"})
"""What spreadsheets and statistics programs write where they mean nothing."""
LONGEST_ID = 200
_MIDNIGHT = time(0, 0)
_LINK_ID = re.compile(r"[?&#](?:reviewid|hrid|lc|comment_id)=([^&#\s]{4,200})", re.I)
_PLAY_LINK = re.compile(r"https?://play\.google\.com/")
_DELETED = frozenset({"deleted", "delete", "removed", "remove", "destroyed"})


class MentionMaker:
    """Makes mentions of one file's rows; remembers which contents it has met.

    `where` names the file in external ids: equal ids in two files are two different things. Only
    the Play Console's ids stand alone, for they are the same in all its exports.
    """

    def __init__(
        self,
        where: str,
        *,
        kind: MentionKind,
        rating_min: float,
        rating_max: float,
        zone: tzinfo,
        order: DateOrder,
    ) -> None:
        self.where = where
        self._kind = kind
        self._rating_min = rating_min
        self._rating_max = rating_max
        self._zone = zone
        self._order = order
        self._met: dict[str, int] = {}
        self._scores: dict[str, tuple[float | None, float | None]] = {}

    def make(self, line: int, values: Sequence[Any]) -> FoundMention | Problem:
        """Return the mention of one row, or its problem.

        `values` stand in the order of `connectors.file.headers.FIELDS`.
        """
        (
            ident, author, text, title, rating, top, url,
            created, updated, language, location, action, reply, replied,
        ) = values  # fmt: skip
        if text:
            text = text.strip() if text.isprintable() else clean(text).strip()
            if len(text) <= 9 and text.lower() in MISSING:
                text = ""
        score: float | None = None
        highest = self._rating_max
        if rating:
            # A column holds the same few spellings over and over.
            score, scale = self._scores.get(rating) or self._score(rating)
            if scale:
                highest = scale
        if top:
            highest = parse_rating(top)[0] or highest
        title = clip(one_line(title), 300) if title else ""
        if score is None and not text and not title and not (ident and action):
            return Problem(f"{self.where}:{line}", "the row has neither a text nor a rating")
        if score is not None and not 0 <= score <= highest:
            return Problem(
                f"{self.where}:{line}",
                f"the rating {score:g} does not fit a scale up to {highest:g}",
            )
        written = parse_date(created, self._zone, self._order) if created else None
        changed = parse_date(updated, self._zone, self._order) if updated else None
        if changed is not None and written is not None and changed <= written:
            changed = None
        name = _said(author) if author else ""
        place = _said(location) if location else ""
        link = url.strip() if url else ""
        key = one_line(ident) if ident else ""
        at_play = key.startswith("http") and _PLAY_LINK.match(key) is not None
        known = _play_id(key) if at_play else ""
        if known:
            key = known
        elif not key or at_play:
            key = self._identify(name, written, place, title, text, score, link)
        elif len(key) > LONGEST_ID:
            key = "~" + _digest(key)
        answer = _reply(reply) if reply else ""
        return FoundMention(
            external_id=key if known else f"{self.where}#{key}",
            text=text or title,
            kind=self._kind,
            title=title if text else "",
            author_name=name,
            rating=score,
            rating_min=self._rating_min if highest == self._rating_max else min(1.0, score or 1.0),
            rating_max=highest,
            language=_language(language) if language else "",
            url=link if link.startswith(("https://", "http://")) and len(link) <= 2000 else "",
            created_at=written,
            edited_at=changed,
            location=place,
            deleted=action.strip().lower() in _DELETED if action else False,
            our_reply=answer,
            our_reply_at=(
                parse_date(replied, self._zone, self._order) if answer and replied else None
            ),
        )

    def _score(self, rating: str) -> tuple[float | None, float | None]:
        found = parse_rating(rating)
        if len(self._scores) < 1000:
            self._scores[rating] = found
        return found

    def _identify(
        self,
        author: str,
        created: datetime | None,
        place: str,
        title: str,
        text: str,
        rating: float | None,
        link: str,
    ) -> str:
        """Return an identity for a row without an id, the same on every import.

        A link that carries the review's id gives it. An author and a time to the second are as
        good as an id, and let an edited text be an edit. Otherwise the content is the identity,
        and rows of equal content are counted.
        """
        if link and (match := _LINK_ID.search(link)):
            key = clip(unquote(match[1]), LONGEST_ID)
            if key not in self._met:
                self._met[key] = 1
                return key
        stamp = created.isoformat() if created else ""
        if author and created and created.time() != _MIDNIGHT:
            key = "~" + _digest(f"{author}\0{stamp}\0{place}")
            if key not in self._met:
                self._met[key] = 1
                return key
        key = "~" + _digest(f"{author}\0{stamp}\0{place}\0{title}\0{text}\0{rating}")
        count = self._met.get(key, 0) + 1
        self._met[key] = count
        return key if count == 1 else f"{key}.{count}"


def _play_id(link: str) -> str:
    """Return the review's id in a link to the Play Console, or nothing.

    It is the id that Google Play's API gives, so it holds in every file, and the monthly
    exports in which a review stands again tell of one and the same.
    """
    match = _LINK_ID.search(link)
    return clip(unquote(match[1]), LONGEST_ID) if match else ""


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _said(value: str) -> str:
    said = one_line(value)
    return "" if len(said) <= 9 and said.lower() in MISSING else clip(said, 200)


def _reply(value: str) -> str:
    said = clean(value).strip()
    return "" if len(said) <= 9 and said.lower() in MISSING else said


def _language(value: str) -> str:
    said = value.strip().replace("_", "-")
    return "" if len(said) > 20 or said.lower() in MISSING else said
