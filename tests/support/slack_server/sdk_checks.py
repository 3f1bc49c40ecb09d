"""What slack-sdk's own models say of blocks and views: a second opinion beside the schema.

The models check lengths and numbers, and drop what they do not know: so what comes back is
compared with what was given.
"""

from __future__ import annotations

from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View


def block_faults(blocks: list[dict[str, Any]]) -> list[str]:
    """Return what the models say is wrong with blocks, and where they read something else."""
    faults = []
    for number, block in enumerate(blocks):
        place = f"/blocks/{number}"
        try:
            read = Block.parse(block)
            if read is None:
                faults.append(f"{place}: slack-sdk knows no block {block.get('type')!r}")
                continue
            faults += _differences(block, read.to_dict(), place)
        except SlackObjectFormationError as error:
            faults.append(f"{place}: slack-sdk: {error}")
    return faults


def view_faults(view: dict[str, Any]) -> list[str]:
    """Return what the models say is wrong with a modal or an App Home around its blocks."""
    try:
        read = View(**view).to_dict()
    except SlackObjectFormationError as error:
        return [f"slack-sdk: {error}"]
    return _differences(view, read, "")


def _differences(given: object, read: object, place: str) -> list[str]:
    if isinstance(given, dict) and isinstance(read, dict):
        return [
            fault
            for name in sorted(given.keys() | read.keys())
            for fault in _differences(given.get(name), read.get(name), f"{place}/{name}")
        ]
    if isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        return [
            fault
            for number, pair in enumerate(zip(given, read, strict=True))
            for fault in _differences(*pair, f"{place}/{number}")
        ]
    return [] if given == read else [f"{place}: slack-sdk reads it as {str(read)[:80]!r}"]
