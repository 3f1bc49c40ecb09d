"""Backstage: the switches for whoever runs the demo or tests against it. No platform has these.

- ``GET /control/faults``: what is switched on. ``POST /control/faults`` with a `Fault` as JSON
  switches one on, with ``"on": false`` off; ``DELETE /control/faults`` switches all off.
- ``GET /control/ledger``: every reply that was received, and every mention that was ever visible.
- ``GET /control/clock``; ``POST /control/clock`` ``{"speed": 600, "skip": "1d"}``.
- ``POST /control/week``: play the week again, on top of what stands there.
- ``POST /control/reset``: forget everything, faults and ledger too, and begin the first week anew.
  For tests: who listened before has seen things under the same ids.
- ``POST /control/mentions``: say something at once, with the fields of a script `Entry`;
  ``POST /control/mentions/{id}/edit`` and ``DELETE /control/mentions/{id}``: as its author would.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from monitor.demo.api import Refused
from monitor.demo.faults import EXPLAINED, Fault
from monitor.demo.platform import Platform, iso, path_of
from monitor.demo.script import (
    Board,
    Duration,
    Reaction,
    Stars,
    dump_reactions,
    name_moment,
)
from monitor.demo.stage import week_is_over

Speed = Annotated[float, Field(ge=0, le=1e12)]


class Switch(Fault):
    """A fault with its switch."""

    on: bool = True


class ClockChange(BaseModel):
    """A new speed, or a leap forward."""

    model_config = ConfigDict(extra="forbid")

    speed: Speed | None = None
    skip: Annotated[Duration, Field(le=3650 * 86400)] = 0.0


class NewMention(BaseModel):
    """Something said at once. `parent_id` makes it a comment on that item."""

    model_config = ConfigDict(extra="forbid")

    board: Board = "reviews"
    author: Annotated[str, Field(max_length=200)] = ""
    stars: Stars | None = None
    title: Annotated[str, Field(max_length=1000)] = ""
    text: Annotated[str, Field(max_length=100_000)] = ""
    language: Annotated[str, Field(max_length=10)] = ""
    location: Annotated[str, Field(pattern="^(|quay|mill|app)$")] = ""
    parent_id: str = ""
    when_answered: tuple[Reaction, ...] = ()


class Change(BaseModel):
    """What an author changes; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    stars: Stars | None = None
    title: Annotated[str, Field(max_length=1000)] | None = None
    text: Annotated[str, Field(max_length=100_000)] | None = None


def say(platform: Platform, mention: NewMention) -> str:
    """Put a mention on its board now and return its id; raise `Refused`."""
    now = platform.advance()
    root_id = ""
    if mention.parent_id:
        parent = platform.store.item(mention.parent_id)
        if parent is None or parent.board != mention.board:
            raise Refused(404, "not_found", "there is nothing to comment on")
        root_id = parent.root_id
    kind = "comment" if root_id else ("review" if mention.board == "reviews" else "post")
    fields = mention.model_dump(exclude={"when_answered"})
    fields["author"] = mention.author or "A Marmalade user"
    fields["reactions"] = dump_reactions(mention.when_answered)
    with platform.store.writing():
        counter = "comments" if kind == "comment" else "said"
        prefix = {"comment": "c", "review": "r0", "post": "p0"}[kind]
        item_id = f"{prefix}{platform.store.count(counter)}"
        platform.store.add(item_id, now, kind=kind, root_id=root_id or item_id, **fields)
    return item_id


def tell_time(platform: Platform) -> dict[str, Any]:
    """Return the story's clock for people and programs."""
    story, now = platform.story(), platform.advance()
    return {
        "now": name_moment(story.at(now) - story.week_began),
        "story_seconds": story.at(now) - story.week_began,
        "speed": story.speed,
        "week": story.week,
        "over": week_is_over(story, now),
        "left": platform.stage.left(),
    }


def play_again(platform: Platform) -> None:
    """Begin another week at the same speed."""
    platform.stage.begin_week(platform.week, platform.now(), platform.story().speed)


def build_control(platform: Platform) -> APIRouter:
    """Return the JSON endpoints behind the control page."""
    router = APIRouter(prefix="/control")

    @router.get("/faults")
    def faults() -> dict[str, Any]:
        return {"on": platform.faults.switched_on(), "known": EXPLAINED}

    @router.post("/faults")
    def switch(wanted: Switch) -> dict[str, Any]:
        if wanted.on:
            platform.faults.switch_on(Fault.model_validate(wanted.model_dump(exclude={"on"})))
        else:
            platform.faults.switch_off(wanted.name)
        return faults()

    @router.delete("/faults")
    def switch_all_off() -> dict[str, Any]:
        platform.faults.switch_off()
        return faults()

    @router.get("/ledger")
    def ledger() -> dict[str, Any]:
        platform.advance()
        rows = platform.store.rows("SELECT * FROM ledger ORDER BY id")
        replies = [{**dict(row), "at": iso(row["at"])} for row in rows]
        mentions = [
            {
                "id": item.id,
                "board": item.board,
                "type": item.kind,
                "parent_id": item.parent_id,
                "revision": item.revision,
                "deleted": item.deleted_at is not None,
                "visible_since": iso(item.created_at),
                "first_served_at": iso(item.served_at),
                "path": path_of(item),
            }
            for item in platform.store.find("by_owner = 0 ORDER BY seq")
        ]
        return {"replies": replies, "mentions": mentions}

    @router.get("/clock")
    def clock() -> dict[str, Any]:
        return tell_time(platform)

    @router.post("/clock")
    def turn_clock(wanted: ClockChange) -> dict[str, Any]:
        platform.stage.turn_clock(platform.now(), wanted.speed, wanted.skip)
        return tell_time(platform)

    @router.post("/week", status_code=201)
    def week() -> dict[str, Any]:
        play_again(platform)
        return tell_time(platform)

    @router.post("/reset")
    def reset() -> dict[str, Any]:
        with platform.store.writing():
            platform.store.wipe()
            platform.stage.open(platform.week, platform.now(), platform.speed)
        return tell_time(platform)

    @router.post("/mentions", status_code=201)
    def mention(said: NewMention) -> dict[str, Any]:
        return {"id": say(platform, said)}

    @router.post("/mentions/{item_id}/edit")
    def edit(item_id: str, change: Change) -> dict[str, Any]:
        now = platform.advance()
        if platform.store.item(item_id) is None:
            raise Refused(404, "not_found", "there is no such item")
        platform.store.edit(item_id, now, **change.model_dump(exclude_none=True))
        return {"id": item_id}

    @router.delete("/mentions/{item_id}")
    def take_down(item_id: str) -> dict[str, Any]:
        now = platform.advance()
        if platform.store.item(item_id) is None:
            raise Refused(404, "not_found", "there is no such item")
        platform.store.delete(item_id, now)
        return {"id": item_id}

    return router
