"""What the store has of a page's items already: one indexed look-up for the whole page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
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
    if not external_ids:
        return {}
    postgres = session.get_bind().dialect.name == "postgresql"
    rows = session.execute(
        _KNOWN_POSTGRES if postgres else _KNOWN_SQLITE,
        {"source": source_id, "ids": json.dumps(external_ids)},
    )
    return {row[0]: Known._make(row[1:]) for row in rows}


_COLUMNS = "m.external_id, m.id, m.content_hash, m.state, m.locked <> '', m.recheck_at IS NOT NULL"
_KNOWN_SQLITE = text(
    f"SELECT {_COLUMNS} FROM json_each(:ids) k "  # noqa: S608  a constant
    # CROSS JOIN keeps the order: the few keys first, each found by the unique index.
    "CROSS JOIN mention m ON m.source_id = :source AND m.external_id = k.value"
)
_KNOWN_POSTGRES = text(
    f"SELECT {_COLUMNS} FROM mention m "  # noqa: S608  a constant
    "WHERE m.source_id = :source AND m.external_id = ANY("
    "ARRAY(SELECT jsonb_array_elements_text(CAST(:ids AS jsonb))))"
)
