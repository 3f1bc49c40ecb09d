"""Makes a store of many cases with their clocks, drafts, replies and events.

The rows are those that the product writes itself; only their number is beyond what a benchmark can
wait for, so that they are put in by the thousand. Everything follows from the seed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from monitor.db import Database
from monitor.hours import ALWAYS
from monitor.migrate import upgrade
from monitor.models import Account, Brand, Location, SlaPolicy, Source
from monitor.sla import DEFAULT_POLICY, make_snapshot

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
DAYS = 365
SOURCES, LOCATIONS = 40, 12
PEOPLE = tuple(f"Person {number}" for number in range(1, 11))
TOPICS = ("waiting", "staff", "price", "delivery", "refund", "quality", "app", "cleanliness")
LANGUAGES = ("en", "en", "en", "de", "de", "fr", "es", "it")
TARGET = 8 * 3600
AT_ONCE = 20_000

COLUMNS = {
    "mention": (
        "id source_id external_id location_id kind author_name text title rating language "
        "created_at first_seen_at content_hash state history our_reply url parent_external_id "
        "rating_min rating_max revision"
    ),
    "assessment": (
        "id mention_id revision language sentiment complaint_probability complaint urgency topics "
        "spam reasons model assessed_at"
    ),
    "case": (
        "id source_id brand_id location_id mention_id policy_id state urgency assignee opened_at "
        "closed_at revision"
    ),
    "clock": (
        "id case_id target state started_at due_at stopped_at breached_at noticed_at "
        "business_seconds stopped_by visible_at"
    ),
    "draft": (
        "id case_id version mention_revision text text_hash language made_by reasons state "
        "created_at"
    ),
    "reply": (
        "id case_id draft_id mention_id text key state approved_by approved_at submitted_at "
        "visible_at external_id url"
    ),
    "event": "id case_id at actor kind detail",
}
"""The columns that are filled, in the order in which the tables refer to each other."""

Rows = dict[str, list[tuple[Any, ...]]]


def fill(database: Database, cases: int, tell: Callable[[str], None]) -> None:
    """Make the store and put `cases` cases of the last `DAYS` days in, a complaint each."""
    upgrade(database)
    _places(database)
    done = 0
    for rows in _rows(cases):
        _put(database, rows)
        done += len(rows["case"])
        tell(f"{done:,} cases")
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
        database.scrub()
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in COLUMNS:
            sequence = f"select setval(pg_get_serial_sequence('\"{table}\"', 'id'), {10**8})"
            connection.exec_driver_sql(sequence)
        connection.exec_driver_sql("VACUUM ANALYZE")


def _places(database: Database) -> None:
    snapshot = make_snapshot(DEFAULT_POLICY, ALWAYS)
    with database.write() as session:
        session.add(Brand(id=1, key="harbour", name="Harbour Coffee"))
        session.add(Account(id=1, key="demo", platform="demo"))
        session.flush()
        for number in range(1, LOCATIONS + 1):
            session.add(Location(id=number, brand_id=1, key=f"place-{number}", name=f"P {number}"))
        session.flush()
        for number in range(1, SOURCES + 1):
            session.add(
                Source(
                    id=number,
                    key=f"source-{number:02}",
                    connector="file",
                    brand_id=1,
                    account_id=1,
                    watched_since=NOW,
                )
            )
        for number, key in enumerate(("urgent", "standard"), 1):
            session.execute(
                insert(SlaPolicy).values(
                    id=number,
                    digest=f"{number:064}",
                    key=key,
                    body=snapshot.to_json(),
                    first_used_at=NOW,
                )
            )


def _rows(cases: int) -> Iterator[Rows]:
    """Yield the rows of some cases at a time, in the order in which they were opened."""
    chance = random.Random(20261129)
    step = timedelta(days=DAYS) / cases
    rows: Rows = {table: [] for table in COLUMNS}
    for number in range(1, cases + 1):
        opened = (NOW - timedelta(days=DAYS) + step * number).replace(microsecond=0)
        _case(rows, number, opened, chance)
        if len(rows["case"]) == AT_ONCE:
            yield rows
            rows = {table: [] for table in COLUMNS}
    if rows["case"]:
        yield rows


def _case(rows: Rows, number: int, opened: datetime, chance: random.Random) -> None:
    source = min(SOURCES, 1 + int(chance.expovariate(0.08)))
    place = chance.randint(1, LOCATIONS)
    topics = chance.sample(TOPICS, chance.choice((0, 1, 1, 2)))
    language = chance.choice(LANGUAGES)
    person = chance.choice(PEOPLE)
    written = opened - timedelta(seconds=chance.expovariate(1 / 900))
    took = timedelta(seconds=int(chance.lognormvariate(9.4, 1.1)))
    answered = opened + took
    closed = answered + timedelta(days=3)
    due = opened + timedelta(seconds=TARGET)
    late = took.total_seconds() > TARGET
    is_answered, is_closed = answered < NOW, closed < NOW
    policy = 1 if chance.random() < 0.2 else 2
    rows["mention"].append(
        (number, source, f"m{number}", place, "review", "", "bad", "", float(chance.randint(1, 3)),
         language, written, opened, f"{number:032x}", "present", False, "", "", "", 1.0, 5.0, 1)
    )  # fmt: skip
    rows["assessment"].append(
        (number, number, 1, language, -chance.random(), 0.9, True, "normal", topics, False, [],
         "benchmark", opened)
    )  # fmt: skip
    state = "closed" if is_closed else "answered" if is_answered else "drafted"
    rows["case"].append(
        (number, source, 1, place, number, policy, state, "normal", person, opened,
         closed if is_closed else None, 3)
    )  # fmt: skip
    breached = due if late and (is_answered or due < NOW) else None
    by, visible = (person, answered + timedelta(seconds=60)) if is_answered else ("", None)
    rows["clock"].append(
        (2 * number - 1, number, "first_response", "stopped" if is_answered else "running",
         opened, due, answered if is_answered else None, breached, breached,
         took.total_seconds() if is_answered else None, by, visible)
    )  # fmt: skip
    rows["clock"].append(
        (2 * number, number, "resolution", "stopped" if is_closed else "running", opened,
         opened + timedelta(days=5), closed if is_closed else None, None, None,
         (closed - opened).total_seconds() if is_closed else None, "", None)
    )  # fmt: skip
    rows["draft"].append(
        (number, number, 1, 1, "Sorry.", "0" * 16, language, "templates", [],
         "approved" if is_answered else "proposed", opened + timedelta(seconds=2))
    )  # fmt: skip
    rows["event"].append((2 * number - 1, number, opened, "Rapport", "opened", {}))
    if is_answered:
        approved = answered - timedelta(seconds=15)
        rows["reply"].append(
            (number, number, number, number, "Sorry.", f"k{number}", "published",
             f"{person} (web)", max(opened, approved), answered,
             visible, f"r{number}", "")
        )  # fmt: skip
        if chance.random() < 0.2:
            kind = chance.choice(("rating_raised", "customer_wrote", "edited"))
            rows["event"].append(
                (2 * number, number, answered + timedelta(hours=5), "somebody", kind, {})
            )


def _put(database: Database, rows: Rows) -> None:
    if database.is_sqlite:
        _put_into_sqlite(database, rows)
    else:
        _copy_into_postgres(database, rows)


def _put_into_sqlite(database: Database, rows: Rows) -> None:
    raw = database.engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        for table, columns in COLUMNS.items():
            names = columns.split()
            marks = ",".join("?" * len(names))
            statement = f'insert into "{table}" ({",".join(names)}) values ({marks})'
            cursor.executemany(statement, [tuple(map(_for_sqlite, row)) for row in rows[table]])
        cursor.execute("COMMIT")
        cursor.close()
    finally:
        raw.close()


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return json.dumps(value) if isinstance(value, list | dict) else value


def _copy_into_postgres(database: Database, rows: Rows) -> None:
    raw = database.engine.raw_connection()
    try:
        cursor = raw.cursor()
        for table, columns in COLUMNS.items():
            with cursor.copy(f'copy "{table}" ({",".join(columns.split())}) from stdin') as copy:
                for row in rows[table]:
                    copy.write_row(tuple(map(_for_postgres, row)))
        raw.commit()
        cursor.close()
    finally:
        raw.close()


def _for_postgres(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value
