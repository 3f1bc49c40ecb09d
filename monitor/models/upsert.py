"""Adds rows unless they are there already, whoever else adds the same ones at this moment.

A plain look before the insertion is no help on PostgreSQL: two transactions look, neither sees
the other's row, and the second to insert fails as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from monitor.models.base import Base


def insert_once(session: Session, model: type[Base], **values: Any) -> bool:
    """Insert one row unless a unique key refuses it; tell whether it was inserted."""
    table = model.__table__
    statement = _insert(session)(table).values(values).on_conflict_do_nothing()
    return session.execute(statement.returning(table.c.id)).first() is not None


def insert_missing(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those of `rows` that no unique key refuses.

    They should come in the order of their key: two who insert the same rows in other orders
    wait for each other.
    """
    if rows:
        statement = _insert(session)(model.__table__).on_conflict_do_nothing()
        session.execute(statement, list(rows))


def _insert(session: Session) -> Any:
    # The two dialects' statements share these methods without sharing a type.
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
