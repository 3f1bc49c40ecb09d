"""The platform's API: what an owner's software may read and write.

Ordinary JSON over HTTP. Lists are in the order of changes, oldest first, with an opaque cursor:

- ``GET  /api/health``: who serves here. No token needed.
- ``GET  /api/v1/account``: whose token this is and what it may do.
- ``GET  /api/v1/{board}?after=CURSOR&limit=50&location=quay&language=de``: what changed on
  ``reviews`` or ``feed``: ``{"items": [...], "next": CURSOR, "more": bool}``. Something taken down
  comes as ``{"id": ..., "deleted": true}``.
- ``GET  /api/v1/{board}/{id}``: one item; 404 where there never was one, 410 when taken down.
- ``GET  /api/v1/{board}/{id}/thread``: the item and everything said in its thread, also by the
  business.
- ``PUT  /api/v1/reviews/{id}/reply`` ``{"text"}``: the business's answer. There is one for each
  text; a second takes the place of the first.
- ``POST /api/v1/feed/{id}/comments`` ``{"text"}``: one more comment, each time.
- ``DELETE /api/v1/reviews/{id}/reply``, ``DELETE /api/v1/feed/{comment}``: take the business's own
  words down; 410 when they are down already.

An ``Idempotency-Key`` is noted in the ledger and otherwise ignored, as many platforms do. With a
token configured, ``Authorization: Bearer`` must carry it. Errors are ``{"error": {"code",
"message"}}`` with 400, 401, 404, 410, 422 or 429.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from monitor.demo.faults import Fault, Target
from monitor.demo.platform import (
    LOCATIONS,
    LONGEST_REPLY,
    NAME,
    OWNER,
    Platform,
    iso,
    link_of,
)
from monitor.demo.store import Item, Written, answer_id
from monitor.demo.wire import Dropped, Slow, Truncated

HANDLE = "@harbourcoffee"
BoardName = Literal["reviews", "feed"]


class Refused(Exception):
    """A request that gets an error for an answer."""

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}

    def response(self) -> JSONResponse:
        """Return the error as the platform words it."""
        body = {"error": {"code": self.code, "message": str(self)}}
        return JSONResponse(body, self.status, headers=self.headers)


class ReplyBody(BaseModel):
    """What the business says."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1)]


def describe(
    item: Item, request: Request, answer: Item | None = None, parent: Item | None = None
) -> dict[str, Any]:
    """Return an item as the API tells it; something taken down keeps only its id.

    The feed does not know languages, and says so with null. ``to_owner`` tells that the business
    is spoken to: by its handle, or in answer to its own words.
    """
    spoken_to = HANDLE in item.text.lower() or (parent is not None and parent.by_owner)
    common = {
        "id": item.id,
        "type": item.kind,
        "deleted": item.deleted_at is not None,
        "updated_at": iso(item.updated_at),
    }
    if item.deleted_at is not None:
        return common
    place = {"key": item.location, "name": LOCATIONS[item.location]} if item.location else None
    return {
        **common,
        "url": link_of(item, request),
        "author": {"id": item.author_id, "name": item.author},
        "by_owner": item.by_owner,
        "stars": item.stars,
        "title": item.title,
        "text": item.text,
        "language": (item.language or None) if item.board == "reviews" else None,
        "location": place,
        "created_at": iso(item.created_at),
        "edited_at": iso(item.edited_at),
        "parent_id": item.parent_id or None,
        "thread_id": item.root_id,
        "to_owner": spoken_to or (item.kind == "comment" and item.board == "reviews"),
        "answer": answer and _tell_answer(answer, request),
    }


def _tell_answer(answer: Item, request: Request) -> dict[str, Any]:
    url, at = link_of(answer, request), iso(answer.updated_at)
    return {"id": answer.id, "url": url, "text": answer.text, "at": at}


def build_api(platform: Platform) -> APIRouter:
    """Return the endpoints of the API."""
    router = APIRouter(prefix="/api")

    def admit(request: Request, target: Target, board: str) -> float:
        now = platform.advance()
        if not platform.admits(request) or platform.faults.strike("unauthorized", target, board):
            raise Refused(401, "unauthorized", "a valid token is needed")
        if fault := platform.faults.strike("rate_limited", target, board):
            headers = {"Retry-After": str(fault.retry_after)}
            raise Refused(429, "rate_limited", "too many requests", headers)
        return now

    def stumble(target: Target, board: str) -> Fault | None:
        fault = platform.faults.strike("server_error", target, board)
        if fault and not (fault.written and target == "write"):
            raise Refused(fault.status, "server_error", "something went wrong on our side")
        return fault

    def send(answer: Response, target: Target, board: str) -> Response:
        if platform.faults.strike("truncated", target, board):
            return Truncated(answer)
        if fault := platform.faults.strike("slow_body", target, board):
            return Slow(answer, fault.seconds)
        return answer

    def standing(board: str, item_id: str) -> Item:
        item = platform.store.item(item_id)
        if item is None or item.board != board:
            raise Refused(404, "not_found", "there is no such item")
        if item.deleted_at is not None:
            raise Refused(410, "gone", "this was taken down by its author")
        return item

    def tell(request: Request, items: list[Item]) -> list[dict[str, Any]]:
        answers = platform.store.answers([item.id for item in items])
        parents = {i.parent_id: platform.store.item(i.parent_id) for i in items if i.parent_id}
        return [
            describe(item, request, answers.get(item.id), parents.get(item.parent_id))
            for item in items
        ]

    @router.get("/health")
    def health() -> dict[str, Any]:
        story = platform.story()
        return {"platform": NAME, "speed": story.speed, "with_parent": platform.with_parent}

    @router.get("/v1/account")
    def account(request: Request) -> Response:
        admit(request, "read", "")
        stumble("read", "")
        return JSONResponse(
            {
                "name": OWNER,
                "may_reply": True,
                "longest_reply": LONGEST_REPLY,
                "locations": [{"key": k, "name": name} for k, name in LOCATIONS.items()],
            }
        )

    @router.get("/v1/{board}")
    def listing(
        request: Request,
        board: BoardName,
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        location: str = "",
        language: str = "",
    ) -> Response:
        now = admit(request, "list", board)
        stumble("list", board)
        number = _read_cursor(after)
        found = platform.store.changes(board, number, limit + 1, location, language)
        items, more = found[:limit], len(found) > limit
        shown = items
        if platform.faults.strike("duplicates", "list", board):
            earlier = platform.store.changes(board, max(0, number - 5), 5, location, language)
            shown = [i for i in earlier if i.seq <= number] + [i for i in items for _ in range(2)]
        if fault := platform.faults.strike("out_of_order", "list", board):
            shown = fault.shuffle(shown)
        body: dict[str, Any] = {
            "items": tell(request, shown),
            "next": f"s{items[-1].seq}" if items else (after or "s0"),
            "more": more,
        }
        if platform.faults.strike("layout_change", "list", board):
            body = {"data": {"entries": [{"body": entry} for entry in body["items"]]}, "v": 2}
        answer = send(JSONResponse(body), "list", board)
        if "items" in body and not isinstance(answer, Truncated):
            alive = [item.id for item in items if item.deleted_at is None and not item.served_at]
            platform.store.mark_served(alive, now)
        return answer

    @router.get("/v1/{board}/{item_id}")
    def single(request: Request, board: BoardName, item_id: str) -> Response:
        admit(request, "read", board)
        stumble("read", board)
        item = standing(board, item_id)
        return send(JSONResponse(tell(request, [item])[0]), "read", board)

    @router.get("/v1/{board}/{item_id}/thread")
    def thread(request: Request, board: BoardName, item_id: str) -> Response:
        admit(request, "read", board)
        stumble("read", board)
        item = standing(board, item_id)
        items = tell(request, platform.store.thread(item.root_id))
        return send(JSONResponse({"items": items}), "read", board)

    def take_reply(request: Request, board: str, item_id: str, text: str, key: str) -> Response:
        now = admit(request, "write", board)
        item = platform.store.item(item_id)
        fault = None
        try:
            fault = stumble("write", board)
            item = standing(board, item_id)
            text = text.replace("\r\n", "\n").strip()
            if not 1 <= len(text) <= LONGEST_REPLY:
                message = f"a reply has between 1 and {LONGEST_REPLY} characters"
                raise Refused(422, "bad_length", message)
        except Refused as refused:
            if item is not None:
                platform.store.note_reply(
                    now, item, text, key, outcome="refused", note=refused.code
                )
            raise
        dropped = platform.faults.strike("lost_response", "write", board)
        note = "lost_response" if dropped else ("server_error" if fault else "")
        with platform.store.writing():
            written = platform.stage.reply(item, text, now)
            noted = {"outcome": written.outcome, "reply_id": written.reply.id, "note": note}
            platform.store.note_reply(now, item, text, key, **noted)
        if dropped:
            return Dropped()
        if fault:
            raise Refused(fault.status, "server_error", "something went wrong on our side")
        return send(_receipt(written, request), "write", board)

    @router.put("/v1/reviews/{item_id}/reply")
    def answer_review(
        request: Request,
        item_id: str,
        body: ReplyBody,
        idempotency_key: Annotated[str, Header()] = "",
    ) -> Response:
        return take_reply(request, "reviews", item_id, body.text, idempotency_key)

    @router.post("/v1/feed/{item_id}/comments")
    def comment_post(
        request: Request,
        item_id: str,
        body: ReplyBody,
        idempotency_key: Annotated[str, Header()] = "",
    ) -> Response:
        return take_reply(request, "feed", item_id, body.text, idempotency_key)

    def take_down(request: Request, board: str, find: Callable[[], Item | None]) -> Response:
        now = admit(request, "write", board)
        fault = stumble("write", board)
        found = find()
        if found is None or not found.by_owner or found.board != board:
            raise Refused(404, "not_found", "the business has said nothing there")
        if found.deleted_at is not None:
            raise Refused(410, "gone", "this is taken down already")
        under = platform.store.item(found.parent_id) or found
        with platform.store.writing():
            platform.stage.withdraw(found, now)
            noted = {"outcome": "withdrawn", "reply_id": found.id}
            platform.store.note_reply(now, under, found.text, "", **noted)
        if platform.faults.strike("lost_response", "write", board):
            return Dropped()
        if fault:
            raise Refused(fault.status, "server_error", "something went wrong on our side")
        return Response(status_code=204)

    @router.delete("/v1/reviews/{item_id}/reply")
    def withdraw_answer(request: Request, item_id: str) -> Response:
        return take_down(
            request, "reviews", lambda: platform.store.item(answer_id(standing("reviews", item_id)))
        )

    @router.delete("/v1/feed/{item_id}")
    def withdraw_comment(request: Request, item_id: str) -> Response:
        return take_down(request, "feed", lambda: platform.store.item(item_id))

    return router


def _receipt(written: Written, request: Request) -> JSONResponse:
    body = {**_tell_answer(written.reply, request), "outcome": written.outcome}
    return JSONResponse(body, 201 if written.outcome == "created" else 200)


def _read_cursor(cursor: str) -> int:
    if not cursor:
        return 0
    if not cursor.startswith("s") or not (cursor[1:].isascii() and cursor[1:].isdigit()):
        raise Refused(400, "bad_cursor", "this cursor is not one of ours")
    return min(int(cursor[1:20]), 2**62)
