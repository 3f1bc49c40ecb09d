"""Makes a case of a message in Slack: due work that a shortcut left."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol

from responders.slack.client import SlackClient
from responders.slack.message_action import plain_words
from responders.slack.results import Answer, Refused
from responders.slack.rights import NotSure
from responders.taking_in import Told
from responders.views import Actor, Outcome


class TakingInPort(Protocol):
    """What the shortcut needs of the rest of Rapport."""

    def take_in(self, told: Told, actor: Actor) -> Outcome:
        """Make a case of what was said, unless what stands at its place is one already."""


class MakingCases:
    """Takes a message to the intake. Asks Slack for its author's name and its address."""

    def __init__(self, client: SlackClient, taking_in: TakingInPort | None) -> None:
        self._client = client
        self._taking_in = taking_in

    def act(self, act: dict[str, Any], actor: Actor) -> Outcome | NotSure:
        """Do what the shortcut asks, as it was stored; `NotSure` when Slack did not answer."""
        if self._taking_in is None:
            return _no("Messages cannot be made cases here.")
        if act["is_ours"]:
            return _no("That is a message of Rapport itself.")
        text, at = plain_words(act["said"]), _moment(act["said_at"])
        if not text or at is None:
            return _no("There is no text in that message, so it is no case.")
        author = self._author(act)
        url = author if isinstance(author, NotSure) else self._permalink(act)
        if isinstance(author, NotSure):
            return author
        if isinstance(url, NotSure):
            return url
        place = f"{act['said_in']}:{act['said_at']}"
        return self._taking_in.take_in(Told(place, text, author, act["author"], url, at), actor)

    def _author(self, act: dict[str, Any]) -> str | NotSure:
        """Return the name of who wrote the message; empty where Slack does not show them."""
        if act["author_name"] or not act["author"]:
            return str(act["author_name"])
        result = self._client.call("users.info", {"user": act["author"]})
        if isinstance(result, Refused):
            return ""
        if not isinstance(result, Answer):
            return NotSure(result)
        user = _map(result.data.get("user"))
        profile = _map(user.get("profile"))
        names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"))
        return next((str(one) for one in names if one), str(user.get("name") or ""))

    def _permalink(self, act: dict[str, Any]) -> str | NotSure:
        """Return the address of the message; empty where the app may not see it."""
        result = self._client.call(
            "chat.getPermalink", {"channel": act["said_in"], "message_ts": act["said_at"]}
        )
        if isinstance(result, Answer):
            return str(result.data.get("permalink", ""))
        return "" if isinstance(result, Refused) else NotSure(result)


def _map(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _moment(ts: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _no(told: str) -> Outcome:
    return Outcome(False, "refused", told, None)
