"""Small makers of Block Kit elements, so that cards and modals read as what they show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from responders.slack.text import cut, leaf, line, safe_url, utc

Block = dict[str, Any]
Leaf = dict[str, Any]

BUTTON_LIMIT = 75
CHUNK = 2900


def plain(text: str, limit: int) -> Block:
    """A ``plain_text`` object on one line, in which ``:names:`` of emoji stay words."""
    return {"type": "plain_text", "text": line(text, limit, "-"), "emoji": False}


def words(text: str, limit: int = 2000, *, bold: bool = False) -> Leaf:
    """A literal leaf of rich text."""
    made: Leaf = {"type": "text", "text": leaf(text, limit)}
    return {**made, "style": {"bold": True}} if bold else made


def glue(text: str) -> Leaf:
    """A literal leaf with our own words, whose outer spaces matter."""
    return {"type": "text", "text": text}


def moment(at: datetime) -> list[Leaf]:
    """Leaves that show a time in the reader's zone and in UTC."""
    date: Leaf = {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{date_short_pretty} {time}",
        "fallback": utc(at),
    }
    return [date, glue(f" your time ({utc(at)})")]


def link(url: str, text: str) -> list[Leaf]:
    """A link leaf, or nothing when `url` is not an ordinary web address."""
    address = safe_url(url)
    return [{"type": "link", "url": address, "text": leaf(text, 200)}] if address else []


def paragraph(*leaves: Leaf) -> Block:
    """A ``rich_text_section``."""
    return {"type": "rich_text_section", "elements": list(leaves)}


def quoted(*leaves: Leaf) -> Block:
    """A ``rich_text_quote``: the only place for a customer's words and for drafts."""
    return {"type": "rich_text_quote", "elements": list(leaves)}


def bullets(items: Iterable[str], limit: int) -> Block:
    """A bulleted list of literal lines."""
    return {
        "type": "rich_text_list",
        "style": "bullet",
        "elements": [paragraph(words(line(item, limit), limit)) for item in items],
    }


def rich(block_id: str, *elements: Block) -> Block:
    """A ``rich_text`` block."""
    return {"type": "rich_text", "block_id": block_id, "elements": list(elements)}


def section(block_id: str, mrkdwn: str) -> Block:
    """A section of ``mrkdwn``; the caller has escaped what came from outside."""
    text = {"type": "mrkdwn", "verbatim": True, "text": mrkdwn}
    return {"type": "section", "block_id": block_id, "text": text}


def context(block_id: str, text: str) -> Block:
    """A small grey line of plain text."""
    return {"type": "context", "block_id": block_id, "elements": [plain(text, 500)]}


def button(
    action_id: str,
    text: str,
    value: str,
    *,
    style: str = "",
    confirm: Mapping[str, Any] | None = None,
) -> Block:
    """A button. There is no disabled button in Slack: leave it out instead."""
    made: Block = {
        "type": "button",
        "action_id": action_id,
        "text": plain(text, BUTTON_LIMIT),
        "value": value,
    }
    if style:
        made["style"] = style
    if confirm is not None:
        made["confirm"] = dict(confirm)
    return made


def link_button(action_id: str, text: str, url: str) -> list[Block]:
    """A button that opens a page, or nothing when `url` is not an ordinary web address."""
    address = safe_url(url)
    text_of = plain(text, BUTTON_LIMIT)
    made = {"type": "button", "action_id": action_id, "text": text_of, "url": address}
    return [made] if address else []


def overflow(action_id: str, choices: Mapping[str, str]) -> Block:
    """A menu of further acts: at most five values with their words."""
    options = [{"text": plain(told, 75), "value": value} for value, told in choices.items()]
    return {"type": "overflow", "action_id": action_id, "options": options}


def asked(title: str, text: str, yes: str, no: str) -> Block:
    """A confirmation dialog."""
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }


def chunks(text: str, limit: int) -> list[str]:
    """Split a long text into pieces that one element may hold; the last says if it was cut."""
    whole = cut(text, limit)
    return [whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK)] or [""]


def text_total(blocks: Sequence[Block]) -> int:
    """Return the sum of all texts in `blocks`, which Slack limits without saying so."""
    total = 0
    stack: list[object] = list(blocks)
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if isinstance(node.get("text"), str):
                total += len(node["text"])
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return total
