"""The digest as a message. Pure: facts in, arguments of ``chat.postMessage`` out."""

from __future__ import annotations

from typing import Any

from responders.digest import words as say
from responders.digest.facts import Digest, Waiting
from responders.slack.blocks import (
    Block,
    Leaf,
    context,
    glue,
    link,
    paragraph,
    plain,
    rich,
    words,
)
from responders.slack.cards import message
from responders.slack.text import mrkdwn


def digest_message(
    digest: Digest, *, channel: str, post_key: str, queue_url: str = ""
) -> dict[str, Any]:
    """Return the digest's post. Cases are links where the pages' address `queue_url` is given."""
    blocks: list[Block] = [
        {"type": "header", "block_id": "head", "text": plain(say.title(digest), 140)}
    ]
    if digest.is_quiet:
        blocks.append(rich("quiet", paragraph(words(say.quiet_words(digest)))))
    else:
        blocks.append(_figures(digest))
        blocks += _waiting(digest, queue_url)
        blocks += _topics(digest)
        if digest.sources:
            told = say.source_words(digest)
            blocks.append(rich("sources", _label("By source"), paragraph(words(told, 600))))
    blocks.append(context("foot", f"{say.period(digest)} · open and overdue as of now"))
    return message(
        channel=channel,
        post_key=post_key,
        text=mrkdwn(say.summary(digest), 300),
        blocks=blocks,
        event_type="rapport_digest",
    )


def _figures(digest: Digest) -> Block:
    fields = [
        {"type": "mrkdwn", "verbatim": True, "text": f"*{name}*\n{mrkdwn(value, 100)}"}
        for name, value in say.figures(digest)
    ]
    return {"type": "section", "block_id": "figures", "fields": fields}


def _waiting(digest: Digest, queue_url: str) -> list[Block]:
    if not digest.waiting:
        return [rich("waiting", paragraph(words("Nothing waits.")))]
    listed = {
        "type": "rich_text_list",
        "style": "bullet",
        "elements": [
            paragraph(*_ref(one, queue_url), glue("  "), words(say.waiting_words(one, digest), 300))
            for one in digest.waiting
        ],
    }
    more = say.more_words(digest)
    rest = [paragraph(words(more))] if more else []
    title = "Overdue, and longest waiting" if digest.overdue_count else "Longest waiting"
    return [rich("waiting", _label(title), listed, *rest)]


def _ref(one: Waiting, queue_url: str) -> list[Leaf]:
    shown = link(f"{queue_url}/cases/{one.ref}", one.ref) if queue_url else []
    return shown or [words(one.ref, bold=True)]


def _topics(digest: Digest) -> list[Block]:
    if not digest.topics:
        return []
    leaves: list[Leaf] = []
    for number, topic in enumerate(digest.topics):
        leaves.append(glue(" · ")) if number else None
        leaves.append(words(say.topic_words(topic), 120, bold=topic.grew))
    return [rich("topics", _label("What it was about"), paragraph(*leaves))]


def _label(text: str) -> Block:
    return paragraph(words(text, 200, bold=True))
