"""Writes what is new or different on a page, as the only writer of its source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from connectors.base import FoundMention, Page, Problem
from monitor.cases import life
from monitor.cases.opening import Complaint, open_cases
from monitor.cases.policies import PolicyBook
from monitor.intake.counts import Counts
from monitor.intake.known import Known, look_up
from monitor.intake.sighting import Sighting, stars
from monitor.models import (
    Assessment,
    Author,
    Brand,
    Case,
    Location,
    Mention,
    Misread,
    Revision,
    Source,
)


class PageWriter:
    """The second transaction: writes what is new or different, as one source's only writer."""

    def __init__(self, session: Session, source_id: int, book: PolicyBook, now: datetime) -> None:
        self.session = session
        self.book = book
        self.now = now
        # On PostgreSQL this row lock keeps a second intake of the same source waiting here.
        self.source = session.scalars(
            select(Source).where(Source.id == source_id).with_for_update()
        ).one()
        self.brand_key = session.scalars(
            select(Brand.key).where(Brand.id == self.source.brand_id)
        ).one()
        self.locations = {
            name.casefold(): row
            for row in session.scalars(
                select(Location).where(Location.brand_id == self.source.brand_id)
            )
            for name in (row.key, row.name)
        }
        self.location_keys = {row.id: row.key for row in self.locations.values()}

    def write(
        self,
        changed: dict[str, Sighting],
        gone: Sequence[int],
        page: Page,
        counts: Counts,
    ) -> None:
        known = look_up(self.session, self.source.id, list(changed))
        new = [each for key, each in changed.items() if key not in known]
        edited = [(known[key], each) for key, each in changed.items() if key in known]
        counts.new, counts.edited, counts.deleted = len(new), len(edited), len(gone)
        counts.cases += self._add(new)
        for before, sighting in edited:
            counts.cases += self._edit(before, sighting)
        for mention_id in gone:
            self._delete(mention_id)
        self._note_misread(page.problems)
        if new or edited:
            self.source.last_found_at = self.now

    def _add(self, sightings: Sequence[Sighting]) -> int:
        if not sightings:
            return 0
        authors = self._authors([each.found for each in sightings])
        self.session.execute(
            insert(Mention.__table__),  # type: ignore[arg-type]  # a Table
            [self._mention_row(each, authors) for each in sightings],
        )
        stored = look_up(self.session, self.source.id, [s.found.external_id for s in sightings])
        pairs = [(stored[each.found.external_id].id, each) for each in sightings]
        self.session.execute(
            insert(Assessment.__table__),  # type: ignore[arg-type]
            [self._assessment_row(mention_id, 1, each) for mention_id, each in pairs],
        )
        complaints = []
        for mention_id, each in pairs:
            if self._is_history(each.found):
                continue
            case = self._case_answered_by(each.found)
            if case is not None:
                mention = self.session.get_one(Mention, mention_id)
                life.take_later_word(
                    self.session,
                    case,
                    mention,
                    complaint=each.judged.complaint,
                    now=self.now,
                )
            elif each.judged.complaint and not each.judged.spam:
                complaints.append(self._complaint(mention_id, each, authors))
        return len(open_cases(self.session, self.book, complaints, self.now))

    def _edit(self, before: Known, sighting: Sighting) -> int:
        found, judgement = sighting.found, sighting.judged
        mention = self.session.get_one(Mention, before.id, with_for_update=True)
        if mention.content_hash == sighting.hash and mention.state == "present":
            return 0
        stars_before = stars(mention.rating, mention.rating_min, mention.rating_max)
        self.session.add(
            Revision(
                mention_id=mention.id,
                number=mention.revision,
                title=mention.title,
                text=mention.text,
                rating=mention.rating,
                replaced_at=self.now,
            )
        )
        mention.revision += 1
        mention.state = "present"
        mention.title, mention.text = found.title, found.text
        mention.rating, mention.content_hash = found.rating, sighting.hash
        mention.rating_min, mention.rating_max = found.rating_min, found.rating_max
        mention.edited_at = found.edited_at or self.now
        mention.language = judgement.language
        self.session.flush()
        self.session.execute(
            insert(Assessment.__table__),  # type: ignore[arg-type]
            [self._assessment_row(mention.id, mention.revision, sighting)],
        )
        case = self._case_with(mention.id)
        if case is not None:
            edit = life.Edit(
                mention_id=mention.id,
                stars_before=stars_before,
                stars_now=stars(found.rating, found.rating_min, found.rating_max),
                complaint=judgement.complaint,
            )
            life.take_edit(self.session, case, edit, self.now)
            return 0
        if not judgement.complaint or judgement.spam or mention.history:
            return 0
        complaint = self._complaint(mention.id, sighting, {found.author_id: mention.author_id})
        return len(open_cases(self.session, self.book, [complaint], self.now))

    def _delete(self, mention_id: int) -> None:
        mention = self.session.get_one(Mention, mention_id)
        case = self._case_with(mention_id)
        if case is not None and case.mention_id == mention_id:
            life.take_deletion(self.session, case, self.now)
        purge(self.session, mention)

    def _case_with(self, mention_id: int) -> Case | None:
        external_id = self.session.scalars(
            select(Mention.external_id).where(Mention.id == mention_id)
        ).one()
        return life.case_of(self.session, self.source.id, external_id)

    def _case_answered_by(self, found: FoundMention) -> Case | None:
        if not found.parent_external_id:
            return None
        return life.case_of(self.session, self.source.id, found.parent_external_id)

    def _is_history(self, found: FoundMention) -> bool:
        since = self.source.backfill_since
        return since is not None and found.created_at is not None and found.created_at < since

    def _mention_row(self, sighting: Sighting, authors: dict[str, int | None]) -> dict[str, Any]:
        found = sighting.found
        return {
            "source_id": self.source.id,
            "external_id": found.external_id,
            "location_id": self._location_id(found),
            "author_id": authors.get(found.author_id),
            "kind": found.kind,
            "parent_external_id": found.parent_external_id,
            "author_name": found.author_name,
            "title": found.title,
            "text": found.text,
            "rating": found.rating,
            "rating_min": found.rating_min,
            "rating_max": found.rating_max,
            "language": sighting.judged.language,
            "url": found.url,
            "created_at": found.created_at,
            "edited_at": found.edited_at,
            "first_seen_at": self.now,
            "content_hash": sighting.hash,
            "history": self._is_history(found),
            "our_reply": found.our_reply,
            "raw": found.raw,
        }

    def _assessment_row(self, mention_id: int, revision: int, sighting: Sighting) -> dict[str, Any]:
        judgement = sighting.judged
        return {
            "mention_id": mention_id,
            "revision": revision,
            "language": judgement.language,
            "sentiment": judgement.sentiment,
            "complaint_probability": judgement.complaint_probability,
            "complaint": judgement.complaint,
            "urgency": judgement.urgency,
            "topics": list(judgement.topics),
            "spam": judgement.spam,
            "reasons": list(judgement.reasons),
            "model": judgement.model,
            "assessed_at": self.now,
        }

    def _complaint(
        self, mention_id: int, sighting: Sighting, authors: dict[str, int | None]
    ) -> Complaint:
        found, judgement = sighting.found, sighting.judged
        location_id = self._location_id(found)
        return Complaint(
            mention_id=mention_id,
            source_id=self.source.id,
            source_key=self.source.key,
            brand_id=self.source.brand_id,
            brand_key=self.brand_key,
            location_id=location_id,
            location_key=self.location_keys.get(location_id or 0, ""),
            author_id=authors.get(found.author_id),
            stars=stars(found.rating, found.rating_min, found.rating_max),
            language=judgement.language,
            urgency=judgement.urgency,
            reasons=judgement.reasons,
        )

    def _location_id(self, found: FoundMention) -> int | None:
        named = self.locations.get(found.location.casefold()) if found.location else None
        return named.id if named is not None else self.source.location_id

    def _authors(self, found: Sequence[FoundMention]) -> dict[str, int | None]:
        named = {each.author_id: each for each in found if each.author_id}
        if not named:
            return {}
        platform = self.source.connector
        wanted = select(Author.external_id, Author.id).where(
            Author.platform == platform, Author.external_id.in_(named)
        )
        ids: dict[str, int | None] = dict(self.session.execute(wanted).tuples().all())
        missing = [each for key, each in named.items() if key not in ids]
        if missing:
            self.session.execute(
                insert(Author.__table__),  # type: ignore[arg-type]
                [
                    {
                        "platform": platform,
                        "external_id": each.author_id,
                        "name": each.author_name,
                        "url": each.author_url,
                    }
                    for each in missing
                ],
            )
            ids = dict(self.session.execute(wanted).tuples().all())
        return ids

    def _note_misread(self, problems: Sequence[Problem]) -> None:
        for problem in problems:
            place, reason = problem.where[:500], problem.reason[:500]
            seen = self.session.scalars(
                select(Misread.id).where(
                    Misread.source_id == self.source.id,
                    Misread.place == place,
                    Misread.reason == reason,
                )
            ).first()
            if seen is None:
                self.session.add(
                    Misread(source_id=self.source.id, place=place, reason=reason, seen_at=self.now)
                )
                self.session.flush()


def purge(session: Session, mention: Mention) -> None:
    """Forget what a deleted mention said, in every revision; the row stays as a tombstone."""
    mention.state = "deleted"
    mention.text = mention.title = mention.our_reply = ""
    mention.author_name = ""
    mention.raw = None
    mention.revision += 1
    session.execute(
        update(Revision)
        .where(Revision.mention_id == mention.id)
        .values(text="", title="")
        .execution_options(synchronize_session=False)
    )
    session.flush()
