"""What stands on the two boards: one small SQLite file, written before anything is answered.

Every change of an item gives it the next number of one sequence, so that a list in the order of
changes has a cursor that can neither skip nor repeat. Times are seconds since 1970, UTC.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.demo.schema import SCHEMA


@dataclass(frozen=True, slots=True)
class Item:
    """One text on a board: a review, a post, a comment, or the business's answer."""

    id: str
    board: str
    kind: str
    parent_id: str
    root_id: str
    author: str
    author_id: str
    stars: int | None
    title: str
    text: str
    language: str
    location: str
    by_owner: bool
    created_at: float
    edited_at: float | None
    deleted_at: float | None
    updated_at: float
    seq: int
    revision: int
    served_at: float | None
    reactions: str


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one reply: the text that stands there now, and how it got there."""

    reply: Item
    outcome: str


def author_id_of(author: str) -> str:
    """Return the stable id of an author; two people of one name are one person here."""
    return "u" + hashlib.sha256(author.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def answer_id(item: Item) -> str:
    """Return the id of the business's one answer under `item` on the review board."""
    return f"{item.id}-answer"


class Store:
    """The boards' memory. Safe to use from several threads; `close` it at the end."""

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        if self.path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        try:
            self._db.execute("PRAGMA busy_timeout = 5000")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(SCHEMA)
        except sqlite3.Error:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        with self._lock:
            self._db.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run one unit of work: all of it is kept, or none. May be nested."""
        with self._lock:
            if self._db.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def wipe(self) -> None:
        """Forget everything."""
        with self.writing() as db:
            for table in ("meta", "items", "agenda", "faults", "ledger"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return what a reading statement finds."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    # -- small facts -------------------------------------------------------------------------

    def get(self, key: str, default: Any = None) -> Any:
        """Return the fact kept under `key`."""
        found = self.rows("SELECT value FROM meta WHERE key = ?", (key,))
        return json.loads(found[0]["value"]) if found else default

    def put(self, key: str, value: Any) -> None:
        """Keep one JSON-serialisable fact under `key`."""
        with self.writing() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def count(self, key: str) -> int:
        """Return the next number of the sequence called `key`, from 1."""
        with self.writing():
            number = int(self.get(key, 0)) + 1
            self.put(key, number)
            return number

    # -- items -------------------------------------------------------------------------------

    def item(self, item_id: str) -> Item | None:
        """Return one item, deleted or not."""
        found = self.rows("SELECT * FROM items WHERE id = ?", (item_id,))
        return _item(found[0]) if found else None

    def find(self, where: str, values: Sequence[Any] = ()) -> list[Item]:
        """Return the items that `where` (SQL written by us, never by a caller) selects."""
        found = self.rows(f"SELECT * FROM items WHERE {where}", values)  # noqa: S608 - our own SQL
        return [_item(row) for row in found]

    def add(self, item_id: str, at: float, **fields: Any) -> Item:
        """Put a new item on a board at the time `at`."""
        fields.setdefault("root_id", item_id)
        fields.setdefault("author_id", author_id_of(fields["author"]))
        fields.setdefault("updated_at", at)
        with self.writing() as db:
            values = {"id": item_id, "created_at": at, "seq": self.count("seq"), **fields}
            names = ", ".join(values)
            marks = ", ".join("?" for _ in values)
            sql = f"INSERT INTO items ({names}) VALUES ({marks})"  # noqa: S608 - our own names
            db.execute(sql, tuple(values.values()))
            item = self.item(item_id)
            assert item is not None
            return item

    def change(self, item_id: str, at: float, **fields: Any) -> None:
        """Change an item at the time `at`; it moves to the end of the list of changes."""
        with self.writing() as db:
            values = {**fields, "updated_at": at, "seq": self.count("seq")}
            names = ", ".join(f"{name} = ?" for name in values)
            sql = f"UPDATE items SET {names} WHERE id = ?"  # noqa: S608 - our own names
            db.execute(sql, (*values.values(), item_id))

    def edit(self, item_id: str, at: float, **fields: Any) -> None:
        """Change what the author wrote, as a new revision."""
        item = self.item(item_id)
        if item is None or item.deleted_at is not None:
            return
        self.change(item_id, at, edited_at=at, revision=item.revision + 1, **fields)

    def delete(self, item_id: str, at: float) -> None:
        """Take an item down: its words are gone, its id is remembered."""
        item = self.item(item_id)
        if item is None or item.deleted_at is not None:
            return
        self.change(item_id, at, deleted_at=at, title="", text="", stars=None, reactions="[]")

    def changes(
        self, board: str, after: int, limit: int, location: str = "", language: str = ""
    ) -> list[Item]:
        """Return the customers' items that changed after number `after`, in that order."""
        where, values = "board = ? AND by_owner = 0 AND seq > ?", [board, after]
        for name, value in (("location", location), ("language", language)):
            if value:
                where += f" AND {name} = ?"
                values.append(value)
        return self.find(f"{where} ORDER BY seq LIMIT ?", [*values, limit])

    def thread(self, root_id: str) -> list[Item]:
        """Return everything said in one thread, oldest first, the root included."""
        return self.find("root_id = ? ORDER BY created_at, rowid", (root_id,))

    def answers(self, item_ids: Sequence[str]) -> dict[str, Item]:
        """Return the owner's answers on the review board by the id of what they answer."""
        marks = ", ".join("?" for _ in item_ids)
        found = self.find(f"kind = 'answer' AND parent_id IN ({marks})", list(item_ids))
        return {item.parent_id: item for item in found if item.deleted_at is None}

    def mark_served(self, item_ids: Sequence[str], at: float) -> None:
        """Remember that a list delivered these items whole for the first time."""
        if not item_ids:
            return
        with self.writing() as db:
            db.executemany(
                "UPDATE items SET served_at = ? WHERE id = ? AND served_at IS NULL",
                [(at, item_id) for item_id in item_ids],
            )

    # -- the business's words ----------------------------------------------------------------

    def write_answer(self, item: Item, owner: str, text: str, at: float) -> Written:
        """Set the one answer under `item` (the review board): created, replaced or unchanged."""
        with self.writing():
            old = self.answers([item.id]).get(item.id)
            if old is not None and old.text == text:
                return Written(old, "unchanged")
            if old is not None:
                self.edit(old.id, at, text=text)
                new = self.item(old.id)
                assert new is not None
                self.change(item.id, at)
                return Written(new, "replaced")
            down = self.item(answer_id(item))
            if down is not None:
                self.change(down.id, at, text=text, created_at=at, deleted_at=None)
                new = self.item(down.id) or down
            else:
                new = self._speak("answer", answer_id(item), item, owner, text, at)
            self.change(item.id, at)
            return Written(new, "created")

    def write_comment(self, item: Item, owner: str, text: str, at: float) -> Written:
        """Add one more comment of the business under `item` (the feed): always a new one."""
        with self.writing():
            new_id = f"c{self.count('comments')}"
            return Written(self._speak("comment", new_id, item, owner, text, at), "created")

    def _speak(self, kind: str, new_id: str, to: Item, owner: str, text: str, at: float) -> Item:
        return self.add(
            new_id,
            at,
            board=to.board,
            kind=kind,
            parent_id=to.id,
            root_id=to.root_id,
            author=owner,
            text=text,
            location=to.location,
            by_owner=1,
        )

    def note_reply(self, at: float, item: Item, text: str, key: str, **fields: str) -> None:
        """Write one received reply into the ledger; `outcome` is one of `fields`."""
        values = {"at": at, "board": item.board, "item_id": item.id, "text": text, "key": key}
        values |= fields
        names, marks = ", ".join(values), ", ".join("?" for _ in values)
        sql = f"INSERT INTO ledger ({names}) VALUES ({marks})"  # noqa: S608 - our own names
        with self.writing() as db:
            db.execute(sql, tuple(values.values()))


def _item(row: sqlite3.Row) -> Item:
    values = dict(row)
    values["by_owner"] = bool(values["by_owner"])
    return Item(**values)
