"""Who waits for whom on PostgreSQL: locks that would let two wait for each other for ever.

SQLite has one writer at a time, so nothing of this can happen there.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from monitor.cases.trail import lock_case, record
from monitor.db import Database
from monitor.intake.writing import PageWriter
from monitor.models import Misread, Reply
from responders.slack.owed import owe_line
from tests.support.core_world import World


@pytest.fixture
def database(postgres_database: Database) -> Database:
    from tests.support.core_stores import empty

    empty(postgres_database)
    return postgres_database


def impatiently(world: World, act: Callable[[Session], object]) -> None:
    """Do this in a transaction that waits for no lock."""
    with world.write() as session:
        session.execute(text("SET LOCAL lock_timeout = '200ms'"))
        act(session)
        session.flush()


def test_a_locked_case_lets_others_add_rows_that_refer_to_it(world: World) -> None:
    case_id = world.drafted()
    with world.write() as deciding:
        lock_case(deciding, case_id)
        impatiently(world, lambda s: record(s, case_id, "publishing", "Rapport", world.clock()))
        impatiently(world, lambda s: owe_line(s, case_id, "C0", "step", "said", world.clock()))


def test_a_locked_case_is_locked_for_the_next_who_decides(world: World) -> None:
    case_id = world.drafted()
    with world.write() as deciding:
        lock_case(deciding, case_id)
        with pytest.raises(OperationalError, match="lock timeout"):
            impatiently(world, lambda s: lock_case(s, case_id))


def test_an_intake_lets_others_refer_to_its_source_and_to_the_mention_it_edits(
    world: World,
) -> None:
    case_id = world.drafted()
    source_id, mention_id = world.source_id(), world.mention("m1").id
    with world.write() as reading:
        writer = PageWriter(reading, source_id, world.store._book, world.clock())
        reading.execute(text(f"UPDATE mention SET text = 'new' WHERE id = {mention_id}"))

        def approve(session: Session) -> None:
            draft = world.drafts(case_id)[0]
            session.add(
                Reply(
                    case_id=case_id,
                    draft_id=draft.id,
                    mention_id=mention_id,
                    text=draft.text,
                    key="k",
                    state="withdrawn",
                    approved_by="Mara (web)",
                    approved_at=world.clock(),
                )
            )
            record(session, case_id, "approved", "Mara (web)", world.clock(), version=1)

        impatiently(world, approve)
        impatiently(
            world,
            lambda s: s.add(
                Misread(source_id=source_id, place="p", reason="r", seen_at=world.clock())
            ),
        )
        assert writer.source.key == "board"
        reading.rollback()


def test_an_intake_keeps_the_next_intake_of_its_source_waiting(world: World) -> None:
    source_id = world.source_id()
    with world.write() as reading:
        PageWriter(reading, source_id, world.store._book, world.clock())
        with pytest.raises(OperationalError, match="lock timeout"):
            impatiently(world, lambda s: PageWriter(s, source_id, world.store._book, world.clock()))
