"""Turns questions, answers and hits of a search into mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.addresses import web_link
from connectors.base import FoundMention
from connectors.dates import parse_date
from connectors.text import clip, html_to_text, one_line, unescape

_OWN_ENDING = frozenset(("stackoverflow", "superuser", "serverfault", "askubuntu", "stackapps"))


def id_of(item: Any) -> int:
    """Return the number of a post: its own, its answer's or its question's; 0 for none.

    An answer carries both numbers, and its own is the one that counts.
    """
    if not isinstance(item, dict):
        return 0
    for key in ("post_id", "answer_id", "question_id"):
        if number := number_of(item.get(key)):
            return number
    return 0


def mention_of(
    item: Any, site: str, *, known: Mapping[str, Any] | None = None, reply_as: str = "comment"
) -> FoundMention:
    """Return the mention that `item` is; raise `ValueError` when it lacks what makes it one.

    `known` is what was heard of the post before; a direct read tells neither the title of its
    question nor its number. `raw` keeps only what an answer needs.
    """
    ident = id_of(item)
    if not ident:
        raise ValueError("the item is no post: it has no id")
    known = known or {}
    kind = kind_of(item) or str(known.get("type") or "question")
    question = number_of(item.get("question_id")) or number_of(known.get("question_id"))
    question = question or (ident if kind == "question" else 0)
    title = one_line(unescape(_text(item, "title"))) or str(known.get("title") or "")
    body = _text(item, "body") or _text(item, "body_markdown") or _text(item, "excerpt")
    text = html_to_text(body) or title
    if not text:
        raise ValueError("the post has neither a title nor a body")
    owner = item.get("owner")
    owner = owner if isinstance(owner, dict) else {}
    exists = owner.get("user_type") != "does_not_exist"
    user = number_of(owner.get("user_id")) if exists else 0
    written = parse_date(item.get("creation_date"))
    edited = parse_date(item.get("last_edit_date"))
    return FoundMention(
        external_id=str(ident),
        text=text,
        kind="post" if kind == "question" else "comment",
        title=clip(title, 300),
        author_name=clip(one_line(unescape(_text(owner, "display_name"))), 200),
        author_id=str(user) if user else "",
        author_url=web_link(owner.get("link")) if exists else "",
        url=web_link(item.get("link")) or _link(site, kind, ident),
        created_at=written,
        edited_at=edited if edited and (written is None or edited > written) else None,
        parent_external_id=str(question) if kind == "answer" and question else "",
        locked=_locked(item, reply_as),
        raw={"type": kind, "question_id": question, "title": clip(title, 300)},
    )


def kind_of(item: Mapping[str, Any]) -> str:
    """Return ``question`` or ``answer``, or nothing where the item does not tell."""
    said = item.get("item_type") or item.get("post_type")
    if said in ("question", "answer"):
        return str(said)
    if number_of(item.get("answer_id")):
        return "answer"
    return "question" if number_of(item.get("question_id")) else ""


def number_of(value: Any) -> int:
    """Return `value` as a positive number, 0 where it is none."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**18:
        return 0
    return value


def _locked(item: Mapping[str, Any], reply_as: str) -> str:
    if item.get("locked_date"):
        return "the post is locked"
    if item.get("closed_date") and reply_as == "answer":
        return "the question is closed"
    return ""


def _link(site: str, kind: str, ident: int) -> str:
    host = f"{site}.com" if site in _OWN_ENDING else f"{site}.stackexchange.com"
    host = site if site.endswith((".com", ".net", ".org")) else host
    return f"https://{host}/{'q' if kind == 'question' else 'a'}/{ident}"


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
