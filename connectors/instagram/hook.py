"""What Instagram sends by itself: the webhook fields ``comments`` and ``mentions``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.base import FoundMention, Page, Problem
from connectors.dates import parse_date
from connectors.hooks import Delivery, Hook
from connectors.instagram.comments import Owner, comment_of
from connectors.instagram.mentions import Place
from connectors.instagram.settings import InstagramSettings
from connectors.meta import admit_signed, answer_challenge, changes_in, id_of


def admit(settings: InstagramSettings, delivery: Delivery, now: datetime) -> None:  # noqa: ARG001  the contract
    """Check the signature over the raw body."""
    admit_signed(settings.app_secret, delivery)


def challenge(settings: InstagramSettings, query: Mapping[str, str]) -> str | None:
    """Answer the question that Instagram asks at subscription."""
    return answer_challenge(settings.verify_token, query)


def open_delivery(settings: InstagramSettings, delivery: Delivery) -> Page:
    """Return the comments that a delivery tells of, and where else somebody named us.

    A mention elsewhere comes without its text, which a direct read brings.
    """
    account = "" if settings.user_id == "me" else settings.user_id
    owner = Owner(account, settings.username.removeprefix("@"))
    mentions: list[FoundMention] = []
    problems: list[Problem] = []
    for entry, field, value in changes_in(delivery, "instagram", account):
        try:
            if field in ("comments", "live_comments"):
                found = _comment(value, entry, owner)
            elif field == "mentions":
                found = _mention(value, entry)
            else:
                continue
        except ValueError as error:
            problems.append(Problem(f"webhook {field}", str(error)))
            continue
        if found is not None:
            mentions.append(found)
    return Page(tuple(mentions), {}, problems=tuple(problems))


def _comment(value: Any, entry: Mapping[str, Any], owner: Owner) -> FoundMention | None:
    if not isinstance(value, dict):
        raise ValueError("the change has no value")
    own_entry = Owner(id_of(entry), owner.name)
    if owner.wrote(value) or own_entry.wrote(value):
        return None
    found = comment_of(value)
    found.created_at = found.created_at or parse_date(entry.get("time"))
    return found


def _mention(value: Any, entry: Mapping[str, Any]) -> FoundMention:
    media = id_of({"id": value.get("media_id")}) if isinstance(value, dict) else ""
    if not media.isdigit():
        raise ValueError("the mention names no media")
    comment = id_of({"id": value.get("comment_id")})
    place = Place(media, comment if comment.isdigit() else "")
    return FoundMention(
        external_id=place.external_id,
        text="",
        kind="comment" if place.comment else "post",
        created_at=parse_date(entry.get("time")),
        addressed_to_us=True,
        raw={"media": place.media, "comment": place.comment},
    )


HOOK = Hook(admit=admit, open=open_delivery, challenge=challenge)
