"""Stores one page of found mentions: new ones, edits, later words and confirmed deletions.

Judging happens between two short transactions, never inside one. The second looks again
before it writes, with the source's row locked, so that two intakes of one source cannot both
store the same mention. Known and unchanged items cost one indexed look-up per page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from connectors.base import FoundMention, MentionRef, Page
from monitor.assess import Assessor, Utterance
from monitor.cases.policies import PolicyBook
from monitor.db import Database
from monitor.intake.counts import Counts
from monitor.intake.known import Known, look_up
from monitor.intake.sighting import Sighting, newest_by_id
from monitor.intake.standing import standing_otherwise
from monitor.intake.writing import PageWriter
from monitor.judging.shares import share_and_brand

ConfirmDeletion = Callable[[MentionRef], bool]
Saved = Callable[[Session], None]


class PageStore:
    """Stores pages of any source. Holds no state between pages; safe on many threads."""

    def __init__(self, database: Database, assessor: Assessor, book: PolicyBook) -> None:
        self._database = database
        self._assessor = assessor
        self._book = book

    def store(
        self,
        source_id: int,
        page: Page,
        now: datetime,
        *,
        saved: Saved,
        confirm_deletion: ConfirmDeletion,
        pushed: bool = False,
        filed: bool = False,
    ) -> Counts:
        """Store `page` in one transaction with whatever `saved` writes (cursor, claim).

        `confirm_deletion` is asked, outside any transaction, about items that the page calls
        deleted. `pushed`: the platform told of it by itself, so it is news whatever its age.
        `filed`: it was downloaded some time ago, and may be older than what is stored.
        Raises what `saved` raises, and then nothing of the page is stored.
        """
        sightings, nameless = newest_by_id(page.mentions)
        problems = [*page.problems, *nameless]
        known: Mapping[str, Known] = {}
        if sightings:
            with self._database.read() as session:
                known = look_up(session, source_id, list(sightings))
        changed: dict[str, Sighting] = {}
        aside: dict[int, FoundMention] = {}
        seen_again: list[int] = []
        gone: list[int] = []
        for external_id, sighting in sightings.items():
            found, before = sighting.found, known.get(external_id)
            if before is None:
                if not found.deleted:
                    changed[external_id] = sighting
            elif found.deleted:
                ref = MentionRef(external_id, url=found.url)
                if before.state != "deleted" and confirm_deletion(ref):
                    gone.append(before.id)
            elif before.content_hash != sighting.hash or before.state == "deleted":
                changed[external_id] = sighting
            else:
                if before.expires:
                    seen_again.append(before.id)
                if before.locked or found.locked or found.our_reply or found.addressed_to_us:
                    aside[before.id] = found
        self._judge(source_id, changed.values())
        counts = Counts(
            found=len(page.mentions),
            known=len(sightings) - len(changed) - len(gone),
            misread=len(problems),
            problems=problems,
        )
        if aside:
            with self._database.read() as session:
                aside = standing_otherwise(session, aside)
        with self._database.write() as session:
            if changed or gone or problems or aside or seen_again:
                writer = PageWriter(session, source_id, self._book, now, pushed=pushed, filed=filed)
                writer.write(changed, gone, counts)
                writer.note_standing(aside)
                writer.keep_longer(seen_again)
            saved(session)
        return counts

    def _judge(self, source_id: int, sightings: Iterable[Sighting]) -> None:
        batch = list(sightings)
        if not batch:
            return
        with self._database.glance() as connection:
            share, brand = share_and_brand(connection, source_id)
        judged = self._assessor.assess_many(
            [
                Utterance(
                    each.found.text,
                    each.found.title,
                    each.rating,
                    each.found.language,
                    each.found.kind,
                    share,
                    brand,
                )
                for each in batch
            ]
        )
        for each, judgement in zip(batch, judged, strict=True):
            each.judgement = judgement
            _ = judgement.details  # worked out when first read: here, where no writer waits for it
