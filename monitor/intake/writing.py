"""Writes what is new or different on a page, as the only writer of its source.

A little longer than most: the orders of locking and of writing can only be checked where all
of them stand together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from connectors.base import FoundMention, Problem
from monitor.cases import life
from monitor.cases.elsewhere import hear_answer
from monitor.cases.opening import Complaint, open_cases
from monitor.cases.policies import PolicyBook
from monitor.cases.trail import touch
from monitor.cases.words import case_of
from monitor.intake.authors import author_ids
from monitor.intake.counts import Counts
from monitor.intake.known import Known, look_up
from monitor.intake.purging import purge
from monitor.intake.sighting import Sighting, cleaned, fraction, stars
from monitor.intake.standing import AT_ONCE, take_standing
from monitor.intake.terms import reasons_to_keep, recheck_and_end
from monitor.models import (
    Assessment,
    Brand,
    Case,
    Location,
    Mention,
    Misread,
    Reply,
    Revision,
    Source,
)
from monitor.models.upsert import insert_once

NO_WORDS: Mapping[str, Any] = {
    "state": "withheld",
    "author_id": None,
    "author_name": "",
    "title": "",
    "text": "",
    "rating": None,
    "rating_min": 1.0,
    "rating_max": 5.0,
    "our_reply": "",
    "raw": None,
}
"""What is stored of a mention whose platform lets us keep its id and link only."""

LITTLE_LEFT = 0.7
"""A mention that is seen again is kept longer once it has less than this share of its time."""


class PageWriter:
    """The second transaction: writes what is new or different, as one source's only writer."""

    def __init__(
        self,
        session: Session,
        source_id: int,
        book: PolicyBook,
        now: datetime,
        *,
        pushed: bool = False,
    ) -> None:
        self.session = session
        self.book = book
        self.now = now
        self.pushed = pushed
        # On PostgreSQL this row lock keeps a second intake of the same source waiting here. It
        # comes before the lock of any case; others may add rows that refer to the source.
        self.source = session.scalars(
            select(Source).where(Source.id == source_id).with_for_update(key_share=True)
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
        self.keeps_words = self.source.may_store
        self.location_keys = {row.id: row.key for row in self.locations.values()}

    def write(
        self,
        changed: dict[str, Sighting],
        gone: Sequence[int],
        counts: Counts,
    ) -> None:
        """Write everything of one page; `counts` gains what came of it."""
        known = look_up(self.session, self.source.id, list(changed))
        # Rows in the order of writing: what was said last has the highest id.
        new = sorted((each for key, each in changed.items() if key not in known), key=_time_written)
        edited = [(known[key], each) for key, each in changed.items() if key in known]
        counts.new, counts.edited, counts.deleted = len(new), len(edited), len(gone)
        counts.cases += self._add(new)
        for before, sighting in edited:
            counts.cases += self._edit(before, sighting)
        for mention_id in gone:
            self._delete(mention_id)
        self._note_misread(counts.problems)
        if new or edited:
            self.source.last_found_at = self.now

    def _add(self, sightings: Sequence[Sighting]) -> int:
        if not sightings:
            return 0
        authors: dict[str, int | None] = {}
        if self.keeps_words:
            authors = author_ids(self.session, self.source, [each.found for each in sightings])
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
        current = [pair for pair in pairs if not self._is_history(pair[1].found)]
        first = [pair for pair in current if not pair[1].found.parent_external_id]
        opened = self._open(
            self._complaint(mention_id, each, authors)
            for mention_id, each in first
            if each.judged.complaint and not each.judged.spam
        )
        # What a page says under its own complaints, in whatever order, belongs to their cases.
        later = [pair for pair in current if pair[1].found.parent_external_id]
        ours = self._our_replies([each.found.external_id for _, each in later])
        for mention_id, each in later:
            if each.found.external_id not in ours:
                opened += self._add_under(mention_id, each, authors)
        return opened

    def _our_replies(self, external_ids: Sequence[str]) -> set[str]:
        """Return those of these ids that are our own published replies."""
        if not external_ids:
            return set()
        found = (
            select(Reply.external_id)
            .join(Case, Case.id == Reply.case_id)
            .where(Case.source_id == self.source.id, Reply.external_id.in_(external_ids))
        )
        return set(self.session.scalars(found))

    def _add_under(
        self, mention_id: int, sighting: Sighting, authors: dict[str, int | None]
    ) -> int:
        """Take a word under another one: its author's further word on a case, or a new one."""
        judged = sighting.judged
        if judged.spam:
            return 0
        case = case_of(self.session, self.source.id, sighting.found.parent_external_id)
        mention = self.session.get_one(Mention, mention_id)
        if case is not None and _same_author(mention, case.mention):
            life.take_later_word(
                self.session, case, mention, complaint=judged.complaint, now=self.now
            )
            return 0
        return self._open([self._complaint(mention_id, sighting, authors)] * judged.complaint)

    def _open(self, complaints: Iterable[Complaint]) -> int:
        return len(open_cases(self.session, self.book, list(complaints), self.now))

    def _edit(self, before: Known, sighting: Sighting) -> int:
        found, judgement = sighting.found, sighting.judged
        # The source is locked, so nobody else edits this row.
        mention = self.session.get_one(Mention, before.id, populate_existing=True)
        if mention.content_hash == sighting.hash and mention.state != "deleted":
            return 0
        if _is_outdated(found, mention):
            return 0
        stars_before = stars(mention.rating, mention.rating_min, mention.rating_max)
        mention.history = self._stays_history(mention, sighting)
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
        mention.content_hash = sighting.hash
        mention.edited_at = found.edited_at
        mention.language = judgement.language
        mention.state = "present" if self.keeps_words else "withheld"
        if self.keeps_words:
            mention.title, mention.text = found.title, found.text
            mention.rating = found.rating
            mention.rating_min, mention.rating_max = found.rating_min, found.rating_max
            mention.raw = mention.raw if found.raw is None else dict(found.raw)
        mention.recheck_at, mention.keep_until = self._recheck_and_end()
        answer_before = take_standing(mention, found)
        self.session.flush()
        self.session.execute(
            insert(Assessment.__table__),  # type: ignore[arg-type]
            [self._assessment_row(mention.id, mention.revision, sighting)],
        )
        hear_answer(self.session, mention, answer_before, self.now)
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
        return self._open(
            [self._complaint(mention.id, sighting, {found.author_id: mention.author_id})]
        )

    def _delete(self, mention_id: int) -> None:
        mention = self.session.get_one(Mention, mention_id)
        if mention.state == "deleted":
            return
        case = self._case_with(mention_id)
        purge(self.session, mention)
        if case is None:
            return
        if case.mention_id == mention_id:
            life.take_deletion(self.session, case, self.now)
        else:
            life.take_word_deletion(self.session, case, mention_id, self.now)

    def _case_with(self, mention_id: int) -> Case | None:
        external_id = self.session.scalars(
            select(Mention.external_id).where(Mention.id == mention_id)
        ).one()
        return case_of(self.session, self.source.id, external_id)

    def note_standing(self, beside: Mapping[int, FoundMention]) -> None:
        """Write down what stands beside mentions whose own words are as they were."""
        for mention_id in sorted(beside):
            mention = self.session.get_one(Mention, mention_id, populate_existing=True)
            if mention.state == "deleted":
                continue
            locked = mention.locked
            before = take_standing(mention, beside[mention_id])
            self.session.flush()
            hear_answer(self.session, mention, before, self.now)
            case = self._case_with(mention_id) if mention.locked != locked else None
            if case is not None:
                touch(self.session, case.id, self.now)

    def keep_longer(self, ids: Sequence[int]) -> None:
        """Let mentions that were seen just now be kept from now on, as the terms say."""
        keep_seconds = self.source.keep_seconds
        if not ids or keep_seconds is None:
            return
        soon = self.now + timedelta(seconds=keep_seconds * LITTLE_LEFT)
        for start in range(0, len(ids), AT_ONCE):
            recheck_at, keep_until = self._recheck_and_end()
            self.session.execute(
                update(Mention)
                .where(
                    Mention.id.in_(ids[start : start + AT_ONCE]),
                    Mention.state != "deleted",
                    Mention.recheck_at < soon,
                )
                .values(recheck_at=recheck_at, keep_until=keep_until)
                .execution_options(synchronize_session=False)
            )

    def _recheck_and_end(self) -> tuple[datetime | None, datetime | None]:
        return recheck_and_end(self.source.keep_seconds, self.now)

    def _is_history(self, found: FoundMention) -> bool:
        """Tell whether this was last said before we began to listen.

        Where the platform tells no time, what is found before the first walk through all that
        stands there has ended is history. A walk that is interrupted goes on, so it ends once.
        """
        source = self.source
        if self.pushed:
            return False
        since = source.backfill_since
        if since is None and source.begins_with_history:
            since = source.watched_since or self.now
        if since is None:
            return False
        said = found.edited_at or found.created_at
        if said is not None:
            return said < since
        return source.begins_with_history and source.caught_up_at is None

    def _stays_history(self, mention: Mention, sighting: Sighting) -> bool:
        """Tell whether an edit leaves an old mention what it is.

        Many platforms tell no time of an edit, and a page that is rendered anew looks like one.
        A lower rating, or words that have become a complaint, are the author's doing.
        """
        found = sighting.found
        if not mention.history or not self._is_history(found):
            return False
        before = fraction(mention.rating, mention.rating_min, mention.rating_max)
        now = fraction(found.rating, found.rating_min, found.rating_max)
        if before is not None and now is not None and now < before:
            return False
        if not sighting.judged.complaint:
            return True
        was_complaint = self.session.scalars(
            select(Assessment.complaint).where(
                Assessment.mention_id == mention.id, Assessment.revision == mention.revision
            )
        ).first()
        return was_complaint is not False

    def _mention_row(self, sighting: Sighting, authors: dict[str, int | None]) -> dict[str, Any]:
        found = sighting.found
        recheck_at, keep_until = self._recheck_and_end()
        row = {
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
            "state": "present",
            "history": self._is_history(found),
            "our_reply": found.our_reply,
            "our_reply_at": found.our_reply_at,
            "addressed_to_us": found.addressed_to_us,
            "locked": found.locked,
            "recheck_at": recheck_at,
            "keep_until": keep_until,
            "raw": found.raw,
        }
        return row if self.keeps_words else row | NO_WORDS

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
            "reasons": reasons_to_keep(judgement.reasons, may_store=self.keeps_words),
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
            reasons=tuple(reasons_to_keep(judgement.reasons, may_store=self.keeps_words)),
        )

    def _location_id(self, found: FoundMention) -> int | None:
        named = self.locations.get(found.location.casefold()) if found.location else None
        return named.id if named is not None else self.source.location_id

    def _note_misread(self, problems: Sequence[Problem]) -> None:
        for problem in problems:
            insert_once(
                self.session,
                Misread,
                source_id=self.source.id,
                place=cleaned(problem.where)[:500],
                reason=cleaned(problem.reason)[:500],
                seen_at=self.now,
            )


def _time_written(sighting: Sighting) -> datetime:
    """Order words as they were written; those without a time come last."""
    return sighting.found.created_at or datetime.max.replace(tzinfo=UTC)


def _same_author(word: Mention, first: Mention) -> bool:
    """Tell whether two words may be one person's; those without an author's id may."""
    return word.author_id is None or first.author_id is None or word.author_id == first.author_id


def _is_outdated(found: FoundMention, mention: Mention) -> bool:
    """Tell whether a listing hands out an older text than the stored one, as caches do.

    Only times of the platform are compared, and only where it told both.
    """
    return (
        mention.state != "deleted"
        and found.edited_at is not None
        and mention.edited_at is not None
        and found.edited_at < mention.edited_at
    )
