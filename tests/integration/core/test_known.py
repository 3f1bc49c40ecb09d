"""Looking up a page's items costs what the page costs, however much its source has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from monitor.db import Database
from monitor.intake.known import ids_of, look_up
from monitor.models import Account, Brand, Mention, Source

STORED = 2000


@pytest.fixture
def source_id(database: Database) -> int:
    """A source with many mentions, in a table that was not analysed since they came."""
    with database.write() as session:
        source = Source(
            key="feed",
            connector="feed",
            brand=Brand(key="harbour", name="Harbour Coffee"),
            account=Account(key="feed", platform="feed"),
            cursor={},
        )
        session.add(source)
        session.flush()
        found = source.id
        session.execute(
            insert(Mention),
            [
                {
                    "source_id": found,
                    "external_id": f"r{number}",
                    "kind": "review",
                    "text": "a fine tea",
                    "content_hash": f"{number:032}",
                    "first_seen_at": datetime(2026, 3, 1, tzinfo=UTC),
                }
                for number in range(STORED)
            ],
        )
    return found


def test_what_is_stored_is_found_and_nothing_else(database: Database, source_id: int) -> None:
    with database.read() as session:
        known = look_up(session, source_id, ["r7", "r1999", "r2000", 'it\'s\n"x" é'])
        ids = ids_of(session, source_id, ["r1999", "r7", "r2000"])
        assert look_up(session, source_id + 1, ["r7"]) == {}
        assert look_up(session, source_id, []) == {}
        assert ids_of(session, source_id, []) == {}
    assert known.keys() == ids.keys() == {"r7", "r1999"}
    assert {key: each.id for key, each in known.items()} == ids
    assert known["r7"].content_hash == f"{7:032}"
    assert not known["r7"].expires


@pytest.mark.parametrize("find", [look_up, ids_of])
def test_each_key_is_looked_up_in_the_unique_index(
    database: Database, source_id: int, find: Any
) -> None:
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, values: Any, *_: Any) -> None:
        seen.append((sql, values))

    with database.read() as session:
        event.listen(database.engine, "before_cursor_execute", note)
        find(session, source_id, ["r1", "r2"])
        event.remove(database.engine, "before_cursor_execute", note)
    ((sql, values),) = [each for each in seen if "mention" in each[0]]
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    with database.engine.connect() as connection:
        if not database.is_sqlite:  # the worst that a prepared statement may come to
            connection.execute(text("SET plan_cache_mode = force_generic_plan"))
        lines = [str(line) for line in connection.exec_driver_sql(explain + sql, values).all()]
        connection.rollback()
    by_both = "source_id=? AND external_id=?" if database.is_sqlite else "Index Cond: ((source_id"
    (about,) = [line for line in lines if by_both in line]
    assert "external_id" in about, "not all that the source has"
    assert not any("Seq Scan on mention" in line or "SCAN m" in line for line in lines)
