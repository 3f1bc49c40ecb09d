"""Writes our answers on Bluesky, and finds them again.

An answer stands under a record key that follows from the reply's own key. The same key is taken
once only, so a repeated write cannot make a second post.
"""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any

from connectors.base import MentionRef, Receipt
from connectors.bluesky.api import Api
from connectors.bluesky.posts import POST, link_to, mention_of, parts_of, reply_refs
from connectors.bluesky.richtext import facets_of
from connectors.bluesky.tids import key_for
from connectors.dates import parse_date
from connectors.errors import ConnectorError, Gone, LayoutChanged, Rejected, UnknownOutcome
from connectors.lengths import graphemes
from connectors.outcomes import Answer
from connectors.text import same_text

LONGEST, LONGEST_BYTES = 300, 3000
POINTS_FOR_A_POST = 3
POINTS_FOR_A_DELETION = 1
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$")
"""What the server takes as a language; a post may claim anything."""


def objections_to(text: str) -> tuple[str, ...]:
    """Return why Bluesky would refuse `text`, its 300 characters aside."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return ("it holds half a character",)
    return (f"it has {size:,} bytes, {LONGEST_BYTES:,} fit",) if size > LONGEST_BYTES else ()


def publish(api: Api, uri: str, ref: MentionRef, text: str, key: str) -> Receipt:
    """Answer the post at `uri` once; root and parent are read afresh."""
    _check(text)
    view = api.view(uri)
    if view is None:
        raise Gone("the post is not there any more")
    parent = api.mention(uri, view)
    if parent.locked:
        raise Rejected(f"no answer is possible: {parent.locked}")
    refs = reply_refs(view)
    if refs is None:
        raise LayoutChanged("the server answered the post without its cid")
    record: dict[str, Any] = {
        "$type": POST,
        "text": text,
        "createdAt": api.now().astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        "reply": refs,
    }
    if facets := facets_of(text, api.did_of):
        record["facets"] = facets
    language = ref.language.replace("_", "-")
    if languages := [language] if _LANGUAGE.match(language) else list(api.settings.languages):
        record["langs"] = languages
    did, rkey = api.did(), key_for(uri, key)
    api.meter.spend("points", POINTS_FOR_A_POST)
    body = {"repo": did, "collection": POST, "rkey": rkey, "record": record}
    try:
        answer = api.post("com.atproto.repo.createRecord", body)
    except (Rejected, UnknownOutcome):
        # A key that is taken is refused, by older servers with a 500. Then it is ours.
        try:
            there = _standing(api, did, rkey, uri)
        except ConnectorError:
            there = None  # a second failure tells nothing more than the first
        if there is None:
            raise
        return there
    return _receipt(api, answer, text)


def find(api: Api, uri: str, text: str, key: str) -> Receipt | None:
    """Look at our record key first, then for an answer given by hand with the same text."""
    there = _standing(api, api.did(), key_for(uri, key), uri)
    return there or ours_below(api, uri, text)


def withdraw(api: Api, uri: str) -> None:
    """Delete our post at `uri`. The server says the same of one that is not there any more."""
    did, rkey = parts_of(uri)
    if not did or did != api.did():
        raise Rejected("this is no post of our account")
    api.meter.spend("points", POINTS_FOR_A_DELETION)
    body = {"repo": did, "collection": POST, "rkey": rkey}
    api.post("com.atproto.repo.deleteRecord", body)


def ours_below(api: Api, uri: str, text: str = "") -> Receipt | None:
    """Return an answer of ours right below `uri`; with `text`, only one that says the same."""
    did = api.did()
    replies = api.thread(uri, depth=1).get("replies")
    for reply in replies if isinstance(replies, list) else []:
        post = reply.get("post") if isinstance(reply, dict) else None
        try:
            found = mention_of(post)
        except ValueError:
            continue
        ours = found.author_id == did and found.parent_external_id == uri
        if ours and (not text or same_text(found.text, text)):
            ident = found.external_id
            return Receipt("visible", ident, found.url, found.created_at, found.text)
    return None


def _standing(api: Api, did: str, rkey: str, parent: str) -> Receipt | None:
    """Return the answer to `parent` that stands under our key; None where there is none."""
    found = api.record(did, rkey)
    value = found["value"] if found else {}
    above = value.get("reply")
    answered = above.get("parent") if isinstance(above, dict) else None
    if not isinstance(answered, dict) or answered.get("uri") != parent:
        return None
    uri = f"at://{did}/{POST}/{rkey}"
    at = parse_date(value.get("createdAt"))
    return Receipt("visible", uri, link_to(uri), at, str(value.get("text") or ""))


def _receipt(api: Api, answer: Answer, text: str) -> Receipt:
    try:
        found = answer.json()
    except LayoutChanged as error:
        raise UnknownOutcome("the server took the reply and answered nonsense") from error
    uri = found.get("uri") if isinstance(found, dict) else None
    if not isinstance(uri, str) or not parts_of(uri)[0]:
        raise UnknownOutcome("the server took the reply and did not say where it stands")
    return Receipt("visible", uri, link_to(uri), api.now(), text)


def _check(text: str) -> None:
    length = graphemes(text)
    if not text.strip():
        raise Rejected("the reply is empty")
    if length > LONGEST:
        raise Rejected(f"the reply has {length} characters, {LONGEST} fit")
    for objection in objections_to(text):
        raise Rejected(f"Bluesky would refuse the reply: {objection}")
