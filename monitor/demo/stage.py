"""Plays the script: what is due by now happens, each thing once, at its own moment.

Story time runs `speed` times as fast as the clock on the wall. Nothing ticks: whoever looks first
calls `Stage.advance`, and everything that has come due since is done in order. So a restart, or a
night in between, goes on exactly where it would be.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from monitor.demo.script import WEEK, Entry, dump_reactions, read_reactions
from monitor.demo.store import Item, Store, Written

OWNER = "Harbour Coffee"


@dataclass(frozen=True, slots=True)
class StoryClock:
    """Where the story is: `story` seconds at the time `real`, running `speed` times as fast."""

    real: float
    story: float
    speed: float
    week: int
    week_began: float

    def at(self, now: float) -> float:
        """Return the story's time at `now`."""
        return self.story + max(0.0, now - self.real) * self.speed

    def when(self, story: float) -> float:
        """Return the time on the wall when the story comes to `story`.

        What the clock leapt over happens at the moment of the leap.
        """
        ahead = max(0.0, story - self.story)
        return self.real + ahead / self.speed if self.speed else self.real


class Stage:
    """The boards in motion. Each call takes the time `now`, seconds since 1970."""

    def __init__(self, store: Store) -> None:
        self.store = store

    # -- the clock ---------------------------------------------------------------------------

    def clock(self) -> StoryClock | None:
        """Return the story's clock, None before the first week began."""
        kept = self.store.get("clock")
        return StoryClock(**kept) if kept else None

    def open(self, entries: Iterable[Entry], now: float, speed: float) -> None:
        """Begin the first week, or go on with the one under way (perhaps at another speed)."""
        with self.store.writing():
            clock = self.clock()
            if clock is None:
                self.begin_week(entries, now, speed)
            elif clock.speed != speed:
                self.turn_clock(now, speed=speed)

    def begin_week(self, entries: Iterable[Entry], now: float, speed: float) -> None:
        """Put a whole week on the agenda, from now on. What stands there already stays."""
        with self.store.writing():
            self.advance(now)
            old = self.clock()
            story = old.at(now) if old else 0.0
            clock = StoryClock(now, story, speed, old.week + 1 if old else 1, story)
            self._keep(clock)
            ids: dict[str, str] = {}
            for number, entry in enumerate(entries, start=1):
                ids[entry.key] = self._schedule(entry, number, ids, clock)
            self.advance(now)

    def turn_clock(self, now: float, speed: float | None = None, skip: float = 0.0) -> None:
        """Change the speed, or skip `skip` story seconds: what lies between happens at once."""
        with self.store.writing():
            self.advance(now)
            clock = self.clock()
            if clock is None:
                return
            new_speed = clock.speed if speed is None else speed
            story = clock.at(now) + skip
            self._keep(StoryClock(now, story, new_speed, clock.week, clock.week_began))
            self.advance(now)

    def _keep(self, clock: StoryClock) -> None:
        names = ("real", "story", "speed", "week", "week_began")
        self.store.put("clock", {name: getattr(clock, name) for name in names})

    # -- the agenda --------------------------------------------------------------------------

    def advance(self, now: float) -> int:
        """Do what has come due by `now`; return how many things happened."""
        clock = self.clock()
        if clock is None:
            return 0
        story = clock.at(now)
        due = "SELECT * FROM agenda WHERE done = 0 AND due <= ? ORDER BY due, id"
        if not self.store.rows(f"{due} LIMIT 1", (story,)):
            return 0
        with self.store.writing() as db:
            rows = self.store.rows(due, (story,))
            for row in rows:
                latest = float(self.store.get("latest", 0.0))
                at = max(latest, min(now, clock.when(row["due"])))
                self.store.put("latest", at)
                self._perform(row["action"], row["item_id"], json.loads(row["payload"]), at, row)
                db.execute("UPDATE agenda SET done = 1 WHERE id = ?", (row["id"],))
        return len(rows)

    def left(self) -> int:
        """Return how many things of the script have not happened yet."""
        return int(self.store.rows("SELECT count(*) AS n FROM agenda WHERE done = 0")[0]["n"])

    def _plan(self, due: float, action: str, item_id: str, payload: Any, back: float = 0) -> None:
        with self.store.writing() as db:
            db.execute(
                "INSERT INTO agenda (due, backdated, action, item_id, payload) VALUES (?,?,?,?,?)",
                (due, back, action, item_id, json.dumps(payload)),
            )

    def _schedule(self, entry: Entry, number: int, ids: dict[str, str], clock: StoryClock) -> str:
        kind = "comment" if entry.under else ("review" if entry.board == "reviews" else "post")
        item_id = f"{kind[0]}{clock.week}{number:03d}"
        if kind == "comment":
            item_id = f"c{clock.week}-{number:03d}"  # other comments are numbered as they come
        payload = {
            "board": entry.board,
            "kind": kind,
            "parent_id": ids.get(entry.under, ""),
            "author": entry.author,
            "stars": entry.stars,
            "title": entry.title,
            "text": "\n".join([entry.text] * entry.repeat),
            "language": entry.language,
            "location": entry.location,
            "reactions": dump_reactions(entry.when_answered),
        }
        start = clock.week_began + max(0.0, entry.at)
        self._plan(start, "appear", item_id, payload, back=max(0.0, -entry.at))
        if entry.edit:
            changed = entry.edit.model_dump(exclude={"after"}, exclude_none=True)
            self._plan(start + entry.edit.after, "edit", item_id, changed)
        if entry.delete:
            self._plan(start + entry.delete.after, "delete", item_id, {})
        return item_id

    def _perform(
        self, action: str, item_id: str, payload: dict[str, Any], at: float, row: Any
    ) -> None:
        if action == "appear":
            self._appear(item_id, payload, at, float(row["backdated"]))
        elif action == "edit":
            self.store.edit(item_id, at, **payload)
        elif action == "delete":
            self.store.delete(item_id, at)
        elif action == "comment":
            self._comment(item_id, payload, at)

    def _appear(self, item_id: str, payload: dict[str, Any], at: float, backdated: float) -> None:
        parent = self.store.item(payload["parent_id"]) if payload["parent_id"] else None
        root_id = parent.root_id if parent else item_id
        self.store.add(item_id, at - backdated, root_id=root_id, updated_at=at, **payload)

    def _comment(self, parent_id: str, payload: dict[str, Any], at: float) -> None:
        parent = self.store.item(parent_id)
        root = self.store.item(parent.root_id) if parent else None
        if parent is None or root is None or root.deleted_at is not None:
            return  # nobody answers under something that was taken down meanwhile
        self.store.add(
            f"c{self.store.count('comments')}",
            at,
            board=parent.board,
            kind="comment",
            parent_id=parent.id,
            root_id=root.id,
            location=parent.location,
            **payload,
        )

    # -- answers and what they set off -------------------------------------------------------

    def reply(self, item: Item, text: str, now: float) -> Written:
        """Publish the business's `text` under `item` and let its author react in due time.

        On the review board there is one answer for each text, and a new one takes its place. On
        the feed every call adds a comment, whether it said the same before or not.
        """
        with self.store.writing():
            self.advance(now)
            self.store.put("latest", now)
            write = self.store.write_answer if item.board == "reviews" else self.store.write_comment
            written = write(item, OWNER, text, now)
            self._set_off(item, written.reply, now)
            return written

    def withdraw(self, said: Item, now: float) -> None:
        """Take the business's own words down; what they stood under is listed as changed."""
        with self.store.writing():
            self.advance(now)
            self.store.delete(said.id, now)
            self.store.change(said.parent_id, now)

    def _set_off(self, item: Item, answer: Item, now: float) -> None:
        """Put the author's reactions on the agenda; only the first answer sets them off."""
        reactions = read_reactions(item.reactions)
        clock = self.clock()
        if not reactions or clock is None:
            return
        with self.store.writing() as db:
            db.execute("UPDATE items SET reactions = '[]' WHERE id = ?", (item.id,))
        story = clock.at(now)
        # On the feed one answers the answer itself; on the review board all stand under the review.
        under = answer.id if item.board == "feed" else item.root_id
        for reaction in reactions:
            due = story + reaction.after
            if reaction.do == "delete":
                self._plan(due, "delete", item.id, {})
            elif reaction.do == "raise_rating":
                changed = reaction.model_dump(include={"stars", "title"}, exclude_none=True)
                if reaction.text:
                    changed["text"] = reaction.text
                self._plan(due, "edit", item.id, changed)
            else:
                payload = {
                    "author": item.author,
                    "text": reaction.text,
                    "language": item.language,
                    "reactions": dump_reactions(reaction.when_answered),
                }
                self._plan(due, "comment", under, payload)


def week_is_over(clock: StoryClock, now: float) -> bool:
    """Tell whether the scripted week has passed."""
    return clock.at(now) - clock.week_began >= WEEK
