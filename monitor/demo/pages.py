"""The platform's pages: plain server-rendered HTML that works without scripts.

Everything anybody wrote is escaped by the templates; invisible and direction-changing characters
stay within the element they stand in.
"""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from monitor.demo.api import Refused
from monitor.demo.control import NewMention, play_again, say, tell_time
from monitor.demo.faults import EXPLAINED, Fault
from monitor.demo.platform import LOCATIONS, OWNER, Platform, iso, path_of
from monitor.demo.script import read_duration
from monitor.demo.store import Item

PAGE_SIZE = 20
LANGUAGES = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "pt": "Portuguese",
}
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def build_pages(platform: Platform) -> APIRouter:
    """Return the pages of both boards and the control page."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    env = _environment()

    def show(name: str, request: Request, status: int = 200, **facts: Any) -> HTMLResponse:
        now = platform.advance()
        live = request.query_params.get("live") == "1"
        facts |= {"now": now, "owner": OWNER, "path": request.url.path, "live": live}
        facts |= {"query": dict(request.query_params)}
        headers = {"Refresh": "10"} if live else {}
        return HTMLResponse(env.get_template(name).render(facts), status, headers)

    def with_threads(roots: list[Item]) -> list[dict[str, Any]]:
        return [
            {"item": root, "thread": _arrange(platform.store.thread(root.id))} for root in roots
        ]

    @router.get("/")
    def board(
        request: Request, location: str = "", stars: str = "", language: str = "", page: str = "1"
    ) -> Response:
        platform.advance()
        standing = "board = 'reviews' AND kind = 'review' AND deleted_at IS NULL"
        if location in LOCATIONS:
            standing += f" AND location = '{location}'"
        counted = platform.store.rows(
            f"SELECT stars, count(*) AS n FROM items WHERE {standing} GROUP BY stars"  # noqa: S608
        )
        by_stars = {row["stars"]: row["n"] for row in counted if row["stars"]}
        if stars in set("12345"):
            standing += f" AND stars = {stars}"
        if language in LANGUAGES:
            standing += f" AND language = '{language}'"
        number = _page_number(page)
        reviews = platform.store.find(
            f"{standing} ORDER BY created_at DESC, rowid DESC LIMIT ? OFFSET ?",
            (PAGE_SIZE + 1, (number - 1) * PAGE_SIZE),
        )
        chosen: dict[str, Any] = {
            "location": location if location in LOCATIONS else "",
            "stars": stars if stars in set("12345") else "",
            "language": language if language in LANGUAGES else "",
        }

        def link(**other: object) -> str:
            query = {name: value for name, value in {**chosen, **other}.items() if value}
            return f"/?{urlencode(query)}&" if query else "/?"

        return show(
            "board.html",
            request,
            link=link,
            **chosen,
            reviews=with_threads(reviews[:PAGE_SIZE]),
            more=len(reviews) > PAGE_SIZE,
            page=number,
            by_stars=by_stars,
            total=sum(by_stars.values()),
            average=_average(by_stars),
        )

    @router.get("/feed")
    def feed(request: Request, page: str = "1") -> Response:
        platform.advance()
        number = _page_number(page)
        posts = platform.store.find(
            "board = 'feed' AND kind = 'post' AND deleted_at IS NULL"
            " ORDER BY created_at DESC, rowid DESC LIMIT ? OFFSET ?",
            (PAGE_SIZE + 1, (number - 1) * PAGE_SIZE),
        )
        posts_shown = with_threads(posts[:PAGE_SIZE])
        more = len(posts) > PAGE_SIZE
        return show("feed.html", request, posts=posts_shown, more=more, page=number)

    def one(request: Request, board_name: str, item_id: str) -> Response:
        platform.advance()
        root = platform.store.item(item_id)
        if root is None or root.board != board_name or root.id != root.root_id:
            return show("missing.html", request, 404, gone=False)
        if root.deleted_at is not None:
            return show("missing.html", request, 410, gone=True)
        thread = _arrange(platform.store.thread(root.id))
        return show("item.html", request, item=root, thread=thread)

    @router.get("/reviews/{item_id}")
    def review(request: Request, item_id: str) -> Response:
        return one(request, "reviews", item_id)

    @router.get("/posts/{item_id}")
    def post(request: Request, item_id: str) -> Response:
        return one(request, "feed", item_id)

    @router.get("/write")
    def write(request: Request) -> Response:
        return show("write.html", request, said={}, problem="")

    @router.post("/write")
    def take_review(
        request: Request,
        board: Annotated[str, Form()] = "reviews",
        author: Annotated[str, Form()] = "",
        stars: Annotated[str, Form()] = "",
        title: Annotated[str, Form()] = "",
        text: Annotated[str, Form()] = "",
        language: Annotated[str, Form()] = "",
        location: Annotated[str, Form()] = "",
    ) -> Response:
        said: dict[str, Any] = {"board": board, "author": author, "stars": stars, "title": title}
        said |= {"text": text, "language": language, "location": location}
        problem = ""
        if board != "feed" and not stars:
            problem = "Please choose how many stars."
        elif board == "feed" and not text.strip():
            problem = "Please write something."
        if not problem:
            try:
                told = {**said, "stars": int(stars) if stars else None}
                if board == "feed":
                    told |= {"stars": None, "title": ""}
                mention = NewMention.model_validate(told)
                item = platform.store.item(say(platform, mention))
                assert item is not None
                return RedirectResponse(path_of(item), 303)
            except (ValidationError, ValueError):
                problem = "This cannot be published as it is; perhaps it is too long."
        return show("write.html", request, 422, said=said, problem=problem)

    @router.get("/control")
    def control(request: Request) -> Response:
        clock = tell_time(platform)
        replies = platform.store.rows("SELECT * FROM ledger ORDER BY id DESC LIMIT 15")
        shown = [(row, platform.store.item(row["item_id"])) for row in replies]
        on = platform.faults.switched_on()
        return show("control.html", request, clock=clock, known=EXPLAINED, on=on, replies=shown)

    @router.post("/control")
    def turn(
        act: Annotated[str, Form()],
        name: Annotated[str, Form()] = "",
        times: Annotated[str, Form()] = "",
        chance: Annotated[str, Form()] = "100",
        value: Annotated[str, Form()] = "",
    ) -> Response:
        try:
            if act == "on":
                wanted: dict[str, Any] = {"name": name, "probability": float(chance) / 100}
                wanted["times"] = int(times) if times else None
                platform.faults.switch_on(Fault.model_validate(wanted))
            elif act == "off":
                platform.faults.switch_off(name)
            elif act == "skip":
                platform.stage.turn_clock(platform.now(), skip=min(read_duration(value), 7 * 86400))
            elif act == "speed":
                speed = min(max(float(value), 0.0), 1e6)
                platform.stage.turn_clock(platform.now(), speed=speed)
            elif act == "again":
                play_again(platform)
            else:
                raise Refused(400, "unknown", "there is no such switch")
        except ValueError as error:  # pydantic's too
            raise Refused(422, "bad_value", "this value cannot be used") from error
        return RedirectResponse("/control", 303)

    return router


def _page_number(page: str) -> int:
    return max(1, int(page)) if re.fullmatch("[0-9]{1,5}", page) else 1


def _average(by_stars: dict[int, int]) -> float:
    total = sum(by_stars.values())
    return sum(stars * n for stars, n in by_stars.items()) / total if total else 0.0


def _arrange(thread: list[Item]) -> list[dict[str, Any]]:
    """Return what stands under a thread's root, each answer below what it answers, with depth."""
    children: dict[str, list[Item]] = {}
    for item in thread:
        children.setdefault(item.parent_id, []).append(item)
    arranged: list[dict[str, Any]] = []
    open_items = (
        [(child, 1) for child in reversed(children.get(thread[0].id, []))] if thread else []
    )
    while open_items:
        item, depth = open_items.pop()
        below = children.get(item.id, [])
        if item.deleted_at is None or below:
            arranged.append({"item": item, "depth": min(depth, 3)})
        open_items.extend((child, depth + 1) for child in reversed(below))
    return arranged


def _environment() -> Environment:
    folder = Path(__file__).with_name("templates")
    env = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "ago": _ago,
        "iso": iso,
        "moment": lambda seconds: (iso(seconds) or "")[:16].replace("T", " ") + " UTC",
        "seen": lambda text: _UNSEEN.sub("", text),
        "path": path_of,
        "tint": lambda author: zlib.crc32(author.encode("utf-8", "replace")) % 6,
        "initial": _initial,
    }
    env.globals |= {"LOCATIONS": LOCATIONS, "LANGUAGES": LANGUAGES}
    return env


def _ago(then: float, now: float) -> str:
    seconds = max(0, int(now - then))
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {name}{'s' if number > 1 else ''} ago"
    return "just now"


def _initial(author: str) -> str:
    letters = [letter for letter in author if letter.isalnum()]
    return letters[0].upper() if letters else "?"
