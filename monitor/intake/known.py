"""What the store has of a page's items already: one indexed look-up for the whole page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session


class Known(NamedTuple):
    """What the store has of one external id.

    `locked`: it was locked when it was last read. `expires`: it is kept for a limited time, and
    longer when it is seen again.
    """

    id: int
    content_hash: str
    state: str
    locked: bool
    expires: bool


def look_up(session: Session, source_id: int, external_ids: Sequence[str]) -> dict[str, Known]:
    """Return what is stored of these ids. The keys travel as one JSON parameter."""
    rows = _found(_WHOLE, session, source_id, external_ids)
    return {row[0]: Known._make(row[1:]) for row in rows}


def ids_of(session: Session, source_id: int, external_ids: Sequence[str]) -> dict[str, int]:
    """Return our ids of those of these external ids that are stored."""
    return dict(_found(_IDS, session, source_id, external_ids))


def _found(
    statements: dict[str, TextClause], session: Session, source_id: int, ids: Sequence[str]
) -> Sequence[Any]:
    if not ids:
        return ()
    statement = statements[session.get_bind().dialect.name]
    return session.execute(statement, {"source": source_id, "ids": json.dumps(ids)}).all()


def _statements(columns: str) -> dict[str, TextClause]:
    """Return the statement for each database; each looks every key up in the unique index.

    Left to themselves, both may read all that a source has: SQLite where it puts the mentions
    first, which CROSS JOIN forbids, PostgreSQL where a table has grown since it was last
    analysed, as in every import. It never takes a subquery with OFFSET apart.
    """
    return {
        "sqlite": text(
            f"SELECT m.external_id, {columns} FROM json_each(:ids) k "  # noqa: S608  a constant
            "CROSS JOIN mention m ON m.source_id = :source AND m.external_id = k.value"
        ),
        "postgresql": text(
            f"SELECT m.external_id, {columns} "  # noqa: S608  a constant
            "FROM jsonb_array_elements_text(CAST(:ids AS jsonb)) k(id) CROSS JOIN LATERAL "
            "(SELECT * FROM mention WHERE source_id = :source AND external_id = k.id OFFSET 0) m"
        ),
    }


_WHOLE = _statements("m.id, m.content_hash, m.state, m.locked <> '', m.recheck_at IS NOT NULL")
_IDS = _statements("m.id")
