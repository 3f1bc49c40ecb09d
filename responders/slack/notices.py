"""Everything Rapport says in Slack besides the card: notices, thread lines, private answers."""

from __future__ import annotations

import re
from typing import Any

from responders.slack.blocks import glue, paragraph, rich, words
from responders.slack.cards import message
from responders.slack.text import escape, leaf, mrkdwn

NOTICE_LIMIT = 2500


def notice(
    *, channel: str, post_key: str, title: str, text: str, resolved: bool = False
) -> dict[str, Any]:
    """Return a plain message to the channel: an alert, or anything that is not a case."""
    heading = f"Resolved: {title}" if resolved else title
    block = rich("notice", paragraph(words(heading, 200, bold=True)), paragraph(words(text)))
    return message(
        channel=channel,
        post_key=post_key,
        text=f"{mrkdwn(heading, 200)}: {mrkdwn(text, 500)}",
        blocks=[block],
        event_type="rapport_notice",
    )


def thread_line(
    *, channel: str, thread_ts: str, post_key: str, text: str, case_id: int, to: str = ""
) -> dict[str, Any]:
    """Return a line in the thread of a card; each line of `text` is one thing that happened.

    The person whose id is `to` is named in front of it, and told of it by Slack.
    """
    named = [{"type": "user", "user_id": to}, glue(" ")] if to else []
    block = rich("line", paragraph(*named, words(leaf(text, NOTICE_LIMIT), NOTICE_LIMIT)))
    return message(
        channel=channel,
        post_key=post_key,
        text=f"<@{escape(to)}> {mrkdwn(text, 500)}" if to else mrkdwn(text, 500),
        blocks=[block],
        event_type="rapport_line",
        ids={"case": case_id},
        thread_ts=thread_ts,
    )


def direct(*, user: str, text: str) -> dict[str, Any]:
    """Return a message to one person alone, in their conversation with the app."""
    return {
        "channel": user,
        "text": mrkdwn(text, 500),
        "blocks": [rich("direct", paragraph(words(text, NOTICE_LIMIT)))],
        "parse": "none",
    }


def about_case(told: str, case_id: int) -> str:
    """Return `told` with the case it is about: many cards stand in one channel."""
    named = not case_id or re.search(rf"\bC-{case_id}\b", told) is not None
    return told if named else f"C-{case_id}: {told}"


def private(*, channel: str, user: str, text: str, thread_ts: str = "") -> dict[str, Any]:
    """Return an answer that only `user` sees (``chat.postEphemeral``)."""
    made: dict[str, Any] = {
        "channel": channel,
        "user": user,
        "text": mrkdwn(text, 500),
        "blocks": [rich("private", paragraph(words(text, NOTICE_LIMIT)))],
        "parse": "none",
    }
    if thread_ts:
        made["thread_ts"] = thread_ts
    return made
