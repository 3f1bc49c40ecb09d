"""Finds channels and people by what an operator types: an id, a link out of Slack, or a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from responders.slack.client import SlackClient
from responders.slack.results import Answer, Result, describe

PAGES = 20
"""Pages of 200 that are read at most; a larger workspace is told to use ids."""

_CHANNEL_LINK = re.compile(r"/(?:archives|client/[TE][A-Z0-9]+)/([CGD][A-Z0-9]{2,})\b")
_PERSON_LINK = re.compile(r"/(?:team|user_profile)/([UW][A-Z0-9]{2,})\b")
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{2,}")
_PERSON_ID = re.compile(r"[UW][A-Z0-9]{2,}")


class NotFound(Exception):
    """There is no such channel or person, or Slack does not say; the message tells which."""


def find_channel(client: SlackClient, said: str) -> str:
    """Return the id of a channel; raise `NotFound`."""
    word = said.strip()
    linked = _CHANNEL_LINK.search(word)
    if linked:
        return linked[1]
    if _CHANNEL_ID.fullmatch(word):
        return word
    name = word.lstrip("#").casefold()
    for channel in _all(client, "conversations.list", "channels", types=_KINDS):
        named = str(channel.get("name", "")).casefold() == name
        if named and not channel.get("is_archived"):
            return str(channel.get("id", ""))
    raise NotFound(
        f"no channel is called #{name}; a private one is only seen once the bot is in it. Use the "
        "id (C…) at the end of the channel's details"
    )


def find_person(client: SlackClient, said: str) -> str:
    """Return the id of a member; raise `NotFound`, also when a name is borne by several."""
    word = said.strip()
    linked = _PERSON_LINK.search(word)
    if linked:
        return linked[1]
    if _PERSON_ID.fullmatch(word):
        return word
    name = word.lstrip("@").casefold()
    found = [
        str(person.get("id", ""))
        for person in _all(client, "users.list", "members")
        if name in _names(person) and not person.get("deleted") and not person.get("is_bot")
    ]
    if len(found) == 1:
        return found[0]
    told = f"{len(found)} people are called {name}" if found else f"nobody is called {name}"
    raise NotFound(f"{told}; use the member id (U…) from the profile, Copy member ID")


_KINDS = "public_channel,private_channel"


def _all(client: SlackClient, method: str, key: str, **arguments: str) -> Iterator[dict[str, Any]]:
    cursor = ""
    for _page in range(PAGES):
        wanted = {"limit": 200, "cursor": cursor or None, **arguments}
        result: Result = client.call(method, wanted)
        if not isinstance(result, Answer):
            raise NotFound(f"{describe(result)}; use the id")
        listed = result.data.get(key)
        yield from (one for one in listed or () if isinstance(one, dict))
        told = result.data.get("response_metadata")
        cursor = str(told.get("next_cursor", "")) if isinstance(told, dict) else ""
        if not cursor:
            return


def _names(person: dict[str, Any]) -> set[str]:
    profile = person.get("profile")
    told = profile if isinstance(profile, dict) else {}
    names = (
        person.get("name"),
        person.get("real_name"),
        told.get("display_name"),
        told.get("real_name"),
    )
    return {str(name).casefold() for name in names if name}
