"""Bluesky's calls that read one thing, with our account or, without one, in public."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connectors.base import Context, FoundMention
from connectors.bluesky.posts import POST, link_to, mention_of, parts_of
from connectors.bluesky.refusals import explainer
from connectors.bluesky.session import Session
from connectors.bluesky.settings import BlueskySettings
from connectors.dates import utc_now
from connectors.errors import Gone, LayoutChanged, Rejected
from connectors.http import Http
from connectors.outcomes import Answer


class Api:
    """One way to Bluesky. Raises what `connectors.http` and `refusals` raise."""

    def __init__(self, settings: BlueskySettings, context: Context) -> None:
        self.settings = settings
        self.meter = context.meter
        self.now: Callable[[], datetime] = context.now or utc_now
        self.http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": "application/json"},
            now=context.now,
            explain=explainer(self.now),
            before=lambda: context.meter.spend("calls"),
        )
        self._session = Session(settings, context, self.http, self.now)

    def did(self) -> str:
        """Return our account's DID, or nothing where there is no account."""
        return self._session.did() if self.settings.has_account else ""

    def get(self, method: str, params: Mapping[str, Any] | None = None) -> Answer:
        if self.settings.has_account:
            return self._session.get(method, params)
        return self.http.get(f"{self.settings.public_host()}/xrpc/{method}", params=params)

    def post(self, method: str, body: Mapping[str, Any]) -> Answer:
        return self._session.post(method, body)

    def view(self, uri: str) -> Mapping[str, Any] | None:
        """Return the post at `uri` as it stands now; None where it is certainly gone.

        A post that a block hides from us is left out of every list. Its record then tells what
        it says, and ``blocked`` is true.
        """
        posts = items_in(self.get("app.bsky.feed.getPosts", {"uris": [uri]}), "posts")
        for post in posts:
            if isinstance(post, dict) and post.get("uri") == uri:
                return post
        thread = self.thread(uri, depth=0)
        kind = str(thread.get("$type", "")).rpartition("#")[2]
        if not thread or kind == "notFoundPost" or thread.get("notFound") is True:
            return None
        if kind == "blockedPost" or thread.get("blocked") is True:
            found = self.record(*parts_of(uri))
            return found and {**found, "uri": uri, "record": found["value"], "blocked": True}
        post = thread.get("post")
        return post if isinstance(post, dict) else None

    def mention(self, uri: str, view: Mapping[str, Any]) -> FoundMention:
        try:
            return mention_of(view, own_did=self.did())
        except ValueError as error:
            raise LayoutChanged(f"{link_to(uri)}: {error}") from error

    def thread(self, uri: str, depth: int) -> Mapping[str, Any]:
        """Return the thread from `uri` downwards; empty where the post is not there."""
        params = {"uri": uri, "depth": depth, "parentHeight": 0}
        try:
            found = self.get("app.bsky.feed.getPostThread", params).json()
        except Gone:
            return {}
        thread = found.get("thread") if isinstance(found, dict) else None
        if not isinstance(thread, dict):
            raise LayoutChanged("the server answered no thread")
        return thread

    def record(self, did: str, rkey: str) -> dict[str, Any] | None:
        """Return a post's record as its author's server keeps it; None where there is none."""
        params = {"repo": did, "collection": POST, "rkey": rkey}
        try:
            found = self.get("com.atproto.repo.getRecord", params).json()
        except Gone:
            return None
        if not isinstance(found, dict) or not isinstance(found.get("value"), dict):
            raise LayoutChanged("the server answered no record")
        return found

    def did_of(self, handle: str) -> str:
        """Return whose handle it is, or nothing where it is nobody's."""
        try:
            found = self.get("com.atproto.identity.resolveHandle", {"handle": handle}).json()
        except (Gone, Rejected, LayoutChanged):
            return ""
        did = found.get("did") if isinstance(found, dict) else None
        return did if isinstance(did, str) else ""


def items_in(answer: Answer, key: str) -> list[Any]:
    """Return the list under `key`; raise `LayoutChanged` where there is none."""
    found = answer.json()
    items = found.get(key) if isinstance(found, dict) else None
    if not isinstance(items, list):
        raise LayoutChanged(f"the server answered no {key}, which even an empty list has")
    return items
