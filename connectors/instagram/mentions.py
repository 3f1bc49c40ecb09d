"""Instagram's mentions of our name elsewhere, which only a webhook tells of.

The delivery holds two ids and no text, and Meta keeps no list, so the ids become the mention's
own id; a direct read brings the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.addresses import web_link
from connectors.base import FoundMention
from connectors.dates import parse_date
from connectors.instagram.comments import name_of
from connectors.meta import id_of, part_of, text_of
from connectors.text import clip, tidy

_IDS = re.compile(r"^mention:(\d{1,40})(?::(\d{1,40}))?$")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody named us: in the caption of a post, or in a comment below it."""

    media: str
    comment: str = ""

    @property
    def external_id(self) -> str:
        """The mention's own id."""
        return f"mention:{self.media}" + (f":{self.comment}" if self.comment else "")

    @property
    def fields(self) -> str:
        """What to ask our own account for to read it."""
        if self.comment:
            return (
                f"mentioned_comment.comment_id({self.comment})"
                "{id,text,timestamp,username,media{id,permalink}}"
            )
        return f"mentioned_media.media_id({self.media}){{id,caption,timestamp,username,permalink}}"


def place_in(external_id: str) -> Place | None:
    """Return the place that a mention's id names, or None for a comment on our own media."""
    match = _IDS.match(external_id)
    return Place(match[1], match[2] or "") if match else None


def mention_at(place: Place, found: Mapping[str, Any]) -> FoundMention:
    """Return the mention that the answer to `Place.fields` tells; raise `ValueError` without."""
    key = "mentioned_comment" if place.comment else "mentioned_media"
    told = part_of(found, key)
    if not id_of(told):
        raise ValueError("the mention is missing")
    name = name_of(told)
    link = told.get("permalink") or part_of(told, "media").get("permalink")
    return FoundMention(
        external_id=place.external_id,
        text=tidy(text_of(told, "text" if place.comment else "caption")),
        kind="comment" if place.comment else "post",
        author_name=name,
        author_id=clip(name, 200),
        author_url=f"https://www.instagram.com/{name}/" if name else "",
        url=web_link(link),
        created_at=parse_date(told.get("timestamp")),
        addressed_to_us=True,
        raw={"media": place.media, "comment": place.comment},
    )
