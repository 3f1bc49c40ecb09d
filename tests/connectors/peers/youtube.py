"""The YouTube Data API with one channel, its videos and their comments."""

from __future__ import annotations

import html
import json
from datetime import timedelta
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, WebPeer
from tests.connectors.peers.google_account import (
    CLIENT,
    REFRESH,
    SECRET,
    UNAUTHENTICATED,
    GoogleAccount,
    fault,
)

CHANNEL, GUEST, OTHER = "UCharbourcoffee", "UCguest-ada", "UCguest-ben"
VIDEO = "video-00001"
KEY = "AIza-s3cr3t"
API = "/youtube/v3"


class ThisPeer(WebPeer):
    """Threads are listed newest first by their first comment; a listing shows five replies."""

    secret = "s3cr3t"

    def serve(self) -> None:
        self.account = GoogleAccount()
        self.threads: dict[str, dict[str, Any]] = {}
        self.replies: dict[str, list[dict[str, Any]]] = {}
        self.clock = NOW - timedelta(hours=12)
        self.off: set[str] = set()
        self.gone: set[str] = set()
        self.locked = False
        self.fussy = False
        self.hidden = 0
        self.page = 100
        self.units = 0
        self._next = 0
        for name, value in (
            ("ID", CLIENT), ("SECRET", SECRET), ("REFRESH", REFRESH), ("KEY", KEY)
        ):  # fmt: skip
            self.environment.setenv(f"TEST_YT_{name}", value)
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": self.server.url,
            "channel_id": CHANNEL,
            "client_id": "env:TEST_YT_ID",
            "client_secret": "env:TEST_YT_SECRET",
            "refresh_token": "env:TEST_YT_REFRESH",
            "allow_private_addresses": True,
        }

    def add(self, text: str, video: str = VIDEO, author: str = GUEST) -> str:
        self._next += 1
        ident = f"Ugx{self._next:05}AaABAg"
        self.threads[ident] = self._comment(ident, text, author, video)
        self.replies[ident] = []
        return ident

    def answer(self, thread: str, text: str, author: str = GUEST) -> str:
        self._next += 1
        ident = f"{thread}.9{self._next:05}"
        comment = self._comment(ident, text, author, "")
        comment["snippet"]["parentId"] = thread
        del comment["snippet"]["videoId"]
        self.replies[thread].append(comment)
        return ident

    def edit(self, text: str, changed: str) -> None:
        snippet = self._find(text)["snippet"]
        snippet |= {"text": changed, "updatedAt": self._tick()}

    def remove(self, text: str) -> None:
        ident = self._find(text)["id"]
        self.threads.pop(ident, None)
        self.replies.pop(ident, None)
        for listed in self.replies.values():
            listed[:] = [one for one in listed if one["id"] != ident]

    def published(self) -> list[str]:
        every = [*self.threads.values(), *(one for some in self.replies.values() for one in some)]
        return [
            one["snippet"]["text"]
            for one in every
            if one["snippet"]["authorChannelId"]["value"] == CHANNEL
        ]

    def revoke(self) -> None:
        self.account.revoked = True

    def _tick(self) -> str:
        self.clock += timedelta(seconds=1)
        return self.clock.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _comment(self, ident: str, text: str, author: str, video: str) -> dict[str, Any]:
        now = self._tick()
        snippet = {
            "text": text,
            "videoId": video,
            "authorDisplayName": {GUEST: "@ada", OTHER: "@ben"}.get(author, "@harbour"),
            "authorChannelUrl": f"http://www.youtube.com/channel/{author}",
            "authorChannelId": {"value": author},
            "canRate": True,
            "likeCount": 0,
            "publishedAt": now,
            "updatedAt": now,
        }
        return {"kind": "youtube#comment", "etag": "e", "id": ident, "snippet": snippet}

    def _find(self, text: str) -> dict[str, Any]:
        every = [*self.threads.values(), *(one for some in self.replies.values() for one in some)]
        return next(one for one in every if one["snippet"]["text"] == text)

    def _answer(self, request: Request) -> Reply:
        if request.path == "/token":
            return self.account.token(request)
        key = request.headers.get("X-Goog-Api-Key", "")
        if key and key != KEY:
            return fault(400, "INVALID_ARGUMENT", f"API key not valid: {key}", "badRequest")
        if not key and not self.account.admits(request):
            return UNAUTHENTICATED
        self.units += 50 if request.method == "POST" else 1
        if request.path == f"{API}/channels":
            if key:
                return fault(401, "UNAUTHENTICATED", "mine needs a person", "authorizationRequired")
            return _list("channel", [{"id": CHANNEL, "snippet": {"title": "Harbour Coffee"}}])
        if request.path == f"{API}/commentThreads":
            return self._list_threads(request)
        if request.path == f"{API}/comments":
            if request.method == "POST":
                return self._post(request, bool(key))
            if request.method == "DELETE":
                return self._delete(request.get("id"), bool(key))
            return self._list_comments(request)
        return fault(404, "NOT_FOUND", "Not Found", "notFound")

    def _list_threads(self, request: Request) -> Reply:
        by_id = request.get("id")
        if by_id:
            idents = by_id.split(",")
            if len(idents) > 50 or request.get("maxResults") or request.get("order"):
                return fault(400, "", "invalid parameter", "invalidParameter")
            if self.fussy and any(ident not in self.threads for ident in idents):
                return fault(404, "", "not found", "commentThreadNotFound")
            known = [self.threads[ident] for ident in idents if ident in self.threads]
            return _list("commentThread", [self._thread(one, request) for one in known])
        video = request.get("videoId")
        if video in self.off:
            return fault(403, "", "comments are <b>disabled</b>", "commentsDisabled")
        if video in self.gone or (not video and CHANNEL in self.gone):
            return fault(404, "", "not found", "videoNotFound")
        if not video and request.get("allThreadsRelatedToChannelId") != CHANNEL:
            return fault(404, "", "not found", "channelNotFound")
        chosen = [
            one for one in self.threads.values() if not video or one["snippet"]["videoId"] == video
        ]
        chosen.sort(key=lambda one: str(one["snippet"]["publishedAt"]), reverse=True)
        return self._page("commentThread", chosen, request, thread=True)

    def _list_comments(self, request: Request) -> Reply:
        if parent := request.get("parentId"):
            if parent not in self.replies:
                return fault(404, "", "not found", "commentNotFound")
            newest_first = self.replies[parent][::-1]
            return self._page("comment", newest_first, request, thread=False)
        found = [
            one
            for one in (*self.threads.values(), *(r for rs in self.replies.values() for r in rs))
            if one["id"] in request.get("id").split(",")
        ]
        return _list("comment", [_shown(one, request) for one in found])

    def _page(
        self, kind: str, chosen: list[dict[str, Any]], request: Request, *, thread: bool
    ) -> Reply:
        size, token = min(self.page, int(request.get("maxResults", "20"))), request.get("pageToken")
        if token and not token.removeprefix("at-").isdigit():
            return fault(400, "", "bad token", "processingFailure")
        start = int(token.removeprefix("at-") or 0) if token else 0
        some = chosen[start : start + size]
        items = [self._thread(one, request) if thread else _shown(one, request) for one in some]
        following = {"nextPageToken": f"at-{start + size}"} if start + size < len(chosen) else {}
        return _list(kind, items, **following)

    def _thread(self, top: dict[str, Any], request: Request) -> dict[str, Any]:
        replies = self.replies[top["id"]]
        thread: dict[str, Any] = {
            "kind": "youtube#commentThread",
            "id": top["id"],
            "snippet": {
                "channelId": CHANNEL,
                "videoId": top["snippet"]["videoId"],
                "topLevelComment": _shown(top, request),
                "canReply": not self.locked,
                "totalReplyCount": len(replies) + self.hidden,
                "isPublic": True,
            },
        }
        if replies and "replies" in request.get("part"):
            thread["replies"] = {"comments": [_shown(one, request) for one in replies[:5]]}
        return thread

    def _delete(self, ident: str, by_key: bool) -> Reply:
        if by_key:
            return UNAUTHENTICATED
        for listed in self.replies.values():
            for one in listed:
                if one["id"] == ident:
                    listed.remove(one)
                    return Reply(204)
        return fault(404, "", "not found", "commentNotFound")

    def _post(self, request: Request, by_key: bool) -> Reply:
        said = json.loads(request.body)["snippet"]
        if by_key:
            return UNAUTHENTICATED
        if self.locked:
            return fault(403, "", "disabled", "commentsDisabled")
        if said["parentId"] not in self.replies:
            return fault(404, "", "not found", "parentCommentNotFound")
        if not 1 <= len(said["textOriginal"]) <= 10_000:
            return fault(400, "", "too long", "commentTextTooLong")
        ident = self.answer(said["parentId"], said["textOriginal"], CHANNEL)
        return Reply.json(_shown(self.replies[said["parentId"]][-1], request) | {"id": ident})


def _list(kind: str, items: list[dict[str, Any]], **more: str) -> Reply:
    page = {"totalResults": len(items), "resultsPerPage": len(items)}
    return Reply.json(
        {
            "kind": f"youtube#{kind}ListResponse",
            "etag": "e",
            **more,
            "pageInfo": page,
            "items": items,
        }
    )


def _shown(comment: dict[str, Any], request: Request) -> dict[str, Any]:
    """Return a comment as the API shows it: as HTML, unless plain text is asked for."""
    snippet = dict(comment["snippet"])
    text = snippet.pop("text")
    plain = request.get("textFormat") == "plainText"
    snippet["textDisplay"] = text if plain else html.escape(text).replace("\n", "<br />")
    return {**comment, "snippet": snippet}
