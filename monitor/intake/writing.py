"""Writes what is new or different on a page, as the only writer of its source.

A little longer than most: the orders of locking and of writing can only be checked where all
of them stand together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from connectors.base import FoundMention, Problem
from monitor.cases import life
from monitor.cases.elsewhere import hear_answer
from monitor.cases.opening import Complaint, open_cases
from monitor.cases.policies import PolicyBook
from monitor.cases.trail import touch
from monitor.cases.words import case_of
from monitor.changes import mentions_changed
from monitor.intake.authors import author_ids
from monitor.intake.counts import Counts
from monitor.intake.doubts import Doubts
from monitor.intake.history import NEWS, beginning_of, stays_history
from monitor.intake.known import Known, ids_of, look_up
from monitor.intake.purging import purge
from monitor.intake.rows import Keeping, assessment_row, mention_row, without_empty_columns
from monitor.intake.sighting import Sighting, cleaned, stars
from monitor.intake.standing import take_standing
from monitor.intake.terms import keep_longer, reasons_to_keep, recheck_and_end
from monitor.judging.shares import learn_share
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
        filed: bool = False,
    ) -> None:
        self.session = session
        self.book = book
        self.now = now
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
        self.keeping = Keeping(source_id, self.source.keep_seconds, self.source.may_store)
        self.keeps_words = self.source.may_store
        # Where files are all there is, the one read last is the newest.
        self.filed = filed and self.source.connector != "file"
        self.beginning = NEWS if pushed else beginning_of(self.source, now)
        self.location_keys = {row.id: row.key for row in self.locations.values()}
        self.doubts = Doubts(session, now)

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
        self.doubts.write()
        self._note_misread(counts.problems)
        if new or edited:
            self.source.last_found_at = self.now
        if new:
            history = [each.found.created_at for each in new if self._is_history(each)]
            mentions_changed(self.session, [self.now, *history])
        learn_share(self.source, ((s.judged.complaint_probability, s.rating) for s in new))

    def _add(self, sightings: Sequence[Sighting]) -> int:
        if not sightings:
            return 0
        authors: dict[str, int | None] = {}
        if self.keeps_words:
            authors = author_ids(self.session, self.source, [each.found for each in sightings])
        self.session.execute(
            insert(Mention.__table__),  # type: ignore[arg-type]  # a Table
            self._mention_rows(sightings, authors),
        )
        ids = ids_of(self.session, self.source.id, [s.found.external_id for s in sightings])
        pairs = [(ids[each.found.external_id], each) for each in sightings]
        self.session.execute(
            insert(Assessment.__table__),  # type: ignore[arg-type]
            [self._assessment_row(mention_id, 1, each) for mention_id, each in pairs],
        )
        current = [
            pair for pair in pairs if not self.beginning.comes_after(pair[1].found, new=True)
        ]
        first = [pair for pair in current if not pair[1].found.parent_external_id]
        opened = self._open(
            self._complaint(mention_id, each, authors)
            for mention_id, each in first
            if each.judged.complaint and not each.judged.spam
        )
        for mention_id, each in first:
            self.doubts.weigh(mention_id, 1, each.judged)
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
                self.session,
                case,
                mention,
                sighting.found.text,
                intent=judged.intent,
                now=self.now,
            )
            return 0
        self.doubts.weigh(mention_id, 1, judged)
        return self._open([self._complaint(mention_id, sighting, authors)] * judged.complaint)

    def _open(self, complaints: Iterable[Complaint]) -> int:
        return len(open_cases(self.session, self.book, list(complaints), self.now))

    def _edit(self, before: Known, sighting: Sighting) -> int:
        found, judgement = sighting.found, sighting.judged
        # The source is locked, so nobody else edits this row.
        mention = self.session.get_one(Mention, before.id, populate_existing=True)
        if mention.content_hash == sighting.hash and mention.state != "deleted":
            return 0
        if self.filed and self._was_said_before(found, mention):
            return 0
        if _is_outdated(found, mention):
            if not self.filed:
                self.keep_longer([mention.id])  # it stands there still, whatever a cache shows
            return 0
        stars_before = stars(mention.rating, mention.rating_min, mention.rating_max)
        mentions_changed(self.session, [mention.first_seen_at, mention.created_at])
        mention.history = self.beginning.comes_after(found) and stays_history(
            self.session, mention, sighting
        )
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
            mention.author_name = mention.author_name or found.author_name
            mention.rating = found.rating
            mention.rating_min, mention.rating_max = found.rating_min, found.rating_max
            mention.raw = mention.raw if found.raw is None else dict(found.raw)
        mention.recheck_at, mention.keep_until = recheck_and_end(self.source.keep_seconds, self.now)
        self.doubts.edited(mention.id)
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
        calls = (judgement.complaint or judgement.unsure) and not judgement.spam
        if not calls or mention.history or self._our_replies([found.external_id]):
            return 0
        self.doubts.weigh(mention.id, mention.revision, judgement)
        authors = {found.author_id: mention.author_id}
        complaint = self._complaint(mention.id, sighting, authors, edited=True)
        return self._open([complaint] * judgement.complaint)

    def _was_said_before(self, found: FoundMention, mention: Mention) -> bool:
        """Tell whether a downloaded text is older than the stored one, read at the platform.

        A file often tells only when a text was first said. Where no times tell, a text that an
        edit has replaced is old.
        """
        if mention.state == "deleted":
            return False
        said, stored = found.edited_at or found.created_at, mention.edited_at or mention.created_at
        if said is not None and stored is not None and (found.edited_at or mention.edited_at):
            return said < stored
        replaced = select(Revision.title, Revision.text).where(Revision.mention_id == mention.id)
        return any(
            (found.title, found.text) == tuple(row) for row in self.session.execute(replaced)
        )

    def _delete(self, mention_id: int) -> None:
        mention = self.session.get_one(Mention, mention_id)
        if mention.state == "deleted":
            return
        case = self._case_with(mention_id)
        purge(self.session, mention, self.now)
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
        keep_longer(self.session, self.source.keep_seconds, ids, self.now)

    def _mention_rows(
        self, sightings: Sequence[Sighting], authors: dict[str, int | None]
    ) -> Sequence[dict[str, Any]]:
        return without_empty_columns(
            [
                mention_row(
                    self.keeping,
                    each,
                    self.now,
                    location_id=self._location_id(each.found),
                    author_id=authors.get(each.found.author_id),
                    history=self._is_history(each),
                )
                for each in sightings
            ]
        )

    def _is_history(self, sighting: Sighting) -> bool:
        return self.beginning.comes_after(sighting.found, new=True)

    def _assessment_row(self, mention_id: int, revision: int, sighting: Sighting) -> dict[str, Any]:
        return assessment_row(self.keeping, sighting, self.now, mention_id, revision)

    def _complaint(
        self,
        mention_id: int,
        sighting: Sighting,
        authors: dict[str, int | None],
        *,
        edited: bool = False,
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
            topics=tuple(judgement.topics),
            reach=found.author_reach,
            # Of an edited text only the time of the edit counts: it may have read otherwise.
            written_at=found.edited_at or (None if edited else found.created_at),
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
