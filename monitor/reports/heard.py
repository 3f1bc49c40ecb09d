"""Lists the mentions behind a number, the newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.intake.sighting import stars
from monitor.models import Case, Mention, Source
from monitor.reports.fact import Fact, Stretch, is_meant, topics_of
from monitor.reports.heard_facts import latest_heard, read_heard
from monitor.reports.report import Behind
from monitor.reports.walking import walk_back

HEARD = ("mentions", "rating", "sentiment")
"""What is counted for mentions; all else is counted for cases."""

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class MentionRow:
    """A mention as a list shows it. `at` is when it was heard, or written where it is history.

    `rating` is of 1 to 5. `case_id` is None where it opened no case.
    """

    mention_id: int
    at: datetime
    source: str
    language: str
    rating: float | None
    complaint: bool
    topics: tuple[str, ...]
    text: str
    case_id: int | None


def list_mentions(
    session: Session, behind: Behind, limit: int, after: tuple[datetime, int] | None
) -> list[MentionRow]:
    """Return up to `limit` of the mentions behind a number; `after` is the place of the last."""
    found: list[MentionRow] = []
    for row in stream_mentions(session, behind, after=after):
        found.append(row)
        if len(found) == limit:
            break
    return found


def stream_mentions(
    session: Session, behind: Behind, *, after: tuple[datetime, int] | None = None
) -> Iterator[MentionRow]:
    """Yield the mentions behind a number, newest first, a few at a time from the store."""
    period = behind.period
    if period is None:
        return

    def look(stretch: Stretch) -> tuple[int, list[MentionRow]]:
        facts = list(read_heard(session, stretch))
        complaints = {fact.mention_id for fact in facts if _is_complaint(fact)}
        meant = {fact.mention_id for fact in facts if _is_behind(fact, behind)}
        seen = len({fact.mention_id for fact in facts})
        return seen, _rows(session, sorted(meant), complaints)

    for row in walk_back(period, after, lambda before: latest_heard(session, before), look):
        if after is None or (row.at, row.mention_id) < after:
            yield row


def _is_complaint(fact: Fact) -> bool:
    return fact.measure == "mentions" and fact.verdict == "met"


def _is_behind(fact: Fact, behind: Behind) -> bool:
    if fact.measure != behind.measure or behind.verdict not in ("", fact.verdict):
        return False
    return is_meant(behind.scope, fact.parts)


def _rows(session: Session, ids: list[int], complaints: set[int]) -> list[MentionRow]:
    rows: list[MentionRow] = []
    for begin in range(0, len(ids), AT_ONCE):
        some = ids[begin : begin + AT_ONCE]
        topics = topics_of(session, some)
        found = session.execute(
            select(Mention, Source.key, Case.id)
            .join(Source, Source.id == Mention.source_id)
            .outerjoin(Case, Case.mention_id == Mention.id)
            .where(Mention.id.in_(some))
        )
        for mention, source, case_id in found:
            written = mention.created_at if mention.history else None
            rows.append(
                MentionRow(
                    mention_id=mention.id,
                    at=written or mention.first_seen_at,
                    source=source,
                    language=mention.language,
                    rating=stars(mention.rating, mention.rating_min, mention.rating_max),
                    complaint=mention.id in complaints,
                    topics=topics.get(mention.id, ()),
                    text=f"{mention.title} {mention.text}".strip(),
                    case_id=case_id,
                )
            )
    return sorted(rows, key=lambda row: (row.at, row.mention_id), reverse=True)
