"""The message of the day on second looks, redrawn whole from what became of each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from responders.look_words import verdict_words, why_words
from responders.slack import buttons
from responders.slack.blocks import (
    Block,
    bullets,
    button,
    context,
    glue,
    link,
    moment,
    paragraph,
    quoted,
    rich,
    words,
)
from responders.slack.cards import message, stars_of
from responders.slack.text import line, mrkdwn
from responders.views import LookView

TEXT_LIMIT = 700
"""Characters of one text: five of them, with their reasons, stay far below what a message holds."""


def looks_message(
    looks: Sequence[LookView], *, waiting: int, channel: str, post_key: str
) -> dict[str, Any]:
    """Return the arguments of ``chat.postMessage``; `waiting` counts all that wait, listed or not.

    What nobody has judged yet stands there with its text and its buttons, the rest in one line.
    """
    listed = sum(look.is_waiting for look in looks)
    title = _title(waiting)
    blocks = [rich("head", paragraph(words(title, 200, bold=True)))]
    for look in looks:
        blocks += _waiting(look) if look.is_waiting else [_judged(look)]
    if waiting > listed:
        more = f"{waiting - listed} more: in the web queue under Looks, or `rapport looks`."
        blocks.append(context("more", more.replace("`", "")))
    excerpt = next((look.word.text for look in looks if look.is_waiting), "")
    text = f"{title}: {mrkdwn(excerpt, 200)}" if excerpt else title
    return message(
        channel=channel, post_key=post_key, text=text, blocks=blocks, event_type="rapport_looks"
    )


def _title(waiting: int) -> str:
    if not waiting:
        return "No mention is waiting for a second look"
    if waiting == 1:
        return "1 mention is waiting for a second look"
    return f"{waiting:,} mentions are waiting for a second look"


def _waiting(look: LookView) -> list[Block]:
    word = look.word
    who = line(word.author, 100, "somebody")
    place = ", ".join(part for part in (look.source, look.location or look.brand) if part)
    stars = stars_of(word.stars)
    head = [words(f"{stars}  {who}" if stars else who, 200, bold=True)]
    said = [words(word.title, 150, bold=True), glue("\n")] if word.title.strip() else []
    shown = link(look.url, "Open it there")
    value = buttons.look_value(look.id)
    return [
        rich(
            f"look:{look.id}",
            paragraph(*head, glue(f" · {line(place, 150)} · "), *moment(word.at)),
            quoted(*said, words(word.text, TEXT_LIMIT)),
            paragraph(words(why_words(look), 200), *([glue(" · "), *shown] if shown else [])),
            *([bullets(look.reasons[:3], 150)] if look.reasons else []),
        ),
        {
            "type": "actions",
            "block_id": f"judge:{look.id}",
            "elements": [
                button(buttons.COMPLAINT, "Complaint", value),
                button(buttons.NO_COMPLAINT, "No complaint", value),
                button(buttons.SKIP, "Skip", value),
            ],
        },
    ]


def _judged(look: LookView) -> Block:
    # Without its words: they may be deleted, and nothing would be left to redraw this for.
    place = line(look.source, 150)
    return rich(f"look:{look.id}", paragraph(words(f"{look.ref}, {place}: {verdict_words(look)}")))
