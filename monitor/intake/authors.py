"""Finds the authors of a page's items, and adds those that are new."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.base import FoundMention
from monitor.intake.sighting import bounded
from monitor.models import Author, Source
from monitor.models.upsert import insert_missing

PLATFORM_MAX = 100


def author_ids(
    session: Session, source: Source, found: Sequence[FoundMention]
) -> dict[str, int | None]:
    """Return our ids of these authors by the platform's, adding those that are not stored.

    An id means one person within one account only: every board has an author 1.
    """
    named = {each.author_id: each for each in found if each.author_id}
    if not named:
        return {}
    platform = bounded(f"{source.connector}:{source.account.key}", PLATFORM_MAX)
    whose = (Author.platform == platform, Author.external_id.in_(named))
    wanted = select(Author.external_id, Author.id).where(*whose)
    ids: dict[str, int | None] = {}
    told: list[dict[str, int]] = []
    for key, author_id, name, reach in session.execute(
        wanted.add_columns(Author.name, Author.reach)
    ):
        ids[key] = author_id
        now = named[key].author_reach
        if now is not None and now != reach:
            told.append({"id": author_id, "reach": now})
        if not name and named[key].author_name:
            # It was forgotten with the last word of theirs; now there is another one.
            author = session.get_one(Author, author_id)
            author.name, author.url = named[key].author_name, named[key].author_url
    if told:
        session.execute(update(Author), told)
    missing = sorted(named.keys() - ids.keys())
    if not missing:
        return ids
    insert_missing(
        session,
        Author,
        [
            {
                "platform": platform,
                "external_id": key,
                "name": named[key].author_name,
                "url": named[key].author_url,
                "reach": named[key].author_reach,
            }
            for key in missing
        ],
    )
    return dict(session.execute(wanted).all())
