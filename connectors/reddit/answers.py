"""Writes our answers on Reddit, and finds them again among what stands below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.base import FoundMention, MentionRef, Receipt
from connectors.errors import Gone, LayoutChanged, NotSupported, Rejected, UnknownOutcome
from connectors.outcomes import Answer
from connectors.reddit.api import Api, listing_in
from connectors.reddit.things import NAME, lock_of, mention_of, name_of
from connectors.text import same_text

LONGEST = 10_000


def publish(api: Api, ref: MentionRef, text: str) -> Receipt:
    """Answer `ref`. Reddit knows no key: a second call would stand there twice."""
    if not text.strip():
        raise Rejected("the reply is empty")
    if len(text) > LONGEST:
        raise Rejected(f"the reply has {len(text):,} characters, {LONGEST:,} fit")
    form = {"api_type": "json", "thing_id": ref.external_id, "text": text}
    return _receipt(api.post("/api/comment", form))


def withdraw(api: Api, name: str) -> None:
    """Delete our comment called `name`; Reddit answers the same where it is gone already."""
    if name.startswith("t4_"):
        raise NotSupported("a private message cannot be taken back")
    if not name.startswith("t1_") or not NAME.match(name):
        raise Rejected("this is no comment of ours")
    api.post("/api/del", {"id": name})


def find(api: Api, ref: MentionRef, text: str) -> Receipt | None:
    """Return our answer right below `ref`; with `text`, only one that says the same."""
    return look(api, ref, text)[0]


def look(api: Api, ref: MentionRef, text: str = "") -> tuple[Receipt | None, str]:
    """Return what `find` does, and why the post above takes no answers, if it takes none."""
    if ref.external_id.startswith("t4_"):
        post, below = None, _messages(api, ref.external_id)
    else:
        post, below = _comments(api, ref)
    return _among(api, below, ref, text), lock_of(post)


def _among(api: Api, below: list[Any], ref: MentionRef, text: str) -> Receipt | None:
    more = False
    for thing in below:
        if isinstance(thing, dict) and thing.get("kind") == "more":
            more = True
            continue
        if (found := _ours(api, thing, ref.external_id, text)) is not None:
            return _seen(found)
    if more:
        # Not all of the thread was shown; what we wrote ourselves is listed elsewhere too.
        path = f"/user/{api.settings.username}/comments"
        things, _ = api.things(api.get(path, {"sort": "new", "limit": 100}))
        for thing in things:
            if (found := _ours(api, thing, ref.external_id, text)) is not None:
                return _seen(found)
    return None


def _ours(api: Api, thing: Any, parent: str, text: str) -> FoundMention | None:
    try:
        found = mention_of(thing)
    except ValueError:
        return None
    if found.author_id.casefold() != api.settings.username.casefold():
        return None
    if found.parent_external_id != parent or found.deleted:
        return None
    return found if not text or same_text(found.text, text) else None


def _seen(found: FoundMention) -> Receipt:
    return Receipt("visible", found.external_id, found.url, found.created_at, found.text)


def _comments(api: Api, ref: MentionRef) -> tuple[Any, list[Any]]:
    """Return the post above, and what stands right below a post or a comment."""
    post = str(ref.raw.get("link_id") or "")
    if ref.external_id.startswith("t3_"):
        return api.thread(ref.external_id)
    if not NAME.match(post):
        things, _ = api.things(api.get("/api/info", {"id": ref.external_id}))
        if not things:
            raise Gone("the comment is not there any more")
        post = str((mention_of(things[0]).raw or {}).get("link_id") or "")
        if not NAME.match(post):
            raise LayoutChanged("the comment does not say which post it belongs to")
    head, things = api.thread(post, ref.external_id)
    for thing in _flat(things):
        if name_of(thing) == ref.external_id:
            return head, _below(thing)
    return head, [{"kind": "more"}]  # what is not shown may have answers all the same


def _messages(api: Api, name: str) -> list[Any]:
    things, _ = api.things(api.get(f"/message/messages/{name.removeprefix('t4_')}"))
    return list(_flat(things))


def _flat(things: list[Any]) -> Iterator[Any]:
    """Walk through things and what is below them; flat, so nesting depth cannot hurt."""
    waiting = list(things)
    while waiting:
        thing = waiting.pop(0)
        yield thing
        waiting.extend(_below(thing))


def _below(thing: Any) -> list[Any]:
    data = thing.get("data") if isinstance(thing, dict) else None
    replies = data.get("replies") if isinstance(data, dict) else None
    if not isinstance(replies, dict):
        return []  # Reddit says "" where there are none
    try:
        return listing_in(replies, "Reddit")[0]
    except LayoutChanged:
        return []


def _receipt(answer: Answer) -> Receipt:
    try:
        found = answer.json()
    except LayoutChanged as error:
        raise UnknownOutcome("Reddit took the reply and answered nonsense") from error
    inner = found.get("json") if isinstance(found, dict) else None
    data = inner.get("data") if isinstance(inner, dict) else None
    things = data.get("things") if isinstance(data, dict) else None
    if not isinstance(things, list) or not things:
        # Seen where the text was kept back, and where it was not.
        raise UnknownOutcome("Reddit took the reply and did not show it")
    try:
        return _seen(mention_of(things[0]))
    except ValueError as error:
        raise UnknownOutcome("Reddit took the reply and showed something else") from error
